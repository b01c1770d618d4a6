"""What one check found, and how findings are ordered. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cockpit.text import SafeText

State = Literal["bad", "warn", "skipped", "ok"]
WORST_FIRST: tuple[State, ...] = ("bad", "warn", "skipped", "ok")
WORDS = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the theme and what of it was looked at, how it is, and what would mend it, empty when nothing need."""

    theme: str
    subject: str
    state: State
    words: SafeText
    mend: SafeText = SafeText()


def finding(theme: str, subject: str, state: State, words: str, mend: str = "") -> Finding:
    """A finding whose texts may come from outside."""
    return Finding(theme, SafeText(subject, WORDS).line, state, SafeText(words, WORDS).line, SafeText(mend, WORDS).line)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The same findings, the worst first, and else as they came."""
    return sorted(findings, key=lambda each: WORST_FIRST.index(each.state))
