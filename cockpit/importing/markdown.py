"""A Markdown page to a runbook of steps that are done by hand.

Items of numbered lists and of task lists become steps; so does the text below a heading that has none. What is within
a step is kept as it was written: only blocks are told apart, nothing within a line is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cockpit.config.load import content, decode
from cockpit.config.problems import ConfigError, Problem
from cockpit.config.scalars import plain
from cockpit.config.yaml import CONTROL, MAX_BYTES
from cockpit.importing.source import name_of

HEAD = "# Check it with: cockpit runbook lint THIS\n"
MAX_STEPS = 500
MAX_TITLE = 100
MAX_SLUG = 40

_MARKER = re.compile(r"(?: {0,3}(?:[-*+]|[0-9]{1,9}[.)]))(?:\s{1,4}|$)")
_TASK = re.compile(r"\[[ xX]\]\s+")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()]*\)")


@dataclass
class _Step:
    """One step being gathered: the line it begins on, its title, and the text below."""

    line: int
    title: str
    lines: list[str] = field(default_factory=list)


def imported(path: Path) -> tuple[str, tuple[Problem, ...]]:
    """A runbook as YAML, and what to look at; ConfigError when the file cannot be read or holds nothing."""
    raw = content(path)
    if len(raw) > MAX_BYTES:
        raise ConfigError([Problem(str(path), 0, 0, "", f"is larger than {MAX_BYTES // 1024} KB", "split it")])
    lines, notes = _cleaned(decode(raw, str(path)), str(path))
    page = _Page(lines)
    page.read()
    title = page.title or path.stem
    steps = [each for each in page.steps if each.title.strip() or any(line.strip() for line in each.lines)]
    if not steps:
        raise ConfigError([Problem(str(path), 0, 0, "", "holds neither lists, headings nor text: nothing to do")])
    if len(steps) > MAX_STEPS:
        raise ConfigError([Problem(str(path), 0, 0, "", f"makes more than {MAX_STEPS} steps", "split it")])
    text = _written(title, steps)
    if len(text.encode()) > MAX_BYTES:
        raise ConfigError([Problem(str(path), 0, 0, "", "makes too large a runbook", "split it")])
    return text, tuple(sorted(notes, key=lambda note: note.place))


def as_document(text: str, notes: Sequence[Problem]) -> str:
    """The same as JSON: the runbook, and what to look at."""
    document = {"runbook": yaml.safe_load(text), "notes": [asdict(note) for note in notes]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _cleaned(text: str, path: str) -> tuple[list[str], list[Problem]]:
    """The lines without what a runbook must not hold; front matter is blanked, so that lines keep their numbers."""
    notes: list[Problem] = []
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
    for number, line in enumerate(lines, 1):
        if bad := CONTROL.search(line):
            message = f"holds the control character U+{ord(bad.group()):04X}, made a ?"
            notes.append(Problem(path, number, bad.start() + 1, "", message, severity="warning"))
            lines[number - 1] = CONTROL.sub("?", line)
    if lines[0].rstrip() == "---" and "---" in (ends := [line.rstrip() for line in lines[1:50]]):
        end = ends.index("---") + 2
        lines[:end] = [""] * end
        notes.append(
            Problem(path, 1, 1, "", "the front matter was left out", "look whether it names owners", "warning")
        )
    return [line.rstrip() for line in lines], notes


class _Page:
    """Goes through the blocks of a page, and gathers steps."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._bare: tuple[str, str] | None = None
        self.title = ""
        self.steps: list[_Step] = []

    def read(self) -> None:
        """Gather title and steps."""
        # Links and what is within lines stay as they are; nothing of the page is evaluated.
        parser = MarkdownIt("commonmark").disable(["reference", "inline"])
        tokens = parser.parse("\n".join(self._lines))
        for index, token in enumerate(tokens):
            if token.level != 0 or token.map is None:
                continue
            begin, end = token.map
            if token.type == "heading_open":
                self._head(token.tag, _clean(tokens[index + 1].content), begin)
            elif token.type == "ordered_list_open" or self._is_tasks(token, begin):
                for item in _items(tokens, index):
                    self._item(*item)
            else:
                self._text(begin, end)

    def _head(self, tag: str, words: str, line: int) -> None:
        if not words:
            return
        if tag == "h1" and not self.title and not self.steps:
            self.title = words
            return
        if self._bare is not None and self._bare[0] < tag:
            # A heading above another, with nothing between: both are the title.
            self.steps.pop()
            words = f"{self._bare[1]}: {words}"
        self._bare = tag, words
        self.steps.append(_Step(line, words))

    def _is_tasks(self, token: Token, line: int) -> bool:
        first = self._lines[line]
        return token.type == "bullet_list_open" and bool(_TASK.match(_MARKER.sub("", first, count=1)))

    def _item(self, begin: int, end: int) -> None:
        lines = self._lines[begin:end]
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        marker = _MARKER.match(lines[0])
        width = marker.end() if marker else 0
        lines = [lines[0][width:], *(_outdented(line, width) for line in lines[1:])]
        lines[0] = _TASK.sub("", lines[0], count=1)
        if not any(line.strip() for line in lines):
            return
        if self._bare is not None:
            # A heading with this list for its text: it is told below the first item.
            self.steps.pop()
            lines = [*lines, "", f"({self._bare[1]})"]
        self._bare = None
        self.steps.append(_Step(begin, _clean(next(line for line in lines if line.strip())), lines))

    def _text(self, begin: int, end: int) -> None:
        self._bare = None
        if not self.steps:
            self.steps.append(_Step(begin, _clean(self._lines[begin]) or "Read this"))
        step = self.steps[-1]
        while step.lines and not step.lines[-1]:
            step.lines.pop()
        step.lines += ["", *self._lines[begin:end]]


def _items(tokens: Sequence[Token], index: int) -> Iterator[tuple[int, int]]:
    """The first and last line of each item of the list that begins there."""
    for token in tokens[index + 1 :]:
        if token.level == 0:
            return
        if token.type == "list_item_open" and token.level == 1 and token.map is not None:
            yield token.map[0], token.map[1]


def _outdented(line: str, width: int) -> str:
    return line[min(width, len(line) - len(line.lstrip())) :]


def _clean(words: str) -> str:
    """A heading or first line as plain words."""
    short = " ".join(words[:2_000].split())
    short = _LINK.sub(r"\1", short).replace("**", "").replace("__", "").replace("`", "").strip("# ")
    if len(short) > MAX_TITLE:
        short = short[:MAX_TITLE].rsplit(" ", 1)[0] + " ..."
    return short


class _Text(str):
    """Text that is written over several lines."""


class _Word(str):
    """Text that is written in a line, in quotes where it could be read as something else."""


class _Dumper(yaml.SafeDumper):
    """Keeps the text of a step readable."""


def _text(dumper: yaml.SafeDumper, text: _Text) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")


def _word(dumper: yaml.SafeDumper, word: _Word) -> yaml.Node:
    style = None if plain(str(word)) == str(word) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(word), style=style)


_Dumper.add_representer(_Text, _text)
_Dumper.add_representer(_Word, _word)


def _written(title: str, steps: Sequence[_Step]) -> str:
    ids: set[str] = set()
    titles: set[str] = set()
    made = []
    for step in steps:
        text = "\n".join(step.lines).strip("\n")
        name = _unique(step.title or "Read this", titles, "{} ({})")
        made.append(
            {
                "id": _Word(_unique(_slug(step.title or name), ids, "{}-{}")),
                "title": _Word(name),
                "manual": _Text(text or name),
            }
        )
    document = {"version": 1, "id": _Word(_slug(title)), "title": _Word(title), "steps": made}
    return HEAD + yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _slug(words: str) -> str:
    name = name_of(words)
    if len(name) > MAX_SLUG:
        name = name[:MAX_SLUG].rpartition("-")[0] or name[:MAX_SLUG]
    return "step" if name == "unnamed" else name


def _unique(word: str, taken: set[str], numbered: str) -> str:
    """The word, with a number when it is taken; it is taken then."""
    name, count = word, 2
    while name.casefold() in taken:
        name, count = numbered.format(word, count), count + 1
    taken.add(name.casefold())
    return name
