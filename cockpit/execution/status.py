"""How an attempt stands, decided from its files and its lock alone."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.execution import processes, record
from cockpit.execution.attempt import AttemptDir, Claim, Result
from cockpit.platform import process


@dataclass(frozen=True)
class Unclaimed:
    """Nothing has run; a supervisor may still be on its way."""


@dataclass(frozen=True)
class Running:
    """A supervisor has it. `pid` is the command's, 0 until it was started."""

    pid: int


@dataclass(frozen=True)
class Finished:
    """The command ended, and how is on record."""

    result: Result


@dataclass(frozen=True)
class Abandoned:
    """The command certainly never ran, and never will."""


@dataclass(frozen=True)
class Lost:
    """Nobody can know what became of it. `survivor` is a process of it that still runs, 0 when none was found."""

    why: str
    survivor: int = 0


Status = Unclaimed | Running | Finished | Abandoned | Lost


def read(attempt: AttemptDir) -> Status:
    """How the attempt stands now."""
    claim = attempt.claim()
    if claim is None:
        return Unclaimed()
    if claim.abandoned:
        return Abandoned()
    # The order matters: a supervisor records the result while it holds the lock.
    alive = attempt.locked()
    if (result := attempt.result()) is not None:
        return Finished(result)
    return Running(claim.pid) if alive else _lost(attempt, claim)


def abandon(attempt: AttemptDir) -> bool:
    """Fence every supervisor out; True when the command certainly never ran and never will.

    False when a supervisor has claimed it. Raises OSError where the claim cannot be written.
    """
    try:
        attempt.link_abandoned()
    except FileExistsError:
        claim = attempt.claim()
        return claim is not None and claim.abandoned
    return True


def cancel(attempt: AttemptDir) -> None:
    """Ask for the command to be stopped: TERM, its grace, KILL. Its result will say that a person did it."""
    attempt.ask_to_stop()


def _lost(attempt: AttemptDir, claim: Claim) -> Lost:
    survivor = _survivor(attempt, claim)
    if attempt.result_is_torn():
        return Lost("the record of its result is damaged", survivor)
    trouble = attempt.trouble()
    why = f"its supervisor failed: {trouble}" if trouble else "its supervisor died before it could record the result"
    return Lost(f"{why}; still running, pid {survivor}" if survivor else why, survivor)


def _survivor(attempt: AttemptDir, claim: Claim) -> int:
    """The command itself if it still runs, else any process that carries the attempt's cookie."""
    leader = processes.processes().get(claim.pid)
    same = leader is not None and leader.started == claim.started and claim.boot in {"", processes.boot()}
    if leader is not None and not leader.zombie and same:
        return claim.pid
    return next(iter(process.carrying(record.COOKIE, attempt.id)), 0)
