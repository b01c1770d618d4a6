"""Times: their order, and whether they come before the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cockpit.drills.model.plays import Play
from cockpit.drills.model.values import Axis
from cockpit.drills.rules.case import Case, Finding

IN_ORDER: tuple[tuple[Axis, Axis], ...] = (
    ("impact_start", "detected"), ("detected", "declared"), ("declared", "first_update"), ("declared", "resolved"),
    ("impact_start", "mitigated"), ("mitigated", "verified"),
)  # fmt: skip
"""Which moment cannot come before which, however it is played."""


def check(case: Case) -> Iterator[Finding]:
    """Faults, words, deadline, story, marks."""
    scenario = case.scenario
    for name, moments in (
        ("faults", [fault.at for fault in scenario.faults]),
        ("changes", [change.at for change in scenario.changes]),
        ("injects", [inject.at for inject in scenario.injects]),
    ):
        for index, at in enumerate(moments):
            if at > scenario.lasts:
                yield Finding((name, index, "at"), "comes after the end", "make it earlier, or lasts longer")
    if scenario.deadline is not None and not 0 < scenario.deadline.at <= scenario.lasts:
        yield Finding(("deadline", "at"), "must come after T0 and before the end (lasts)", "count it from T0")
    for index, (before, beat) in enumerate(pairwise(scenario.story), 1):
        if beat.minute < before.minute:
            yield Finding(("story", index, "minute"), f"comes before the beat above, T{before.minute:g}", "sort them")
    for name, play in scenario.plays.items():
        yield from _marks(name, play, scenario.lasts / 60)


def _marks(name: str, play: Play, end: float) -> Iterator[Finding]:
    late: list[tuple[Axis, Axis]] = [] if play.kind == "wrong" else [("verified", "resolved")]
    for first, then in (*IN_ORDER, *late):
        if first in play.marks and then in play.marks and play.marks[then].minute < play.marks[first].minute:
            message = f"comes before {first}, T{play.marks[first].minute:g}"
            yield Finding(("plays", name, "marks", then), message, "marks are minutes after T0")
    for axis, mark in play.marks.items():
        if mark.minute > end:
            yield Finding(("plays", name, "marks", axis), f"comes after the end, T{end:g}", "make lasts longer")
    if play.until > end:
        yield Finding(("plays", name, "until"), f"comes after the end, T{end:g}", "make lasts longer")
