"""What a section is made of, whatever form it takes, and how figures are written in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

NOTHING = "n/a"


class Strong(str):
    """A cell of our own that must stand out."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """Rows below their heads; a cell is text from outside, unless it is `Markup` or `Strong`."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Bullets:
    """Text from outside, item by item."""

    items: Sequence[str]


Block = str | Table | Bullets
"""A paragraph of text from outside, a table, or a list."""


def stamp(at: datetime | None) -> str:
    return at.isoformat(" ")[:19] if at is not None else NOTHING


def number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:g}"


def rate(value: float | None) -> str:
    return NOTHING if value is None else f"{value * 100:.1f} %"
