"""When a wait is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cockpit.clock import SECOND
from cockpit.incident.runs import WaitFinished, WaitStarted
from cockpit.incident.vocabulary import ProbeState
from cockpit.protocol.commands import FinishStep
from cockpit.runbooks import player
from cockpit.runbooks.waiting import wait_over

TEXT = """\
version: 1
id: b
title: B
steps: [{id: calm, title: Calm, wait: {for: 1m, watch: [login, api]}}]
"""
UP: dict[str, ProbeState] = {"login": "up", "api": "up"}


def test_a_wait_ends_after_its_time_and_starts_over_once_for_each_setback(start: Callable[[str], Any]) -> None:
    played = start(TEXT)
    planned = played.plan.steps["calm"]

    def over(states: dict[str, ProbeState], now: int) -> WaitStarted | WaitFinished | None:
        return wait_over(planned, played.run, states, now)

    assert over(UP, played.now) is None
    played.decide(player.finish(played.plan, played.run, FinishStep(run="r", step="calm"), played.now))
    until = played.run.step("calm").until
    assert over(UP, until - 1) is None
    assert over(UP, until) == WaitFinished(run="r", step="calm", watched=("login", "api"))

    setback = over(UP | {"login": "down"}, until - SECOND)
    assert isinstance(setback, WaitStarted)
    assert setback.why == "started over: login DOWN"
    assert setback.until == until - SECOND + 60 * SECOND
    played.take(setback)
    assert over(UP | {"login": "down"}, setback.until + SECOND) is None

    again = over(UP, setback.until + SECOND)
    assert isinstance(again, WaitStarted) and again.until == setback.until + 61 * SECOND
    played.take(again)
    assert over(UP, again.until - 1) is None
    assert isinstance(over(UP, again.until), WaitFinished)


def test_a_watched_probe_that_nobody_knows_is_not_up(start: Callable[[str], Any]) -> None:
    played = start(TEXT)
    played.decide(player.finish(played.plan, played.run, FinishStep(run="r", step="calm"), played.now))
    setback = wait_over(played.plan.steps["calm"], played.run, {"login": "up"}, played.now)
    assert isinstance(setback, WaitStarted) and setback.why == "started over: api UNKNOWN"
