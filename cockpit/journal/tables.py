"""The tables. Their names and columns are the journal's format: a change here needs a migration."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("prefix", String, primary_key=True),
    Column("last", Integer, nullable=False),
)

streams = Table(
    "streams",
    metadata,
    Column("name", String, primary_key=True),
    Column("head", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Append only, but for `nonce` and `body`: a redaction empties both, and without the nonce the seal tells nothing of
# the body.
events = Table(
    "events",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("kind", String, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("host", String, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("nonce", LargeBinary),
    Column("body", LargeBinary),
    sqlite_with_rowid=False,
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

# What was so after an event, as its recorder saw it; `digests` is a digest of each family of the state.
stamps = Table(
    "stamps",
    metadata,
    Column("stream", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("digests", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

answers = Table(
    "answers",
    metadata,
    Column("command", String, primary_key=True),
    Column("answer", LargeBinary, nullable=False),
    Column("stream", String, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False, unique=True),
    Column("stream", String, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("update_id", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("not_before", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    # What was sent, byte for byte, from the moment before the first byte left; where it is; how often it was not found.
    Column("wire", LargeBinary),
    Column("address", String, nullable=False, server_default=""),
    Column("absences", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
