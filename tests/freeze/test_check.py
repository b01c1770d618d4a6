"""The document and what it says to a pipeline."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.freeze.check import AHEAD, Question, Verdict, assume, judge, keys_of, words
from cockpit.freeze.document import Document, Override, canonical, fields, parse, read
from cockpit.freeze.signing import encoded
from cockpit.moments import SECOND

NOW = 1_800_000_000 * SECOND
KEY = "0123456789abcdef0123"
FROZEN = Document(
    profile="prod", state="frozen", scope=("ci", "terraform"), reason="db ü", by="ada", until=NOW + 600 * SECOND,
    serial=NOW - 5, published_at=NOW, valid_until=NOW + 1800 * SECOND,
    overrides=(Override("deploy shop 2.4", "the fix"),),
)  # fmt: skip
OPEN = replace(FROZEN, state="open", scope=(), until=0, overrides=())
ASKED = Question(keys=(KEY,))


def _verdict(document: Document, question: Question = ASKED, now: int = NOW, key: str = KEY) -> Verdict:
    return judge(encoded(document, key), question, now).verdict


def test_a_document_comes_back_as_it_was_written() -> None:
    assert read(parse(encoded(FROZEN, KEY))) == FROZEN
    assert read(parse(encoded(OPEN, ""))) == OPEN


def test_open_and_frozen_are_told_apart() -> None:
    assert _verdict(OPEN) is Verdict.OPEN
    assert _verdict(FROZEN) is Verdict.FROZEN


def test_only_the_scopes_of_the_document_are_frozen() -> None:
    assert _verdict(FROZEN, replace(ASKED, scopes=("flags",))) is Verdict.OPEN
    assert _verdict(FROZEN, replace(ASKED, scopes=("flags", "ci"))) is Verdict.FROZEN


@pytest.mark.parametrize(
    ("frozen", "asked"), [("all", "ci"), ("everything", "flags"), ("CI", "ci"), ("flags", "Flag"), ("ci", "all")]
)
def test_a_scope_means_the_same_to_who_asks_as_to_who_judges_a_breach(frozen: str, asked: str) -> None:
    assert _verdict(replace(FROZEN, scope=(frozen,)), replace(ASKED, scopes=(asked,))) is Verdict.FROZEN


def test_an_override_counts_for_the_very_change_alone() -> None:
    assert _verdict(FROZEN, replace(ASKED, what="deploy shop 2.4")) is Verdict.OPEN
    assert _verdict(FROZEN, replace(ASKED, what="deploy shop 2.5")) is Verdict.FROZEN
    assert "let through: deploy shop 2.4: the fix" in words(judge(encoded(FROZEN, KEY), ASKED, NOW))


@given(st.data())
def test_any_altered_byte_makes_it_unknown(data: st.DataObject) -> None:
    genuine = encoded(FROZEN, KEY)
    at = data.draw(st.integers(0, len(genuine) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != genuine[at]))
    altered = genuine[:at] + bytes((other,)) + genuine[at + 1 :]
    assert judge(altered, ASKED, NOW).verdict is Verdict.UNKNOWN


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_is_not_ours_is_unknown(data: bytes) -> None:
    assert judge(data, replace(ASKED, unsigned=True), NOW).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("extra", [b'{"x":1e999}', b"[" * 50_000, b'{"a":1,"a":2}', b" " * 70_000, b"[]", b"NaN"])
def test_json_that_is_hard_to_read_is_unknown(extra: bytes) -> None:
    assert judge(extra, ASKED, NOW).verdict is Verdict.UNKNOWN


def test_a_field_of_a_later_program_is_signed_and_passed_over() -> None:
    later = canonical({**fields(FROZEN), "later": {"deep": [1, "x"]}})
    assert judge(later, Question(unsigned=True), NOW).verdict is Verdict.FROZEN
    assert judge(canonical({**fields(FROZEN), "version": 2}), Question(unsigned=True), NOW).verdict is Verdict.UNKNOWN


def test_a_line_end_that_a_check_out_turned_is_no_forgery() -> None:
    genuine = encoded(FROZEN, KEY)
    for same in (genuine[:-1], genuine[:-1] + b"\r\n"):
        assert judge(same, ASKED, NOW).verdict is Verdict.FROZEN


def test_without_a_signature_or_a_key_it_is_unknown_unless_wanted() -> None:
    assert _verdict(OPEN, key="") is Verdict.UNKNOWN
    assert _verdict(OPEN, Question()) is Verdict.UNKNOWN
    assert _verdict(OPEN, Question(unsigned=True), key="") is Verdict.OPEN
    assert _verdict(OPEN, replace(ASKED, unsigned=True), key="another key, quite long") is Verdict.UNKNOWN


def test_an_old_and_a_new_key_are_both_good_while_they_are_changed() -> None:
    both = Question(keys=keys_of(("OLD", "NEW", "UNSET"), {"OLD": "old key, long enough", "NEW": KEY + "\n"}))
    assert len(both.keys) == 2
    assert _verdict(OPEN, both) is Verdict.OPEN
    assert _verdict(OPEN, both, key="a third key, unheard of") is Verdict.UNKNOWN


def test_it_is_believed_for_its_time_only_and_clocks_may_differ_a_little() -> None:
    assert _verdict(OPEN, now=OPEN.valid_until - 1) is Verdict.OPEN
    assert _verdict(OPEN, now=OPEN.valid_until) is Verdict.UNKNOWN
    assert _verdict(OPEN, now=NOW - AHEAD) is Verdict.OPEN
    assert _verdict(OPEN, now=NOW - AHEAD - 1) is Verdict.UNKNOWN


def test_a_freeze_ends_when_it_was_told_to_even_if_nobody_publishes_that() -> None:
    assert _verdict(FROZEN, now=FROZEN.until - 1) is Verdict.FROZEN
    assert _verdict(FROZEN, now=FROZEN.until) is Verdict.OPEN


def test_unknown_is_taken_for_what_the_asker_wants_and_it_says_so() -> None:
    unknown = judge(b"", ASKED, NOW)
    assert assume(unknown, None) == unknown
    for wanted, verdict in (("open", Verdict.OPEN), ("frozen", Verdict.FROZEN)):
        taken = assume(unknown, "open" if wanted == "open" else "frozen")
        assert taken.verdict is verdict
        assert words(taken).startswith(f"{wanted}, because --unknown says so")
    frozen = judge(encoded(FROZEN, KEY), ASKED, NOW)
    assert assume(frozen, "open") == frozen


def test_words_of_others_cannot_begin_a_line_in_the_log_of_a_pipeline() -> None:
    sly = replace(FROZEN, reason="x\n::set-env name=A::b\x1b[2J", by="\r\n::error::")
    told = words(judge(encoded(sly, KEY), ASKED, NOW))
    assert not any(line.startswith("::") for line in told.splitlines())
    assert "\x1b" not in told


def test_asking_loads_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import cockpit.freeze.check, cockpit.freeze.source, json;"
        "found = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(json.dumps(sorted(found - set(sys.stdlib_module_names) - {'cockpit'})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
