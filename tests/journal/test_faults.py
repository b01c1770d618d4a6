"""Kills, full disks and read-only places, with real processes."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cockpit.clock import Clock
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import NoteAdded
from cockpit.journal.errors import ReadOnly
from cockpit.journal.store import Journal, open_reader

Note = Callable[[str], Draft]

_HEAD = """
import asyncio, itertools, json, os, resource, sys
from functools import partial
from pathlib import Path
from cockpit.clock import SystemClock
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import NoteAdded
from cockpit.journal import events, sqlite
from cockpit.journal.errors import StorageFull
from cockpit.journal.store import Answered, Journal, Letter
from cockpit.journal.worker import Worker

path = Path(sys.argv[1])
note = lambda text: Draft(NoteAdded(text=text), "writer")

async def fill(journal, size=2_000):
    acked = await journal.head("watch")
    try:
        while True:
            await journal.append("watch", [note("x" * size)])
            acked += 1
    except StorageFull as error:
        return acked, error.message
"""

WRITER = """
async def main():
    journal = await Journal.open(path, clock=SystemClock(), host="h")
    for turn in itertools.count():
        letter = Letter(str(turn), "team", "card", b"text")
        made = await journal.append("watch", [note(f"{turn}")] * (1 + turn % 3), letters=[letter],
                                    answer=Answered(f"c{turn}", b"ok"))
        print(turn, made[-1].seq, flush=True)
"""

FULL = """
async def main():
    journal = await Journal.open(path, clock=SystemClock(), host="h")
    await journal.append("watch", [note("first")])
    before = journal.tight
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20_000, hard))
    acked, said = await fill(journal)
    head, tight = await journal.head("watch"), journal.tight
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await journal.append("watch", [note("room again")])
    sound = await journal.verify("watch")
    await journal.close()
    print(json.dumps(dict(before=before, acked=acked, said=said, head=head, tight=tight, events=sound.events)))
"""

RETRIED = """
async def main():
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    asked = []
    def make_room():
        asked.append(1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        return True
    journal = await Journal.open(path, clock=SystemClock(), host="h")
    await journal.close()
    worker = Worker(sqlite.writer(path), "w", partial(sqlite.translate, path=path), make_room)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    for _ in range(20):
        await worker.run(lambda conn: events.append(conn, "watch", [note("x" * 2_000)], 1, "h"))
    head = await worker.run(lambda conn: events.head(conn, "watch"))
    await worker.close()
    print(json.dumps(dict(asked=len(asked), head=head)))
"""

TMPFS = """
async def main():
    os.system(f"mount -t tmpfs -o size=12m none {path.parent}")
    journal = await Journal.open(path, clock=SystemClock(), host="h")
    await journal.append("watch", [note("first")])
    with open(path.parent / "filler", "wb", buffering=0) as filler:
        try:
            while filler.write(b"x" * 4096): pass
        except OSError: pass
    held = not journal.tight
    acked, said = await fill(journal)
    head, tight = await journal.head("watch"), journal.tight
    os.unlink(path.parent / "filler")
    await journal.append("watch", [note("room again")])
    sound = await journal.verify("watch")
    await journal.close()
    print(json.dumps(dict(held=held, acked=acked, head=head, tight=tight, events=sound.events, said=said)))
"""


def command(body: str, path: Path) -> list[str]:
    return [sys.executable, "-c", f"{_HEAD}{body}\nasyncio.run(main())", str(path)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def told(body: str, path: Path, *prefix: str) -> dict[str, object]:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(
        [*prefix, *command(body, path)], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def killed(path: Path, due: int) -> dict[int, int]:
    """What a writer acknowledged that was killed as soon as it had acknowledged append number `due`."""
    acked: dict[int, int] = {}
    with subprocess.Popen(command(WRITER, path), env=environment(), stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            turn, seq = map(int, line.split())
            acked[turn] = seq
            if turn == due:
                writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    return acked


@pytest.mark.parametrize("seed", range(5))
async def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(path: Path, clock: Clock, seed: int) -> None:
    due = random.Random(seed).randint(1, 40)
    acked = killed(path, due)
    assert len(acked) > due

    reader = await open_reader(path)
    seen = await reader.head("watch")
    await reader.close()
    journal = await Journal.open(path, clock=clock, host="h")
    stored = await journal.read("watch")
    assert seen == len(stored) and [event.seq for event in stored] == list(range(1, len(stored) + 1))
    for turn, seq in acked.items():
        assert stored[seq - 1].body == NoteAdded(text=str(turn))
        assert await journal.answer_to(f"c{turn}") == b"ok"
    turns = {event.body.text for event in stored if isinstance(event.body, NoteAdded)}
    assert {letter.letter.update for letter in await journal.letters({"pending"})} == turns
    assert len(acked) <= len(turns) <= len(acked) + 1
    assert sum(1 + turn % 3 for turn in range(len(turns))) == len(stored)
    assert (await journal.verify("watch")).ok
    await journal.close()


def test_a_full_disk_releases_the_ballast_then_says_so_and_loses_nothing(path: Path) -> None:
    answer = told(FULL, path)
    assert (answer["before"], answer["tight"]) == (False, True)
    assert "Free some space" in str(answer["said"])
    assert answer["head"] == answer["acked"]
    assert isinstance(answer["acked"], int) and answer["acked"] > 1
    assert answer["events"] == answer["acked"] + 1
    assert not path.with_name("journal.sqlite.ballast").exists()


def test_a_write_that_found_no_room_is_done_once_when_room_was_made(path: Path) -> None:
    assert told(RETRIED, path) == {"asked": 1, "head": 20}


def _can_mount() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(
    os.environ.get("CI") != "true" and not _can_mount(), reason="this host lets nobody mount a small file system"
)
def test_the_ballast_lets_an_incident_go_on_for_a_while(path: Path) -> None:
    answer = told(TMPFS, path, "unshare", "-rm")
    assert (answer["held"], answer["tight"]) == (True, True)
    assert "no room left" in str(answer["said"])
    assert isinstance(answer["acked"], int) and answer["acked"] > 100
    assert (answer["head"], answer["events"]) == (answer["acked"], answer["acked"] + 1)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory that another user may read but not write."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


def write_protect(path: Path) -> None:
    path.chmod(0o444)
    path.parent.chmod(0o555)


@pytest.fixture
def as_other() -> Iterator[Callable[[], None]]:
    """Gives up the rights of root, which no permission stops."""
    before = os.geteuid()
    yield lambda: os.seteuid(65534) if before == 0 else None
    os.seteuid(before)


async def test_a_read_only_journal_can_be_read_and_refuses_to_be_written(
    shared: Path, clock: Clock, note: Note, as_other: Callable[[], None]
) -> None:
    path = shared / "journal.sqlite"
    journal = await Journal.open(path, clock=clock, host="h")
    made = await journal.append("watch", [note("kept")])
    await journal.close()
    write_protect(path)
    as_other()
    reader = await open_reader(path)
    assert await reader.read("watch") == made
    assert (await reader.verify("watch")).ok
    assert (await reader.load("watch")).seq == 1
    await reader.close()
    with pytest.raises(ReadOnly, match="Check who owns it"):
        await Journal.open(path, clock=clock, host="h")
    with pytest.raises(ReadOnly):
        await Journal.open(shared / "new" / "journal.sqlite", clock=clock, host="h")


async def test_a_journal_that_turns_read_only_under_the_engine_says_so(
    shared: Path, clock: Clock, note: Note, as_other: Callable[[], None]
) -> None:
    path = shared / "journal.sqlite"
    journal = await Journal.open(path, clock=clock, host="h")
    await journal.append("watch", [note("kept")])
    write_protect(path)
    as_other()
    with pytest.raises(ReadOnly):
        await journal.append("watch", [note("lost")])
    assert await journal.head("watch") == 1
    await journal.close()
