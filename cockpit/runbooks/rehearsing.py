"""A rehearsal: the very player, told what happened instead of running anything. Pure.

It takes up the first offer that the step's next result fits, and ends where no result is declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.clock import SECOND
from cockpit.incident import running
from cockpit.incident.event import Body, Event
from cockpit.incident.running import Attempt, Run, StepState
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptStarted,
    AttemptUnknown,
    RunStarted,
    VerifyFinished,
    WaitFinished,
)
from cockpit.incident.vocabulary import Figures, UpdateDelivered, UpdateUndelivered
from cockpit.protocol import commands
from cockpit.runbooks import ladder, player
from cockpit.runbooks.accepting import Accepted, accept
from cockpit.runbooks.model.rehearsal import Rehearsal, Result
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.params import given
from cockpit.runbooks.plan import Plan, plan
from cockpit.runbooks.player import Action
from cockpit.runbooks.standing import in_flight
from cockpit.runbooks.verify import judgement

RUN = "rehearsal"
PERSON = "you"
ROLES = frozenset({"incident_commander", "operations", "communications"})


class Undeclared(Exception):
    """The rehearsal cannot go on; the message says what is missing, or why the player refuses."""


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
        self._runs: running.Runs = {}
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
            if step.status == "verifying":
                self._verified(step)
                return True
            if step.status == "waiting":
                self._now = max(self._now, step.until)
                self._take(WaitFinished(run=RUN, step=step.outline.id), "cockpit")
                return True
            if step.status == "sending":
                self._sent(step)
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
        self._take(self._ending(attempt, result), "cockpit")
        planned = self._plan.steps[attempt.step]
        if planned.repeat is not None and result.verify == "pass":
            since = self._now
            self._now += int(planned.repeat.until.hold * SECOND)
            self._steady[planned.repeat.until.probe] = since

    def _look(self, attempt: Attempt) -> Result:
        """What a look finds: as declared, else what should serve. The look before an undo finds all in place."""
        if attempt.direction == "rollback":
            return Result()
        declared = self._next(attempt.step, attempt.purpose)
        if declared is not None:
            self._results[attempt.step].pop(0)
            return Result(output=declared.before if declared.before is not None else declared.after or "")
        outline = self._run.step(attempt.step).outline
        target = ladder.target_of(self._run, outline)
        serving = sorted(ladder.expected(self._run, outline.ladder) - {target.id if target else ""})
        found = target.id if attempt.purpose == "after" and target is not None else next(iter(serving), "")
        return Result(output=found)

    def _ending(self, attempt: Attempt, result: Result) -> Body:
        if result.unknown is not None:
            return AttemptUnknown(run=RUN, step=attempt.step, attempt=attempt.id, why=result.unknown)
        code = result.exit if result.about != "check" else result.check
        code = None if result.signal is not None or result.ended_by != "itself" else code
        accepted = self._accepted(attempt, code, result)
        return AttemptFinished(
            run=RUN, step=attempt.step, attempt=attempt.id, ok=accepted.ok, exit_code=code, signal=result.signal,
            ended_by=result.ended_by, seconds=result.seconds, output_bytes=len(result.output.encode()),
            tail=result.output, outputs=accepted.outputs, why=accepted.why,
        )  # fmt: skip

    def _accepted(self, attempt: Attempt, code: int | None, result: Result) -> Accepted:
        planned = self._plan.steps[attempt.step]
        good = (0,)
        if attempt.purpose == "act":
            doing = planned.rollback if attempt.direction == "rollback" else planned.command
            good = getattr(doing, "success_codes", good)
        ok = code in good
        if ok and result.outputs:
            return Accepted(True, dict(result.outputs))
        return accept(self._plan, self._run, (self._run,), attempt, ok, result.output)

    def _verified(self, step: StepState) -> None:
        verify = self._plan.steps[step.outline.id].verify
        result = self._latest.get(step.outline.id, Result())
        if verify is None or result.verify is None:
            raise Undeclared(f"no result declared for the measuring after {step.outline.id}: say verify")
        quick = result.verify == "pass"
        seconds = verify.settle + verify.hold if quick else verify.within
        self._now += int(seconds * SECOND)
        before, after = Figures(), Figures()
        if result.errors is not None:
            before, after = Figures(error_rate=result.errors.before), Figures(error_rate=result.errors.after)
        found = judgement(result.verify, before, after, seconds)
        self._take(
            VerifyFinished(
                run=RUN, step=step.outline.id, probe=verify.probe, verdict=result.verify, before=before, after=after,
                words=result.said or found.words, seconds=seconds,
            ),
            "cockpit",
        )  # fmt: skip

    def _sent(self, step: StepState) -> None:
        result = self._latest.get(step.outline.id, Result())
        if result.exit == 0 and result.unknown is None:
            self._take(UpdateDelivered(update=step.update, destination="the channel"), "cockpit")
        else:
            why = result.unknown or "it could not be delivered"
            self._take(
                UpdateUndelivered(update=step.update, destination="the channel", why=why, final=True), "cockpit"
            )  # fmt: skip

    def _take_up(self) -> tuple[str, str]:
        """Do the first offer that a declared result fits; what was done, and by whom."""
        offered = self._offers()
        for action in offered:
            result = self._fitting(action)
            if result is None:
                continue
            who = result.approve_by or PERSON
            self._decide(self._decided(action, result), who)
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

    def _decided(self, action: Action, result: Result) -> player.Decision:
        run, step = self._run, action.step
        match action.kind:
            case "run" | "undo":
                attempt = f"{RUN}-{len(run.attempts) + 1}"
                command = commands.Confirm(
                    run=RUN, step=step, digest=action.digest, undo=action.kind == "undo", typed=action.typed
                )
                by = player.Confirming(attempt, PERSON, self._now)
                body = player.confirm(self._plan, run, command, by)
                return body if isinstance(body, player.Refused) else (body,)
            case "done":
                note = commands.FinishStep(run=RUN, step=step, note=result.note)
                self._latest[step] = self._use(step, "act")
                return player.finish(self._plan, run, note, self._now, f"update-{len(self._events)}")
        self._use(step, result.about)
        match action.kind:
            case "choose":
                chosen = commands.Choose(run=RUN, step=step, option=result.choose or "", why=result.why)
                return player.choose(self._plan, run, chosen, self._now)
            case "skip":
                return player.skip(self._plan, run, commands.Skip(run=RUN, step=step, reason=result.skip or ""))
            case "approve":
                yes = commands.Approve(run=RUN, step=step, digest=action.digest, reason=result.why)
                return player.approve(self._plan, run, yes, self._now, ROLES)
            case "accept":
                seen = commands.Accept(run=RUN, step=step, reason=result.accept or "")
                return player.accept(self._plan, run, seen)
        said = commands.Settle(
            run=RUN, attempt=action.attempt, verdict=result.settle or "took_effect", reason=result.why
        )  # fmt: skip
        return player.settle(self._plan, run, said)

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
