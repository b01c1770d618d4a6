"""Whatever people type: Slack shows it letter for letter, and nobody is called by accident."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.cutting import ELLIPSIS, graphemes, utf16
from cockpit.broadcast.slack.mrkdwn import clock, cut, escape, labelled, linked, mention, strong

TEN = 1_700_042_400_000_000
"""Microseconds: ten o'clock UTC."""
PEOPLE = {"ana": "U024BE7LH", "bo": "W012A3CDE", "eve": "<!channel>", "a.b": "U0000001", "call": "U0000002"}
_WORDS = (
    "<!channel>",
    "&lt;",
    "&amp;amp;",
    "<@U024BE7LH>",
    "https://x.example/a?b=1&c=2",
    "10:00 UTC",
    "ana",
    " ",
    "…",
)
_CHARS = (*"<>&|@#!^*_~`: \n;/ab", "\u0301", "\U0001f525", "\U0001f1e9", "é")
HOSTILE = st.lists(st.sampled_from(_WORDS + _CHARS)).map("".join) | st.text()


def plain(markup: str) -> str:
    """What a reader sees of it."""
    shown = re.sub(r"<(?:!date\^[^|]*\||https?://[^|<>]*\|)([^<>]*)>", r"\1", markup)
    return unescape(re.sub(r"<(https?://[^<>]*)>", r"\1", shown))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("&lt;", "&amp;lt;"),
        ("a & b", "a &amp; b"),
        ("<@U024BE7LH>", "&lt;@U024BE7LH&gt;"),
        ("@here", "@here"),
    ],
)
def test_a_text_is_escaped_once(text: str, shown: str) -> None:
    assert escape(text) == shown
    assert linked(text) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("ana", "<@U024BE7LH>"), ("zoe", "zoe"), ("eve", "eve"), ("<b>", "&lt;b&gt;")]
)
def test_only_a_typed_id_is_a_mention(name: str, shown: str) -> None:
    assert mention(name, PEOPLE) == shown


@pytest.mark.parametrize(
    ("text", "names", "shown"),
    [
        ("Needed: ana, bo.", ("ana", "bo"), "Needed: <@U024BE7LH>, <@W012A3CDE>."),
        ("Needed: ana.", (), "Needed: ana."),
        ("Needed: zoe.", ("zoe",), "Needed: zoe."),
        ("ana asks banana and ana", ("ana",), "<@U024BE7LH> asks banana and ana"),
        ("Needed: call. No need to join the call.", ("call",), "Needed: <@U0000002>. No need to join the call."),
        ("a.b axb", ("a.b",), "<@U0000001> axb"),
        ("axb", ("a.b",), "axb"),
        ("eve <", ("eve",), "eve &lt;"),
    ],
)
def test_each_person_asked_for_is_called_once(text: str, names: tuple[str, ...], shown: str) -> None:
    assert linked(text, (), names, PEOPLE) == shown


def test_a_moment_is_shown_in_the_readers_own_time() -> None:
    assert clock(TEN) == "<!date^1700042400^{time}|10:00 UTC>"
    assert clock(TEN, day=True) == "<!date^1700042400^{date_short_pretty} {time}|2023-11-15 10:00 UTC>"
    assert linked("by 10:00 UTC, not 10:01 UTC", (TEN + 30_000_000,)) == f"by {clock(TEN)}, not 10:01 UTC"


def test_words_for_two_moments_stay_words() -> None:
    day = 86_400_000_000
    assert linked("10:00 UTC", (TEN, TEN + day)) == "10:00 UTC"
    assert linked("10:00 UTC", (TEN, TEN + 1)) == clock(TEN)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://x.example/a?b=1&c=2.", "see <https://x.example/a?b=1&amp;c=2>."),
        ("(https://x.example/)", "(<https://x.example/>)"),
        ("https://x.example/cut…", "https://x.example/cut…"),
        ("https://x.example/cut.…", "https://x.example/cut.…"),
        ("https://x|<!channel>", "<https://x>|&lt;!channel&gt;"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://", "https://"),
    ],
)
def test_an_address_is_a_link_to_itself(text: str, shown: str) -> None:
    assert linked(text) == shown


def test_a_link_under_a_name() -> None:
    assert labelled("Dash|<board>", "https://d.example/?a&b") == "<https://d.example/?a&amp;b|Dash/&lt;board&gt;>"
    assert labelled("Dash", "javascript:x") == "Dash: javascript:x"
    assert labelled(" ", "https://d.example/") == " : https://d.example/"


@pytest.mark.parametrize(("text", "shown"), [("SEV1: <a>", "*SEV1: &lt;a&gt;*"), ("a*b", "a*b"), ("", ""), (" ", " ")])
def test_bold(text: str, shown: str) -> None:
    assert strong(text) == shown


@pytest.mark.parametrize(
    ("markup", "limit", "shown"),
    [
        ("ab&amp;cd", 7, "ab…"),
        ("ab&amp;cd", 8, "ab&amp;…"),
        (f"by {clock(TEN)} or so", 20, "by…"),
        ("<@U024BE7LH> x", 12, "…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("\U0001f525\U0001f525", 3, "\U0001f525…"),
        ("abc", 3, "abc"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_a_cut_splits_nothing(markup: str, limit: int, shown: str) -> None:
    assert cut(markup, limit) == shown


@given(HOSTILE)
def test_what_is_shown_is_what_was_typed(text: str) -> None:
    assert plain(linked(text, (TEN,), (), PEOPLE)) == text


@given(HOSTILE, st.integers(1, 60))
def test_any_cut_shows_a_whole_beginning(text: str, limit: int) -> None:
    shown = cut(linked(text, (TEN,)), limit)
    assert utf16(shown) <= limit
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", re.sub(r"<(?:!date\^\d+\^\{time\}\||https?://)[^<>]*>", "", shown))
    if plain(shown) != text:
        kept = plain(shown.removesuffix(ELLIPSIS))
        assert text.startswith(kept)
        if "https" not in text and "UTC" not in text:
            # Else a link may end within what would have gone on as one character.
            seen = list(graphemes(kept))
            assert seen == list(graphemes(text))[: len(seen)]
