"""A drill led by plain commands, as a script or a second window would."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from cockpit.drills.shelf import load
from cockpit.exits import Exit
from cockpit.platform.drillclock import SharedClock


async def facilitate(*words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "cockpit", "drill", "facilitate", *words]
    return await asyncio.to_thread(
        subprocess.run, argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


async def test_a_drill_is_seen_and_led_without_a_screen(led: Any) -> None:
    async with led(speed=6.0, minute=-1000) as places:
        clock = SharedClock(places.drill_clock)
        done = await facilitate("d", "--pause", "--inject", "Is it back?", "--source", "executive", "--who", "the COO")
        assert (done.returncode, done.stdout) == (0, "said, the drill is paused\n"), done.stderr
        assert clock.speed == 0
        scene = json.loads((await facilitate("d", "--json")).stdout)
        assert [each["text"] for each in scene["hidden"]["words"]] == ["Is it back?"]
        assert (scene["speed"], scene["hidden"]["harm"]) == (0, False)
        done = await facilitate("d", "--resume", "--state")
        assert "executive  the COO: Is it back?" in done.stdout and load("login-flag").injects[0].text in done.stdout
        assert clock.speed == 6.0
        assert (await facilitate("d", "--speed", "12")).stdout == "the drill runs at 12x\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--state"], Exit.NO_ENGINE, "no drill runs"),
        (["nobody", "--pause"], Exit.NO_ENGINE, "nobody is no drill"),
        ([], Exit.USAGE, "needs a terminal"),
        (["--pause", "--speed", "6"], Exit.USAGE, "choose one of --pause, --resume and --speed"),
        (["--inject", " "], Exit.USAGE, "--inject needs something to say"),
        (["../d", "--state"], Exit.NO_ENGINE, "is no drill"),
    ],
)
async def test_what_cannot_be_done_is_said(
    words: list[str], code: Exit, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path))
    done = await facilitate(*words)
    assert done.returncode == code and said in done.stderr and "Traceback" not in done.stderr
