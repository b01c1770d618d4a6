"""Whatever the order of results, crashes and commands: the player's promises hold."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cockpit.config.load import parse
from cockpit.incident import running
from cockpit.incident.event import Body, Event
from cockpit.incident.running import Attempt, Run
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptStarted,
    AttemptUnknown,
    RunStarted,
    VerifyFinished,
    WaitFinished,
)
from cockpit.incident.vocabulary import Figures
from cockpit.protocol.commands import (
    Accept,
    Approve,
    Choose,
    Confirm,
    EndRun,
    FinishStep,
    Object,
    Settle,
    Skip,
    StopAttempt,
)
from cockpit.runbooks import player
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.offers import ActionKind
from cockpit.runbooks.plan import plan
from cockpit.runbooks.player import Action, Refused

TEXT = """\
version: 1
id: b
title: B
steps:
  - {id: tell, title: Tell, manual: tell them}
  - id: way
    title: Way
    choose:
      question: Which?
      options: [{id: short, title: Short, skip: [first, pause]}, {id: long, title: Long}]
  - {id: first, title: First, effect: write, command: {argv: [a]}, rollback: {command: [b]}}
  - id: ladder
    title: Ladder
    ladder:
      verify: {probe: p, within: 1m, hold: 5s}
      rungs:
        - {id: one, title: One, apply: {argv: [one]}, rollback: {command: [undo-one]}}
        - {id: two, title: Two, look: {argv: [look]}, apply: {argv: [two]}, irreversible: it is gone}
        - {id: three, title: Three, effect: destructive, apply: {argv: [three]}, rollback: {command: [undo-three]}}
  - {id: pause, title: Pause, wait: {for: 1m}}
  - id: last
    title: Last
    effect: write
    command: {argv: [c]}
    rollback: {command: [d]}
    verify: {probe: p, within: 1m, hold: 5s}
"""
PLAN = plan(parse(TEXT, "b.yaml", Runbook))
STEPS = list(PLAN.steps)
VERDICTS = ["pass", "no_effect", "better", "worse", "inconclusive"]
SETTLED = ["took_effect", "no_effect", "by_hand", "skipped"]


class Player(RuleBasedStateMachine):
    """Plays at random, and keeps its own books of what started, what is unknown and what went wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: running.Runs = {}
        self.now = 0
        self.ids = 0
        self.may_have_acted: dict[str, set[str]] = {}
        self.starts: list[str] = []
        self.unknown: set[str] = set()
        self.intended: list[str] = []
        self.spoiled = False
        self.take(
            RunStarted(run="r", runbook="b", title="B", digest="", source=TEXT, path="", steps=PLAN.outlines)
        )  # fmt: skip

    @property
    def run(self) -> Run:
        return self.runs["r"]

    def take(self, *bodies: Body) -> None:
        for body in bodies:
            self.now += 1
            self.runs = running.reduce(self.runs, Event("s", self.now, self.now, self.now, "ann", "h", body))

    def by(self, attempt: str) -> player.Confirming:
        return player.Confirming(attempt, "ann", self.now)

    def moment(self) -> Moment:
        return Moment(self.now, held={attempt.root for attempt in self.run.attempts.values()})

    def follow(self) -> None:
        self.take(*player.consequences(PLAN, self.run, self.moment()))

    def open_attempt(self) -> Attempt | None:
        return next((attempt for attempt in self.run.attempts.values() if attempt.open), None)

    def decision(self, action: Action, data: st.DataObject) -> Any:
        """The command that takes this offer, and what the player makes of it."""
        step = action.step
        match action.kind:
            case "run" | "undo":
                self.ids += 1
                confirm = Confirm(
                    run="r", step=step, digest=action.digest, undo=action.kind == "undo", typed=action.typed
                )
                return player.confirm(PLAN, self.run, confirm, self.by(f"a{self.ids}"))
            case "done":
                return player.finish(PLAN, self.run, FinishStep(run="r", step=step), self.now)
            case "choose":
                option = data.draw(st.sampled_from([name for name, _ in action.options] or ["short"]))
                return player.choose(PLAN, self.run, Choose(run="r", step=step, option=option))
            case "skip":
                return player.skip(PLAN, self.run, Skip(run="r", step=step, reason="because"))
            case "settle":
                verdict: Any = data.draw(st.sampled_from([name for name, _ in action.options] or SETTLED))
                settle = Settle(run="r", attempt=action.attempt, verdict=verdict, reason="I looked")
                return player.settle(PLAN, self.run, settle)
            case "approve":
                return player.approve(
                    PLAN, self.run, Approve(run="r", step=step, digest=action.digest), self.now, frozenset()
                )
            case "object":
                return player.object_to(PLAN, self.run, Object(run="r", step=step, reason="no"))
            case "accept":
                return player.accept(PLAN, self.run, Accept(run="r", step=step, reason="it was us"))
            case "take_over":
                return Refused("not_offered", "the engine's")
            case "stop":
                return player.stop(PLAN, self.run, StopAttempt(run="r", attempt=action.attempt))
            case "end":
                return player.end(PLAN, self.run, EndRun(run="r"))

    @rule(data=st.data())
    def an_offer_is_accepted_when_taken(self, data: st.DataObject) -> None:
        offers = player.offers(PLAN, self.run)
        if not offers:
            return
        # Running and undoing are drawn more often than giving up, or few runs would get far.
        often = [
            action for action in offers for _ in range({"run": 6, "undo": 3, "skip": 1, "end": 0}.get(action.kind, 4))
        ]
        action = data.draw(st.sampled_from(often or offers))
        made = self.decision(action, data)
        assert not isinstance(made, Refused), (action, made)
        for body in made if isinstance(made, tuple) else (made,):
            self.note(body)
            self.take(body)
        self.follow()

    @rule(data=st.data())
    def the_story_goes_on(self, data: st.DataObject) -> None:
        self.an_offer_is_accepted_when_taken(data)

    def note(self, body: Body) -> None:
        if isinstance(body, AttemptIntended):
            assert body.attempt not in self.intended
            self.intended.append(body.attempt)
            if body.direction == "rollback":
                undoable = [step for step in self.starts if PLAN.steps[step].rollback]
                assert body.step == undoable[-1], "undo is last in, first out"
                return
            self.climbs_in_order(body.step)
            self.may_have_acted.setdefault(body.step, set()).add(body.attempt)
            if body.step not in self.starts:
                self.starts.append(body.step)
        elif isinstance(body, AttemptSettled):
            undoing = self.run.attempts[body.attempt].direction == "rollback"
            self.unknown.discard(body.attempt)
            self.spoiled |= undoing
            if undoing and body.verdict != "no_effect":
                self.starts.remove(body.step)
            elif not undoing and body.verdict == "no_effect":
                self.never_acted(body.step, body.attempt)

    def climbs_in_order(self, step: str) -> None:
        outline = PLAN.steps[step].outline
        for other in self.run.steps:
            if outline.ladder and other.outline.ladder == outline.ladder and other.outline.rung < outline.rung:
                assert other.status != "pending" and other.verdict != "pass"

    def never_acted(self, step: str, attempt: str) -> None:
        self.may_have_acted[step].discard(attempt)
        if not self.may_have_acted[step] and step in self.starts:
            self.starts.remove(step)

    @rule(data=st.data(), kind=st.sampled_from(get_args(ActionKind)), step=st.sampled_from(STEPS))
    def what_is_not_offered_is_refused(self, data: st.DataObject, kind: ActionKind, step: str) -> None:
        if any(
            action.kind == kind and (action.step == step or kind == "end") for action in player.offers(PLAN, self.run)
        ):
            return
        attempt = self.run.step(step).attempt
        assert isinstance(self.decision(Action(kind, step, attempt), data), Refused)

    @precondition(lambda self: self.intended)
    @rule()
    def an_old_attempt_id_or_another_command_is_refused(self) -> None:
        for action in player.offers(PLAN, self.run):
            if action.command is not None:
                undo = action.kind == "undo"
                exact = Confirm(run="r", step=action.step, digest=action.digest, undo=undo, typed=action.typed)
                for old in self.intended:
                    assert isinstance(player.confirm(PLAN, self.run, exact, self.by(old)), Refused)
                other = Confirm(run="r", step=action.step, digest="0" * 64, undo=undo, typed=action.typed)
                assert isinstance(player.confirm(PLAN, self.run, other, self.by("new")), Refused)

    @precondition(lambda self: self.open_attempt() is not None)
    @rule(
        fate=st.sampled_from(
            ["started", "ok", "ok", "ok", "ok", "failed", "not_found", "not_found", "unknown", "abandoned"]
        )
    )
    def an_attempt_has_news(self, fate: str) -> None:
        attempt = self.open_attempt()
        assert attempt is not None
        undoing = attempt.direction == "rollback"
        name: dict[str, Any] = {"run": "r", "step": attempt.step, "attempt": attempt.id}
        if fate in {"abandoned", "not_found"} and attempt.started_at:
            fate = "failed"
        match fate:
            case "started":
                self.take(AttemptStarted(**name, pid=7))
            case "unknown":
                self.unknown.add(attempt.id)
                self.spoiled |= undoing
                self.take(AttemptUnknown(**name, why="the supervisor died"))
            case "abandoned":
                self.take(AttemptAbandoned(**name, why="the engine died"))
            case _:
                ended_by: Any = "not_found" if fate == "not_found" else "itself"
                self.spoiled |= undoing and fate != "ok"
                self.take(AttemptFinished(**name, ok=fate == "ok", ended_by=ended_by))
        if undoing and fate == "ok":
            self.starts.remove(attempt.step)
        if not undoing and fate in {"abandoned", "not_found"}:
            self.never_acted(attempt.step, attempt.id)
        self.follow()

    @precondition(lambda self: any(not attempt.open for attempt in self.run.attempts.values()))
    @rule(data=st.data())
    def late_and_repeated_news_change_nothing(self, data: st.DataObject) -> None:
        attempt = self.run.attempts[data.draw(st.sampled_from(self.intended))]
        if attempt.open:
            return
        name: dict[str, Any] = {"run": "r", "step": attempt.step, "attempt": attempt.id}
        before = self.run
        self.take(
            AttemptStarted(**name, pid=9),
            AttemptFinished(**name, ok=True),
            AttemptAbandoned(**name, why="late"),
            AttemptUnknown(**name, why="late"),
            AttemptIntended(**name, command="x", digest="x"),
        )
        assert self.run == before

    @precondition(lambda self: len(self.intended) > 4 and self.run.outcome is None)
    @rule(data=st.data())
    def a_person_gives_up(self, data: st.DataObject) -> None:
        for action in player.offers(PLAN, self.run):
            if action.kind == "end":
                self.take(*self.decision(action, data))
                self.follow()

    @precondition(lambda self: any(step.status in {"verifying", "waiting"} for step in self.run.steps))
    @rule(verdict=st.sampled_from(VERDICTS))
    def time_passes(self, verdict: Any) -> None:
        for step in self.run.steps:
            if step.status == "verifying":
                self.take(
                    VerifyFinished(
                        run="r", step=step.outline.id, probe="p", verdict=verdict, before=Figures(), after=Figures(),
                        words=verdict,
                    )
                )  # fmt: skip
            elif step.status == "waiting":
                self.take(WaitFinished(run="r", step=step.outline.id))
        self.follow()

    @invariant()
    def nothing_more_follows(self) -> None:
        assert player.consequences(PLAN, self.run, self.moment()) == ()

    @invariant()
    def one_command_at_a_time(self) -> None:
        assert sum(attempt.open for attempt in self.run.attempts.values()) <= 1
        if self.open_attempt() is not None:
            assert [action.kind for action in player.offers(PLAN, self.run)] == ["stop"]

    @invariant()
    def unknown_is_settled_by_a_person_only(self) -> None:
        if self.unknown:
            assert [action.kind for action in player.offers(PLAN, self.run)] == ["settle"]
            assert self.run.outcome not in {"done", "rolled_back"} or not self.spoiled

    @invariant()
    def a_failed_rollback_never_ends_clean(self) -> None:
        if self.spoiled:
            assert self.run.outcome in {None, "not_clean"}

    @invariant()
    def a_person_is_never_left_without_a_way_on(self) -> None:
        assert self.run.outcome is not None or player.offers(PLAN, self.run)

    @invariant()
    def what_may_be_undone_is_what_started(self) -> None:
        undoable = [step for step in self.starts if PLAN.steps[step].rollback]
        assert [each.step for each in self.run.undo_stack] == undoable[::-1]


Player.TestCase.settings = settings(max_examples=100, stateful_step_count=80)
TestPlayer = Player.TestCase
