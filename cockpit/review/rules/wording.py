"""Words about what did not happen: they judge people, and tell nothing about what did."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cockpit.review.model import Doubt, Human, Report

_COUNTERFACTUAL = re.compile(
    r"""
    \b(?:should|could|would|might|ought\s+to)(?:\s+(?:have|of)|['’]ve)\b
    | \b(?:should|could|would|might)(?:n['’]t|\s+not)\s+have\b
    | \bif\s+only\b
    # A process may fail to start: only of people is it a judgement.
    | \b(?:we|they|he|she|I|nobody|someone|team|engineers?|responders?|operators?|developers?|on-call|person)
      \s+(?:had\s+)?(?:failed|neglected|forgot)\s+to\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HINTS = ("should", "could", "would", "might", "ought", " only", "failed", "neglected", "forgot")
"""One of these is in every match: a long timeline is looked through for them first."""
_AT_ONCE = 100
"""Entries that are looked through for them together."""


def of_people(human: Human) -> Iterator[Doubt]:
    """Sentences in what people wrote that tell what could have been."""
    for where, told in _written(human):
        yield from _found(told, where, None)


def of_record(report: Report) -> Iterator[Doubt]:
    """The same in the impact and the timeline."""
    yield from _found(report.impact.text, "the impact", None)
    for start in range(0, len(report.timeline), _AT_ONCE):
        entries = report.timeline[start : start + _AT_ONCE]
        if _hinted("\n".join([entry.text for entry in entries])):
            for entry in entries:
                yield from _found(entry.text, "the timeline", entry.line)


def _hinted(told: str) -> bool:
    low = told.lower()
    return any(hint in low for hint in _HINTS)


def _found(told: str, where: str, line: int | None) -> Iterator[Doubt]:
    if not _hinted(told):
        return
    for match in _COUNTERFACTUAL.finditer(told):
        words = " ".join(match.group().split())
        text = f"`{words}` in {where} tells what did not happen"
        yield Doubt(rule="counterfactual", text=text, line=line, mend="say what was done, and what was known then")


def _written(human: Human) -> Iterator[tuple[str, str]]:
    for name in ("summary", "trigger", "surprised"):
        yield f"the {name}" if name != "surprised" else "why it surprised", getattr(human, name)
    # Not where luck helped: there one says what could have gone worse.
    for name in ("contributing_factors", "lingering", "went_well", "went_badly"):
        for item in getattr(human, name):
            yield f"what {name.replace('_', ' ')}" if name.startswith("went") else f"the {name.replace('_', ' ')}", item
    for action in human.actions:
        yield f"action {action.id}", f"{action.text} {action.why}"
