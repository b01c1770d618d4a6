"""Append to the journal, against a bare sqlite3 commit of the same bytes at the same durability."""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.incident.event import Draft, encode
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import NoteAdded, StatusChanged
from cockpit.journal.store import Journal

ROUNDS = 400
DRAFT = Draft(NoteAdded(text="the error rate fell from 18 % to 0.2 % after the flag went back"), "bench")
TURN = Draft(StatusChanged(status="identified"), "bench")
"""What has the state after it stamped."""


class Bare:
    """One table, one row, one commit."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, body BLOB)")

    def commit(self, body: bytes) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT INTO event (body) VALUES (?)", (body,))
        self._db.execute("COMMIT")


async def measure(directory: Path) -> None:
    """Print both medians and their ratio, in turns so that the disk's moods fall on both alike."""
    bare, body = Bare(directory / "bare.sqlite"), encode(DRAFT.body)
    journal = await Journal.open(directory / "journal.sqlite", clock=SystemClock(), host="bench")
    ours: list[float] = []
    theirs: list[float] = []
    stamped: list[float] = []
    state = State(stream="watch")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        bare.commit(body)
        theirs.append(time.perf_counter() - start)
        for draft, took in ((DRAFT, ours), (TURN, stamped)):
            start = time.perf_counter()
            events = await journal.append("watch", [draft], before=state)
            took.append(time.perf_counter() - start)
            state = fold(events, state)
    await journal.close()
    append, commit = statistics.median(ours), statistics.median(theirs)
    print(f"journal append p50 {append * 1e3:.2f} ms, p95 {statistics.quantiles(ours, n=20)[-1] * 1e3:.2f} ms")
    print(f"with a stamp   p50 {statistics.median(stamped) * 1e3:.2f} ms")
    print(f"bare commit    p50 {commit * 1e3:.2f} ms, p95 {statistics.quantiles(theirs, n=20)[-1] * 1e3:.2f} ms")
    print(f"ratio {append / commit:.2f} (budget 1.50)")


def main() -> None:
    """Measure on the disk of this directory: a temporary one may lie in memory."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        asyncio.run(measure(Path(scratch)))


if __name__ == "__main__":
    main()
