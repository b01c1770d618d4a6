"""Output: bounded on disk and in memory, and never in the way of the command, even with no disk left."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.execution import processes, record, ring, spool, status
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.launch import Launcher
from cockpit.execution.status import Finished, Running, Status

Start = Callable[..., Awaitable[AttemptDir]]
End = Callable[[AttemptDir], Awaitable[Status]]
Until = Callable[[Callable[[], object]], Awaitable[None]]
ENV = {"PATH": os.defpath}


@given(chunks=st.lists(st.binary(min_size=1, max_size=300), max_size=20), size=st.integers(0, 300))
def test_the_spool_keeps_the_head_and_the_tail(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes], size: int
) -> None:
    attempt = AttemptDir(tmp_path_factory.mktemp("spool") / "one", "one")
    attempt.create(CommandSpec(("true",), 1.0), kept=256)
    kept = ring.Spool(str(attempt.path / record.OUTPUT))
    for chunk in chunks:
        kept.take(chunk)
    whole = b"".join(chunks)
    assert spool.tail(attempt, size) == (len(whole), whole[max(0, len(whole) - min(size, 128)) :])
    assert spool.head(attempt, size) == whole[: min(size, 128)]
    assert kept.dropped == max(0, len(whole) - 256)
    assert (attempt.path / record.OUTPUT).stat().st_size <= record.RECORD + 256


def most_memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


async def test_much_output_takes_little_disk_and_memory(start: Start, end: End, until: Until) -> None:
    script = "head -c 50000000 /dev/zero | tr '\\0' 'x'; echo the end; sleep 1000"
    attempt = await start("sh", "-c", script, kept=4 << 20)
    await until(lambda: spool.tail(attempt, 10) == (50_000_008, b"xxthe end\n"))
    now = status.read(attempt)
    assert isinstance(now, Running)
    above = processes.processes()[now.pid].parent
    assert most_memory(above) < 50 << 20
    assert (attempt.path / record.OUTPUT).stat().st_blocks * 512 <= (4 << 20) + 2 * record.RECORD
    status.cancel(attempt)
    ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert ended.result.output_bytes == 50_000_008
    assert ended.result.dropped_bytes == 50_000_008 - (4 << 20)


async def test_only_its_owner_may_read_the_output(start: Start, end: End) -> None:
    attempt = await start("true")
    await end(attempt)
    assert stat.S_IMODE((attempt.path / record.OUTPUT).stat().st_mode) == 0o600
    assert stat.S_IMODE(attempt.path.stat().st_mode) == 0o700


async def test_erased_output_is_gone_and_its_size_remembered(start: Start, end: End) -> None:
    attempt = await start("echo", "secret")
    await end(attempt)
    spool.erase(attempt)
    spool.erase(attempt)
    assert spool.tail(attempt, 100) == (7, b"")
    assert spool.head(attempt, 100) == b""


async def test_erasing_disturbs_no_command_that_runs(start: Start, end: End, until: Until, tmp_path: Path) -> None:
    go = tmp_path / "go"
    attempt = await start("sh", "-c", f"echo secret; while ! [ -e {go} ]; do sleep 0.02; done; echo more; exit 4")
    await until(lambda: spool.tail(attempt, 100)[1])
    spool.erase(attempt)
    go.touch()
    ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert (ended.result.exit_code, ended.result.output_bytes) == (4, 12)
    assert spool.tail(attempt, 100) == (12, b"")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0 and os.environ.get("CI") != "true":
        pytest.skip("mounting a small file system needs root; the limit on file size covers others")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_full_disk_stops_no_command_and_loses_no_result(small_disk: Path, launcher: Launcher, end: End) -> None:
    attempt = AttemptDir(small_disk / "one", "one")
    attempt.create(CommandSpec(("sh", "-c", "head -c 3000000 /dev/zero; exit 9"), 60.0))
    await launcher.launch(attempt, ENV)
    ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert (ended.result.exit_code, ended.result.output_bytes) == (9, 3_000_000)
    assert 1_900_000 < ended.result.dropped_bytes < 3_000_000


async def test_a_disk_full_from_the_start_stops_no_command(small_disk: Path, launcher: Launcher, end: End) -> None:
    attempt = AttemptDir(small_disk / "one", "one")
    attempt.create(CommandSpec(("sh", "-c", "echo output; exit 8"), 60.0))
    with pytest.raises(OSError, match="No space"), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)
    await launcher.launch(attempt, ENV)
    ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert (ended.result.exit_code, ended.result.output_bytes, ended.result.dropped_bytes) == (8, 7, 7)


async def test_a_command_is_stopped_although_the_disk_is_full(
    small_disk: Path, launcher: Launcher, end: End, until: Until
) -> None:
    attempt = AttemptDir(small_disk / "one", "one")
    attempt.create(CommandSpec(("yes",), 60.0))
    await launcher.launch(attempt, ENV)
    await until(lambda: spool.total(attempt))
    with pytest.raises(OSError, match="No space"), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)
    status.cancel(attempt)
    ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert (ended.result.ended_by, ended.result.signal) == ("person", signal.SIGTERM)
    assert ended.result.dropped_bytes > 0


async def test_a_limit_on_file_size_is_a_full_disk_too(start: Start, end: End) -> None:
    # The supervisor inherits the limit; the command lifts its own copy by printing into a pipe only.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        attempt = await start(sys.executable, "-I", "-c", "print('x' * 999_999); raise SystemExit(6)")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert (ended.result.exit_code, ended.result.output_bytes) == (6, 1_000_000)
    assert ended.result.dropped_bytes == 1_000_000 - (100_000 - record.RECORD)
