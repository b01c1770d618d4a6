"""A player that plays at random: people, results, crashes, lost locks and other people's deploys, in any order.

It keeps its own books of what started, what nobody knows and what went wrong, and compares.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any, ClassVar, get_args

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.incident import running
from cockpit.incident.broadcasts import UpdateDelivered, UpdateUndelivered
from cockpit.incident.event import Body, Event
from cockpit.incident.run import Attempt, Run, Runs
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptStarted,
    AttemptUnknown,
    LockLost,
    LockTaken,
    RepeatEnded,
    RunStarted,
    StepAnnounced,
    StepRecalled,
    SurvivorGone,
    UndoSettled,
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
from cockpit.runbooks.accepting import accept
from cockpit.runbooks.gates import approval_of
from cockpit.runbooks.invoking import of_attempt
from cockpit.runbooks.ladder import target_of
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.offers import ActionKind
from cockpit.runbooks.plan import Plan, plan
from cockpit.runbooks.player import Action, Refused
from cockpit.runbooks.standing import seen_after

PEOPLE = ("ann", "bob", "cem")
VERDICTS = ("pass", "no_effect", "better", "worse", "inconclusive")
SETTLED = ("took_effect", "no_effect", "by_hand", "skipped")
RELEASES = ("v5", "v4", "v3", "v2")
"""The newest first; v5 serves at the beginning."""
FATES = (
    *["ok"] * 12, "started", "landed", "failed", "failed", "other", "timeout", "stopped", "not_found", "unknown",
    "unknown", "survives", "survives", "abandoned",
)  # fmt: skip
"""What becomes of a command, mostly good; `landed` says that it failed, and it has acted all the same."""
ODD = (*[""] * 12, "\n", "v9", "{", "--x", "v5")
"""What it prints beside what it should."""
OFTEN = {"run": 8, "undo": 2, "skip": 1, "end": 0, "object": 1, "stop": 1}
"""Running is drawn more often than giving up, or few runs would get far."""


@cache
def laid_out(text: str) -> Plan:
    """The plan of a runbook's text."""
    return plan(parse(text, "b.yaml", Runbook))


class Playing(RuleBasedStateMachine):
    """One run of `TEXT`."""

    TEXT: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.plan = laid_out(self.TEXT)
        self.runs: Runs = {}
        self.now = SECOND
        self.ids = 0
        self.serving = "v5"
        self.steady: dict[str, int] = {}
        self.held: set[str] = set()
        self.intended: list[str] = []
        self.acting: dict[tuple[str, int], set[str]] = {}
        self.started: list[tuple[str, int]] = []
        self.undone: set[tuple[str, int]] = set()
        self.unknown: set[str] = set()
        self.spoiled = False

    @initialize(region=st.sampled_from(["eu", "us"]))
    def the_run_is_started(self, region: str) -> None:
        params = {name: region for name in self.plan.params}
        self.take(
            RunStarted(
                run="r", runbook="b", title="B", digest="", source=self.TEXT, path="", steps=self.plan.outlines,
                params=params, lock="shop",
            )
        )  # fmt: skip
        self.follow()

    @property
    def run(self) -> Run:
        return self.runs["r"]

    @property
    def undoable(self) -> list[tuple[str, int]]:
        """By our own books: the visits that may have acted, can be undone and were not, in the order they started."""
        return [each for each in self.started if self.plan.steps[each[0]].rollback and each not in self.undone]

    def take(self, *bodies: Body, who: str = "ann") -> None:
        for body in bodies:
            self.book(body, who)
            self.runs = running.reduce(self.runs, Event("s", 1, self.now, self.now, who, "h", body))

    def moment(self) -> Moment:
        figures = {probe: Figures(samples=3, at=self.now) for probe in self.steady}
        return Moment(self.now, figures, self.steady, self.held)

    def follow(self) -> None:
        for body in player.consequences(self.plan, self.run, self.moment()):
            self.by_itself(body)
            self.take(body, who="cockpit")

    def open_attempt(self) -> Attempt | None:
        return next((attempt for attempt in self.run.attempts.values() if attempt.open), None)

    # --- the books

    def book(self, body: Body, who: str) -> None:
        if isinstance(body, AttemptIntended):
            self.book_intent(body)
        elif isinstance(body, AttemptFinished | AttemptAbandoned | AttemptUnknown):
            attempt = self.run.attempts[body.attempt]
            if attempt.open and attempt.purpose == "act":
                self.book_fate(attempt, body)
        elif isinstance(body, AttemptSettled):
            self.book_word(self.run.attempts[body.attempt], body.verdict, who)
        elif isinstance(body, UndoSettled):
            assert who in PEOPLE, "only a person says so"
            assert (body.step, body.visit) == self.undoable[-1], "what started last is settled first"
            self.undone.add((body.step, body.visit))
            self.spoiled = True

    def book_intent(self, body: AttemptIntended) -> None:
        assert body.attempt not in self.intended, "an attempt's id is never used again"
        assert self.open_attempt() is None, "one command at a time"
        assert not self.run.lost, "without the lock nothing is started"
        assert (body.under or body.attempt) in self.held, "nobody stands behind it"
        assert body.purpose == "check" or not self.unknown, "nothing goes on while somebody has to look"
        if body.purpose == "check" and body.under:
            alive = [each for each in self.unknown if self.run.attempts[each].pid]
            assert not alive, "what still runs may take effect after the look"
        self.intended.append(body.attempt)
        visit = (body.step, body.visit)
        if body.direction == "rollback":
            assert visit == self.undoable[-1], "undone is what started last"
        else:
            assert self.run.outcome is None, "after the end things are only undone"
            assert body.visit == self.run.step(body.step).visit
        if body.purpose == "act" and body.direction == "forward":
            assert visit not in self.undone, "what was undone stays so"
            self.climbs_in_order(body.step)
            self.acting.setdefault(visit, set()).add(body.attempt)
            if visit not in self.started:
                self.started.append(visit)

    def climbs_in_order(self, step: str) -> None:
        outline = self.plan.steps[step].outline
        for other in self.run.steps:
            if outline.ladder and other.outline.ladder == outline.ladder and 0 < other.outline.rung < outline.rung:
                assert other.status != "pending" and other.verdict != "pass", "a rung is not passed over"

    def book_fate(self, attempt: Attempt, body: Body) -> None:
        visit = (attempt.step, attempt.visit)
        undoing = attempt.direction == "rollback"
        if isinstance(body, AttemptUnknown):
            self.unknown.add(attempt.id)
            self.spoiled |= undoing
        elif isinstance(body, AttemptFinished):
            self.spoiled |= undoing and not body.ok
            if undoing and body.ok:
                self.undone.add(visit)
        never_ran = isinstance(body, AttemptAbandoned) and not attempt.started_at
        if not undoing and (never_ran or (isinstance(body, AttemptFinished) and body.ended_by == "not_found")):
            self.never_acted(visit, attempt.id)

    def book_word(self, attempt: Attempt, verdict: str, who: str) -> None:
        undoing = attempt.direction == "rollback"
        if attempt.id in self.unknown and who == "cockpit":
            *_, check = self.run.attempts.values()
            assert check.purpose == "check" and check.finished is not None and check.order > attempt.order
            assert check.finished.ended_by == "itself", "a check that was ended says nothing"
            assert (check.finished.exit_code, verdict) in {(0, "took_effect"), (1, "no_effect")}
        self.unknown.discard(attempt.id)
        self.spoiled |= undoing
        if undoing and verdict != "no_effect":
            self.undone.add((attempt.step, attempt.visit))
        elif not undoing and verdict == "no_effect":
            self.never_acted((attempt.step, attempt.visit), attempt.id)

    def never_acted(self, visit: tuple[str, int], attempt: str) -> None:
        self.acting[visit].discard(attempt)
        if not self.acting[visit]:
            self.started.remove(visit)

    def by_itself(self, body: Body) -> None:
        """What may follow without a person, each for its reason."""
        if not isinstance(body, AttemptIntended) or body.purpose != "act":
            return
        planned = self.plan.steps[body.step]
        if not body.under:
            told = self.run.step(body.step).announced
            assert told is not None and told.attempt == body.attempt and told.until <= self.now
            return
        root = self.run.attempts[body.under]
        assert planned.follows or body.digest == root.digest, "what follows is what was confirmed"
        acts = [
            each for each in self.run.of(body.step, body.visit) if each.purpose == "act" and each.root == body.under
        ]
        if not acts:
            assert planned.follows or planned.before is not None or planned.undo_check is not None
        elif planned.repeat is not None and acts[-1].succeeded:
            assert len(acts) < planned.repeat.at_most
        else:
            assert planned.retries is not None and not acts[-1].succeeded and body.direction == "forward"
            assert all(each.finished is not None and not each.finished.ok for each in acts[-planned.retries.times :])

    # --- what people do

    def confirmed(
        self, action: Action, who: str, window: int, old: str = ""
    ) -> AttemptIntended | StepAnnounced | Refused:
        attempt = old
        if not old:
            self.ids += 1
            attempt = f"a{self.ids}"
        exact = Confirm(
            run="r", step=action.step, digest=action.digest, undo=action.kind == "undo", typed=f" {action.typed}\n"
        )
        by = player.Confirming(attempt, who, self.now, Figures(), window)
        return player.confirm(self.plan, self.run, exact, by)

    def approved(self, action: Action, who: str) -> bool:
        """Whether enough others have approved, by the plan and what is recorded."""
        step = self.run.step(action.step)
        asked = approval_of(self.plan.steps[action.step], self.run)
        if asked is None or action.kind == "undo" or action.purpose != "act":
            return True
        said = {each.person for each in step.approvals if each.digest == action.digest and each.until > self.now}
        return len(said - ({who} if asked.others else set())) >= asked.people

    def decision(self, action: Action, who: str, chance: Random) -> Any:
        """The command that takes this offer, and what the player makes of it."""
        step = action.step
        match action.kind:
            case "run" | "undo":
                return self.confirmed(action, who, chance.choice([0, 0, 60 * SECOND]))
            case "done":
                self.ids += 1
                finish = FinishStep(run="r", step=step)
                return player.finish(self.plan, self.run, finish, self.now, f"u{self.ids}")
            case "choose":
                option = chance.choice([name for name, _ in action.options] or ["short"])
                return player.choose(self.plan, self.run, Choose(run="r", step=step, option=option), self.now)
            case "skip":
                return player.skip(self.plan, self.run, Skip(run="r", step=step, reason="because"))
            case "settle":
                verdict: Any = chance.choice([name for name, _ in action.options] or SETTLED)
                settle = Settle(run="r", attempt=action.attempt, verdict=verdict, reason="I looked")
                return player.settle(self.plan, self.run, settle)
            case "approve":
                approve = Approve(run="r", step=step, digest=action.digest, reason="yes")
                return player.approve(self.plan, self.run, approve, self.now, frozenset({"operations"}))
            case "object":
                return player.object_to(self.plan, self.run, Object(run="r", step=step, reason="no"))
            case "accept":
                return player.accept(self.plan, self.run, Accept(run="r", step=step, reason="it was us"))
            case "take_over":
                if not self.run.lost:
                    return Refused("not_offered", "the engine's")
                return (LockTaken(run="r", lock="shop", words="back"),)
            case "stop":
                return player.stop(self.plan, self.run, StopAttempt(run="r", attempt=action.attempt))
            case "end":
                return player.end(self.plan, self.run, EndRun(run="r"))

    def carry_out(self, action: Action, who: str, chance: Random) -> None:
        made = self.decision(action, who, chance)
        if isinstance(made, Refused):
            # Not yet, and in words: too few have approved, or a look has values that nobody knows.
            missing = action.command is not None and action.command.missing
            assert action.kind == "run" and made.text
            assert missing or not self.approved(action, who)
            return
        assert action.kind != "run" or self.approved(action, who), "an approval that has expired approves nothing"
        bodies = made if isinstance(made, tuple) else (made,)
        for body in bodies:
            assert action.purpose == "act" or not isinstance(body, StepAnnounced), "a look waits for nobody"
            if isinstance(body, AttemptIntended | StepAnnounced):
                # The engine holds the latest confirmation of a run, and no other.
                self.held = {body.attempt}
            self.take(body, who=who)
        self.follow()

    @rule(seed=st.integers(0, 2**63), steps=st.integers(1, 12))
    def the_story_goes_on(self, seed: int, steps: int) -> None:
        """What is most likely next, so that runs get far, and now and then what is not."""
        chance = Random(seed)
        for _ in range(steps):
            if chance.random() < 0.1:
                self.the_world_is_as_it_is(chance)
                self.time_passes(chance.choice([1, 30]), chance.random() < 0.5)
            going_on = {step.status for step in self.run.steps} & {"announced", "verifying", "sending", "repeating"}
            attempt = self.open_attempt()
            if attempt is not None:
                self.news(attempt, chance.choice(FATES), chance.choice(ODD))
            elif going_on and chance.random() < 0.75:
                if going_on & {"verifying", "sending"}:
                    self.what_is_waited_for_ends(chance.choice(VERDICTS))
                else:
                    self.time_passes(chance.choice([3, 700]), chance.random() < 0.5)
            else:
                self.an_offer_is_accepted_when_taken(chance, chance.choice(PEOPLE))

    def an_offer_is_accepted_when_taken(self, chance: Random, who: str) -> None:
        offers = player.offers(self.plan, self.run)
        often = [action for action in offers for _ in range(OFTEN.get(action.kind, 4))]
        if often:
            self.carry_out(chance.choice(often), who, chance)

    @precondition(lambda self: len(self.intended) > 12 and self.run.outcome is None)
    @rule()
    def a_person_gives_up(self) -> None:
        for action in player.offers(self.plan, self.run):
            if action.kind == "end":
                self.carry_out(action, "ann", Random(0))

    @rule(step=st.integers(0, 99), seed=st.integers(0, 2**63))
    def what_is_not_offered_is_refused(self, step: int, seed: int) -> None:
        names = list(self.plan.steps)
        for kind in get_args(ActionKind):
            self.refuses(kind, names[step % len(names)], Random(seed))

    def refuses(self, kind: ActionKind, step: str, chance: Random) -> None:
        if any(
            action.kind == kind and (action.step == step or kind == "end")
            for action in player.offers(self.plan, self.run)
        ):
            return
        if kind != "take_over":
            attempt = self.run.step(step).attempt
            assert isinstance(self.decision(Action(kind, step, attempt), "ann", chance), Refused)

    @precondition(lambda self: self.intended)
    @rule()
    def an_old_attempt_id_or_another_command_is_refused(self) -> None:
        for action in player.offers(self.plan, self.run):
            if action.command is not None:
                for old in self.intended:
                    assert isinstance(self.confirmed(action, "ann", 0, old), Refused)
                other = Confirm(
                    run="r", step=action.step, digest="0" * 64, undo=action.kind == "undo", typed=action.typed
                )
                by = player.Confirming("new", "ann", self.now)
                assert isinstance(player.confirm(self.plan, self.run, other, by), Refused)

    # --- what happens

    def printed(self, attempt: Attempt, odd: str) -> str:
        """What the command prints: the world as it is, or something odd."""
        planned = self.plan.steps[attempt.step]
        if planned.at_most:
            return odd or "\n".join(RELEASES)
        looks = attempt.purpose in {"before", "after"} or attempt.step.endswith(".current")
        return odd or (self.serving if looks else "v1")

    def news(self, attempt: Attempt, fate: str, odd: str = "") -> None:
        name: dict[str, Any] = {"run": "r", "step": attempt.step, "attempt": attempt.id}
        if fate in {"abandoned", "not_found"} and attempt.started_at:
            fate = "failed"
        match fate:
            case "started":
                self.take(AttemptStarted(**name, pid=7))
            case "unknown":
                self.take(AttemptUnknown(**name, why="the supervisor died"))
            case "survives":
                self.take(AttemptUnknown(**name, why="the supervisor died; still running, pid 7", pid=7))
            case "abandoned":
                self.take(AttemptAbandoned(**name, why="the engine died"))
            case _:
                self.ended(attempt, fate, odd)
        self.follow()

    def ended(self, attempt: Attempt, fate: str, odd: str) -> None:
        planned = self.plan.steps[attempt.step]
        if fate in {"ok", "landed"} and attempt.purpose == "act":
            # It lands whatever its exit says, and sometimes its exit says so and nothing has landed.
            command = of_attempt(self.plan, self.run, attempt)
            if planned.before is not None and command is not None and not odd:
                self.serving = command.argv[-1]
        found = accept(self.plan, self.run, self.runs.values(), attempt, fate == "ok", self.printed(attempt, odd))
        by: Any = {"not_found": "not_found", "timeout": "timeout", "stopped": "person"}.get(fate, "itself")
        code = {"ok": 0, "other": 7, "not_found": None}.get(fate, 1)
        self.take(
            AttemptFinished(
                run="r", step=attempt.step, attempt=attempt.id, ok=found.ok, exit_code=code, ended_by=by,
                outputs=found.outputs, why=found.why,
            )
        )  # fmt: skip

    @precondition(lambda self: any(attempt.pid and attempt.unknown for attempt in self.run.attempts.values()))
    @rule()
    def what_outlived_its_supervisor_ends(self) -> None:
        left = next(attempt for attempt in self.run.attempts.values() if attempt.pid and attempt.unknown)
        self.take(SurvivorGone(run="r", step=left.step, attempt=left.id, why="nothing of it runs any more"))
        assert not self.run.attempts[left.id].pid
        self.follow()

    @precondition(lambda self: self.intended)
    @rule(which=st.integers(0, 10**6))
    def late_and_repeated_news_change_nothing(self, which: int) -> None:
        attempt = self.run.attempts[self.intended[which % len(self.intended)]]
        name: dict[str, Any] = {"run": "r", "step": attempt.step, "attempt": attempt.id}
        state = self.run.step(attempt.step).status
        bodies: list[Body] = [
            AttemptIntended(**name, command="x", digest="x"),
            UpdateDelivered(update="x", destination="d"),
        ]
        if not attempt.open:
            bodies += [
                AttemptStarted(**name, pid=9), AttemptFinished(**name, ok=True), AttemptAbandoned(**name, why="late"),
                AttemptUnknown(**name, why="late"),
            ]  # fmt: skip
        if not attempt.open and not attempt.to_settle:
            bodies += [AttemptSettled(**name, verdict="no_effect", reason="late")]
        if state != "verifying":
            bodies += [
                VerifyFinished(
                    run="r", step=attempt.step, probe="p", verdict="pass", before=Figures(), after=Figures(), words="x"
                )
            ]  # fmt: skip
        if state != "repeating":
            bodies += [RepeatEnded(run="r", step=attempt.step, reached=True, batches=1, words="x")]
        if state != "announced":
            bodies += [StepRecalled(run="r", step=attempt.step, reason="x")]
        runs = self.runs
        for body in bodies:
            runs = running.reduce(runs, Event("s", 1, self.now, self.now, "ann", "h", body))
            assert runs["r"] == self.run, body

    def time_passes(self, seconds: int, up: bool) -> None:
        self.now += seconds * SECOND
        self.steady = {"p": self.steady.get("p", self.now)} if up else {}
        self.follow()

    def what_is_waited_for_ends(self, verdict: Any) -> None:
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
            elif step.status == "sending" and verdict == "pass":
                self.take(UpdateDelivered(update=step.update, destination="d"))
            elif step.status == "sending":
                self.take(
                    UpdateUndelivered(update=step.update, destination="d", why="no", final=verdict == "worse")
                )  # fmt: skip
        self.follow()

    def the_world_is_as_it_is(self, chance: Random) -> None:
        """The engine is killed or the host sleeps, the lock is taken over, somebody else deploys."""
        match chance.choice(["engine", "lock", "lock", "back", "back", "back", "deploy", "deploy"]):
            case "engine":
                self.held = set()
            case "lock":
                self.take(LockLost(run="r", lock="shop", words="eve"))
            case "back":
                self.take(LockTaken(run="r", lock="shop", words="x"))
            case _:
                self.serving = chance.choice((*RELEASES, "v9"))
        self.follow()

    # --- what always holds

    @invariant()
    def nothing_more_follows(self) -> None:
        assert player.consequences(self.plan, self.run, self.moment()) == ()

    @invariant()
    def one_command_at_a_time(self) -> None:
        assert sum(attempt.open for attempt in self.run.attempts.values()) <= 1
        if self.open_attempt() is not None:
            assert [action.kind for action in player.offers(self.plan, self.run)] == ["stop"]

    @invariant()
    def unknown_waits_for_its_check_or_a_person(self) -> None:
        if self.unknown and self.open_attempt() is None:
            offers = player.offers(self.plan, self.run)
            kinds = [action.kind for action in offers if action.kind != "run" or action.purpose != "check"]
            assert kinds == ["settle"]
            assert {action.attempt for action in offers if action.kind == "settle"} == self.unknown

    @invariant()
    def a_failed_rollback_never_ends_clean_and_any_other_does(self) -> None:
        told = any(step.status == "announced" for step in self.run.steps)
        if self.run.outcome is not None and self.open_attempt() is None and not self.unknown and not told:
            stuck = any(step.status == "rollback_failed" for step in self.run.steps)
            assert (self.run.outcome == "not_clean") == (self.spoiled or stuck)
        elif self.spoiled:
            assert self.run.outcome in {None, "not_clean"}

    @invariant()
    def a_person_is_never_left_without_a_way_on(self) -> None:
        assert self.run.outcome is not None or player.offers(self.plan, self.run)

    @invariant()
    def what_may_be_undone_is_what_started(self) -> None:
        assert [(each.step, each.visit) for each in self.run.undo_stack] == self.undoable[::-1]

    @invariant()
    def no_rung_counts_as_done_before_it_was_looked_at(self) -> None:
        for step in self.run.steps:
            planned = self.plan.steps[step.outline.id]
            if step.status == "verifying" and planned.after is not None:
                acts = self.run.of(step.outline.id, step.visit)
                assert seen_after(planned, self.run, step) or any(each.settled for each in acts)

    @invariant()
    def a_ladder_restores_what_was_pinned(self) -> None:
        for pinned in self.run.ladders.values():
            ids = [target.id for target in pinned.targets]
            assert len(set(ids)) == len(ids) and pinned.original not in ids
        for step in self.run.steps:
            target = target_of(self.run, step.outline)
            for attempt in self.run.of(step.outline.id):
                if target is not None and attempt.purpose == "act" and attempt.direction == "forward":
                    assert attempt.command.endswith(target.id)

    @invariant()
    def the_state_survives_a_checkpoint(self) -> None:
        if len(self.intended) % 7 == 6:
            assert msgspec.json.decode(msgspec.json.encode(self.run), type=Run) == self.run

    def teardown(self) -> None:
        """From wherever it stands, one person alone comes to the end without giving up, and then undoes what can be."""
        if "r" not in self.runs:
            return
        for _ in range(400):
            if self.run.outcome is not None or not self.one_step_on():
                break
        assert self.run.outcome is not None, player.offers(self.plan, self.run)
        for _ in range(200):
            if not player.offers(self.plan, self.run):
                break
            assert self.one_step_on()
        assert player.offers(self.plan, self.run) == ()
        if self.undoable:
            # Only where a value of the rollback is not known, which nobody but a person can find.
            step, _ = self.undoable[-1]
            rollback = self.plan.steps[step].rollback
            assert rollback is not None and "output" in rollback.model_dump_json()

    def one_step_on(self) -> bool:
        attempt = self.open_attempt()
        if attempt is not None:
            self.news(attempt, "ok")
            return True
        offers = [each for each in player.offers(self.plan, self.run) if each.kind != "end"]
        by_kind = {each.kind: each for each in offers}
        going_on = {step.status for step in self.run.steps} & {"announced", "verifying", "repeating"}
        if going_on and not by_kind.keys() & {"settle", "take_over"}:
            before = self.run
            if any(step.status == "verifying" for step in self.run.steps):
                self.what_is_waited_for_ends("pass")
            if self.run == before:
                self.time_passes(700, up=True)
            return True
        for kind in ("take_over", "settle", "skip", "undo", "stop"):
            if (action := by_kind.get(kind)) is not None:
                made: Any
                match kind:
                    case "settle":
                        verdict: Any = action.options[-1][0]
                        settle = Settle(run="r", attempt=action.attempt, verdict=verdict, reason="enough")
                        made = player.settle(self.plan, self.run, settle)
                    case "take_over":
                        made = (LockTaken(run="r", lock="shop", words="back"),)
                    case "skip":
                        made = player.skip(self.plan, self.run, Skip(run="r", step=action.step, reason="enough"))
                    case "undo":
                        made = (self.confirmed(action, "ann", 0),)
                        self.held = {made[0].attempt}
                    case _:
                        made = player.stop(self.plan, self.run, StopAttempt(run="r", attempt=action.attempt))
                assert not isinstance(made, Refused)
                self.take(*made)
                self.follow()
                return True
        return False
