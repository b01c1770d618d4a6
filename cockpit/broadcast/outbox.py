"""The rules of the outbox: what becomes of a letter, and which one is next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

from cockpit.broadcast.sender import Absent, Ambiguous, Kind, Refused, Sent
from cockpit.clock import SECOND, hhmm, span

LetterState = Literal["pending", "sending", "sent", "ambiguous", "superseded", "dead"]
LATE = 120.0
"""Seconds after which a letter says that it comes late."""
LONGEST_PAUSE = 60.0
"""Seconds between two attempts at most."""


class Addressed(Protocol):
    """Where a letter goes, and whether it is the card or an update in its thread."""

    @property
    def destination(self) -> str: ...

    @property
    def kind(self) -> Kind: ...


class Queued(Protocol):
    """A letter in the outbox; ids rise in the order of queueing."""

    @property
    def id(self) -> int: ...

    @property
    def letter(self) -> Addressed: ...

    @property
    def stream(self) -> str: ...

    @property
    def state(self) -> LetterState: ...

    @property
    def not_before(self) -> int: ...


Q = TypeVar("Q", bound=Queued)


def advance(
    state: LetterState, result: Sent | Refused | Ambiguous | Absent, attempts: int, now: int
) -> tuple[LetterState, int]:
    """The state after an attempt to send or to find, and the moment before which nothing more is to be tried.

    `attempts` counts those made so far. ValueError for a letter that is neither being sent nor looked for.
    """
    if state not in {"sending", "ambiguous"}:
        raise ValueError(f"a letter that is {state} has no attempt under way")
    later = now + int(pause(attempts) * SECOND)
    match result:
        case Sent():
            return "sent", 0
        case Absent():
            return "pending", 0
        case Ambiguous():
            return "ambiguous", later
        case Refused(final=final):
            return ("dead", 0) if final else ("pending", later)


def pause(attempts: int) -> float:
    """Seconds to wait after that many attempts: doubling from one, with a cap."""
    return min(LONGEST_PAUSE, 2.0 ** min(max(attempts - 1, 0), 10))


def superseded(queue: Sequence[Queued]) -> tuple[int, ...]:
    """The ids of pending cards that a later card of the same incident and destination makes needless."""
    newest: dict[tuple[str, str], int] = {}
    for queued in queue:
        if queued.letter.kind == "card":
            address = (queued.letter.destination, queued.stream)
            newest[address] = max(newest.get(address, 0), queued.id)
    return tuple(
        queued.id
        for queued in queue
        if queued.state == "pending"
        and queued.letter.kind == "card"
        and queued.id < newest[queued.letter.destination, queued.stream]
    )


def ready(queue: Sequence[Q], now: int) -> tuple[Q, ...]:
    """The letters to send or look for now: of each destination and incident the first that waits, if its time has come.

    A letter in flight or in doubt holds back those behind it, so that readers get them in order. A pause that is longer
    than any was set by a clock that has been put back since.
    """
    gone = set(superseded(queue))
    heads: dict[tuple[str, str], Q] = {}
    for queued in sorted(queue, key=lambda one: one.id):
        if queued.state in {"pending", "sending", "ambiguous"} and queued.id not in gone:
            heads.setdefault((queued.letter.destination, queued.stream), queued)
    pauses = range(1, int(LONGEST_PAUSE * SECOND) + 1)
    return tuple(head for head in heads.values() if head.state != "sending" and head.not_before - now not in pauses)


def late_seconds(written_at: int, now: int) -> float:
    """Seconds from writing to delivery, 0 while that is soon enough not to be mentioned."""
    waited = (now - written_at) / SECOND
    return waited if waited > LATE else 0.0


def late_words(written_at: int, now: int) -> str:
    """What a late letter says of itself, such as `delivered 12 min late, written 10:02 UTC`; empty when in time."""
    late = late_seconds(written_at, now)
    return f"delivered {_roughly(late)} late, written {hhmm(written_at)} UTC" if late else ""


def _roughly(seconds: float) -> str:
    return f"{int(seconds // 60)} min" if seconds < 3600 else span(seconds)
