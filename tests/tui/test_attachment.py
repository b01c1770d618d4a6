"""An engine that hangs is told from one that has nothing to say, and is attached to again when it answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cockpit.protocol.client import Unanswered
from cockpit.protocol.commands import Note
from cockpit.protocol.messages import Fetch
from cockpit.protocol.older import unaskable
from cockpit.protocol.views import ServicesView
from cockpit.tasks import TaskSet
from cockpit.tui.attachment import SIGN_OF_LIFE, Attachment
from cockpit.tui.clockface import Clockface
from cockpit.tui.frame import Frame
from cockpit.tui.silence import BUSY, GIVE_UP_AFTER, Silence


class Scene:
    """An attachment whose looks the test makes, and an engine that can be stopped."""

    def __init__(self, world: Any) -> None:
        self.client, self.clock = world.client, world.clock
        self.stopped, self.refused = False, 0
        self.frame = Frame(clock=Clockface(self.clock))
        self.answer = self.client.send
        self.client.send = self.send
        self.looks: asyncio.Queue[None] = asyncio.Queue()
        self.desk = Attachment(
            self.connect, self.frame, attached=lambda: None, changed=lambda: None, told=lambda _: None,
            monotonic=self.clock, sleep=self.look,
        )  # fmt: skip

    async def connect(self) -> Any:
        if self.stopped:
            self.refused += 1
            raise Unanswered("the engine at /run/x did not answer the greeting")
        self.client.told = asyncio.Queue()
        return self.client

    async def send(self, message: Fetch) -> None:
        if not self.stopped:
            await self.answer(message)

    async def look(self, _: float) -> None:
        await self.looks.get()

    async def pass_looks(self, number: int) -> None:
        for _ in range(number):
            self.clock.seconds += 1
            self.looks.put_nowait(None)
            for _ in range(10):
                await asyncio.sleep(0)

    async def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(2_000):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"it never came to that: {self.frame.lost}")


@pytest.fixture
async def scene(new_world: Callable[..., Any]) -> AsyncIterator[Callable[[], Any]]:
    @asynccontextmanager
    async def begin() -> AsyncIterator[Scene]:
        scene = Scene(new_world())
        running = TaskSet().spawn(scene.desk.run(), "attachment")
        try:
            await scene.until(lambda: scene.frame.lost == "")
            yield scene
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    yield begin


async def test_an_engine_that_hangs_is_said_not_to_answer_and_is_there_again_when_it_does(scene: Any) -> None:
    async with scene() as here:
        here.stopped = True
        await here.pass_looks(GIVE_UP_AFTER)
        assert here.frame.lost == "the engine does not answer since 10:58"
        with pytest.raises(ConnectionError):
            await here.desk.do(Note(text="x"), None)
        here.clock.seconds += 300
        await here.until(lambda: here.refused > 1)
        assert here.frame.lost == "the engine does not answer since 10:58"
        here.stopped = False
        await here.until(lambda: here.frame.lost == "")


async def test_an_engine_with_nothing_to_say_is_asked_for_a_sign_of_life_and_kept(scene: Any) -> None:
    async with scene() as here:
        await here.pass_looks(4 * GIVE_UP_AFTER)
        assert here.frame.lost == ""
        assert here.client.sent.count(SIGN_OF_LIFE) > 2


async def test_whatever_comes_is_a_sign_of_life(scene: Any) -> None:
    async with scene() as here:
        here.stopped = True
        for _ in range(3):
            await here.pass_looks(GIVE_UP_AFTER - 2)
            here.client.tell(ServicesView())
        assert here.frame.lost == ""


def test_an_engine_that_carries_out_a_command_is_given_more_time() -> None:
    idle, busy = Silence(), Silence()
    assert [idle.look(False) for _ in range(GIVE_UP_AFTER)][-1] == "give up"
    assert "give up" not in [busy.look(True) for _ in range(BUSY - 1)]
    assert busy.look(True) == "give up"


def test_the_sign_of_life_is_a_question_of_version_1() -> None:
    assert unaskable(SIGN_OF_LIFE, 1) == ""
