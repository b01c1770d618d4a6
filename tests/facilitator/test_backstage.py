"""A drill seen and led from behind, with a real simulator."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SECOND, SystemClock
from cockpit.drills.shelf import load
from cockpit.drills.stage import DrillFailed
from cockpit.facilitator import words
from cockpit.facilitator.backstage import NoDrill, behind, running
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.vocabulary import ProbeChanged
from cockpit.journal.store import Journal
from cockpit.platform.drill import DrillMark
from cockpit.platform.places import Places
from tests.facilitator.conftest import T0


async def test_what_is_hidden_and_what_is_to_come(led: Any) -> None:
    async with led(minute=4) as places:
        stage = await behind("d")
        scene = await stage.look()
        assert (scene.profile, scene.speed, 4 <= scene.minute < 5) == ("d", 0.001, True)
        assert scene.hidden.harm and words.harm(scene) == "HARM" and not scene.over
        assert [each.text for each in scene.words] == [each.text for each in load("login-flag").injects]
        assert [each.inject for each in scene.coming] == [0, 1, 2, 3]
        told = "\n".join(words.lines(scene))
        assert "auth.flag = live   (began as absent)" in told and "impact starts: not yet" in told
        assert "to come   T5:00  page  Auth API failure rate > 5 %" in told
        assert places.drill.exists()


async def test_before_anything_happened_it_is_quiet(led: Any) -> None:
    async with led(minute=-1):
        scene = await (await behind("d")).look()
        assert words.harm(scene) == "QUIET" and words.at(scene.minute).startswith("T-")


async def test_before_an_incident_is_declared_it_is_seen_when_the_impact_started(led: Any) -> None:
    async with led(minute=4) as places:
        since = T0 + 3 * 60 * SECOND
        journal = await Journal.open(places.journal, clock=SystemClock(), host="h")
        down = ProbeChanged(
            probe="login-synthetic", service="auth", state="down", previous="up", since=since, verdict="3/3"
        )
        await journal.append(WATCH, [Draft(down, "cockpit", since + 20 * SECOND)])
        await journal.close()
        scene = await (await behind("d")).look()
        assert scene.passed["impact_start"] == 3 and scene.passed["declared"] is None
        assert scene.passed["detected"] == pytest.approx(3 + 20 / 60)


async def test_the_clock_is_turned_paused_and_goes_on_as_before(led: Any) -> None:
    async with led():
        stage = await behind("d")
        assert stage.turn(12.0) == 12.0
        assert stage.turn(0.0) == 0.0
        held = [(await stage.look()).now for _ in range(2)]
        assert held[0] == held[1] and (await stage.look()).speed == 0
        assert stage.resume() == 12.0 == stage.speed


async def test_a_word_is_said_ahead_left_out_or_made_up_and_none_comes_twice(led: Any) -> None:
    async with led():
        stage = await behind("d")
        first, second, third, _ = (await stage.look()).words
        await stage.say_now(second)
        await stage.skip(first)
        await stage.say("Is it\x1b[2J back?\nNow?", "executive", "the COO")
        scene = await stage.look()
        assert [(each.source, each.who, each.text) for each in scene.hidden.words] == [
            (second.source, second.who, second.text),
            ("executive", "the COO", scene.hidden.words[1].text),
        ]
        assert "\x1b" not in scene.hidden.words[1].text and "\n" not in scene.hidden.words[1].text
        assert scene.words[0] == third
        for again in (stage.say_now(second), stage.skip(first), stage.say_now(first)):
            with pytest.raises(DrillFailed, match="not to come any more"):
                await again


async def test_a_drill_that_is_over_is_said_to_be(led: Any) -> None:
    async with led():
        stage = await behind("d")
    with pytest.raises(DrillFailed, match="went away"):
        await stage.look()
    with pytest.raises(NoDrill, match="d is over"):
        await behind("d")


async def test_without_a_name_it_is_the_one_that_runs(led: Any, tmp_path: Path) -> None:
    with pytest.raises(NoDrill, match="no drill runs"):
        await behind()
    async with led() as places:
        with pytest.raises(NoDrill, match="no drill runs"):
            await behind()
        with socket.socket(socket.AF_UNIX) as engine, socket.socket(socket.AF_UNIX) as other:
            engine.bind(str(places.socket))
            engine.listen()
            assert (await (await behind()).look()).profile == "d"
            second = Places(tmp_path / "e")
            second.make()
            DrillMark("e").write(second.drill)
            other.bind(str(second.socket))
            other.listen()
            assert set(running()) == {"d", "e"}
            with pytest.raises(NoDrill, match="name one: "):
                await behind()
            with pytest.raises(NoDrill, match="e is no drill that can be led; the drills that run: "):
                await behind("e")


async def test_what_cannot_be_read_is_said(led: Any, tmp_path: Path) -> None:
    async with led() as places:
        places.drill_clock.write_bytes(b"?")
        with pytest.raises(NoDrill, match="cannot be read: the drill's clock"):
            await behind("d")
        places.drill.write_bytes(b"{")
        with pytest.raises(NoDrill, match="cannot be read"):
            await behind("d")
    with pytest.raises(NoDrill, match="nobody is no drill"):
        await behind("nobody")
