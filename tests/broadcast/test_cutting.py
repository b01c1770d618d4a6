"""What readers see as one character is never cut in two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.cutting import ELLIPSIS, cut, graphemes, utf16

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
WAVE = "\U0001f44b\U0001f3fd"
FLAGS = ("\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7")
ACCENT = "e\u0301\u0323"
SYLLABLE = "\u1112\u1161\u11ab"


@pytest.mark.parametrize(
    "whole", [FAMILY, WAVE, *FLAGS, ACCENT, SYLLABLE, "\uac00\u11a8", "\u0928\u093f", "\u2764\ufe0f", "\r\n"]
)
def test_it_is_one(whole: str) -> None:
    assert list(graphemes(f"a{whole}b")) == ["a", whole, "b"]


def test_flags_are_pairs() -> None:
    assert list(graphemes("".join(FLAGS))) == list(FLAGS)


def test_a_mark_after_a_line_end_does_not_hang_on_to_it() -> None:
    assert list(graphemes("\n\u0301")) == ["\n", "\u0301"]


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        (f"ab{FAMILY}", 5, "ab…"),
        ("a bcd", 3, "a…"),
        ("see https://a.example/b now", 20, "see…"),
        ("see https://a.example/b now", 24, "see https://a.example/b…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_cut(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


def test_a_limit_may_count_as_javascript_does() -> None:
    assert utf16(WAVE) == 4
    assert cut(WAVE * 3, 9, utf16) == WAVE * 2 + ELLIPSIS


def test_a_heap_of_accents_takes_nothing_else_with_it() -> None:
    heap = "e" + "\u0301" * 5000
    assert cut(heap, 100).startswith("e" + "\u0301" * 31)
    assert cut(f"Logins fail {heap}", 50).startswith("Logins fail e\u0301")


@given(st.text(), st.integers(0, 40))
def test_no_cut_is_too_long_or_makes_anything_up(text: str, limit: int) -> None:
    shown = cut(text, limit, utf16)
    assert utf16(shown) <= limit
    assert shown == text or text.startswith(shown.removesuffix(ELLIPSIS))


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    assert "".join(graphemes(text)) == text
