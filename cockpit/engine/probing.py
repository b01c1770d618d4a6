"""Keeps every probe going and turns what it finds into events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from cockpit.changes.suspects import suspect
from cockpit.clock import Clock
from cockpit.config.model import SelfCheck
from cockpit.engine.board import Board, Lane
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import ProbeChanged
from cockpit.probes.machine import Track, anew, observe
from cockpit.probes.make import Tools, make
from cockpit.probes.sample import Sample
from cockpit.probes.schedule import Pause, Schedule
from cockpit.probes.selfcheck import OwnNetwork, correlated, excused, may_be_ours
from cockpit.tasks import TaskSet
from cockpit.text import SafeText

PATIENCE = 1.0
"""Real seconds beyond their own deadlines that a lane waits for those it depends on."""


class Probing:
    """One task a lane; what they learn goes to the board at once and to the journal in its own time.

    Each of `on_sample` is called with every sample, as it was judged; it must not wait, and must not raise.
    """

    def __init__(
        self, core: Core, board: Board, recorder: Recorder, clock: Clock, self_check: SelfCheck | None = None
    ) -> None:
        self._core = core
        self._board = board
        self._recorder = recorder
        self._clock = clock
        self_check = self_check or SelfCheck()
        self._network = OwnNetwork(self_check)
        self._patience = PATIENCE + (self_check.timeout if self_check.targets else 0.0)
        self._schedules: dict[str, Schedule] = {}
        self.on_sample: list[Callable[[Lane, Sample], None]] = []
        for lane in board.lanes.values():
            lane.paused = self._pause_of(lane)

    def start(self, tools: Tools, tasks: TaskSet) -> None:
        """Begin probing everything on the board."""
        for name, lane in self._board.lanes.items():
            self._schedules[name] = schedule = self._schedule(lane, tools)
            tasks.spawn(schedule.run(), f"probe {name}")

    async def close(self) -> None:
        """Let go of the self check; the lanes' tasks belong to whoever gave their set."""
        await self._network.close()

    def now(self, name: str) -> bool:
        """Look at once, by a lane's or a probe's name, or with none at all that is not well; whether there is any.

        What is paused or in maintenance is not asked.
        """
        moment = self._clock.now()
        lanes = self._board.named(name) if name else tuple(self._board.lanes.values())
        chosen = [
            lane
            for lane in lanes
            if not lane.away(moment) and (name or lane.state(moment) != "up" or lane.track.overlay)
        ]
        for lane in chosen:
            self._schedules[lane.target.name].now()
        return bool(chosen)

    def restagger(self) -> None:
        """After a gap in time: believe nothing until it was looked at again, and do not look at all at once."""
        self._board.doubt()
        for schedule in self._schedules.values():
            schedule.restagger()

    async def take(self, lane: Lane, sample: Sample) -> Pause:
        """Judge one more sample of a lane; how long to leave it alone then."""
        if may_be_ours(sample) and (why := await self._network_gone(lane, sample)):
            sample = excused(sample, why)
        sample, held = await self._held(lane, sample)
        before = lane.seen(self._clock.now())
        lane.take(sample)
        lane.track, turned = self._observed(anew(lane.track) if held else lane.track, lane, sample)
        if turned is not None:
            self._tell(lane, sample, turned)
        if lane.seen(self._clock.now()) != before:
            self._board.turned(lane)
        lane.hear(self._clock.now())
        for hook in self.on_sample:
            hook(lane, sample)
        return Pause(lane.pace, lane.rest)

    def _schedule(self, lane: Lane, tools: Tools) -> Schedule:
        return Schedule(
            make(lane.target, tools),
            name=lane.target.name,
            interval=lane.target.config.interval,
            clock=self._clock,
            on_sample=lambda sample: self.take(lane, sample),
            on_skip=lambda count: self._skipped(lane, count),
            may_ask=lambda: not lane.away(self._clock.now()),
        )

    def _pause_of(self, lane: Lane) -> Callable[[], int]:
        """A pause is named by the lane, or by the probe for all of its lanes."""

        def until() -> int:
            paused = self._core.watching.paused
            names = (lane.target.name, lane.target.probe) if paused else ()
            return max((paused[name].until for name in names if name in paused), default=0)

        return until

    async def _network_gone(self, lane: Lane, sample: Sample) -> str:
        """Why the fault may be ours, empty when it is not."""
        if (own := lane.looked(sample)) is None:
            return ""
        if self._network.targets:
            return await self._network.gone()
        others = (other.look for other in self._board.lanes.values() if other is not lane)
        looks = (own, *(each for each in others if each is not None))
        return correlated(looks, self._clock.now(), own.interval)

    async def _held(self, lane: Lane, sample: Sample) -> tuple[Sample, bool]:
        """The sample, or one that says nothing because what the lane depends on is down; whether it is so.

        Before a lane turns for the worse, those it depends on are looked at again: which of them all failed first
        within one round must not decide who is called down.
        """
        if sample.outcome != "bad" or not self._board.ancestors(lane):
            return sample, False
        why = self._board.unreachable(lane, self._clock.now())
        if not why and self._worse(lane, sample):
            await self._ancestors_heard(lane, sample.at)
            why = self._board.unreachable(lane, self._clock.now())
        if not why:
            return sample, False
        words = SafeText(f"{why}; {sample.words}").line
        return msgspec.structs.replace(sample, outcome="indeterminate", words=words), True

    def _worse(self, lane: Lane, sample: Sample) -> bool:
        _, turned = self._observed(lane.track, lane, sample)
        return turned is not None and turned.state in {"down", "degraded"}

    async def _ancestors_heard(self, lane: Lane, since: int) -> None:
        """Until all that the lane depends on was heard of since then, or does not answer."""
        now = self._clock.now()
        unheard = [each for each in self._board.ancestors(lane) if each.heard_at < since and not each.away(now)]
        patience = max((each.target.config.timeout for each in unheard), default=0.0) + self._patience
        for each in unheard:
            if (schedule := self._schedules.get(each.target.name)) is not None:
                schedule.now()
        try:
            async with asyncio.timeout(patience):
                for each in unheard:
                    while each.heard_at < since:
                        await each.heard.wait()
        except TimeoutError:
            return

    def _observed(self, track: Track, lane: Lane, sample: Sample) -> tuple[Track, ProbeChanged | None]:
        config, figures = lane.target.config, lane.figures(sample.at)
        return observe(track, sample, config, lane.target.name, lane.service.name, figures, lane.apart)

    def _tell(self, lane: Lane, sample: Sample, turned: ProbeChanged) -> None:
        if turned.state in {"down", "degraded"} and turned.previous != "unknown":
            pointed = suspect(self._core.watching.changes, lane.service, turned.since)
            turned = msgspec.structs.replace(turned, suspect=pointed)
        self._recorder.post(Draft(body=turned, actor="cockpit", occurred_at=sample.at))

    def _skipped(self, lane: Lane, count: int) -> None:
        lane.skipped += count
