"""What was so while it was recorded, as digests: a replay that comes to anything else is not what happened."""

from __future__ import annotations

import logging

import msgspec
from sqlalchemy import Connection, delete, insert, select

from cockpit.incident.fold import State
from cockpit.incident.stamp import Stamp, stamp
from cockpit.journal.tables import stamps

log = logging.getLogger(__name__)

_digests = msgspec.msgpack.Decoder(dict[str, bytes])


def _made(state: State) -> Stamp | None:
    """The stamp of the state; None where there is none to be had, which costs no event."""
    try:
        return stamp(state)
    except (msgspec.MsgspecError, OverflowError, ValueError):
        log.exception("%s was not stamped at event %d", state.stream, state.seq)
        return None


def keep(conn: Connection, state: State) -> None:
    """Stamp this state, unless one of its number was stamped before."""
    made = _made(state)
    if made is None:
        return
    known = (stamps.c.stream == made.stream) & (stamps.c.seq == made.seq)
    if made.seq and conn.execute(select(stamps.c.seq).where(known)).scalar() is None:
        conn.execute(
            insert(stamps).values(
                stream=made.stream, seq=made.seq, version=made.version, digests=msgspec.msgpack.encode(made.digests)
            )
        )


def of(conn: Connection, stream: str) -> tuple[Stamp, ...]:
    """Every stamp of the stream, in order."""
    rows = conn.execute(select(stamps).where(stamps.c.stream == stream).order_by(stamps.c.seq))
    return tuple(Stamp(row.stream, row.seq, row.version, _digests.decode(row.digests)) for row in rows)


def drop(conn: Connection, stream: str, seq: int) -> None:
    """Drop the stamps that tell of that event: one could guess at what was erased until a digest fits."""
    conn.execute(delete(stamps).where(stamps.c.stream == stream, stamps.c.seq >= seq))
