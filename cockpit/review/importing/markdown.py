"""A timeline and its story in Markdown: tables, lists such as `- 10:52 text`, and headings for the rest.

Nothing of it is evaluated, and no text is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cockpit.review.importing import columns, deeds, front
from cockpit.review.importing.columns import Columns
from cockpit.review.importing.headings import section_of
from cockpit.review.importing.sheet import Fact, Row, Sheet
from cockpit.review.stated import Context, leading, read

_BOLD = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).)+)(?<=\S)\1")
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\(([^()\s]*)\)")
_KIND = re.compile(r"^\[([A-Za-z][A-Za-z _-]{1,30})\]:?\s+")


def sheet_of(text: str, path: str) -> Sheet:
    """The file as entries, sections and facts."""
    lines = text.split("\n")
    sheet = Sheet(path, tuple(lines))
    front.taken(lines, sheet)
    # What is within a line stays as it is; a definition of a link is text like any other.
    parser = MarkdownIt("commonmark").enable("table").disable(["reference", "inline"])
    _Page(parser.parse("\n".join(lines)), sheet).read()
    return sheet


class _Page:
    """Goes through the blocks of a page."""

    def __init__(self, tokens: Sequence[Token], sheet: Sheet) -> None:
        self._tokens = tokens
        self._sheet = sheet
        self._section = "summary"
        self._heading: tuple[str, int, int] | None = None
        self._name = ""
        self._day = ""
        self._items = 0
        self._more: list[str] = []
        """What belongs to the latest entry and is not in it yet."""

    def read(self) -> None:
        """Put everything into the sheet."""
        index = 0
        while index < len(self._tokens):
            token = self._tokens[index]
            if token.type == "heading_open":
                self._head(_plain(self._tokens[index + 1].content), int(token.tag[1:]), _line(token))
                index += 2
            elif token.type == "table_open":
                index = self._table(index)
            elif token.type.endswith("_list_open"):
                self._items += 1
            elif token.type.endswith("_list_close"):
                self._items -= 1
            elif token.type == "inline":
                self._text(_plain(token.content), _line(token))
            elif token.type in {"fence", "code_block", "html_block"} and token.content.strip():
                self._filled()
                self._put(f"{token.info} {token.content}".strip(), _line(token))
            index += 1
        self._whole()
        self._close(0)

    def _head(self, words: str, level: int, line: int) -> None:
        self._close(level)
        day = read(words, Context()).day
        if day is not None and not leading(words)[1]:
            # `### 2026-03-02` within a timeline: the day of what is below.
            self._day = words
            return
        if level == 1 and "title" not in self._sheet.facts and words:
            self._sheet.facts["title"] = Fact(words, line)
            self._section, self._name = "summary", ""
            return
        self._section, self._name = section_of(words), words
        self._heading = words, level, line

    def _close(self, level: int) -> None:
        """A heading that another of its own level or a higher one follows at once has nothing below."""
        if self._heading is None:
            return
        words, own, line = self._heading
        self._heading = None
        if level <= own:
            self._sheet.empty.append((words or "a heading", line))
        elif not self._section:
            self._sheet.add("summary", words)

    def _filled(self) -> None:
        """There is something below the heading."""
        if self._heading is not None and not self._section:
            self._sheet.add("summary", self._heading[0])
        self._heading = None

    def _text(self, words: str, line: int) -> None:
        """A paragraph, or an item of a list; several lines of one may each begin with a time."""
        if not words.strip():
            return
        self._filled()
        pieces = words.split("\n")
        starts = [bool(_stamped(piece)[0]) for piece in pieces]
        if self._section != "actions" and any(starts) and (self._items or self._section == "timeline" or starts[0]):
            for number, piece in enumerate(pieces):
                if number and not starts[number] and self._sheet.rows:
                    self._join(piece)
                else:
                    self._entry(piece, line + number)
        elif self._section == "timeline" and self._items > 1 and self._sheet.rows:
            self._join(words)
        else:
            self._put(words, line)

    def _entry(self, words: str, line: int) -> None:
        self._whole()
        stamp, rest = _stamped(words)
        kind = _KIND.match(rest)
        text = rest[kind.end() :] if kind else rest
        self._sheet.rows.append(Row(line, stamp, text, kind=kind[1] if kind else "", day=self._day))

    def _join(self, words: str) -> None:
        """More about the entry before."""
        self._more.append(words)

    def _whole(self) -> None:
        """Give the latest entry all that belongs to it, at once: piece by piece it would be copied each time."""
        if self._more:
            row = self._sheet.rows[-1]
            text = "\n".join((row.text, *self._more)).strip()
            self._sheet.rows[-1] = Row(**{**row.__dict__, "text": text})
            self._more.clear()

    def _put(self, words: str, line: int) -> None:
        match self._section:
            case "timeline":
                self._entry(words, line)
            case "actions" if self._items:
                self._sheet.actions.append(deeds.listed(len(self._sheet.actions) + 1, words))
            case "actions" | "":
                self._sheet.add("summary", words)
            case section:
                self._sheet.add(section, words)

    def _table(self, index: int) -> int:
        """The rows of a table, and where it ends."""
        self._filled()
        self._whole()
        rows: list[tuple[list[str], int]] = []
        while self._tokens[index].type != "table_close":
            token = self._tokens[index]
            if token.type == "tr_open":
                rows.append(([], _line(token)))
            elif token.type == "inline":
                rows[-1][0].append(_plain(token.content))
            index += 1
        heads, body = rows[0][0], rows[1:]
        known = Columns(heads)
        if columns.begins_with_time(heads):
            self._sheet.rows += [columns.headless(cells, line) for cells, line in rows]
        elif self._section == "actions":
            done = self._sheet.actions
            done += [columns.action(heads, cells, len(done) + nth) for nth, (cells, _) in enumerate(body, 1)]
        elif known.timed or self._section == "timeline":
            self._sheet.rows += [self._dated(known.row(cells, line)) for cells, line in body]
        else:
            for cells, line in body:
                pairs = [f"{head}: {cell}" if head else cell for head, cell in zip(heads, cells, strict=False) if cell]
                self._put(" | ".join(pairs), line)
        return index

    def _dated(self, row: Row) -> Row:
        return row if row.day or not self._day else Row(**{**row.__dict__, "day": self._day})


def _stamped(words: str) -> tuple[str, str]:
    """A time that begins a piece, and the rest."""
    return leading(words.strip())


def _plain(words: str) -> str:
    """Text without the marks of emphasis; a link keeps its address."""
    bare = _BOLD.sub(r"\2", words)
    bare = _LINK.sub(lambda match: f"{match[1]} ({match[2]})" if match[2] else match[1], bare)
    return _CODE.sub(r"\1", bare)


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0
