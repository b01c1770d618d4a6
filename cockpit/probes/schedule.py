"""When to ask: on a grid that never drifts, each probe at a place of its own, never twice at once."""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cockpit.clock import Clock
from cockpit.probes.sample import Sample, Samples

FIRST_WITHIN = 2.0
"""Incident seconds after the start in which every probe is asked for the first time."""
_SAME_POINT = 1e-6
"""Of an interval: what sums of floating point may be off."""


def place(name: str) -> float:
    """Where in its interval a probe is asked, from 0 up to 1: the same in every process, spread over all probes."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) / 2**64


def grid(name: str, interval: float) -> tuple[float, float]:
    """Seconds from the start to the first sample, taken early, and to the first point of the grid.

    Between the two lie at least half an interval and at most one and a half.
    """
    share = place(name)
    first = share * min(interval, FIRST_WITHIN)
    point = share * interval
    return first, point if point - first >= interval / 2 else point + interval


@dataclass(frozen=True)
class Pause:
    """How long to leave the probe alone: `pace` seconds from asking to asking, and `rest` from its answer on."""

    pace: float
    rest: float = 0.0


class Schedule:
    """Asks one probe for ever, every `interval` incident seconds or more slowly where its answers call for it.

    `on_sample` tells the pause after each sample; `may_ask` is asked before each. Points of the grid that were missed
    because something took too long are told to `on_skip`.
    """

    def __init__(
        self, probe: Samples, *, name: str, interval: float, clock: Clock,
        on_sample: Callable[[Sample], Awaitable[Pause]], on_skip: Callable[[int], None],
        may_ask: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._probe = probe
        self._name = name
        self._interval = interval
        self._clock = clock
        self._on_sample = on_sample
        self._on_skip = on_skip
        self._may_ask = may_ask
        self._origin = 0.0
        self._due = 0.0
        self._wished = False
        self._unsettled = False
        self._sleep: asyncio.Timeout | None = None

    async def run(self) -> None:
        """Ask for ever."""
        on_grid = self._stagger()
        while True:
            if not (self._wished or self._unsettled):
                await self._sleep_until(self._due)
            if self._unsettled:
                on_grid = self._stagger()
                continue
            wished, self._wished = self._wished, False
            on_grid = on_grid and not wished
            if self._may_ask():
                await self._ask(self._due if on_grid else self._clock.monotonic(), on_grid)
            elif not wished:
                self._due = self._point(max(self._due + self._interval / 2, self._clock.monotonic()))
            on_grid = True

    def now(self) -> None:
        """Ask at once, or right after the sample under way; the grid stays as it is."""
        self._wished = True
        self._wake()

    def restagger(self) -> None:
        """Begin again as after a start, at a place of its own: after a gap all are due at the same moment."""
        self._unsettled = True
        self._wake()

    def _stagger(self) -> bool:
        self._unsettled = False
        start = self._clock.monotonic()
        first, point = grid(self._name, self._interval)
        self._due, self._origin = start + first, start + point
        return False

    async def _ask(self, asked: float, on_grid: bool) -> None:
        pause = await self._on_sample(await self._probe.sample())
        now = self._clock.monotonic()
        # Off the grid, the point that is nearest to a full pause.
        earliest = asked + pause.pace - (0 if on_grid else self._interval / 2)
        due = self._point(max(earliest, now + pause.rest) if pause.rest else earliest)
        self._due = self._point(max(due, now))
        if (missed := round((self._due - due) / self._interval)) > 0:
            self._on_skip(missed)

    def _point(self, moment: float) -> float:
        """The first point of the grid at that moment or after."""
        return self._origin + math.ceil((moment - self._origin) / self._interval - _SAME_POINT) * self._interval

    async def _sleep_until(self, moment: float) -> None:
        try:
            async with asyncio.timeout(None) as self._sleep:
                await self._clock.sleep(max(0.0, moment - self._clock.monotonic()))
        except TimeoutError:
            return
        finally:
            self._sleep = None

    def _wake(self) -> None:
        if self._sleep is not None and not self._sleep.expired():
            self._sleep.reschedule(asyncio.get_running_loop().time())
