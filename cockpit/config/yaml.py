"""YAML without surprises: every value has one reading and a place, everything else is a problem with a line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from yaml.reader import ReaderError

from cockpit.config.problems import Problem
from cockpit.config.scalars import Surprise, plain

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32

Steps = tuple[str | int, ...]
Place = tuple[int, int]

# C0 and C1 controls, surrogates, and the characters that change the order in which others are shown.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(slots=True)
class Document:
    """What a file says, where it says it, and what is wrong with it.

    `whole` is false when reading stopped early: then the data is not worth judging.
    """

    path: str
    data: Any = None
    values: dict[Steps, Place] = field(default_factory=dict)
    keys: dict[Steps, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True

    def at(self, steps: Steps, *, key: bool = False) -> Place:
        """Line and column of a value, or of its key; of the nearest thing around it when it has no place."""
        if key and steps in self.keys:
            return self.keys[steps]
        while steps not in self.values and steps:
            steps = steps[:-1]
        return self.values.get(steps, (1, 1))

    def blame(self, place: Place, steps: Steps, message: str, mend: str = "") -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(self.path, *place, dotted(steps), message, mend, rule="yaml"))


def dotted(steps: Steps) -> str:
    """The way to a value in words: `services.0.probes.1.url`."""
    return ".".join(str(step) for step in steps)


def load(text: str, path: str) -> Document:
    """Read one document; nothing is raised, everything found is in its problems."""
    document = Document(path)
    if len(text.encode(errors="replace")) > MAX_BYTES:
        document.whole = False
        document.blame((0, 0), (), f"is larger than {MAX_BYTES // 1024} KB", "split it")
        return document
    try:
        _read(text, document)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        _stop(document, (line, column), f"the character U+{ord(str(text[error.position])):04X} is not allowed")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(part for part in (error.problem, error.context) if part)
        _stop(document, _place(mark), f"is not YAML: {words}")
    return document


def _read(text: str, document: Document) -> None:
    reader = _Reader(document)
    place = (1, 1)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
            place = _place(event.end_mark)
            if not document.whole:
                return
    except (ValueError, OverflowError):
        _stop(document, place, "an escape after this place names no character")


def _stop(document: Document, place: Place, message: str) -> None:
    document.whole = False
    document.blame(place, (), message)


class _Mark(Protocol):
    line: int
    column: int


def _place(mark: _Mark | None) -> Place:
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


@dataclass(slots=True)
class _Open:
    """A list or mapping being read; `key` is the one whose value comes next."""

    steps: Steps
    content: dict[str, Any] | list[Any]
    key: str | None = None


class _Reader:
    """Builds the data from the parser's events, without recursion."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Event) -> None:
        """Add one event."""
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                _stop(self._document, _place(event.start_mark), "a second document begins here; a file holds one")
        elif isinstance(event, NodeEvent):
            self._node(event)
        elif isinstance(event, CollectionEndEvent):
            self._open.pop()

    def _node(self, event: NodeEvent) -> None:
        if self._key_is_due():
            self._key(event)
            return
        steps = self._steps()
        place = _place(event.start_mark)
        self._document.values.setdefault(steps, place)
        self._refuse_indirection(event, steps, place)
        if isinstance(event, ScalarEvent):
            self._put(self._scalar(event, steps, place))
        elif isinstance(event, AliasEvent):
            # Something stands there: nothing else is wrong because of it.
            self._put("?")
        else:
            self._begin(event, steps, place)

    def _begin(self, event: NodeEvent, steps: Steps, place: Place) -> None:
        content: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        self._put(content)
        self._open.append(_Open(steps, content))
        if len(self._open) > MAX_DEPTH:
            _stop(self._document, place, f"is nested more than {MAX_DEPTH} deep")

    def _key_is_due(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].content, dict) and self._open[-1].key is None

    def _key(self, event: NodeEvent) -> None:
        top = self._open[-1]
        place = _place(event.start_mark)
        if not isinstance(event, ScalarEvent):
            _stop(self._document, place, "a key must be a word")
            return
        steps = (*top.steps, event.value)
        self._refuse_indirection(event, steps, place)
        value = self._scalar(event, steps, place)
        if not isinstance(value, str):
            self._document.blame(place, steps, "a key must be text", "quote it")
        if event.value in top.content:
            first = self._document.keys[steps][0]
            self._document.blame(place, steps, f"is here twice, first on line {first}", "remove one")
        self._document.keys.setdefault(steps, place)
        top.key = event.value

    def _steps(self) -> Steps:
        if not self._open:
            return ()
        top = self._open[-1]
        return (*top.steps, len(top.content) if top.key is None else top.key)

    def _put(self, value: Any) -> None:
        if not self._open:
            self._document.data = value
            return
        top = self._open[-1]
        if isinstance(top.content, list):
            top.content.append(value)
        elif top.key is not None:
            top.content.setdefault(top.key, value)
            top.key = None

    def _refuse_indirection(self, event: NodeEvent, steps: Steps, place: Place) -> None:
        if isinstance(event, AliasEvent):
            self._document.blame(place, steps, f"the alias *{event.anchor} is not allowed", "write the value out")
        elif event.anchor:
            self._document.blame(place, steps, f"the anchor &{event.anchor} is not allowed", "remove it")
        if getattr(event, "tag", None) is not None:
            self._document.blame(place, steps, "a tag (!...) is not allowed", "remove it")

    def _scalar(self, event: ScalarEvent, steps: Steps, place: Place) -> Any:
        if bad := CONTROL.search(event.value):
            self._document.blame(place, steps, f"holds the control character U+{ord(bad.group()):04X}", "remove it")
            return CONTROL.sub("?", event.value)
        if not event.implicit[0]:
            return event.value
        value = plain(event.value)
        if isinstance(value, Surprise):
            self._document.blame(place, steps, f"{event.value[:40]} {value.reading}", "quote it")
            return event.value
        return value
