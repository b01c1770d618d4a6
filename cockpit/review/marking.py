"""The parts of a Markdown document: text from outside becomes plain words, and no cell stays empty. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from markupsafe import Markup

from cockpit.review.blocks import NOTHING, Block, Bullets, Strong, Table
from cockpit.text import SafeText

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_LINK = re.compile(r"(?i)\bhttps?(?=://)|\bftp(?=://)|\bwww(?=\.)|@(?=\w)")
_BLOCK = re.compile(r"^(?:[-+=]|\d+(?=[.)](?:\s|$)))")


def escape(raw: str) -> str:
    """Outside text as plain words on one line: nothing in it can be markup, a link or the end of a table cell."""
    line = _SPECIAL.sub(r"\\\1", " ".join(SafeText(raw).split()))
    # An address loses its link when a character of it is written as a number.
    if "://" in line or "@" in line or "www." in line.lower():
        line = _LINK.sub(_numbered, line)
    found = _BLOCK.match(line)
    return f"{_numbered(found)}{line[found.end() :]}" if found else line


def _numbered(match: re.Match[str]) -> str:
    return f"&#{ord(match.group()[0])};{match.group()[1:]}"


def marked(blocks: Iterable[Block]) -> str:
    """Blocks as Markdown."""
    return "\n\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Table(columns=columns, rows=rows):
            # Plain text and moments go straight: a long night has a million cells.
            lines = [
                f"| {' | '.join([_escaped(cell) if type(cell) is str else _cell(cell) for cell in row])} |"
                for row in rows
            ]
            return "\n".join([f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}", *lines])
        case Bullets(items=items):
            return "\n".join(f"- {escape(item) or NOTHING}" for item in items)
    return escape(block)


def _cell(cell: str) -> str:
    if isinstance(cell, Strong):
        return f"**{cell}**"
    return cell if isinstance(cell, Markup) else _escaped(cell)


@lru_cache(maxsize=4_096)
def _escaped(cell: str) -> str:
    """Most cells of a long timeline say what others said before."""
    return escape(cell) or NOTHING
