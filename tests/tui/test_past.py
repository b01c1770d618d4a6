"""Earlier incidents like the one that runs: offered when there are any, whole on a small screen, never a promise."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.clock import SECOND
from cockpit.protocol.views import PastView, SeenBeforeView
from cockpit.text import SafeText as S
from cockpit.tui.screens.past import PastScreen

PAST = SeenBeforeView(
    (
        PastView(
            "INC-3", S("Auth API failure rate > 5 %"), 1_800_000_000 * SECOND,
            S("login-synthetic DOWN with the same verdict; a change of auth"),
            (S("svcctl redeploy auth --without USER_ONBOARDING_BETA --and-a-long-word-more"),),
            (S("configctl revert 4711"),),
        ),
    )
)  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_it_says_in_what_they_are_alike_and_what_helped(play: Any, size: tuple[int, int]) -> None:
    async with play(size=size) as stage:
        stage.world.client.tell(PAST)
        await stage.until(lambda: bool(stage.app.frame.past.past))
        await stage.press("H")
        await stage.sees("SEEN BEFORE")
        for words in (
            "INC-3", "2027-01-15", "alike in: login-synthetic DOWN", "+ helped", "svcctl redeploy auth", "- did not",
            "configctl revert 4711", "cockpit report INC-3", "does not say that it helps now",
        ):  # fmt: skip
            assert words in stage.text, words
        await stage.press("escape")
        await stage.closed()
        assert not stage.commands


async def test_where_there_is_none_the_key_says_so(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("H")
        await stage.sees("No earlier incident looks like this one.")
        assert not isinstance(stage.app.screen, PastScreen)


async def test_a_report_from_elsewhere_has_no_replay_and_maybe_no_day(play: Any) -> None:
    told = PastView("old-queue", S("The queue"), 0, S("it speaks of login-synthetic"), told=True)
    async with play(size=(80, 24)) as stage:
        stage.world.client.tell(SeenBeforeView((told,)))
        await stage.until(lambda: bool(stage.app.frame.past.past))
        await stage.press("H")
        await stage.sees("old-queue  day unknown  The queue")
        assert "nothing was measured there" in stage.text
        assert "cockpit report old-queue" in stage.text and "cockpit replay" not in stage.text
