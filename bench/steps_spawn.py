"""A step that does nothing, from its first file to its recorded result, against a bare `subprocess.run`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

from bench.proc import percentile
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.follow import follow
from cockpit.execution.launch import Launcher
from cockpit.execution.status import Finished

ROUNDS = 200
COMMAND = ("true",)
POLL = 0.001
"""Seconds between two looks, so that what is measured is the step and not the engine's patience."""


def bare() -> float:
    """Milliseconds of the yardstick."""
    began = time.perf_counter()
    subprocess.run(COMMAND, check=True, env={"PATH": os.defpath})
    return (time.perf_counter() - began) * 1e3


async def step(launcher: Launcher, directory: Path) -> tuple[float, float]:
    """Milliseconds until its files lie there durably, and from then until its result is on record."""
    name = uuid.uuid4().hex
    attempt = AttemptDir(directory / name, name)
    began = time.perf_counter()
    attempt.create(CommandSpec(COMMAND, 60.0))
    made = time.perf_counter()
    await launcher.launch(attempt, {"PATH": os.defpath})
    last = [seen async for seen in follow(attempt, poll=POLL)][-1]
    ended = time.perf_counter()
    assert isinstance(last, Finished)
    return (made - began) * 1e3, (ended - made) * 1e3


async def measure(directory: Path) -> None:
    """Print both, in turns so that the machine's moods fall on both alike."""
    launcher = Launcher()
    theirs, makes, runs = [], [], []
    for _ in range(ROUNDS):
        theirs.append(bare())
        make, run = await step(launcher, directory)
        makes.append(make)
        runs.append(run)
    wholes = [make + run for make, run in zip(makes, runs, strict=True)]
    for name, values in (
        ("subprocess.run", theirs), ("a step", wholes), ("  its files", makes), ("  launch to result", runs),
    ):  # fmt: skip
        print(f"{name:20} p50 {percentile(values, 50):6.1f} ms, p99 {percentile(values, 99):6.1f} ms")


def main() -> None:
    """Measure on the disk of this directory: a temporary one may lie in memory."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        asyncio.run(measure(Path(scratch)))


if __name__ == "__main__":
    main()
