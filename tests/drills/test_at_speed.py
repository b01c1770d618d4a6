"""One play of every scenario at 60 times through real engines, real HTTP and real commands, all at once.

All at once, they take as long as the longest of them. One of their minutes is one real second.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.drills.closing import DEBRIEF
from cockpit.drills.debrief import Debrief
from cockpit.drills.drill import play
from cockpit.drills.shelf import load, names
from cockpit.exits import Exit
from cockpit.platform.places import Places

SPEED = 60.0
PLAY = "good"
CLOSE = 1.0
"""Minutes that a play may be off its marks."""

STORY = (
    "login-synthetic DOWN",
    "3 min before the first bad sample: config #4711",
    "SEV1 Logins fail",
    "restore.revert  configctl revert 4711",
    "NO EFFECT",
    "configctl envdiff staging prod",
    "svcctl redeploy auth --without USER_ONBOARDING_BETA",
    "login-synthetic UP",
    "restore.override  PASS",
    "watch  over",
    "resolved",
    "Score",
    "side effects        none",
    "Report:",
)


@dataclass
class Played:
    """A drill that is over: what it said, and what it left in its profile."""

    name: str
    home: Path
    code: int
    said: str

    @property
    def debrief(self) -> Debrief:
        return msgspec.json.decode((self.home / DEBRIEF).read_bytes(), type=Debrief)

    @property
    def report(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads((self.home / "report.json").read_text())
        return kept

    @property
    def off(self) -> list[str]:
        """The marks that the play missed."""
        if self.code != Exit.OK:
            return [f"{self.name} ended with {self.code}:\n{self.said}"]
        score = self.debrief.score
        minutes = [
            (axis, mark.minute, score.minute_of(axis)) for axis, mark in load(self.name).plays[PLAY].marks.items()
        ]
        return [
            f"{self.name}: {axis} at T{stated:g} is at T{came}"
            for axis, stated, came in minutes
            if came is None or abs(came - stated) > CLOSE
        ]

    @property
    def letters(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.home / "drill/chat.jsonl").read_text().splitlines()]


@pytest.fixture
def short_home() -> Iterator[Path]:
    """A directory whose name leaves room for a socket."""
    with tempfile.TemporaryDirectory(prefix="drills-") as home:
        yield Path(home)


@pytest.mark.timeout(240)
async def test_the_good_plays_hold_their_minutes_and_tell_their_stories(short_home: Path) -> None:
    played = {each.name: each for each in await asyncio.gather(*(_played(name, short_home) for name in names()))}
    assert not [late for each in played.values() for late in each.off]
    for each in played.values():
        keys = [letter["key"] for letter in each.letters]
        assert len(set(keys)) == len(keys), f"{each.name} told something twice"
    _is_the_story(played["login-flag"])
    (handed_over,) = played["config-cascade"].report["handoffs"]
    assert (handed_over["giver"], handed_over["taker"]) == ("responder", "dev-4")


async def _played(name: str, home: Path) -> Played:
    said: list[str] = []
    code = await play(name, PLAY, SPEED, Places(home / name), said.append)
    return Played(name, home / name, code, "\n".join(said))


def _is_the_story(seen: Played) -> None:
    """What `make demo` shows, in its order, and what the channel and the report say of it."""
    at = 0
    for word in STORY:
        at = seen.said.find(word, at)
        assert at >= 0, f"{word!r} does not come where it should in\n{seen.said}"
    thread = "\n".join(letter["text"] for letter in seen.letters if letter["kind"] == "thread")
    for news in ("SEV1 declared", "NO EFFECT", "it helped", "resolved after"):
        assert news in thread
    report = seen.report
    assert [tried["helped"] for tried in report["tried"]] == ["no_effect", None, "pass", None]
    # The page has its charts, and the score counts what the report counts: by the minutes that were kept.
    assert (seen.home / "report.html").read_text().count('<svg class="chart"') == 4
    assert report["impact"]["reckoned"] in {"minutes", "partly"}
    debrief = json.loads((seen.home / "debrief.json").read_text())
    assert debrief["score"]["impact_minutes"] == report["impact"]["impact_minutes"] > 0
