"""What reaches a terminal is harmless, and what must not leave stays."""

from __future__ import annotations

import base64
import re
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cockpit.text import MASK, SHORTEST_SECRET, Redactor, SafeText

ANY = st.text(st.characters(), max_size=200) | st.text(
    st.sampled_from("\x1b[]\x9b\x9d\x90\x07\\m31;\u202e\r\n\t\ud800a")
)
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
SECRETS = st.text(st.characters(exclude_categories=("Cs", "Zs", "Cc")), min_size=8, max_size=20)


@given(ANY)
@example("\x1b\x1b[31m[31m")
@example("\x1b]0;title")
@example("\x9d\x9d\x1b")
def test_nothing_that_moves_hides_or_reorders_survives(raw: str) -> None:
    safe = SafeText(raw)
    assert not FORBIDDEN.search(safe)
    assert not any(unicodedata.category(char) == "Cs" for char in safe)
    safe.encode()


@given(ANY, st.integers(0, 50))
def test_cleaning_twice_changes_nothing_and_the_cap_holds(raw: str, limit: int) -> None:
    once = SafeText(raw, limit)
    assert len(once) <= limit
    assert SafeText(str(once), limit) == once == SafeText(once, limit)


@given(ANY)
def test_a_line_is_one_line(raw: str) -> None:
    assert len(SafeText(raw).line.splitlines()) <= 1


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_words_are_left_alone(raw: str) -> None:
    assert SafeText(raw) == raw


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x9d0;title\x9cb", "ab"),
        ("a\x1bPq\x1b\\b", "ab"),
        ("a\rb\r\nc", "a\nb\nc"),
        ("a\tb", "a   b"),
        ("\x00\x07\x7f\x85", "^@^G^?<85>"),
        ("user\u202egnp.exe", "user<U+202E>gnp.exe"),
        ("\ud800", "<U+D800>"),
        ("\x1b\x1b[31m[31m", "^[[31m"),
        ("\x9done\x9dtwo\x07", "<9D>one"),
    ],
)
def test_how_it_is_shown(raw: str, shown: str) -> None:
    assert SafeText(raw) == shown


def test_a_cut_is_marked() -> None:
    assert SafeText("word " * 10, 8) == "word wo…"
    assert SafeText("abc", 0) == ""


def test_unfinished_sequences_take_no_time() -> None:
    assert len(SafeText("\x9d" * 16_000 + "\x1b")) == 4_000


@given(st.text(max_size=20), SECRETS, st.text(max_size=20))
def test_a_secret_is_gone_in_every_form_it_travels_in(before: str, secret: str, after: str) -> None:
    redact = Redactor([secret])
    raw = secret.encode()
    forms = (secret, quote(secret, safe=""), base64.b64encode(raw).decode().rstrip("="),
             base64.urlsafe_b64encode(raw).decode().rstrip("="))  # fmt: skip
    for form in forms:
        shown = redact(f"{before}{form}{after}")
        # A text around it may happen to repeat the secret's characters; never the whole of it.
        assert form not in shown.replace(MASK, "\0") or form in MASK


@pytest.mark.parametrize("user", ["a", "ab", "abc", "abcd"])
def test_a_secret_within_what_was_encoded_is_gone(user: str) -> None:
    secret = "correct-horse-battery"
    encoded = base64.b64encode(f"{user}:{secret}:end".encode()).decode()
    shown = Redactor([secret])(encoded)
    assert MASK in shown
    assert len(shown.replace(MASK, "")) <= len(encoded) - len(secret)


def test_overlapping_secrets_leave_nothing() -> None:
    redact = Redactor(["abcdef", "defghi", "cdef"])
    assert redact("xabcdefghiy abcdef") == f"x{MASK}y {MASK}"


def test_a_short_secret_is_not_looked_for() -> None:
    assert Redactor(["a" * (SHORTEST_SECRET - 1), " ab \n", ""])("an aaa ab") == "an aaa ab"


def test_a_secret_of_many_lines_hides_its_lines_but_not_its_braces() -> None:
    redact = Redactor(["{\n\nprivate-material\n}"])
    assert redact("see {private-material} here") == f"see {{{MASK}}} here"


def test_a_secret_that_is_not_utf8_is_hidden_too() -> None:
    assert Redactor(["p\udce4ssword"])("it is p\udce4ssword") == f"it is {MASK}"


@pytest.mark.parametrize(
    "token",
    [
        "xoxb-" + "1" * 12,
        "AKIA" + "A" * 16,
        "ghp_" + "a" * 24,
        "eyJ" + "a" * 10 + ".eyJ" + "b" * 10 + ".c",
        "https://hooks.slack.com/services/T/B/x",
    ],
)
def test_well_known_shapes_are_hidden(token: str) -> None:
    assert Redactor()(f"got {token} here") == f"got {MASK} here"


def test_credentials_in_their_places_are_hidden() -> None:
    redact = Redactor()
    assert redact("postgres://me:pw@db/x") == f"postgres://{MASK}@db/x"
    assert redact("no password for 'https://a-token@git.test/x'") == f"no password for 'https://{MASK}@git.test/x'"
    assert redact("https://git.test/@ada ssh://git@git.test/x") == "https://git.test/@ada ssh://git@git.test/x"
    assert redact("password=hunter2&x=1") == f"password={MASK}&x=1"
    assert redact("Bearer abcdefghijklmnop") == f"Bearer {MASK}"


def test_the_rest_of_a_secret_that_a_cut_went_through_is_masked() -> None:
    redact = Redactor(["swordfish-blue"])
    assert redact.after_cut("fish-blue is the word") == "[redacted] is the word"
    assert redact.after_cut("the word is swordfish-blue") == "the word is [redacted]"
    assert redact.after_cut("lue is the colour") == "lue is the colour"
