"""The directory of a replay's socket: nobody else's is touched, and what a killed replay left is cleared away."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.replay.room import PREFIX, SOCKET, clear, room

HOLDER = """
import socket, sys
from cockpit.replay.room import room
with room() as place:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(place))
    print(place, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def below(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory for temporary files, with a short name and nothing in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        monkeypatch.setenv("TMPDIR", place)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(place)


async def test_what_a_killed_replay_left_is_cleared_away_by_the_next_and_what_one_holds_is_not(below: Path) -> None:
    holders = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", HOLDER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    places = []
    for holder in holders:
        assert holder.stdout is not None
        places.append(Path((await holder.stdout.readline()).decode().strip()))
    killed, alive = places
    holders[0].kill()
    await holders[0].wait()
    assert killed.exists()
    with room() as own:
        assert not killed.parent.exists() and alive.exists()
        assert own.parent.stat().st_mode & 0o777 == 0o700
    await holders[1].communicate(b"")
    assert not alive.parent.exists() and not own.parent.exists()


def test_what_is_not_ours_or_no_more_than_a_socket_stays(below: Path) -> None:
    target = below / "mine"
    target.mkdir(mode=0o700)
    (target / SOCKET).touch()
    (below / f"{PREFIX}link").symlink_to(target, target_is_directory=True)
    (below / f"{PREFIX}file").touch()
    open_to_all = below / f"{PREFIX}open"
    open_to_all.mkdir()
    open_to_all.chmod(0o755)
    with_notes = below / f"{PREFIX}notes"
    with_notes.mkdir(mode=0o700)
    (with_notes / "notes.md").touch()
    (below / f"{PREFIX}left").mkdir(mode=0o700)
    clear(below)
    assert {path.name for path in below.iterdir()} == {
        "mine", *(f"{PREFIX}{name}" for name in ("link", "file", "open", "notes"))
    }  # fmt: skip
    assert (target / SOCKET).exists() and (with_notes / "notes.md").exists()


def test_another_users_directory_stays(below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (below / f"{PREFIX}theirs").mkdir(mode=0o700)
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    clear(below)
    assert (below / f"{PREFIX}theirs").exists()


def test_where_a_file_system_knows_no_locks_a_replay_plays_and_nothing_is_cleared_away(
    below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(held: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", unknown)
    with room() as first, room() as second:
        assert first.parent.exists() and second.parent.exists()
    assert list(below.iterdir()) == []
