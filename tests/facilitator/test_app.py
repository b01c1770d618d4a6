"""The facilitator's screen on a real simulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from cockpit.drills.shelf import load
from cockpit.facilitator.app import FacilitatorApp
from cockpit.facilitator.backstage import behind
from cockpit.platform.drillclock import SharedClock
from cockpit.tui.calm import TROUBLE


class Leading:
    """The app with its keys, and what stands on it."""

    def __init__(self, app: FacilitatorApp, pilot: Pilot[str]) -> None:
        self.app = app
        self.press = pilot.press
        self._pilot = pilot

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def until(self, so: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(30):
                while not so():
                    await self._pilot.pause(0.02)
        except TimeoutError:
            raise AssertionError(f"it never came to that; the screen:\n{self.text}") from None

    async def sees(self, *words: str) -> None:
        await self.until(lambda: all(each in self.text for each in words))


@asynccontextmanager
async def leading(size: tuple[int, int] = (120, 40)) -> AsyncIterator[Leading]:
    stage = await behind("d")
    app = FacilitatorApp(stage, await stage.look())
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Leading(app, pilot)
        assert not [each for each in app._notifications if each.title == TROUBLE]


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_all_of_it_is_seen_at_once(led: Any, size: tuple[int, int]) -> None:
    async with led(minute=4), leading(size) as person:
        await person.sees(
            "FACILITATOR", "HARM", "T4:0", "> auth.flag", "was absent", "TO COME", "> T5:00", "· resolved"
        )
        await person.sees("DONE BY COMMANDS", "SIDE EFFECTS", "none", "SAID FROM OUTSIDE", "q leave")
        assert all(len(line) <= size[0] for line in person.text.splitlines())


async def test_space_pauses_and_goes_on_and_nothing_moves_for_it(led: Any) -> None:
    async with led(speed=6.0, minute=-1000) as places, leading() as person:
        clock = SharedClock(places.drill_clock)
        await person.sees(" 6x ")
        before = person.text.splitlines()[0].index("UTC")
        await person.press("space")
        await person.sees(" paused ", "everything stands still")
        assert clock.speed == 0 and person.text.splitlines()[0].index("UTC") == before
        await person.press("plus")
        await person.sees("space has it go on")
        assert clock.speed == 0
        await person.press("space")
        await person.sees("runs at 6x")
        assert clock.speed == 6.0


async def test_faster_and_slower_end_at_the_ends(led: Any) -> None:
    async with led(speed=30.0, minute=-1000) as places, leading() as person:
        clock = SharedClock(places.drill_clock)
        for key, speed in (
            ("plus", 60),
            ("equals_sign", 60),
            ("minus", 30),
            *[("minus", each) for each in (12, 6, 2, 1)],
        ):
            await person.press(key)
            assert clock.speed == speed
        for _ in range(2):
            await person.press("minus")
            assert clock.speed == 0.5


async def test_the_next_word_is_said_or_left_out_and_it_is_seen(led: Any) -> None:
    first, second, third, last = load("login-flag").injects
    async with led(), leading() as person:
        await person.press("n")
        await person.sees(f"Said: {first.source}")
        await person.until(lambda: person.app.scene.hidden.words[-1:] != ())
        assert [each.text for each in person.app.scene.hidden.words] == [first.text]
        await person.press("s")
        await person.sees("Left out: ")
        await person.until(lambda: person.app.scene.hidden.skipped == (0, 1))
        await person.press("i")
        await person.sees("Say from outside, now", "words of your own")
        await person.press("j", "enter")
        await person.until(lambda: [each.text for each in person.app.scene.words] == [third.text])
        assert person.app.scene.hidden.words[-1].text == last.text
        await person.press("n")
        await person.until(lambda: not person.app.scene.words)
        await person.press("n")
        await person.sees("The scenario has no more words")
        assert second.text not in [each.text for each in person.app.scene.hidden.words]


async def test_what_is_said_while_all_stands_still_is_told_to_come_later_first_of_all(led: Any) -> None:
    (first, *_) = load("login-flag").injects
    async with led(speed=6.0, minute=-1000), leading((80, 24)) as person:
        await person.press("space")
        await person.sees("everything stands still")
        await person.press("n")
        await person.sees(f"Comes when the drill goes on: {first.source}")


async def test_words_of_ones_own(led: Any) -> None:
    async with led(), leading((80, 24)) as person:
        await person.press("i", *["j"] * 4, "enter")
        await person.sees("in your own words")
        await person.press("enter")
        await person.sees("Say something, or Esc goes back.")
        await person.press(*"gone", "shift+tab", *"coo", "shift+tab", "right", "right", "enter")
        await person.until(lambda: bool(person.app.scene.hidden.words))
        said = person.app.scene.hidden.words[0]
        assert (said.source, said.who, said.text) == ("phone", "coo", "gone")


async def test_help_and_the_ways_back(led: Any) -> None:
    async with led(), leading((80, 24)) as person:
        for opens, words in (("question_mark", "Leading a drill"), ("i", "Say from outside")):
            await person.press(opens)
            await person.sees(words)
            await person.press("escape")
            await person.until(lambda: "Esc back" not in person.text)
        await person.press("ctrl+c")
        await person.sees("q leaves; the drill goes on.")


@pytest.mark.parametrize(("answer", "speed", "said"), [("r", 6.0, "goes on"), ("l", 0.0, "is paused")])
async def test_a_paused_drill_is_not_left_by_accident(led: Any, answer: str, speed: float, said: str) -> None:
    async with led(speed=6.0, minute=-1000) as places, leading() as person:
        await person.press("space", "q")
        await person.sees("The drill is paused.")
        await person.press("escape")
        await person.until(lambda: "leaves it paused" not in person.text)
        await person.press("q")
        await person.sees("leaves it paused")
        await person.press(answer)
        await person.until(lambda: person.app._exit)
        assert said in str(person.app.return_value)
        assert SharedClock(places.drill_clock).speed == speed


async def test_leaving_leaves_the_drill_as_it_is(led: Any) -> None:
    async with led(speed=6.0, minute=-1000) as places, leading() as person:
        await person.press("q")
        await person.until(lambda: person.app._exit)
        assert person.app.return_value == "Left. The drill goes on." and SharedClock(places.drill_clock).speed == 6.0


async def test_a_drill_that_ends_meanwhile_is_said_and_stays_in_sight(led: Any) -> None:
    async with led(minute=4):
        stage = await behind("d")
        scene = await stage.look()
    app = FacilitatorApp(stage, scene)
    async with app.run_test(size=(80, 24)) as pilot:
        person = Leading(app, pilot)
        await person.sees("The drill is over", "HARM")
        for key in ("space", "plus"):
            await person.press(key)
            await person.sees("The drill is over")
        await person.press("q")
        await person.until(lambda: person.app._exit)
        assert app.return_value == "The drill is over."
