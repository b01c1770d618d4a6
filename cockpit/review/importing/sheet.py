"""What every kind of file is read to: entries, sections and facts, each with its line, and nothing interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.review.model import Action
from cockpit.text import MASK, Redactor, SafeText

_REDACT = Redactor()
MAX_ROWS = 20_000
"""Entries of one file."""


@dataclass(frozen=True)
class Row:
    """One line of a timeline; `day` is the heading or column that names its day, `zone` the column's."""

    line: int | None
    stamp: str
    text: str
    actor: str = ""
    kind: str = ""
    result: str = ""
    evidence: str = ""
    day: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Fact:
    """What is said of the whole, and on which line."""

    value: str
    line: int = 0


@dataclass
class Sheet:
    """A whole file; its `lines` as they stand there, where people write prose."""

    path: str
    lines: tuple[str, ...] = ()
    facts: dict[str, Fact] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=dict)
    empty: list[tuple[str, int]] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def add(self, section: str, words: str) -> None:
        """Put a piece of text into a section."""
        if words:
            self.sections.setdefault(section, []).append(words)


def safe(raw: str) -> str:
    """Outside text, whole but for tokens of well-known shapes: what is made visible in it takes more room."""
    return SafeText(_REDACT(raw), 12 * len(raw) + len(MASK))
