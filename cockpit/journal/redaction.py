"""Erasing what an event said, everywhere it was copied to, and saying so in the stream."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from cockpit.broadcast.removing import repeated_in
from cockpit.incident.broadcasts import UpdateUndelivered
from cockpit.incident.event import Draft, Event
from cockpit.incident.vocabulary import EventRedacted
from cockpit.journal import answers, checkpoints, events, outbox, stamps
from cockpit.journal.errors import Missing
from cockpit.journal.tables import events as table
from cockpit.journal.tables import meta

_WIPE_DUE = "wipe_due"


def redact(conn: Connection, stream: str, seq: int, reason: str, actor: str, now: int, host: str) -> tuple[Event, ...]:
    """Erase the event's body and nonce, and every copy; the stream gains the redaction and the letters lost to it."""
    it = (table.c.stream == stream) & (table.c.seq == seq)
    row = conn.execute(select(table.c.kind, table.c.body).where(it)).one_or_none()
    if row is None:
        raise Missing(f"There is no event {seq} in {stream}.")
    if row.kind == EventRedacted.kind:
        raise Missing("A redaction cannot itself be redacted: the chain needs it.")
    if row.body is None:
        raise Missing(f"What event {seq} of {stream} said has been erased already.")
    conn.execute(update(table).where(it).values(body=None, nonce=None))
    checkpoints.drop(conn, stream, seq)
    stamps.drop(conn, stream, seq)
    answers.erase(conn, stream, seq)
    drafts = [Draft(EventRedacted(seq=seq, reason=reason), actor)]
    for letter in outbox.erase(conn, stream, seq, repeated_in(msgspec.json.decode(row.body)), now):
        lost = UpdateUndelivered(
            update=letter.update, destination=letter.destination, why="its text was erased", final=True
        )
        drafts.append(Draft(lost, actor))
    _note_wipe(conn)
    return events.append(conn, stream, drafts, now, host)


def _note_wipe(conn: Connection) -> None:
    """Remember, through a crash too, that the file still has to be wiped."""
    if not wipe_due(conn):
        conn.execute(insert(meta).values(name=_WIPE_DUE, value="1"))


def wipe_due(conn: Connection) -> bool:
    """Whether something was erased since the file was last wiped."""
    return conn.execute(select(meta.c.value).where(meta.c.name == _WIPE_DUE)).scalar() is not None


def wiped(conn: Connection) -> None:
    """Forget that a wipe was due."""
    conn.execute(delete(meta).where(meta.c.name == _WIPE_DUE))
