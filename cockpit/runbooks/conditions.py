"""Whether a step is needed, by what was given, printed and chosen so far."""

from __future__ import annotations

import re

from cockpit.incident.run import Run
from cockpit.runbooks.model.values import Condition
from cockpit.runbooks.plan import Plan, PlannedStep
from cockpit.runbooks.values import known


def needless(plan: Plan, run: Run, planned: PlannedStep) -> str:
    """Why the step is not needed; empty when it is, and also when nobody can tell: then a person decides."""
    for condition in planned.conditions:
        found = _found(plan, run, condition)
        if found is not None and not holds(condition, found):
            return f"not needed: {_subject(condition)} is {found}"
    return ""


def holds(condition: Condition, found: str) -> bool:
    """Whether a value is what the condition wants."""
    if condition.equals is not None:
        return found in _words(condition.equals)
    if condition.differs is not None:
        return found not in _words(condition.differs)
    return re.search(condition.matches or "", found) is not None


def _words(one_or_more: tuple[str, ...] | str) -> tuple[str, ...]:
    return (one_or_more,) if isinstance(one_or_more, str) else one_or_more


def _found(plan: Plan, run: Run, condition: Condition) -> str | None:
    values = known(plan, run)
    if condition.param is not None:
        return values.params.get(condition.param)
    if condition.output is not None:
        return values.outputs.get(condition.output)
    chosen = next((step.chosen for step in run.steps if step.outline.id == condition.chosen), "")
    return chosen or None


def _subject(condition: Condition) -> str:
    return condition.param or condition.output or f"the choice at {condition.chosen}"
