"""Letters to the world: queued with the events that cause them, settled with the events that tell their fate."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from cockpit.journal.errors import Duplicate, Missing
from cockpit.journal.tables import outbox

LetterKind = Literal["card", "thread", "switch", "direct"]
LetterState = Literal["pending", "sending", "sent", "ambiguous", "superseded", "dead"]
STATES: tuple[LetterState, ...] = get_args(LetterState)
WAITING: frozenset[LetterState] = frozenset({"pending", "sending", "ambiguous"})
"""The states of a letter whose fate is not yet known."""


@dataclass(frozen=True)
class Letter:
    """One update for one destination, ready to send."""

    update: str
    destination: str
    kind: LetterKind
    payload: bytes

    @property
    def key(self) -> str:
        """Unique in the outbox."""
        return f"{self.update}:{self.destination}:{self.kind}"


@dataclass(frozen=True)
class StoredLetter:
    """A letter in the outbox.

    `seq` is the last event of its stream when it was queued; `tries` counts how often it began to be sent; it is
    not to be sent before `not_before`. An erased letter has an empty payload.
    """

    id: int
    letter: Letter
    stream: str
    seq: int
    state: LetterState
    not_before: int
    tries: int
    queued_at: int


def queue(conn: Connection, stream: str, seq: int, letters: Sequence[Letter], now: int) -> None:
    """Put the letters at the end of the queue; Duplicate when one was queued before."""
    if not letters:
        return
    rows = [
        {
            "key": letter.key, "stream": stream, "seq": seq, "update_id": letter.update, "kind": letter.kind,
            "destination": letter.destination, "payload": letter.payload, "state": "pending", "not_before": 0,
            "tries": 0, "queued_at": now,
        }
        for letter in letters
    ]  # fmt: skip
    try:
        conn.execute(insert(outbox), rows)
    except IntegrityError as error:
        keys = ", ".join(letter.key for letter in letters)
        raise Duplicate(f"One of these letters is in the outbox already: {keys}") from error


def in_states(conn: Connection, states: Container[str]) -> tuple[StoredLetter, ...]:
    """The letters in any of these states, in the order they were queued."""
    wanted = [state for state in STATES if state in states]
    rows = conn.execute(select(outbox).where(outbox.c.state.in_(wanted)).order_by(outbox.c.id))
    return tuple(
        StoredLetter(
            row.id,
            Letter(row.update_id, row.destination, row.kind, row.payload),
            row.stream,
            row.seq,
            row.state,
            row.not_before,
            row.tries,
            row.queued_at,
        )
        for row in rows
    )


def settle(conn: Connection, letter_id: int, state: LetterState, not_before: int) -> str:
    """Put the letter into that state and name its stream; Missing when there is none, or nothing left to send."""
    row = conn.execute(select(outbox.c.stream, outbox.c.payload).where(outbox.c.id == letter_id)).one_or_none()
    if row is None:
        raise Missing(f"There is no letter {letter_id} in the outbox.")
    if not row.payload and state in WAITING:
        raise Missing(f"What letter {letter_id} said has been erased; it cannot be sent.")
    tries = outbox.c.tries + 1 if state == "sending" else outbox.c.tries
    conn.execute(update(outbox).where(outbox.c.id == letter_id).values(state=state, not_before=not_before, tries=tries))
    return str(row.stream)


def erase(conn: Connection, stream: str, seq: int) -> tuple[Letter, ...]:
    """Empty every letter queued with or after that event, and return those that will now never be sent.

    A letter is composed from all that was so when it was queued, so any later one may repeat what is being erased.
    """
    touched = (outbox.c.stream == stream) & (outbox.c.seq >= seq)
    unsent = touched & outbox.c.state.in_(sorted(WAITING))
    rows = conn.execute(select(outbox).where(unsent).order_by(outbox.c.id)).all()
    conn.execute(update(outbox).where(unsent).values(state="superseded"))
    conn.execute(update(outbox).where(touched).values(payload=b""))
    return tuple(Letter(row.update_id, row.destination, row.kind, b"") for row in rows)
