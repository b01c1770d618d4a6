"""Cutting text to what a chat takes, never within what a reader sees as one character. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

ELLIPSIS = "…"
_ADDRESS = re.compile(r"https?://\S*$")
LONGEST = 32
"""Code points of one character at most: else a heap of accents would take everything with it."""
_JOINER = "\u200d"
_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_FLAGS = range(0x1F1E6, 0x1F200)
_LEADING, _VOWELS, _TRAILING = range(0x1100, 0x1160), range(0x1160, 0x11A8), range(0x11A8, 0x1200)
_SYLLABLES = range(0xAC00, 0xD7A4)
_TRAILS = 28
"""Syllables of Hangul with the same beginning; the first of them has nothing at its end yet."""


def utf16(text: str) -> int:
    """The length as JavaScript counts it: what lies beyond the first plane counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, size: Callable[[str], int] = len) -> str:
    """The text within `limit`, with an ellipsis at its end when it had to be cut; never within an address."""
    if size(text) <= limit:
        return text
    room = limit - size(ELLIPSIS)
    if room < 0:
        return ""
    kept: list[str] = []
    for grapheme in graphemes(text):
        room -= size(grapheme)
        if room < 0:
            break
        kept.append(grapheme)
    shown = "".join(kept)
    if not text[len(shown)].isspace():
        # Half an address leads somewhere else.
        shown = _ADDRESS.sub("", shown)
    return shown.rstrip() + ELLIPSIS


def graphemes(text: str) -> Iterator[str]:
    """What readers see as one character each: marks, tones, joined emoji, flags and syllables stay whole."""
    start, flags = 0, 0
    for index in range(1, len(text)):
        before, char = text[index - 1], text[index]
        flags = flags + 1 if ord(before) in _FLAGS else 0
        if not _joined(before, char, flags) or index - start >= LONGEST:
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _joined(before: str, char: str, flags: int) -> bool:
    """Whether nothing may come between; `flags` are the regional letters that end with `before`."""
    code, last = ord(char), ord(before)
    if before == "\r" and char == "\n":
        return True
    if unicodedata.category(before) == "Cc":
        return False
    if before == _JOINER or char == _JOINER or code in _TONES or code in _TAGS:
        return True
    if code in _FLAGS:
        return flags % 2 == 1
    return unicodedata.category(char) in {"Mn", "Mc", "Me"} or _syllable(last, code)


def _syllable(last: int, code: int) -> bool:
    open_ended = last in _SYLLABLES and (last - _SYLLABLES.start) % _TRAILS == 0
    if last in _LEADING:
        return code in _LEADING or code in _VOWELS or code in _SYLLABLES
    if last in _VOWELS or open_ended:
        return code in _VOWELS or code in _TRAILING
    return (last in _TRAILING or last in _SYLLABLES) and code in _TRAILING
