"""What a reader should know about a report before they believe it. Pure, over the document alone."""

from __future__ import annotations

from cockpit.review.model import Doubt, DoubtRule, Report
from cockpit.review.rules import claims, closing, durations, order, sections, stamps, wording

RECORDED: frozenset[DoubtRule] = frozenset(
    {"gap", "order", "unverified", "resolved_before_verified", "resolved_against", "erased", "unknown"}
)
"""What only the events of a journal show (`cockpit.review.quality`): a document made of them keeps it."""

_OF_ANY = (
    sections.empty, sections.actions, claims.claims, wording.counterfactual, durations.durations,
)  # fmt: skip
_OF_IMPORTED = (
    sections.headings, stamps.stamps, stamps.zones, order.backwards, order.gaps, durations.order,
    closing.unverified, closing.resolved_before_verified,
)  # fmt: skip


def lint(report: Report) -> tuple[Doubt, ...]:
    """Everything that stands against the document: what it names a line or a time for comes first, in order."""
    imported = report.header.kind == "imported"
    kept = [] if imported else [doubt for doubt in report.data_quality if doubt.rule in RECORDED]
    found = [*kept, *(doubt for rule in (_OF_IMPORTED if imported else ()) for doubt in rule(report))]
    found += [doubt for rule in _OF_ANY for doubt in rule(report)]
    named = {doubt.text for doubt in found if doubt.line is not None}
    # A heading with nothing below is told once, with its line.
    once = [doubt for doubt in dict.fromkeys(found) if doubt.line is not None or doubt.text not in named]
    return tuple(sorted(once, key=_place))


def _place(doubt: Doubt) -> tuple[float, float]:
    return doubt.line or float("inf"), doubt.time.timestamp() if doubt.time is not None else float("inf")
