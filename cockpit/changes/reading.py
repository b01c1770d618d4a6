"""From the bytes of others to texts and moments that can be relied on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import msgspec

from cockpit.changes.source import WORDS, Unanswered
from cockpit.text import SafeText

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Zoned = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment that says its zone."""
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError)
"""What decoding hostile bytes may raise."""


def whole(body: bytes, kind: type[T], what: str) -> T:
    """The document as this type; Unanswered says that it is not `what`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        raise Unanswered(f"not {what}: {error}") from None


def each(raws: Iterable[msgspec.Raw], kind: type[T], problems: list[SafeText]) -> Iterator[T]:
    """Every entry that can be read; the others are told by their number, and spoil no other."""
    for number, raw in enumerate(raws, 1):
        try:
            yield msgspec.json.decode(raw, type=kind)
        except UNREADABLE as error:
            problems.append(SafeText(f"entry {number}: {error}", WORDS))


def microseconds(at: datetime) -> int:
    """The moment as stored times are; ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError("at needs its zone, as in 2026-11-20T10:47:00Z")
    return (at - _EPOCH) // timedelta(microseconds=1)


def line(text: str | None) -> str:
    """Text from outside on one line, made safe, of the plain type that events hold."""
    return str(SafeText(text or "", WORDS).line.strip())


def oldest_first(found: Iterable[tuple[int, T]]) -> tuple[tuple[int, T], ...]:
    """Sorted by moment alone."""
    return tuple(sorted(found, key=lambda change: change[0]))
