"""Commands that do not end as they should, as real processes."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from cockpit.changes.command import LIMIT
from cockpit.platform.command import FLOOD, Ran, run

ENV = {"PATH": os.environ["PATH"]}


async def ran(script: str, within: float, said: bytes = b"") -> Ran:
    async with asyncio.timeout(within + 3):
        return await run(["sh", "-c", script], ENV, Path("/"), within, 1024, said)


@pytest.mark.parametrize(("rest", "code"), [("exit 3", 3), ("sleep 600", None)])
async def test_what_leaves_the_group_and_holds_the_pipes_holds_up_nobody(rest: str, code: int | None) -> None:
    found = await ran(f"echo hi; setsid sleep 600 & echo $!; {rest}", 1.0 if code is None else 20.0)
    said, left = found.out.decode().split()
    os.kill(int(left), signal.SIGKILL)
    assert (said, found.code) == ("hi", code)


async def test_a_command_that_floods_is_ended_at_once() -> None:
    found = await ran("yes", within=30.0)
    assert found.code == -signal.SIGKILL and found.cut and len(found.out) == 1024
    assert found.seconds < 20


async def test_what_is_said_is_read_to_its_end_and_need_not_be() -> None:
    assert (await ran("wc -c", 10.0, b"x" * 200_000)).out.split() == [b"200000"]
    assert (await ran("exit 0", 10.0, b"x" * 200_000)).code == 0
    assert (await ran("wc -c", 10.0)).out.split() == [b"0"]


def test_a_flood_is_more_than_anybody_wants_to_keep() -> None:
    assert FLOOD > LIMIT
