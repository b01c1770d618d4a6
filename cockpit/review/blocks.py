"""What a section is made of, whatever form it takes, and how figures are written in it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

NOTHING = "n/a"


class Strong(str):
    """A cell of our own that must stand out."""

    __slots__ = ()


class Plain(str):
    """A cell of our own in which no form has anything to escape: a moment, a number."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """Rows below their heads; a cell is text from outside, unless it is `Plain` or `Strong`."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Bullets:
    """Text from outside, item by item."""

    items: Sequence[str]


Block = str | Table | Bullets
"""A paragraph of text from outside, a table, or a list."""


OURS = frozenset({Plain, Strong})
AT_ONCE = 2_000
"""Rows whose cells are escaped together: a long night has a million cells, of which most say what others said."""


def escaped_rows(
    table: Table, escaped: Callable[[Sequence[str]], Sequence[str]], ours: Callable[[str], str]
) -> Iterator[tuple[str, ...]]:
    """The cells of each row as a form writes them: those from outside `escaped`, many together, and `ours`."""
    for start in range(0, len(table.rows), AT_ONCE):
        columns = zip(*table.rows[start : start + AT_ONCE], strict=True)
        yield from zip(*(_column(cells, escaped, ours) for cells in columns), strict=True)


def _column(
    cells: Sequence[str], escaped: Callable[[Sequence[str]], Sequence[str]], ours: Callable[[str], str]
) -> Iterable[str]:
    kinds = set(map(type, cells))
    if kinds == {Plain}:
        return cells
    told = list({cell for cell in cells if type(cell) not in OURS} if kinds & OURS else set(cells))
    known = dict(zip(told, escaped(told), strict=True))
    if kinds & OURS:
        return [ours(cell) if type(cell) in OURS else known[cell] for cell in cells]
    return map(known.__getitem__, cells)


def stamp(at: datetime | None) -> str:
    return at.isoformat(" ")[:19] if at is not None else NOTHING


def number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:g}"


def rate(value: float | None) -> str:
    return NOTHING if value is None else f"{value * 100:.1f} %"
