"""What an unquoted word in YAML means, and which ones mean something else than they look like."""

from __future__ import annotations

import re
from dataclasses import dataclass

Scalar = str | int | float | bool | None

_NOTHING = {"", "~", "null"}
_BOOLEANS: dict[str, bool] = {"true": True, "false": False}
_INTEGER = re.compile(r"-?[1-9][0-9]{0,17}|0")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_SURPRISES = tuple(
    (re.compile(pattern, re.IGNORECASE), reading)
    for pattern, reading in (
        (r"yes|no|on|off", "is a truth value to some readers and a word to others"),
        (r"true|false", "is a truth value in disguise"),
        (r"null", "is nothing in disguise"),
        (r"[-+]?[0-9][0-9_]*(?::[0-9][0-9_]*)+(?:\.[0-9_]*)?", "is a number in base 60 to some readers"),
        (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t\s].*)?", "is a date to some readers"),
        (r"[-+]?0[xob][0-9a-f_]+", "is a number in another base"),
        (r"[-+]?0[0-9_]+", "is an octal number to some readers"),
        (r"[-+]?[0-9][0-9_]*", "is a number in an unusual form"),
        (r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:e[-+]?[0-9]+)?", "is a number that would lose digits"),
        (r"[-+]?\.(?:inf|nan)", "is not a finite number"),
        (r"<<|=", "has a meaning of its own in YAML"),
    )
)


@dataclass(frozen=True, slots=True)
class Surprise:
    """An unquoted word that would be read as something else; `reading` says as what."""

    reading: str


def plain(word: str) -> Scalar | Surprise:
    """The value of an unquoted word: only canonical forms are more than text."""
    if word in _NOTHING:
        return None
    if word in _BOOLEANS:
        return _BOOLEANS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    if _FLOAT.fullmatch(word) and repr(float(word)) == word:
        return float(word)
    return next((Surprise(reading) for pattern, reading in _SURPRISES if pattern.fullmatch(word)), word)
