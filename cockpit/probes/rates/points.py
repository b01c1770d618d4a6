"""Numbers out of a JSON answer: where a path leads, and which points of a series lie within a window. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from cockpit.clock import SECOND

MILLISECONDS_FROM = 1e11
"""A moment this large is in milliseconds: as seconds it would be after the year 5000."""
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Astray(Exception):
    """A path leads nowhere, or not to numbers; the text says where it ends."""


class Point(msgspec.Struct, frozen=True):
    """One number; `at` is the moment it belongs to, in microseconds, `None` for a bare number."""

    value: float
    at: int | None = None


def values_at(document: Any, path: str) -> list[Any]:
    """Every value a path leads to; raises Astray.

    A list that is too short, or holds no item of that kind, leads to none: so does a source write that it has nothing.
    A key that is missing is another answer than was expected.
    """
    found = [document]
    walked: list[str] = []
    for step in path.split("."):
        found = [inner for value in found for inner in _inner(value, step, ".".join(walked))]
        walked.append(step)
    return found


def points_at(document: Any, path: str) -> tuple[Point, ...]:
    """The numbers a path leads to, `null` left out; raises Astray."""
    return tuple(point for value in values_at(document, path) for point in _points(value, path))


def within(points: Sequence[Point], since: int, before: int | None) -> float | None:
    """The sum of the points since a moment and before another, in microseconds; `None` without any."""
    chosen = [
        point.value
        for point in points
        if point.at is None or (point.at >= since and (before is None or point.at < before))
    ]
    return math.fsum(chosen) if chosen else None


def newest(points: Sequence[Point]) -> int | None:
    """The latest moment of points that have one, in microseconds."""
    return max((point.at for point in points if point.at is not None), default=None)


def moment_of(value: Any) -> int | None:
    """Microseconds since the epoch from seconds, milliseconds or RFC 3339."""
    if isinstance(value, str):
        if _NUMBER.fullmatch(value):
            return moment_of(float(value))
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return None
        return None if read.tzinfo is None else round(read.timestamp() * SECOND)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(value * (1000 if abs(value) >= MILLISECONDS_FROM else SECOND))


def _inner(value: Any, step: str, walked: str) -> Iterator[Any]:
    where = f"{walked}.{step}" if walked else step
    if isinstance(value, dict):
        if step not in value:
            raise Astray(f"{where} is missing")
        yield value[step]
    elif isinstance(value, list) and step == "*":
        yield from value
    elif isinstance(value, list) and step.isdecimal():
        yield from value[int(step) : int(step) + 1]
    elif isinstance(value, list) and "=" in step:
        key, _, wanted = step.partition("=")
        yield from (item for item in value if isinstance(item, dict) and str(item.get(key)) == wanted)
    else:
        raise Astray(f"{where} is missing: {walked or 'the answer'} is {_kind(value)}")


def _points(value: Any, path: str) -> Iterator[Point]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list) and len(item) == 2 and (at := moment_of(item[0])) is not None:
            if (number := _number(item[1], path)) is not None:
                yield Point(number, at)
        elif (number := _number(item, path)) is not None:
            yield Point(number)


def _number(value: Any, path: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Astray(f"{path} is no number, nor points of time and number, but {_kind(value)}")
    return float(value)


def _kind(value: Any) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "a text"
        case None:
            return "null"
    return "a number" if not isinstance(value, bool) else str(value).lower()
