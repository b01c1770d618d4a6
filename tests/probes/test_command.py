"""A check of one's own: judged by how it ends and what it prints, and nothing of it is left behind."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import pytest

from cockpit.probes.make import make
from cockpit.probes.sample import Sample
from cockpit.probes.transport import ProbeTransport
from tests.probes.kinds import lanes, look, open_files, told, tools, until_open
from tests.processes import until_dead

ENV = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "TOKEN": "s3cret-value", "OTHER": "not for it"}
Run = Callable[..., Coroutine[Any, Any, Sample]]


@pytest.fixture
def run(transport: ProbeTransport, tmp_path: Path) -> Run:
    """Runs a command as a probe in a directory of its own."""

    async def once(*argv: str, environ: Mapping[str, str] = ENV, **fields: Any) -> Sample:
        return await look(tools(transport, tmp_path, environ), type="command", argv=argv, **fields)

    return once


def sh(script: str) -> tuple[str, ...]:
    return "sh", "-c", script


@pytest.mark.parametrize(
    ("script", "outcome", "said"),
    [
        ("exit 0", "good", "sh exit 0 in "),
        ("exit 3", "slow", ": degraded"),
        ("echo first >&2; echo no route to db >&2; exit 1", "bad", "; no route to db"),
        ("kill -SEGV $$", "indeterminate", "sh was ended by SIGSEGV"),
        ("no-such-check", "indeterminate", "exit 127: a command was not found on this host"),
    ],
)
async def test_how_it_ends_decides(script: str, outcome: str, said: str, run: Run) -> None:
    found = await run(*sh(script), degraded_exit_codes=[3])
    assert found.outcome == outcome and said in found.words


async def test_what_it_gets_is_named_and_there_is_nothing_to_read(run: Run) -> None:
    found = await run(*sh("cat; env"), env=["TOKEN"])
    assert found.outcome == "good"
    output = told(found)["output"]
    assert "HOME=/nowhere" in output and "TOKEN=[redacted]" in output and "OTHER" not in output


async def test_a_secret_that_it_prints_is_taken_out(run: Run) -> None:
    found = await run(*sh("echo login with $TOKEN failed >&2; exit 1"), env=["TOKEN"])
    assert found.words.endswith("; login with [redacted] failed")
    assert "s3cret" not in repr(found)


async def test_an_unset_variable_is_our_own_fault(run: Run) -> None:
    found = await run("true", env=["MISSING"])
    assert found.outcome == "indeterminate" and found.words == "not run: the environment variable MISSING is not set"


async def test_what_cannot_be_started_says_how_to_mend_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("#!/bin/sh\n")
    (tmp_path / "odd").write_text("nothing to run\n")
    (tmp_path / "odd").chmod(0o755)
    for argv, said in (
        ("no-such-check", "was not found on this host: install it, or give its whole path"),
        ("./plain", "may not be run here: chmod +x"),
        ("./odd", "is not a program for this host"),
        ("zero\0byte", "zero byte"),
    ):
        found = await run(argv)
        assert (found.outcome, found.failure) == ("indeterminate", "local")
        assert said in found.words


async def test_a_path_is_found_from_the_directory_of_the_config(run: Run, tmp_path: Path) -> None:
    (tmp_path / "check").write_text("#!/bin/sh\npwd\n")
    (tmp_path / "check").chmod(0o755)
    found = await run("./check")
    assert found.outcome == "good" and told(found)["output"].endswith(tmp_path.name)


@pytest.mark.parametrize(
    ("printed", "outcome", "said"),
    [
        ('{"queue": {"depth": 7}, "errors": 0.001}', "good", ""),
        ('{"queue": {"depth": 700}, "errors": 0.001}', "bad", "queue.depth is 700, not below 100"),
        ('{"errors": 0.001}', "bad", "queue.depth is missing"),
        ('{"queue": {"depth": 7}, "errors": 0.02}', "slow", "2 % errors, degraded from 1 %"),
        ('{"queue": {"depth": 7}, "errors": 0.5}', "bad", "50 % errors, critical from 5 %"),
        ('{"queue": {"depth": 7}, "errors": 7}', "bad", "errors is not a ratio from 0 to 1 but 7"),
        ('{"queue": {"depth": 7}}', "bad", "errors is missing"),
        ("fine", "bad", "its output is not JSON"),
    ],
)
async def test_json_on_its_output_is_judged(printed: str, outcome: str, said: str, run: Run) -> None:
    conditions, rate = [{"json": "queue.depth", "below": 100.0}], {"path": "errors"}
    found = await run("echo", printed, conditions=conditions, error_rate=rate)
    assert found.outcome == outcome and said in found.words
    wanted = json.loads(printed).get("errors") if printed.startswith("{") else None
    assert found.error_rate == (wanted if wanted != 7 else None)


async def test_a_failed_check_need_not_print_its_document(run: Run) -> None:
    found = await run(*sh("exit 1"), conditions=[{"json": "x", "equals": True}])
    assert found.outcome == "bad" and "JSON" not in found.words


async def test_output_without_end_is_drained_and_only_its_beginning_kept(run: Run) -> None:
    script = (
        "head -c 5000000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' y >&2; echo >&2; echo last >&2"
    )
    found = await run(*sh(script), conditions=[{"json": "x", "equals": True}])
    assert found.outcome == "bad" and "its output is longer than 64 KiB" in found.words
    assert told(found)["last line on standard error"] == "last"


async def test_at_its_deadline_all_it_started_is_killed(run: Run, tmp_path: Path) -> None:
    started = time.monotonic()
    found = await run(*sh("trap '' TERM; sleep 60 & echo $! > child; echo $$ > own; wait; wait"), timeout="1s")
    assert time.monotonic() - started < 30
    assert (found.outcome, found.failure) == ("bad", "read_timeout")
    assert found.words == "sh did not end within 1.0 s and was killed"
    for name in ("own", "child"):
        await until_dead(int((tmp_path / name).read_text("utf-8")))


async def test_something_left_in_the_background_is_not_waited_for(run: Run, tmp_path: Path) -> None:
    started = time.monotonic()
    found = await run(*sh("sleep 60 & echo $! > child; echo done"))
    assert found.outcome == "good" and told(found)["output"] == "done"
    assert time.monotonic() - started < 30
    await until_dead(int((tmp_path / "child").read_text("utf-8")))


async def test_a_cancelled_look_ends_its_command(transport: ProbeTransport, tmp_path: Path) -> None:
    (target,) = lanes(type="command", argv=sh("echo $$ > own; echo > started; exec sleep 60"))
    probe = make(target, tools(transport, tmp_path, ENV))
    before = len(open_files())
    os.mkfifo(tmp_path / "started")
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        looking = group.create_task(probe.sample())
        await asyncio.to_thread((tmp_path / "started").read_bytes)
        looking.cancel()
    await until_dead(int((tmp_path / "own").read_text("utf-8")))
    await until_open(before)
