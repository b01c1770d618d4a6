"""The parts of a Markdown document: text from outside becomes plain words, and no cell stays empty. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cockpit.review.blocks import NOTHING, Block, Bullets, Strong, Table, escaped_rows
from cockpit.text import SafeText

_SPECIAL = "\\`*_{}[]<>#|~!&$"
"""The backslash first: it escapes the others."""
_SCHEME = re.compile(r"(?i)\b(?:https?|ftp)\Z")
_AT = re.compile(r"@(?=\w)")
_WWW = re.compile(r"[wW]{3}(?<=\b...)(?=\.)")
_BLOCK = re.compile(r"^(?:[-+=]|\d+(?=[.)](?:\s|$)))")
_BEGINS = frozenset("-+=0123456789")
_ESCAPED = re.compile(r"\\(.)|&#(\d{1,5});")


def escape(raw: str) -> str:
    """Outside text as plain words on one line: nothing in it can be markup, a link or the end of a table cell."""
    return escaped((raw,))[0]


def escaped(raws: Sequence[str]) -> list[str]:
    """Each of many such texts, which costs much less than one after the other."""
    text = "\n".join([" ".join(SafeText(raw).split()) for raw in raws])
    for special in _SPECIAL:
        text = text.replace(special, f"\\{special}")
    return [_unlisted(line) for line in _unlinked(text).split("\n")] if raws else []


def unescaped(line: str) -> str:
    """The plain words of a line that was escaped."""
    return _ESCAPED.sub(lambda found: found[1] or chr(int(found[2])), line)


def _unlinked(text: str) -> str:
    """An address loses its link when a character of it is written as a number."""
    text = _WWW.sub(_numbered, _AT.sub(_numbered, text))
    *before, last = text.split("://")
    return "://".join([*(f"{part[:-6]}{_SCHEME.sub(_numbered, part[-6:])}" for part in before), last])


def _unlisted(line: str) -> str:
    if line[:1] not in _BEGINS:
        return line
    found = _BLOCK.match(line)
    return f"{_numbered(found)}{line[found.end() :]}" if found else line


def _numbered(match: re.Match[str]) -> str:
    return f"&#{ord(match.group()[0])};{match.group()[1:]}"


def marked(blocks: Iterable[Block]) -> str:
    """Blocks as Markdown."""
    return "\n\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Table(columns=columns):
            lines = [f"| {' | '.join(row)} |" for row in escaped_rows(block, _cells, _ours)]
            return "\n".join([f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}", *lines])
        case Bullets(items=items):
            return "\n".join(f"- {line}" for line in _cells(items))
    return escape(block)


def _ours(cell: str) -> str:
    return f"**{cell}**" if isinstance(cell, Strong) else cell


def _cells(cells: Sequence[str]) -> list[str]:
    return [line or NOTHING for line in escaped(cells)]
