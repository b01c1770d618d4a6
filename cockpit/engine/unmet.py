"""What stands against calling an incident resolved, in short words, the runbooks' own conditions first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cockpit.clock import SECOND
from cockpit.incident.fold import State
from cockpit.incident.run import Run, StepState
from cockpit.incident.vocabulary import ProbeState
from cockpit.moments import hhmm
from cockpit.runbooks.model.runbook import Recovery
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.standing import CLOSED


@dataclass(frozen=True, slots=True)
class Seen:
    """What is so at a moment in microseconds: how the lanes stand, and by the names of probes how their worst does.

    `steady` tells since when those that are up have been so without a break.
    """

    now: int
    lanes: Mapping[str, ProbeState]
    whole: Mapping[str, ProbeState] = field(default_factory=dict)
    steady: Mapping[str, int] = field(default_factory=dict)

    def state(self, probe: str) -> str:
        """How it stands, in capitals; UNKNOWN also when nobody asks it any more."""
        return self.whole.get(probe, self.lanes.get(probe, "unknown")).upper()


def unmet(state: State, plans: Mapping[str, Plan], seen: Seen) -> tuple[str, ...]:
    """Everything that stands against it, each thing once."""
    recoveries = [plans[run.id].recovery for run in state.runs.values() if run.id in plans]
    told = {probe for each in recoveries for probe in (*each.probes, *each.downstream, *each.quotas)}
    found = [words for each in recoveries for words in _recovering(each, seen)]
    found += [words for run in state.runs.values() for words in _of_run(run, plans.get(run.id), seen.now)]
    found += [words for probe, words in _probes(state, seen) if probe not in told]
    return tuple(dict.fromkeys(found))


def _recovering(recovery: Recovery, seen: Seen) -> Iterator[str]:
    for probe in recovery.probes:
        since = seen.steady.get(probe)
        if since is None:
            yield f"recovery watch: {probe} is {_not_well(probe, seen)}, must be up for {_length(recovery.hold)}"
        elif (lasted := max(0, seen.now - since) / SECOND) < recovery.hold:
            done = lasted // _unit(recovery.hold)
            yield f"recovery watch: {probe} up for {done:.0f} of {_length(recovery.hold)}"
    for probe in recovery.downstream:
        if seen.state(probe) != "UP":
            yield f"downstream: {probe} is {seen.state(probe)}"
    for probe in recovery.quotas:
        if seen.state(probe) != "UP":
            yield f"not put back: {probe} is {seen.state(probe)}"


def _not_well(probe: str, seen: Seen) -> str:
    """One that is up and has failed just now has no stretch of being well either."""
    state = seen.state(probe)
    return "not well without a break" if state == "UP" else state


def _unit(seconds: float) -> int:
    return 60 if seconds >= 60 else 1


def _length(seconds: float) -> str:
    return f"{seconds / _unit(seconds):g} {'min' if seconds >= 60 else 's'}"


def _of_run(run: Run, plan: Plan | None, now: int) -> Iterator[str]:
    for step in run.steps:
        yield from _open(run, step, now)
    if run.outcome is None:
        waiting = next((step for step in run.steps if step.status not in CLOSED | {"done"}), None)
        where = f" at {waiting.outline.title}" if waiting else ""
        yield f"{run.title} is not finished{where}"
    if run.outcome == "not_clean":
        yield f"{run.title} did not end clean"
    unverified = tuple(_unverified(run, plan)) if plan is not None else ()
    yield from reversed(unverified)
    tried = any(step.verdict for step in run.steps)
    if tried and not unverified and not any(step.verdict == "pass" for step in run.steps):
        yield f"nothing in {run.title} was verified to help"


def _open(run: Run, step: StepState, now: int) -> Iterator[str]:
    """What somebody began and nobody has brought to an end."""
    title = step.outline.title
    if step.status in {"unknown", "rollback_unknown"}:
        attempt = run.attempts.get(step.attempt)
        survivor = f", pid {attempt.pid} may still run" if attempt is not None and attempt.pid else ""
        what = "its undoing" if step.status == "rollback_unknown" else "it"
        yield f"{title}: nobody knows whether {what} took effect{survivor}"
    if step.status == "announced":
        yield f"{title} is announced and has not run: object to it, or let it run"
    approvals = [each for each in step.approvals if now < each.until]
    if approvals and step.status not in CLOSED | {"done"}:
        until = max(each.until for each in approvals)
        yield f"{title} may still be run until {hhmm(until)}Z: approved by {', '.join(e.person for e in approvals)}"


def _unverified(run: Run, plan: Plan) -> Iterator[str]:
    """Changes that stand although their verification did not pass, the latest first, and of a ladder that one only."""
    ladders: set[str] = set()
    for step in sorted(run.steps, key=lambda each: each.order, reverse=True):
        planned = plan.steps.get(step.outline.id)
        if planned is None or planned.verify is None or step.outline.effect == "read" or step.status != "done":
            continue
        if step.verdict == "pass" or _answered(run, plan, step, planned.verify.probe):
            continue
        ladder = step.outline.ladder
        if ladder and ladder in ladders:
            continue
        ladders.add(ladder)
        said = (step.verdict or "never verified").replace("_", " ")
        yield f"{step.outline.title} was not verified to help: {said}"


def _answered(run: Run, plan: Plan, step: StepState, probe: str) -> bool:
    """Whether a later step by the same probe, or a later rung, was verified to help."""
    later = (each for each in run.steps if each.order > step.order and each.verdict == "pass")
    for each in later:
        planned = plan.steps.get(each.outline.id)
        same_probe = planned is not None and planned.verify is not None and planned.verify.probe == probe
        if same_probe or (step.outline.ladder and each.outline.ladder == step.outline.ladder):
            return True
    return False


def _probes(state: State, seen: Seen) -> Iterator[tuple[str, str]]:
    for name, now in seen.lanes.items():
        if now == "unknown":
            yield name, f"{name} is UNKNOWN: no fresh data"
    for probe in state.watching.probes.values():
        if probe.state in {"down", "degraded"} and seen.lanes.get(probe.probe, "unknown") != "unknown":
            yield probe.probe, f"{probe.probe} is {probe.state.upper()}: {probe.verdict}"
