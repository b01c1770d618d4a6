"""What changed, what is about to, and how a job is cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.protocol.commands import CancelJob, MarkChange
from cockpit.protocol.messages import FetchChanges
from cockpit.protocol.views import ChangesView
from cockpit.text import SafeText
from cockpit.tui.screens import live
from cockpit.tui.screens.changes import ChangesScreen

SIZES = [(80, 24), (160, 45)]


@pytest.mark.parametrize("size", SIZES)
async def test_it_tells_of_everything_the_newest_first(play: Any, size: tuple[int, int]) -> None:
    async with play(size=size) as stage:
        await stage.press("c")
        await stage.sees("* RUNNING")
        for words in (
            "make deploy ENV=prod", "https://ci.test/77", ": WAITING", "! 10:47Z", "11 m ago", "BREACH", "NOT REVIEWED",
            "since then: errors 0.2 % to 79.6 %", "undo: configctl revert 4711", "https://config.test/4711",
            "+ 10:30Z", "reviewed", "? 09:02Z", "review unknown", "! jenkins: no answer", "2 about to run", "Esc back",
        ):  # fmt: skip
            assert words in stage.text, words
        places = [stage.text.index(what) for what in ("deploy auth", "onboarding_revamp", "checkout 2.1.9", "network")]
        assert places == sorted(places)


async def test_a_job_is_cancelled_only_after_a_look_at_it(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("c")
        await stage.sees("* RUNNING")
        await stage.press("x")
        await stage.sees("Cancel this job?")
        for words in ("make deploy ENV=prod", "dev-9", "half way"):
            assert words in stage.text
        await stage.press("enter", "escape")
        assert not stage.commands
        await stage.press("j", "x")
        await stage.sees("terraform apply dns")
        await stage.press("y")
        await stage.sent(CancelJob(source="tf", job="8"))
        await stage.until(lambda: isinstance(stage.app.screen, ChangesScreen))
        await stage.sees("done")


async def test_a_change_that_was_made_cannot_be_cancelled(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("c")
        await stage.sees("* RUNNING")
        await stage.press("G", "x")
        await stage.sees("Only a job that waits or runs can be cancelled")
        assert isinstance(stage.app.screen, ChangesScreen) and not stage.commands


async def test_it_refreshes_while_it_is_open(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "AGAIN", 0.05)
    async with play() as stage:
        await stage.press("c")
        await stage.sees("* RUNNING")
        stage.world.client.changes = ChangesView(stage.world.client.changes.changes)
        await stage.until(lambda: "RUNNING" not in stage.text)
        assert sum(isinstance(message, FetchChanges) for message in stage.world.client.sent) >= 2


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_to_tell_says_so_and_problems_stay_at_the_foot(play: Any, size: tuple[int, int]) -> None:
    async with play(size=size) as stage:
        problems = tuple(SafeText(f"source {number}: no answer") for number in range(5))
        stage.world.client.changes = ChangesView(problems=problems)
        await stage.press("c")
        await stage.sees("No source has told of a change. m marks one.")
        await stage.sees("! source 0: no answer")
        await stage.sees("2 more sources with a problem")


async def test_a_link_is_copied(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("c")
        await stage.sees("* RUNNING")
        await stage.press("j", "o")
        await stage.sees("There is no link.")
        await stage.press("j", "o")
        await stage.sees("Copied, where the terminal allows it: https://config.test/4711")
        assert stage.app.clipboard == "https://config.test/4711"


async def test_a_change_is_marked_and_typing_triggers_no_key(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("m")
        await stage.sees("Mark a change")
        await stage.press("right", "enter")
        await stage.sees("Say what was changed.")
        await stage.press("tab")
        await stage.type("cqFO?")
        await stage.press("tab")
        await stage.type("auth")
        await stage.press("tab", "tab", "right", "right", "enter")
        await stage.sent(MarkChange(kind="config", what="cqFO?", service="auth", reviewed=False))
        await stage.closed()
