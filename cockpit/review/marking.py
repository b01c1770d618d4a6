"""The parts of a Markdown document: text from outside becomes plain words, and no cell stays empty. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup

from cockpit.text import SafeText

NOTHING = "n/a"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_LINK = re.compile(r"(?i)\bhttps?(?=://)|\bftp(?=://)|\bwww(?=\.)|@(?=\w)")
_BLOCK = re.compile(r"^(?:[-+=]|\d+(?=[.)](?:\s|$)))")


def escape(raw: str) -> str:
    """Outside text as plain words on one line: nothing in it can be markup, a link or the end of a table cell."""
    line = _SPECIAL.sub(r"\\\1", " ".join(SafeText(raw).split()))
    # An address loses its link when a character of it is written as a number.
    line = _LINK.sub(_numbered, line)
    return _BLOCK.sub(_numbered, line)


def _numbered(match: re.Match[str]) -> str:
    return f"&#{ord(match.group()[0])};{match.group()[1:]}"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], otherwise: str = "") -> str:
    """A table, or what to say when it would have no rows; a cell that is `Markup` is Markdown already."""
    lines = [f"| {' | '.join([_cell(cell) for cell in row])} |" for row in rows]
    if not lines:
        return otherwise
    return "\n".join([f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}", *lines])


def listed(items: Iterable[str]) -> str:
    """Outside text as bullets."""
    return "\n".join(f"- {escape(item) or NOTHING}" for item in items)


def stamp(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at is not None else NOTHING


def number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:g}"


def rate(value: float | None) -> str:
    return NOTHING if value is None else f"{value * 100:.1f} %"


def _cell(cell: str) -> str:
    return cell if isinstance(cell, Markup) else _escaped(cell)


@lru_cache(maxsize=4_096)
def _escaped(cell: str) -> str:
    """Most cells of a long timeline say what others said before."""
    return escape(cell) or NOTHING
