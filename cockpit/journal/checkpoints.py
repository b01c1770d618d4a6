"""A cache of folded states, one per stream; all of it can be thrown away at any time."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from cockpit.incident.fold import State, freeze, thaw
from cockpit.journal.tables import checkpoints


def save(conn: Connection, state: State) -> None:
    """Keep this state in place of the stream's older one."""
    conn.execute(delete(checkpoints).where(checkpoints.c.stream == state.stream))
    conn.execute(insert(checkpoints).values(stream=state.stream, seq=state.seq, state=freeze(state)))


def load(conn: Connection, stream: str) -> State:
    """The state kept, or the empty one when there is none that this program understands."""
    frozen = conn.execute(select(checkpoints.c.state).where(checkpoints.c.stream == stream)).scalar()
    thawed = thaw(frozen) if frozen is not None else None
    return thawed or State(stream=stream)


def drop(conn: Connection, stream: str, seq: int) -> None:
    """Drop the state if it was folded from that event."""
    conn.execute(delete(checkpoints).where(checkpoints.c.stream == stream, checkpoints.c.seq >= seq))
