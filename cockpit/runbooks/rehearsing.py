"""A rehearsal: the very player, told what happened instead of running anything. Pure.

It takes up the first offer that the step's next result fits, and ends where no result is declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.clock import SECOND
from cockpit.incident import running
from cockpit.incident.event import Body, Event
from cockpit.incident.run import Attempt, Run, Runs
from cockpit.incident.runs import (
    AttemptStarted,
    RunStarted,
    WaitFinished,
)
from cockpit.runbooks import declared, ladder, player
from cockpit.runbooks.declared import PERSON, RUN, Undeclared
from cockpit.runbooks.model.rehearsal import Rehearsal, Result
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.params import given
from cockpit.runbooks.plan import Plan, plan
from cockpit.runbooks.player import Action
from cockpit.runbooks.standing import in_flight


@dataclass(frozen=True, slots=True)
class Turn:
    """What was taken up, by whom, all that followed from it, and what is offered then."""

    did: str
    who: str
    events: tuple[Event, ...]
    offered: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The whole rehearsal. `stopped` says why it ended before the run did; `left` are results nothing asked for."""

    run: Run
    turns: tuple[Turn, ...]
    stopped: str
    left: tuple[str, ...]


def rehearse(runbook: Runbook, rehearsal: Rehearsal, values: Mapping[str, str]) -> Rehearsed:
    """Play the runbook with these results; Undeclared when it cannot even begin."""
    planned = plan(runbook)
    told = {name: value for name, value in rehearsal.params.items() if name in runbook.params}
    taken, problems = given(runbook.params, {**told, **values})
    if problems:
        raise Undeclared("; ".join(problems))
    return _Stage(planned, rehearsal).play(runbook, taken)


class _Stage:
    """The run so far, the results not used yet, and a clock that results move."""

    def __init__(self, planned: Plan, rehearsal: Rehearsal) -> None:
        self._plan = planned
        self._results = {step: list(results) for step, results in rehearsal.steps.items()}
        self._runs: Runs = {}
        self._events: list[Event] = []
        self._now = 0
        self._steady: dict[str, int] = {}
        self._latest: dict[str, Result] = {}

    @property
    def _run(self) -> Run:
        return self._runs[RUN]

    def play(self, runbook: Runbook, values: Mapping[str, str]) -> Rehearsed:
        started = RunStarted(
            run=RUN, runbook=runbook.id, title=runbook.title, digest="", source="", path="",
            steps=self._plan.outlines, params=dict(values), lock=self._plan.lock,
        )  # fmt: skip
        turns: list[Turn] = []
        did, who, stopped, first = "start", PERSON, "", 0
        try:
            self._take(started, PERSON)
            while True:
                self._settle_down()
                turns.append(Turn(did, who, tuple(self._events[first:]), self._offers()))
                first = len(self._events)
                if self._run.outcome is not None and not self._undoing():
                    break
                did, who = self._take_up()
        except Undeclared as why:
            stopped = str(why)
            if len(self._events) > first:
                turns.append(Turn(did, who, tuple(self._events[first:]), self._offers()))
        left = tuple(
            f"{step}: {len(results)} not used" if step in self._plan.steps else f"{step}: no such step"
            for step, results in self._results.items()
            if results
        )
        return Rehearsed(self._run, tuple(turns), stopped, left)

    def _undoing(self) -> bool:
        """Whether more of what the run did is to be undone after its end."""
        return any(self._next(each.step, "undo") is not None for each in self._run.undo_stack[:1])

    def _offers(self) -> tuple[Action, ...]:
        return player.offers(self._plan, self._run)

    def _take(self, body: Body, actor: str) -> None:
        number = len(self._events) + 1
        event = Event("", number, self._now, self._now, actor, "", body)
        self._events.append(event)
        self._runs = running.reduce(self._runs, event)

    def _next(self, step: str, about: str) -> Result | None:
        """The next result of a step, if it is about that."""
        found = self._results.get(step) or []
        return found[0] if found and found[0].about == about else None

    def _use(self, step: str, about: str) -> Result:
        result = self._next(step, about)
        if result is None:
            what = _MISSING.get(about, "")
            raise Undeclared(f"no result declared for {what}{step}")
        return self._results[step].pop(0)

    def _settle_down(self) -> None:
        """Whatever follows by itself, until a person is needed or the run is over."""
        while True:
            held = {attempt.root for attempt in self._run.attempts.values()}
            moment = Moment(self._now, {}, self._steady, held)
            bodies = player.consequences(self._plan, self._run, moment)
            for body in bodies:
                self._take(body, "cockpit")
            if not self._carry() and not bodies and not self._wait_for_it():
                return

    def _carry(self) -> bool:
        """End what is going on, as declared; whether anything was."""
        if flying := in_flight(self._run):
            self._end(self._run.attempts[flying.attempt])
            return True
        for step in self._run.steps:
            latest = self._latest.get(step.outline.id, Result())
            if step.status == "verifying":
                measured = declared.measured(self._plan, step, latest)
                self._now += int(measured.seconds * SECOND)
                self._take(measured, "cockpit")
                return True
            if step.status == "waiting":
                self._now = max(self._now, step.until)
                self._take(WaitFinished(run=RUN, step=step.outline.id), "cockpit")
                return True
            if step.status == "sending":
                self._take(declared.sent(step, latest), "cockpit")
                return True
        return False

    def _wait_for_it(self) -> bool:
        """Let the pause before another try or batch pass; whether there is one to come."""
        for step in self._run.steps:
            planned = self._plan.steps[step.outline.id]
            pauses = {
                "repeating": planned.repeat.pause if planned.repeat is not None else None,
                "failed": planned.retries.pause if planned.retries is not None else None,
            }
            pause = pauses.get(step.status)
            due = step.changed_at + int((pause or 0.0) * SECOND)
            if pause is not None and self._now < due:
                self._now = due
                return True
        return False

    def _end(self, attempt: Attempt) -> None:
        undo = attempt.direction == "rollback" and attempt.purpose == "act"
        about = "undo" if undo else attempt.purpose
        result = self._look(attempt) if about in {"before", "after"} else self._use(attempt.step, about)
        self._take(AttemptStarted(run=RUN, step=attempt.step, attempt=attempt.id, pid=0), "cockpit")
        self._now += int(result.seconds * SECOND)
        if about == "act":
            self._latest[attempt.step] = result
        self._take(declared.ending(self._plan, self._run, attempt, result), "cockpit")
        planned = self._plan.steps[attempt.step]
        if planned.repeat is not None and result.verify == "pass":
            since = self._now
            self._now += int(planned.repeat.until.hold * SECOND)
            self._steady[planned.repeat.until.probe] = since

    def _look(self, attempt: Attempt) -> Result:
        """What a look finds: as declared, else what should serve. The look before an undo finds all in place."""
        if attempt.direction == "rollback":
            return Result()
        found = self._next(attempt.step, attempt.purpose)
        if found is not None:
            self._results[attempt.step].pop(0)
            return Result(output=found.before if found.before is not None else found.after or "")
        outline = self._run.step(attempt.step).outline
        target = ladder.target_of(self._run, outline)
        serving = sorted(ladder.expected(self._run, outline.ladder) - {target.id if target else ""})
        serves = target.id if attempt.purpose == "after" and target is not None else next(iter(serving), "")
        return Result(output=serves)

    def _take_up(self) -> tuple[str, str]:
        """Do the first offer that a declared result fits; what was done, and by whom."""
        offered = self._offers()
        for action in offered:
            result = self._fitting(action)
            if result is None:
                continue
            who = result.approve_by or PERSON
            if action.kind == "done":
                self._latest[action.step] = result
            if action.kind not in {"run", "undo"}:
                # What a command comes to is used when it ends.
                self._use(action.step, result.about)
            self._decide(declared.decision(self._plan, self._run, action, result, self._now), who)
            shown = f": {action.command.shown}" if action.command is not None else ""
            return f"{_DID[action.kind]} {action.step}{shown}", who
        if not offered:
            raise Undeclared("nothing is offered, and nothing goes on")
        raise Undeclared(f"no result declared for {_MISSING.get(_ABOUT.get(offered[0].kind, ''), '')}{offered[0].step}")

    def _fitting(self, action: Action) -> Result | None:
        """The result that the action leads to, if one is declared."""
        if action.kind == "run" and action.purpose == "after":
            return Result()
        about = action.purpose if action.kind == "run" else _ABOUT.get(action.kind, "")
        looked = self._next(action.step, "before") if action.kind == "run" else None
        return looked or self._next(action.step, about)

    def _decide(self, decision: player.Decision, who: str) -> None:
        if isinstance(decision, player.Refused):
            raise Undeclared(decision.text)
        for body in decision:
            self._take(body, who)


_ABOUT = {
    "run": "act", "done": "act", "undo": "undo", "choose": "choose", "skip": "skip", "settle": "settle",
    "approve": "approve_by", "accept": "accept",
}  # fmt: skip
_DID = {
    "run": "confirmed", "done": "done", "undo": "confirmed the undo of", "choose": "decided at", "skip": "skipped",
    "settle": "settled", "approve": "approved", "accept": "accepted what serves at",
}  # fmt: skip
_MISSING = {
    "undo": "the undo of ", "check": "the check of ", "choose": "the decision at ", "settle": "settling ",
    "approve_by": "the approval of ", "accept": "accepting what serves at ",
}  # fmt: skip
