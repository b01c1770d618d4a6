"""The quiet beginning of a drill by hand, on a real clock of a drill."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from cockpit.drills import drill as drills
from cockpit.drills import quiet
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.quiet import first_sign, pass_quickly
from cockpit.drills.seat import Seat, seated
from cockpit.drills.shelf import load
from cockpit.drills.sight import Sight
from cockpit.drills.stage import Stage
from cockpit.exits import Exit
from cockpit.platform.drillclock import SharedClock, begin
from cockpit.platform.places import Places
from cockpit.protocol.commands import AnyCommand, Note
from cockpit.protocol.views import HeaderView
from cockpit.text import SafeText
from tests.drills.small import made

OPEN = HeaderView("INC-1", 1, True, SafeText("d"))
HOUR = {"faults": ({"at": 3600.0, "sets": {"a.x": "1"}},), "lasts": 7200.0}
"""An hour in which nothing happens."""


@dataclass
class Chair:
    """A seat that sees what it is given; `each` is done whenever it waits."""

    each: Callable[[Stage], None] = lambda stage: None
    sight: Sight = field(default_factory=Sight)
    said: list[str] = field(default_factory=list)
    stage: Any = None

    async def pause(self) -> None:
        self.each(self.stage)
        await asyncio.sleep(0)

    async def do(self, command: AnyCommand) -> None:
        assert isinstance(command, Note)
        self.said.append(command.text)


@pytest.fixture
def stage(tmp_path: Path) -> Callable[..., Stage]:
    """A drill at its T0, without an engine; its clock runs."""

    def at(scenario: Scenario, speed: float = 6.0) -> Stage:
        begin(tmp_path / "drill.clock", speed, 0)
        places = Places(tmp_path)
        return Stage(scenario, SharedClock(places.drill_clock), 0, places, "d", tmp_path, "", {})

    return at


async def passed(stage: Stage, chair: Chair) -> None:
    chair.stage = stage
    async with asyncio.timeout(20):
        await pass_quickly(stage, cast(Seat, chair))


@pytest.mark.parametrize(("name", "minute"), [("config-cascade", 45), ("login-flag", 3), ("demo-clock", 0)])
def test_a_drill_is_quiet_until_somebody_is_harmed_or_speaks(name: str, minute: float) -> None:
    assert first_sign(load(name)) == minute * 60


def test_a_word_ends_it_too_and_a_drill_in_which_nothing_comes_is_quiet_throughout() -> None:
    word = {"at": 90.0, "source": "chat", "text": "hello?", "fact": "invented"}
    assert first_sign(made(injects=(word,), **HOUR)) == 90
    assert first_sign(made(faults=({"at": 60.0, "sets": {"a.y": "1"}},))) == 3600


async def test_an_hour_of_quiet_runs_fast_until_a_minute_before_its_end(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet, "FAST", 20_000.0)
    drill, chair = stage(made(**HOUR)), Chair()
    await passed(drill, chair)
    assert drill.clock.speed == 6 and drill.minute >= 59
    assert chair.said == [
        "Quiet so far: the clock runs 20000 times as fast until something happens or you declare, then 6."
    ]


async def test_who_declares_has_the_speed_that_was_asked_for_at_once(stage: Callable[..., Stage]) -> None:
    drill, chair = stage(made(**HOUR)), Chair(sight=Sight(header=OPEN))
    await passed(drill, chair)
    assert drill.clock.speed == 6 and drill.minute < 59


async def test_a_pause_of_the_facilitators_is_waited_for_and_their_own_speed_is_left_to_them(
    stage: Callable[..., Stage],
) -> None:
    turns = [0.0, 0.0, quiet.FAST, 12.0]
    drill, chair = stage(made(**HOUR)), Chair(each=lambda stage: stage.turn(turns.pop(0)))
    await passed(drill, chair)
    assert drill.clock.speed == 12 and not turns


@pytest.mark.parametrize(("name", "speed"), [("login-flag", 6), ("demo-clock", 1), ("config-cascade", 60)])
async def test_a_beginning_that_is_short_or_fast_is_left_as_it_is(
    name: str, speed: float, stage: Callable[..., Stage]
) -> None:
    drill, chair = stage(load(name), speed), Chair()
    await passed(drill, chair)
    assert drill.clock.speed == speed and not chair.said


async def test_a_drill_by_hand_passes_its_quiet_beginning_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def terminal(stage: Stage, actor: str, hints: bool) -> None:
        """Somebody who looks on until it runs fast, and is told so."""
        async with seated(stage, actor, after=0) as seat:
            told = "quiet so far: the clock runs 60 times as fast"
            while stage.clock.speed != quiet.FAST or not any(words.startswith(told) for words in seat.sight.heard):
                await seat.pause()

    monkeypatch.setattr(drills, "_terminal", terminal)
    with tempfile.TemporaryDirectory(prefix="quiet-") as home:
        monkeypatch.setenv("XDG_STATE_HOME", home)
        async with asyncio.timeout(60):
            assert await drills.run("config-cascade", speed=6, play=None, hints=False, actor="ana") == Exit.OK
    assert "nothing was declared" in capsys.readouterr().out
