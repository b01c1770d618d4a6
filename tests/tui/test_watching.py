"""The freeze: seen in the header, set, lifted and gone round, each on record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.protocol.commands import LiftFreeze, OverrideFreeze, SetFreeze
from cockpit.protocol.views import ClockView
from cockpit.text import SafeText

S = SafeText
FOUR = int(datetime(2026, 3, 4, 16, 0, tzinfo=UTC).timestamp()) * SECOND


@pytest.fixture
def frozen(mid_incident: Any) -> Any:
    """The mid-incident views under a freeze of that scope."""

    def frozen(scope: str, until: int = FOUR) -> tuple[Any, ...]:
        header, *others = mid_incident()
        return (msgspec.structs.replace(header, freeze=S(scope), freeze_until=until), *others)

    return frozen


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_header_says_how_fast_a_drill_runs_and_nothing_beside_it_moves(
    play: Any, size: tuple[int, int]
) -> None:
    async with play(size=size) as stage:
        await stage.sees("DRILL")
        places = set()
        for speed, words in ((6.0, "6x"), (0.0, "paused"), (0.5, "0.5x"), (60.0, "60x")):
            stage.world.client.tell(ClockView(FOUR, speed))
            await stage.until(lambda words=words: f" {words} " in stage.text.splitlines()[1])
            places.add(stage.text.splitlines()[1].index("mitigating"))
        assert len(places) == 1


async def test_on_a_small_screen_a_freeze_has_the_room_of_the_speed_and_a_pause_is_said(play: Any, frozen: Any) -> None:
    async with play(*frozen("ci, flags"), size=(80, 24)) as stage:
        await stage.sees("DRILL    FREEZE ci, flags")
        stage.world.client.tell(ClockView(FOUR, 0.0))
        await stage.sees("DRILL paused    FREEZE ci, flags")


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_header_says_what_is_frozen_and_until_when(play: Any, frozen: Any, size: tuple[int, int]) -> None:
    until = "until 16:00Z" if size[0] >= 120 else "16:00Z"
    async with play(*frozen("ci, flags"), size=size) as stage:
        await stage.sees(f"FREEZE ci, flags {until}")
        assert "mitigating" in stage.text.splitlines()[1] and "DRILL" in stage.text.splitlines()[1]
    async with play(*frozen("ci, terraform, flags, config, " + "more, " * 20), size=size) as stage:
        await stage.until(lambda: "FREEZE ci" in stage.text and f"… {until}" in stage.text.splitlines()[1])
    async with play(*frozen("ci", 0), size=size) as stage:
        await stage.sees("FREEZE ci")
        assert "until" not in stage.text.splitlines()[1]


async def test_a_freeze_needs_scope_and_reason_and_a_time_that_makes_sense(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("f", "enter")
        await stage.sees("Say what is frozen.")
        await stage.type("ci, tf")
        await stage.press("enter")
        await stage.sees("Say why")
        await stage.press("tab")
        await stage.type("fFq")
        await stage.press("tab")
        await stage.type("no")
        await stage.press("enter")
        await stage.sees("A time such as 16:00")
        await stage.press("backspace", "backspace")
        await stage.type("16:00z")
        await stage.press("enter")
        await stage.sent(SetFreeze(scope=("ci", "tf"), reason="fFq", until=FOUR))
        await stage.closed()


async def test_a_freeze_may_last_until_it_is_lifted(play: Any) -> None:
    async with play() as stage:
        await stage.press("f")
        await stage.type("ci")
        await stage.press("tab")
        await stage.type("why")
        await stage.press("enter")
        await stage.sent(SetFreeze(scope=("ci",), reason="why", until=0))


@pytest.mark.parametrize("key", ["F", "O"])
async def test_what_is_not_frozen_is_neither_lifted_nor_gone_round(play: Any, key: str) -> None:
    async with play() as stage:
        await stage.press(key)
        await stage.sees("Nothing is frozen: f freezes.")


async def test_lift_and_override(play: Any, frozen: Any) -> None:
    async with play(*frozen("ci, flags")) as stage:
        await stage.press("F")
        await stage.sees("Lift the freeze of ci, flags")
        await stage.type("over")
        await stage.press("enter")
        await stage.closed()
        await stage.press("O", "enter")
        await stage.sees("both go on record")
        await stage.type("fix")
        await stage.press("tab")
        await stage.type("now")
        await stage.press("enter")
        await stage.sent(LiftFreeze(reason="over"), OverrideFreeze(what="fix", reason="now"))


async def test_each_is_found_by_name_in_the_palette(play: Any, frozen: Any) -> None:
    async with play(*frozen("ci"), size=(120, 40)) as stage:
        await stage.press("ctrl+p")
        await stage.type("let one change")
        await stage.sees("Let one change through")
        await stage.pilot.pause(0.3)
        await stage.press("enter", "enter")
        await stage.sees("Which change")
