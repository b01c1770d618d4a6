"""Follows an attempt to its end, the same way whether it was just launched or outlived an engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple

from cockpit.execution import spool, status
from cockpit.execution.attempt import AttemptDir
from cockpit.execution.status import Abandoned, Finished, Lost, Running, Unclaimed

PATIENCE = 60.0
"""Seconds of awake time without a claim before the attempt is abandoned, so that following ends."""


@dataclass(frozen=True)
class Grown:
    """The command has printed so many bytes in all."""

    total: int


@dataclass(frozen=True)
class Unstoppable:
    """It was to be stopped, and goes on: which process, and why."""

    words: str


Step = Running | Grown | Unstoppable | Finished | Lost | Abandoned


class _Look(NamedTuple):
    now: status.Status
    pid: int
    total: int
    stuck: str


async def follow(attempt: AttemptDir, *, poll: float = 0.05, patience: float = PATIENCE) -> AsyncIterator[Step]:
    """What happens to the attempt, from where it stands now: at most one Running, then Grown, at most
    one Unstoppable, then how it ended.

    Running comes first for every command that was started, even one that has ended long ago.
    Raises OSError when the files could not be read for as long as the patience.
    """
    running, printed, claimed, stuck = False, 0, False, False
    deadline = time.monotonic() + patience
    async for now, pid, total, why in _looks(attempt, poll, patience):
        if pid and not running:
            running = True
            yield Running(pid)
        if total > printed:
            printed = total
            yield Grown(total)
        if why and not stuck:
            stuck = True
            yield Unstoppable(why)
        match now:
            case Running():
                claimed = True
            case Unclaimed() if claimed:
                yield Lost("its files are gone")
                return
            case Unclaimed():
                if time.monotonic() >= deadline:
                    await asyncio.to_thread(status.abandon, attempt)
            case _:
                yield now
                return


async def _looks(attempt: AttemptDir, poll: float, patience: float) -> AsyncIterator[_Look]:
    """One look after another; a fault of this host says nothing about the command, so a short one is waited out."""
    seen_at = time.monotonic()
    while True:
        try:
            look = await asyncio.to_thread(_look, attempt)
        except OSError:
            if time.monotonic() >= seen_at + patience:
                raise
        else:
            seen_at = time.monotonic()
            yield look
        await asyncio.sleep(poll)


def _look(attempt: AttemptDir) -> _Look:
    """How it stands, the command's process if it was ever started, the bytes printed by then, and what keeps it."""
    now = status.read(attempt)
    claim = attempt.claim()
    return _Look(now, 0 if claim is None else claim.pid, spool.total(attempt), attempt.stuck())
