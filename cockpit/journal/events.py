"""The events of a stream in the database: appended, numbered, read."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from cockpit.incident.event import Draft, Erased, Event, encode, kind_of
from cockpit.incident.kinds import decode
from cockpit.journal import chain
from cockpit.journal.chain import GENESIS, Header, Stored
from cockpit.journal.tables import counters, events, streams

# Built once: composing a statement costs more than SQLite needs to run it.
_END = select(streams.c.head, streams.c.hash).where(streams.c.name == bindparam("stream"))
_OWN_END = _END.with_for_update()  # where rows have locks, two writers must not take the same number
_ADD_EVENTS, _ADD_STREAM = insert(events), insert(streams)
_MOVE_END = update(streams).where(streams.c.name == bindparam("stream"))
_FROM = and_(events.c.stream == bindparam("of"), events.c.seq > bindparam("after"))
_STORED = select(events).where(_FROM).order_by(events.c.seq).limit(bindparam("most"))
_SAID = _STORED.with_only_columns(
    *(events.c[name] for name in ("seq", "kind", "occurred_at", "recorded_at", "actor", "host", "body"))
)


@dataclass(frozen=True)
class StreamInfo:
    """One stream: the number of its last event, and when its first and last happened."""

    name: str
    head: int
    first_at: int
    last_at: int


def append(conn: Connection, stream: str, drafts: Sequence[Draft], now: int, host: str) -> tuple[Event, ...]:
    """Give the drafts the next numbers of the stream and store them."""
    if not drafts:
        return ()
    found = conn.execute(_OWN_END, {"stream": stream}).one_or_none()
    head, last = found or (0, GENESIS)
    made: list[Event] = []
    rows: list[Stored] = []
    for number, draft in enumerate(drafts, head + 1):
        event = Event(stream, number, draft.occurred_at or now, now, draft.actor, host, draft.body)
        row = _sealed(event, last)
        last = row.hash
        made.append(event)
        rows.append(row)
    conn.execute(_ADD_EVENTS, [row.columns() for row in rows])
    if found:
        conn.execute(_MOVE_END, {"stream": stream, "head": made[-1].seq, "hash": last})
    else:
        conn.execute(_ADD_STREAM, {"name": stream, "head": made[-1].seq, "hash": last})
    return tuple(made)


def _sealed(event: Event, previous: bytes) -> Stored:
    header = Header(
        event.stream, event.seq, kind_of(event.body), event.occurred_at, event.recorded_at, event.actor, event.host
    )
    nonce, body = secrets.token_bytes(chain.NONCE_BYTES), encode(event.body)
    sealed = chain.seal(nonce, body)
    return Stored(header, sealed, chain.link(previous, header, sealed), nonce, body)


def next_name(conn: Connection, prefix: str) -> str:
    """The next name of that prefix, which nobody gets again: `INC-1`, `INC-2`."""
    # Written before read: the row stays locked until the commit, and SQLite older than 3.35 knows no RETURNING.
    if not conn.execute(update(counters).where(counters.c.prefix == prefix).values(last=counters.c.last + 1)).rowcount:
        conn.execute(insert(counters).values(prefix=prefix, last=1))
    taken = conn.execute(select(counters.c.last).where(counters.c.prefix == prefix)).scalar_one()
    return f"{prefix}-{taken}"


def head(conn: Connection, stream: str) -> int:
    """The number of the stream's last event, 0 when it has none."""
    return end(conn, stream)[0]


def end(conn: Connection, stream: str) -> tuple[int, bytes]:
    """The number and the hash of the stream's last event."""
    row = conn.execute(_END, {"stream": stream}).one_or_none()
    return (row.head, row.hash) if row else (0, GENESIS)


def read(conn: Connection, stream: str, after: int, limit: int) -> tuple[Event, ...]:
    """The events that follow the one numbered `after`, in order."""
    rows = conn.execute(_SAID, {"of": stream, "after": after, "most": limit})
    return tuple(
        [
            Event(stream, seq, happened, recorded, actor, host, Erased(kind) if body is None else decode(kind, body))
            for seq, kind, happened, recorded, actor, host, body in rows.all()
        ]
    )


def stored(conn: Connection, stream: str, after: int, limit: int) -> tuple[Stored, ...]:
    """The same events as they lie in the journal."""
    rows = conn.execute(_STORED, {"of": stream, "after": after, "most": limit})
    return tuple(Stored(Header(*row[:7]), *row[7:]) for row in rows)


def all_streams(conn: Connection) -> tuple[StreamInfo, ...]:
    """Every stream, the oldest first."""
    first, last = events.alias(), events.alias()
    rows: Sequence[Row[tuple[str, int, int, int]]] = conn.execute(
        select(
            streams.c.name,
            streams.c.head,
            func.coalesce(first.c.occurred_at, 0),
            func.coalesce(last.c.occurred_at, 0),
        )
        .outerjoin(first, and_(first.c.stream == streams.c.name, first.c.seq == 1))
        .outerjoin(last, and_(last.c.stream == streams.c.name, last.c.seq == streams.c.head))
        .order_by(first.c.recorded_at, streams.c.name)
    ).all()
    return tuple(StreamInfo(*row) for row in rows)
