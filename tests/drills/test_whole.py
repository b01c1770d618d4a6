"""One whole incident through the real engine, real HTTP and real commands: what `make demo` plays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cockpit.drills.drill import play
from cockpit.exits import Exit
from cockpit.platform.places import Places

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
    "side effects      none",
    "Report:",
)


@pytest.mark.timeout(180)
async def test_the_good_play_reads_as_the_story_and_tells_the_channel(tmp_path: Path) -> None:
    said: list[str] = []
    places = Places(tmp_path / "drill")
    assert await play("login-flag", "good", 60.0, places, said.append) == Exit.OK
    text = "\n".join(said)
    at = 0
    for word in STORY:
        at = text.find(word, at)
        assert at >= 0, f"{word!r} does not come where it should in\n{text}"
    letters = [json.loads(line) for line in (tmp_path / "drill/drill/chat.jsonl").read_text().splitlines()]
    assert len({letter["key"] for letter in letters}) == len(letters)
    thread = "\n".join(letter["text"] for letter in letters if letter["kind"] == "thread")
    for news in ("SEV1 declared", "NO EFFECT", "it helped", "resolved after"):
        assert news in thread
    report = json.loads((tmp_path / "drill/report.json").read_text())
    assert [tried["helped"] for tried in report["tried"]] == ["no_effect", None, "pass", None]
