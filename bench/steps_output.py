"""A gigabyte of output through a step, against `cat > file` of the same bytes from the same producer.

`COCKPIT_BENCH_GB` says how many gigabytes instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

from bench.proc import peak_mb, rss_mb
from cockpit.execution import processes, spool
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.follow import follow
from cockpit.execution.launch import Launcher
from cockpit.execution.status import Finished, Running, cancel

GIGABYTES = float(os.environ.get("COCKPIT_BENCH_GB", "1"))
SIZE = int(GIGABYTES * 1e9)
ROUNDS = 5
PRODUCE = f"head -c {SIZE} /dev/zero"


def cat(directory: Path) -> float:
    """Seconds of the yardstick."""
    target = directory / "file"
    began = time.perf_counter()
    subprocess.run(["sh", "-c", f'{PRODUCE} | cat > "$1"', "sh", str(target)], check=True)
    took = time.perf_counter() - began
    target.unlink()
    return took


async def step(launcher: Launcher, directory: Path) -> tuple[float, float, float]:
    """Seconds from its launch to its result, MB of its supervisor's memory at the most, and MB of disk."""
    attempt, peak = _attempt(directory), 0.0
    attempt.create(CommandSpec(("sh", "-c", PRODUCE), 3600.0))
    began = time.perf_counter()
    await launcher.launch(attempt, {"PATH": os.defpath})
    async for seen in follow(attempt):
        if isinstance(seen, Finished):
            took = time.perf_counter() - began
            assert seen.result.output_bytes == spool.total(attempt) == SIZE
        elif pid := _leader(attempt):
            # It may end during the look.
            with contextlib.suppress(OSError, KeyError):
                peak = max(peak, peak_mb(processes.processes()[pid].parent))
    return took, peak, (attempt.path / "output").stat().st_blocks * 512 / 1e6


async def idle_mb(launcher: Launcher, directory: Path) -> float:
    """MB of a supervisor whose command prints nothing."""
    attempt = _attempt(directory)
    attempt.create(CommandSpec(("sleep", "1000"), 3600.0))
    await launcher.launch(attempt, {"PATH": os.defpath})
    resident = 0.0
    async for seen in follow(attempt):
        if isinstance(seen, Running):
            resident = rss_mb(processes.processes()[seen.pid].parent)
            cancel(attempt)
    return resident


def _leader(attempt: AttemptDir) -> int:
    claim = attempt.claim()
    return 0 if claim is None else claim.pid


def _attempt(directory: Path) -> AttemptDir:
    name = uuid.uuid4().hex
    return AttemptDir(directory / name, name)


async def measure(directory: Path) -> None:
    """Print both rates and their ratio, in turns so that the disk's moods fall on both alike."""
    launcher = Launcher()
    idle = await idle_mb(launcher, directory)
    theirs, ours = [], []
    for _ in range(ROUNDS):
        theirs.append(cat(directory))
        ours.append(await step(launcher, directory))
    bare, took = statistics.median(theirs), statistics.median(seconds for seconds, _, _ in ours)
    print(f"cat > file  {SIZE / bare / 1e6:6.0f} MB/s, {bare:.2f} s for {GIGABYTES:g} GB (median of {ROUNDS})")
    print(f"a step      {SIZE / took / 1e6:6.0f} MB/s, {took:.2f} s, {max(disk for _, _, disk in ours):.0f} MB of disk")
    print(f"ratio       {bare / took:.2f} (budget 0.50)")
    print(f"supervisor  {max(peak for _, peak, _ in ours) - idle:+.1f} MB above {idle:.1f} MB when idle (budget 50)")


def main() -> None:
    """Measure on the disk of this directory: a temporary one may lie in memory."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        asyncio.run(measure(Path(scratch)))


if __name__ == "__main__":
    main()
