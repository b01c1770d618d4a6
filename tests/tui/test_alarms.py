"""The alarms of other systems: one line of them on the main screen, all of them in a list, and what is done."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cockpit.protocol.commands import ActOnAlert
from cockpit.protocol.views import AlertsView
from cockpit.tui.screens.alarms import AlarmsScreen

SIZES = [(80, 24), (160, 45)]
changed = msgspec.structs.replace


@pytest.mark.parametrize("size", SIZES)
async def test_those_that_last_stand_in_the_rule_and_move_nothing(play: Any, size: tuple[int, int]) -> None:
    async with play(size=size) as stage:
        await stage.sees("! 2 alarms: Auth API failure rate")
        await stage.sees("since 10:41Z")
        await stage.still()
        before = stage.text.splitlines()
        stage.world.client.tell(AlertsView())
        await stage.until(lambda: "alarms:" not in stage.text)
        await stage.still()
        after = stage.text.splitlines()
        assert [at for at, line in enumerate(after) if line != before[at] and "INC-7" not in line] == [2]


async def test_one_that_somebody_has_is_told_without_alarm(play: Any, mid_incident: Any) -> None:
    *views, alerts = mid_incident()
    async with play(*views, AlertsView(alerts.alerts[1:]), size=(120, 30)) as stage:
        await stage.sees("! 1 alarm: Login synthetic is failing  since 10:50Z  acked  a shows")


@pytest.mark.parametrize("size", SIZES)
async def test_the_list_tells_its_own_start_from_when_we_heard(play: Any, size: tuple[int, int]) -> None:
    async with play(size=size) as stage:
        await stage.press("a")
        await stage.sees("! FIRING")
        for words in (
            "began 10:41:02Z, heard of 11 m 06 s later", "+ ACKED", "by ada", ". over", "alertmanager",
            "https://alerts.test/#/alerts?filter=auth", "5.4 % of requests fail", "Esc back",
        ):  # fmt: skip
            assert words in stage.text, words
        unstarted = changed(stage.app.frame.alerts.alerts[0], started=0)
        stage.world.client.tell(AlertsView((unstarted,)))
        await stage.sees("heard of at 10:52:08Z; it does not say when it began")


async def test_only_what_its_system_can_do_is_done(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("a", "a")
        await stage.sees("alertmanager cannot be asked to acknowledge this one; it can snooze.")
        await stage.press("s")
        await stage.sees("Snooze: Auth API")
        await stage.press("end", "backspace", "backspace", "enter")
        await stage.sees("A length such as")
        await stage.type("2h")
        await stage.press("enter")
        await stage.sent(ActOnAlert(alert="a1", action="snooze", minutes=120))
        await stage.until(lambda: isinstance(stage.app.screen, AlarmsScreen))


async def test_it_is_acknowledged_at_once_and_escalated_after_a_yes(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("a", "j", "a")
        await stage.sent(ActOnAlert(alert="a2", action="acknowledge"))
        await stage.press("e")
        await stage.sees("Escalate this alarm?")
        await stage.press("enter")
        assert len(stage.commands) == 1
        await stage.press("y")
        await stage.until(lambda: len(stage.commands) == 2)
        assert stage.commands[1][0] == ActOnAlert(alert="a2", action="escalate")


async def test_a_held_key_acknowledges_nothing(play: Any, mid_incident: Any) -> None:
    *views, alerts = mid_incident()
    async with play(*views, AlertsView(alerts.alerts[1:])) as stage:
        await stage.press("a")
        for _ in range(20):
            stage.world.clock.seconds += 0.033
            await stage.pilot.press("a")
        assert not stage.commands
        await stage.press("a")
        await stage.sent(ActOnAlert(alert="a2", action="acknowledge"))


async def test_without_alarms_it_says_so(play: Any, mid_incident: Any) -> None:
    async with play(*mid_incident()[:-1], size=(80, 24)) as stage:
        await stage.press("a")
        await stage.sees("No system has raised an alarm.")
        await stage.press("a", "e", "s", "o")
        await stage.sees("There is no link.")
