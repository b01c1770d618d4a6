"""Keeps every probe going and turns what it finds into events."""

from __future__ import annotations

import msgspec

from cockpit.changes.suspects import suspect
from cockpit.clock import Clock
from cockpit.engine.board import Board, Lane
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Draft
from cockpit.probes.machine import observe
from cockpit.probes.make import Tools, make
from cockpit.probes.sample import Sample, Samples
from cockpit.probes.schedule import keep_probing
from cockpit.tasks import TaskSet


class Probing:
    """One task a probe; what they learn goes to the board at once and to the journal in its own time."""

    def __init__(self, core: Core, board: Board, recorder: Recorder, clock: Clock) -> None:
        self._core = core
        self._board = board
        self._recorder = recorder
        self._clock = clock

    def start(self, tools: Tools, tasks: TaskSet) -> None:
        """Begin probing everything on the board."""
        for name, lane in self._board.lanes.items():
            tasks.spawn(self._keep(name, lane, make(lane.target, tools)), f"probe {name}")

    async def _keep(self, name: str, lane: Lane, probe: Samples) -> None:
        await keep_probing(
            probe,
            name=name,
            interval=lane.target.config.interval,
            clock=self._clock,
            on_sample=lambda sample: self._sampled(lane, sample),
            on_skip=lambda count: self._skipped(lane, count),
        )

    def _sampled(self, lane: Lane, sample: Sample) -> None:
        lane.take(sample)
        lane.track, turned = observe(
            lane.track, sample, lane.target.config, lane.target.name, lane.service.name, lane.figures(sample.at)
        )
        if turned is not None:
            if turned.state in {"down", "degraded"}:
                pointed = suspect(self._core.watching.changes, lane.service, turned.since)
                turned = msgspec.structs.replace(turned, suspect=pointed)
            self._recorder.post(Draft(body=turned, actor="cockpit", occurred_at=sample.at))

    def _skipped(self, lane: Lane, count: int) -> None:
        lane.skipped += count
