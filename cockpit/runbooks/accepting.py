"""What the end of a command comes to: its exit code, and whether it printed what it should. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cockpit.incident.run import Attempt, Run
from cockpit.runbooks import ladder
from cockpit.runbooks.model.values import Output
from cockpit.runbooks.plan import CURRENT, TARGETS, Plan, PlannedStep
from cockpit.runbooks.taking import NotThere, take


@dataclass(frozen=True, slots=True)
class Accepted:
    """Whether the attempt did what it should, with the values it gave; `why` says what is wrong beside the exit."""

    ok: bool
    outputs: dict[str, str] = field(default_factory=dict)
    why: str = ""


def accept(plan: Plan, run: Run, runs: Iterable[Run], attempt: Attempt, ok: bool, text: str) -> Accepted:
    """What an attempt came to that ended with success, or not, and printed this text; `runs` are the incident's."""
    planned = plan.steps[attempt.step]
    if not ok or not _promises(planned, attempt):
        return Accepted(ok)
    try:
        if attempt.purpose in {"before", "after"}:
            return _of_a_look(run, planned, attempt, text)
        if planned.at_most:
            return _of_a_list(run, runs, planned, text)
        outputs = take(planned.outputs, text)
        if planned.outline.ladder:
            _released(outputs)
        return Accepted(True, outputs)
    except NotThere as missing:
        return Accepted(False, why=str(missing))


def _promises(planned: PlannedStep, attempt: Attempt) -> bool:
    """Whether more than the exit code of this attempt counts."""
    if attempt.direction == "rollback":
        return attempt.purpose == "before" and planned.before is not None
    if attempt.purpose == "check":
        return False
    return attempt.purpose != "act" or bool(planned.outputs)


def _of_a_look(run: Run, planned: PlannedStep, attempt: Attempt, text: str) -> Accepted:
    outputs = take({CURRENT: Output(line="last")}, text)
    _released(outputs)
    current = outputs[CURRENT]
    if attempt.direction == "rollback":
        why = ladder.amiss_undoing(run, planned.outline, attempt.visit, current)
    else:
        amiss = ladder.amiss_before if attempt.purpose == "before" else ladder.amiss_after
        why = amiss(run, planned.outline, current)
    return Accepted(not why, outputs, why)


def _released(outputs: Mapping[str, str]) -> None:
    """NotThere when what serves now is no release: noise that was printed after it must never be restored."""
    ladder.release(outputs[CURRENT], "the last line that it printed is no id of a release")


def _of_a_list(run: Run, runs: Iterable[Run], planned: PlannedStep, text: str) -> Accepted:
    original = ladder.original_of(run, planned.outline.ladder)
    if not original:
        raise NotThere("what serves now was not read, so nobody can tell what to go back from")
    tried = ladder.tried((each for each in runs if each.id != run.id), run.runbook)
    found = ladder.find(text, original, tried, at_least=planned.at_least, at_most=planned.at_most)
    return Accepted(True, {TARGETS: found.packed()})
