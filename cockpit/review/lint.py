"""What a reader should know about a report before they believe it. Pure, over the document alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cockpit.review.model import Doubt, DoubtRule, Human, Report
from cockpit.review.rules import claims, closing, durations, order, sections, stamps, wording

RECORDED: frozenset[DoubtRule] = frozenset(
    {"gap", "order", "unverified", "resolved_before_verified", "resolved_against", "erased", "unknown"}
)
"""What only the events of a journal show (`cockpit.review.quality`): a document made of them keeps it."""

_OF_IMPORTED = (
    sections.headings, stamps.stamps, stamps.zones, order.backwards, order.gaps, durations.order,
    closing.unverified, closing.resolved_before_verified,
)  # fmt: skip
_OF_ANY = (sections.empty, claims.claims, wording.of_record, durations.durations)
_OF_PEOPLE = (sections.unwritten, sections.actions, wording.of_people)
_QUOTED = re.compile(r"`([^`]+)`")


def lint(report: Report) -> tuple[Doubt, ...]:
    """Everything that stands against the document: what it names a line or a time for comes first, in order."""
    imported = report.header.kind == "imported"
    kept = [] if imported else [doubt for doubt in report.data_quality if doubt.rule in RECORDED]
    found = [*kept, *(doubt for rule in (_OF_IMPORTED if imported else ()) for doubt in rule(report))]
    found += [doubt for rule in _OF_ANY for doubt in rule(report)]
    found += of_people(report.human)
    named = {doubt.text for doubt in found if doubt.line is not None}
    # A heading with nothing below is told once, with its line.
    once = [doubt for doubt in dict.fromkeys(found) if doubt.line is not None or doubt.text not in named]
    return tuple(sorted(once, key=_place))


def of_people(human: Human) -> tuple[Doubt, ...]:
    """What stands against the parts that only people write."""
    return tuple(doubt for rule in _OF_PEOPLE for doubt in rule(human))


def placed(doubts: Iterable[Doubt], lines: Sequence[str]) -> tuple[Doubt, ...]:
    """The same, with the line of the file on which the words stand that a doubt quotes."""
    folded = [" ".join(line.casefold().split()) for line in lines]
    return tuple(sorted((_lined(doubt, folded) for doubt in doubts), key=_place))


def _lined(doubt: Doubt, folded: Sequence[str]) -> Doubt:
    quoted = _QUOTED.search(doubt.text)
    if doubt.line is not None or quoted is None:
        return doubt
    words = quoted[1].casefold()
    line = next((number for number, text in enumerate(folded, 1) if words in text), None)
    return doubt.model_copy(update={"line": line})


def _place(doubt: Doubt) -> tuple[float, float]:
    return doubt.line or float("inf"), doubt.time.timestamp() if doubt.time is not None else float("inf")
