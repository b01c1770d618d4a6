"""Letters to the world: queued with the events that cause them, settled with the events that tell their fate."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from typing import Any, Literal, get_args

from msgspec import MsgspecError
from msgspec.structs import replace
from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from cockpit.broadcast.merging import without_last
from cockpit.broadcast.removing import REMOVED, erased, relabelled, removed
from cockpit.broadcast.sender import Outgoing, Thread, unpack
from cockpit.journal.errors import Duplicate, Missing
from cockpit.journal.tables import outbox

LetterKind = Literal["card", "thread", "switch", "direct"]
LetterState = Literal["pending", "sending", "sent", "ambiguous", "superseded", "dead"]
STATES: tuple[LetterState, ...] = get_args(LetterState)
WAITING: frozenset[LetterState] = frozenset({"pending", "sending", "ambiguous"})
"""The states of a letter whose fate is not yet known."""
TAKEN_BACK = frozenset({"thread", "direct"})
"""Letters that are told once: an edit at their address empties them. A card is told anew."""


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
    not to be sent before `not_before`. `wire` is what was sent last, `address` where it is now, `absences` how often
    it was looked for in vain since then. An erased letter has an empty payload.
    """

    id: int
    letter: Letter
    stream: str
    seq: int
    state: LetterState
    not_before: int
    tries: int
    queued_at: int
    wire: bytes = b""
    address: str = ""
    absences: int = 0


@dataclass(frozen=True)
class Fate:
    """What becomes of the letter that was in the state `was`: None leaves a part of it as it is."""

    id: int
    was: LetterState
    state: LetterState
    not_before: int = 0
    wire: bytes | None = None
    address: str | None = None
    absences: int | None = None
    payload: bytes | None = None


@dataclass(frozen=True)
class Diversion:
    """The letters of these kinds that wait for one destination are told at another too."""

    source: str
    target: str
    kinds: Container[LetterKind]


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


def in_states(conn: Connection, states: Container[str], destination: str = "") -> tuple[StoredLetter, ...]:
    """The letters in any of these states, in the order they were queued; all, or those for one destination."""
    wanted = select(outbox).where(outbox.c.state.in_([state for state in STATES if state in states]))
    if destination:
        wanted = wanted.where(outbox.c.destination == destination)
    rows = conn.execute(wanted.order_by(outbox.c.id))
    return tuple(_stored(row) for row in rows)


def _stored(row: Row[Any]) -> StoredLetter:
    letter = Letter(row.update_id, row.destination, row.kind, row.payload)
    return StoredLetter(
        row.id, letter, row.stream, row.seq, row.state, row.not_before, row.tries, row.queued_at,
        row.wire or b"", row.address, row.absences,
    )  # fmt: skip


def settle(conn: Connection, fate: Fate, now: int) -> None:
    """Give the letter its new state; Missing when it is in another than it was, or nothing is left of it to send."""
    row = conn.execute(select(outbox).where(outbox.c.id == fate.id)).one_or_none()
    if row is None:
        raise Missing(f"There is no letter {fate.id} in the outbox.")
    if row.state != fate.was:
        raise Missing(f"Letter {fate.id} is {row.state} by now, not {fate.was}.")
    if not row.payload and fate.state in WAITING:
        raise Missing(f"What letter {fate.id} said has been erased; it cannot be sent.")
    state, payload = fate.state, fate.payload
    if fate.was in {"sending", "ambiguous"} and erased(row.payload):
        # What was read before it was erased must not come back with the outcome.
        payload = relabelled(row.payload, payload) if payload is not None else None
        if row.kind in TAKEN_BACK:
            # What never arrived is not sent any more, and what did is taken back.
            state, payload = ("superseded", b"") if state == "pending" else (state, None)
            if state == "sent" and fate.address:
                _take_back(conn, row, fate.address, now)
    given = {"wire": fate.wire, "address": fate.address, "absences": fate.absences, "payload": payload}
    tries = outbox.c.tries + 1 if state == "sending" else outbox.c.tries
    conn.execute(
        update(outbox)
        .where(outbox.c.id == fate.id)
        .values(
            state=state,
            not_before=fate.not_before,
            tries=tries,
            **{name: value for name, value in given.items() if value is not None},
        )
    )


def thread(conn: Connection, stream: str, destination: str) -> Thread:
    """Where the incident's card is at that destination, and the message that is in keeping there."""
    here = (outbox.c.stream == stream) & (outbox.c.destination == destination) & (outbox.c.state == "sent")
    last = select(outbox.c.address).where(here).order_by(outbox.c.id.desc()).limit(1)
    root = conn.execute(last.where((outbox.c.kind == "card") & (outbox.c.address != ""))).scalar()
    # A message that was taken back left no address, and those before it are gone too.
    kept = conn.execute(last.where(outbox.c.kind == "switch")).scalar()
    return Thread(root or "", kept or "")


def uproot(conn: Connection, stream: str, destination: str, now_missing: LetterKind) -> None:
    """Forget where the card (or the message in keeping) was, and send the latest that is left of it anew."""
    here = (outbox.c.stream == stream) & (outbox.c.destination == destination) & (outbox.c.kind == now_missing)
    conn.execute(update(outbox).where(here).values(address=""))
    if conn.execute(select(outbox.c.id).where(here & outbox.c.state.in_(sorted(WAITING)))).first() is not None:
        return
    sent = here & (outbox.c.state == "sent") & (outbox.c.payload != b"")
    latest = conn.execute(select(outbox.c.id).where(sent).order_by(outbox.c.id.desc()).limit(1)).scalar()
    conn.execute(update(outbox).where(outbox.c.id == latest).values(state="pending", not_before=0, absences=0))


def divert(conn: Connection, stream: str, diversion: Diversion, now: int) -> None:
    """Queue a copy of each letter of the incident that waits for the source, unless the target has it already."""
    here = (outbox.c.stream == stream) & (outbox.c.destination == diversion.source)
    rows = conn.execute(select(outbox).where(here & outbox.c.state.in_(sorted(WAITING))).order_by(outbox.c.id)).all()
    for row in rows:
        copy = Letter(row.update_id, diversion.target, row.kind, row.payload)
        known = conn.execute(select(outbox.c.id).where(outbox.c.key == copy.key)).first()
        if known is None and row.payload and row.kind in diversion.kinds:
            said = unpack(row.payload)
            if said.edits:
                # What is to be taken back stands at the source alone.
                continue
            # What the source made of it says nothing of the target.
            payload = replace(said, key=copy.key, plain=False, repeated=False).pack()
            queue(conn, stream, row.seq, [Letter(copy.update, copy.destination, copy.kind, payload)], now)


def withdraw(conn: Connection, stream: str, update_id: str) -> None:
    """Tell no more of an update that another takes the place of, as far as it was not sent yet."""
    here = (outbox.c.stream == stream) & (outbox.c.update_id == update_id) & (outbox.c.kind == "thread")
    for row in conn.execute(select(outbox).where(here & (outbox.c.state == "pending"))).all():
        left = without_last(unpack(row.payload))
        changed = {"state": "superseded"} if left is None else {"payload": left.pack()}
        conn.execute(update(outbox).where(outbox.c.id == row.id).values(changed))


def erase(conn: Connection, stream: str, seq: int, repeats: Callable[[str, str], bool], now: int) -> tuple[Letter, ...]:
    """Empty every letter queued with or after that event, and return those that will now never be sent.

    A letter is composed from all that was so when it was queued, so any later one may repeat what is being erased. What
    was sent and can be edited there is taken back: the card, and posts of which `repeats` holds, by update and text.
    """
    touched = (outbox.c.stream == stream) & (outbox.c.seq >= seq)
    rows = conn.execute(select(outbox).where(touched & (outbox.c.payload != b"")).order_by(outbox.c.id)).all()
    # A word in a chat's keeping must never stay there because the one that takes it down was erased.
    lost = [row for row in rows if row.state == "pending" and row.kind != "switch"]
    for row in rows:
        # Under way, or perhaps there: its fate is still to be found out, by its key alone.
        kept = row.state in {"sending", "ambiguous"} or (row.state == "pending" and row.kind == "switch")
        left = _taken_back(row, "").pack() if kept else b""
        state = "superseded" if row.state == "pending" and not kept else row.state
        conn.execute(update(outbox).where(outbox.c.id == row.id).values(payload=left, wire=None, state=state))
    told = [row for row in rows if row.state == "sent" and row.address and row.kind in TAKEN_BACK]
    for row in told:
        if repeats(row.update_id, unpack(row.payload).text):
            _take_back(conn, row, row.address, now)
    # The newest card of each place: one that waited, or may be there, or one that can be edited.
    cards = {row.destination: row for row in rows if row.kind == "card" and row.state in {*WAITING, "sent"}}
    for place, row in cards.items():
        if row.state != "sent" or thread(conn, stream, place).root:
            _take_back(conn, row, "", now)
    return tuple(Letter(each, row.destination, row.kind, b"") for row in lost for each in _told_of(row))


def _told_of(row: Row[Any]) -> tuple[str, ...]:
    """The updates that the letter tells of: those that became one with it are lost with it."""
    try:
        return (*unpack(row.payload).merged, row.update_id)
    except MsgspecError:
        return (row.update_id,)


def _take_back(conn: Connection, row: Row[Any], address: str, now: int) -> None:
    """Queue the edit that empties what was told at that address, or the card."""
    letter = Letter(f"{row.update_id}-removed-{now}", row.destination, row.kind, b"")
    said = replace(_taken_back(row, address), key=letter.key, at=now, anew=True)
    queue(conn, row.stream, row.seq, [dataclass_replace(letter, payload=said.pack())], now)


def _taken_back(row: Row[Any], address: str) -> Outgoing:
    """The letter with nothing in it but that it was removed."""
    try:
        whole = unpack(row.payload)
    except MsgspecError:
        return Outgoing(f"{row.update_id}:{row.destination}:{row.kind}", row.kind, row.queued_at, row.stream, REMOVED)
    return replace(whole, text=REMOVED, message=removed(whole.message), edits=address)
