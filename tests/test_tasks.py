"""Background tasks keep their exceptions."""

from __future__ import annotations

import asyncio
import logging

import pytest

from cockpit.tasks import TaskSet


async def _fail() -> None:
    raise LookupError("lost")


async def test_a_failure_reaches_its_owner_by_name() -> None:
    seen: asyncio.Queue[tuple[str, BaseException]] = asyncio.Queue()
    tasks = TaskSet(lambda name, error: seen.put_nowait((name, error)))
    tasks.spawn(_fail(), "probe")
    name, error = await seen.get()
    assert name == "probe" and isinstance(error, LookupError)
    await tasks.close()


async def test_a_failure_without_an_owner_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    tasks = TaskSet()
    with caplog.at_level(logging.ERROR):
        await asyncio.gather(tasks.spawn(_fail(), "probe"), return_exceptions=True)
        await asyncio.sleep(0)
    assert "task probe failed" in caplog.text


async def test_closing_cancels_and_waits() -> None:
    cleaned = asyncio.Event()
    started = asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    failures: list[str] = []
    tasks = TaskSet(lambda name, _: failures.append(name))
    task = tasks.spawn(work(), "work")
    await started.wait()
    await tasks.close()
    assert task.cancelled() and cleaned.is_set() and not failures
