"""Looks at the clock and the probes for whatever waits for them: verifications and waits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from cockpit.clock import SECOND, Clock
from cockpit.engine.board import Board
from cockpit.engine.bounds import bounded
from cockpit.engine.core import Core, Decide
from cockpit.engine.grants import Grants
from cockpit.incident.event import Body, Draft
from cockpit.incident.fold import State
from cockpit.incident.run import Run, StepState
from cockpit.incident.runs import VerifyFinished, VerifyStarted
from cockpit.incident.vocabulary import Figures
from cockpit.journal.errors import JournalError
from cockpit.runbooks.following import consequences
from cockpit.runbooks.plan import Plan, PlannedStep
from cockpit.runbooks.verify import judge
from cockpit.runbooks.waiting import wait_over

log = logging.getLogger(__name__)

SHORTEST_TICK = 0.05
"""Real seconds between two looks, at any speed."""
LONGEST_GAP = 10.0
"""Real seconds that a look may come late before what was measured until then counts for nothing.

Incident seconds while a drill is paused or slower than the real: what it ran at between two looks is not known.
"""

Plans = Callable[[Iterable[Run]], Mapping[str, Plan]]
"""The plans of the runs that can be read, by run."""


class Judge:
    """Once an incident second, asks the pure rules whether a step has helped or a wait is over.

    What was being verified while nobody looked (the host slept, the clock jumped, no engine ran) is verified anew.
    """

    def __init__(
        self, core: Core, board: Board, clock: Clock, plans: Plans, look_now: Callable[[str], object],
        grants: Grants,
    ) -> None:  # fmt: skip
        """`look_now` has a probe asked at once: it may be left alone for a while because it could not cope."""
        self._core = core
        self._board = board
        self._clock = clock
        self._plans = plans
        self._look_now = look_now
        self._grants = grants
        self._looked: set[tuple[str, str, int]] = set()

    async def run(self) -> None:
        """Judge for ever."""
        anew = True
        while True:
            before, speed = self._clock.now(), self._clock.speed
            pause = max(1.0, SHORTEST_TICK * speed)
            await self._clock.sleep(pause)
            late = (self._clock.now() - before) / SECOND - pause
            # A drill may have been turned, or paused, meanwhile.
            anew = anew or abs(late) > LONGEST_GAP * max(1.0, speed, self._clock.speed)
            self._of_each_step(self._core.shown, self._look)
            if await self._judged(self._anew if anew else self._verdicts):
                anew = False

    async def _judged(self, decide: Decide) -> bool:
        """Whether what is decided, if anything, is recorded."""
        if decide(self._core.shown):
            try:
                # Decided anew within the turn: what was true a moment ago may not be now.
                await self._core.record(decide)
            except JournalError as error:
                log.warning("a verdict waits for the journal: %s", error.message)
                return False
        return True

    def _look(self, run: Run, step: StepState, planned: PlannedStep) -> Body | None:
        """Have the probe of a verification asked once when it begins."""
        begun = (run.id, step.outline.id, step.changed_at)
        if step.status == "verifying" and planned.verify is not None and begun not in self._looked:
            self._looked = {each for each in self._looked if each[:2] != begun[:2]} | {begun}
            self._look_now(planned.verify.probe)
        return None

    def _verdicts(self, state: State) -> tuple[Draft, ...]:
        """What the probes say of the steps, else what follows because its time has come."""
        return self._of_each_step(state, self._verdict) or self._due(state)

    def _due(self, state: State) -> tuple[Draft, ...]:
        if not state.runs or not state.lifecycle.open:
            return ()
        moment = self._board.moment(self._clock.now(), self._grants.held)
        plans = self._plans(state.runs.values())
        with bounded():
            found = [
                body
                for run in state.runs.values()
                if run.id in plans
                for body in consequences(plans[run.id], run, moment)
            ]  # fmt: skip
        return tuple(Draft(body=body, actor="cockpit") for body in found)

    def _anew(self, state: State) -> tuple[Draft, ...]:
        return self._of_each_step(state, self._begun)

    def _of_each_step(
        self, state: State, rule: Callable[[Run, StepState, PlannedStep], Body | None]
    ) -> tuple[Draft, ...]:
        """What the rule says of the steps of every open run that can be read."""
        runs = [run for run in state.runs.values() if run.outcome is None]
        plans = self._plans(runs)
        found = (
            rule(run, step, plans[run.id].steps[step.outline.id])
            for run in runs
            if run.id in plans
            for step in run.steps
        )
        return tuple(Draft(body=body, actor="cockpit") for body in found if body is not None)

    def _begun(self, run: Run, step: StepState, planned: PlannedStep) -> Body | None:
        verify = planned.verify
        if step.status != "verifying" or verify is None:
            return None
        until = self._clock.now() + int(verify.within * SECOND)
        before = step.before or Figures()
        return VerifyStarted(run=run.id, step=step.outline.id, probe=verify.probe, before=before, until=until)

    def _verdict(self, run: Run, step: StepState, planned: PlannedStep) -> Body | None:
        now = self._clock.now()
        if step.status == "waiting":
            return wait_over(planned, run, self._board.whole(now), now)
        if step.status != "verifying" or planned.verify is None:
            return None
        lanes = self._board.named(planned.verify.probe)
        before = step.before or Figures()
        after = self._board.figures(now).get(planned.verify.probe, Figures())
        fresh = bool(lanes) and all(lane.state(now) != "unknown" for lane in lanes)
        good_since = self._board.steady(planned.verify.probe, now)
        acts = run.of(step.outline.id, step.visit)
        began = min((each.intended_at for each in acts if each.direction == "forward"), default=0)
        found = judge(planned.verify, step.changed_at, now, before, after, good_since, fresh, began=began)
        if found is None:
            return None
        return VerifyFinished(
            run=run.id, step=step.outline.id, probe=planned.verify.probe, verdict=found.verdict, before=before,
            after=after, words=found.words, seconds=found.seconds, still=found.still,
        )  # fmt: skip
