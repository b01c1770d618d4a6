"""What comes of what was done: after a change or a step the probes are measured again, and the difference is told."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cockpit.clock import SECOND, Clock
from cockpit.engine.board import Board, Lane
from cockpit.engine.core import Core
from cockpit.incident.effects import awaited
from cockpit.incident.event import Draft
from cockpit.incident.fold import State
from cockpit.incident.run import Run
from cockpit.incident.runs import AttemptFinished
from cockpit.incident.saying import percent
from cockpit.incident.vocabulary import (
    ChangeSeen,
    EffectExpected,
    EffectMeasured,
    Figures,
    ProbeFigures,
    ProbeState,
)
from cockpit.journal.errors import JournalError
from cockpit.moments import hhmm, span
from cockpit.runbooks.plan import Plan

log = logging.getLogger(__name__)

STEP_WATCHED = 120.0
"""Incident seconds for which the probes are watched after a step that has no verification of its own."""
LOOK_EVERY = 1.0
TOLD = 3
"""Probes named in one line."""
SAME = 0.02
"""Error rates this close together count as the same."""
Outcome = Literal["better", "same", "worse", "unknown"]
_WORST_FIRST: tuple[Outcome, ...] = ("worse", "unknown", "better", "same")
_RANK: dict[ProbeState, int] = {"up": 0, "degraded": 1, "down": 2}


@dataclass(frozen=True)
class Grounds:
    """What an expectation rests on: the lanes, the plans of open runs, and how long a changed service is watched.

    `known` are the subjects that are watched already: a declaration tells again of what led up to it.
    """

    lanes: Mapping[str, Lane]
    plans: Mapping[str, Plan]
    now: int
    deploy_watch: float
    known: Container[str] = ()


def expectations(drafts: Sequence[Draft], runs: Mapping[str, Run], grounds: Grounds) -> tuple[Draft, ...]:
    """For every change and every step among these events, that its effect is watched from now on. Pure."""
    found = []
    for draft in drafts:
        match draft.body:
            case ChangeSeen() as change if change.change not in grounds.known:
                found.append(_of_change(change, draft.occurred_at or grounds.now, grounds))
            case AttemptFinished(ok=True) as done if done.run in runs and runs[done.run].acts(done.attempt):
                found.append(_of_step(done, runs[done.run], grounds))
    return tuple(Draft(body=body, actor="cockpit") for body in found if body is not None)


def _of_change(change: ChangeSeen, at: int, grounds: Grounds) -> EffectExpected | None:
    until = at + int(grounds.deploy_watch * SECOND)
    lanes = [lane for lane in grounds.lanes.values() if lane.service.name == change.service]
    if not lanes or until <= grounds.now:
        return None
    return EffectExpected(
        subject=change.change, about="change", what=change.what, service=change.service, since=at, until=until,
        before=_figures(lanes, grounds.now),
    )  # fmt: skip


def _of_step(done: AttemptFinished, run: Run, grounds: Grounds) -> EffectExpected | None:
    plan = grounds.plans.get(run.id)
    planned = plan.steps.get(done.step) if plan is not None else None
    outline = next((step.outline for step in run.steps if step.outline.id == done.step), None)
    if planned is None or outline is None or planned.verify is not None or outline.effect == "read":
        return None
    # Where it hurts is where a step is meant to help.
    worst = sorted(grounds.lanes.values(), key=lambda lane: -_RANK.get(lane.state(grounds.now), 0))[:TOLD]
    return EffectExpected(
        subject=done.attempt, about="step", what=outline.title, service=worst[0].service.name if worst else "",
        since=grounds.now, until=grounds.now + int(STEP_WATCHED * SECOND), before=_figures(worst, grounds.now),
    )  # fmt: skip


def _figures(lanes: Iterable[Lane], now: int) -> tuple[ProbeFigures, ...]:
    return tuple(ProbeFigures(lane.target.name, lane.state(now), lane.figures(now)) for lane in lanes)


def measured(expected: EffectExpected, after: Sequence[ProbeFigures], now: int) -> EffectMeasured:
    """The difference in one line, the worst probe first. Pure."""
    were = {each.probe: each for each in expected.before}
    pairs = [(were[each.probe], each) for each in after if each.probe in were]
    verdicts = {then.probe: _verdict(was, then) for was, then in pairs}
    pairs.sort(key=lambda pair: _WORST_FIRST.index(verdicts[pair[1].probe]))
    verdict: Outcome = verdicts[pairs[0][1].probe] if pairs else "unknown"
    told = [_words(was, then, now) for was, then in pairs[:TOLD] if verdicts[then.probe] != "same"]
    quiet = sum(verdicts[then.probe] == "same" for _, then in pairs)
    if quiet:
        told.append(f"{quiet} unchanged" if told else f"no change in {quiet} probe{'' if quiet == 1 else 's'}")
    said = "; ".join(told) or "nothing was measured"
    return EffectMeasured(
        subject=expected.subject, verdict=verdict, after=tuple(after),
        words=f"{expected.what} at {hhmm(expected.since)}Z: {_HEADS[verdict]}: {said}",
    )  # fmt: skip


_HEADS: dict[Outcome, str] = {"worse": "WORSE since", "better": "better since", "same": "no difference since",
                             "unknown": "not known since"}  # fmt: skip
"""After what was done and when: read in haste, it must not be taken for the word on the latest step."""


def _verdict(was: ProbeFigures, then: ProbeFigures) -> Outcome:
    if then.state == "unknown" or not then.figures.samples:
        return "unknown"
    if was.state != "unknown" and _RANK[then.state] != _RANK[was.state]:
        return "worse" if _RANK[then.state] > _RANK[was.state] else "better"
    before, after = was.figures.error_rate, then.figures.error_rate
    if before is None or after is None or abs(after - before) <= max(SAME, before / 10):
        return "same"
    return "worse" if after > before else "better"


def _words(was: ProbeFigures, then: ProbeFigures, now: int) -> str:
    turned = f" {was.state} -> {then.state.upper()}" if was.state != then.state else f" {then.state.upper()}"
    rates = was.figures.error_rate, then.figures.error_rate
    moved = f", {percent(rates[0])} -> {percent(rates[1])} fail" if rates[1] is not None else ""
    age = f", data {span(max(0, now - then.figures.at) / SECOND)} old" if then.figures.at else ", no data"
    return f"{then.probe}{turned}{moved}{age}"


class Aftermath:
    """Measures what is due. Level-triggered: what an engine expected before it died, the next one measures."""

    def __init__(self, core: Core, board: Board, clock: Clock) -> None:
        self._core = core
        self._board = board
        self._clock = clock

    async def run(self) -> None:
        """Measure for ever."""
        while True:
            await self._clock.sleep(max(LOOK_EVERY, 0.2 * self._clock.speed))
            if self._due():
                try:
                    await self._core.record(self._measure)
                except JournalError as error:
                    log.warning("what came of a change waits for the journal: %s", error.message)

    def _due(self) -> tuple[EffectExpected, ...]:
        now = self._clock.now()
        return tuple(expected for expected in awaited(self._core.watching.effects) if expected.until <= now)

    def _measure(self, _: State) -> tuple[Draft, ...]:
        now = self._clock.now()
        return tuple(Draft(body=measured(each, self._after(each, now), now), actor="cockpit") for each in self._due())

    def _after(self, expected: EffectExpected, now: int) -> tuple[ProbeFigures, ...]:
        lanes = [self._board.lanes[was.probe] for was in expected.before if was.probe in self._board.lanes]
        seconds = max(1.0, (now - expected.since) / SECOND)
        return tuple(ProbeFigures(lane.target.name, lane.state(now), _since(lane, seconds, now)) for lane in lanes)


def _since(lane: Lane, seconds: float, now: int) -> Figures:
    """Only what was measured after the deed."""
    return lane.ring.figures(seconds, now)
