"""The loop whose clock jumps: a timer is never early, and what is ready always comes first."""

from __future__ import annotations

import asyncio
import itertools
import socket

import pytest

from tests.drills.warp.loop import Stalled, WarpLoop, warped


def test_an_hour_is_over_at_once_and_to_the_microsecond() -> None:
    async def work() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time() - began

    assert warped(work(), 7200) == pytest.approx(3600, abs=1e-6)


def test_timers_come_in_their_order_whoever_set_them_first() -> None:
    async def work() -> list[int]:
        seen: list[int] = []

        async def at(seconds: int) -> None:
            await asyncio.sleep(seconds)
            seen.append(seconds)

        await asyncio.gather(at(30), at(10), at(20))
        return seen

    assert warped(work(), 60) == [10, 20, 30]


def test_what_was_written_is_read_before_any_time_passes() -> None:
    async def work() -> tuple[bytes, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.setblocking(False)
            async with asyncio.timeout(5):
                _, read = await asyncio.gather(loop.sock_sendall(ours, b"x" * 4_000_000), _all(theirs, 4_000_000))
        return read, loop.time() - began

    read, seconds = warped(work(), 60)
    assert (len(read), seconds) == (4_000_000, 0)


async def _all(sock: socket.socket, size: int) -> bytes:
    loop, read = asyncio.get_running_loop(), b""
    while len(read) < size:
        read += await loop.sock_recv(sock, 65536)
    return read


def test_a_thread_takes_no_time_and_what_it_raises_arrives() -> None:
    def fails() -> None:
        raise OSError("the disk is gone")

    async def work() -> tuple[int, float, str]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        made = await asyncio.to_thread(sum, range(1_000_000))
        try:
            await asyncio.to_thread(fails)
        except OSError as error:
            return made, loop.time() - began, str(error)
        raise AssertionError("nothing was raised")

    assert warped(work(), 60) == (499999500000, 0, "the disk is gone")


def test_what_never_ends_is_told_as_such() -> None:
    async def for_ever() -> None:
        for _ in itertools.count():
            await asyncio.sleep(1)

    with pytest.raises(Stalled, match="still under way after 90 s"):
        warped(for_ever(), 90)


def test_a_deadline_of_the_work_is_not_taken_for_the_bound() -> None:
    async def work() -> None:
        async with asyncio.timeout(3):
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        warped(work(), 60)


def test_a_loop_in_which_nothing_can_happen_any_more_says_so() -> None:
    loop = WarpLoop()
    try:
        with pytest.raises(Stalled, match="nothing can ever happen"):
            loop.run_until_complete(loop.create_future())
    finally:
        loop.close()
