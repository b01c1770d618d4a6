"""What is drawn when there is more than fits."""

from __future__ import annotations

import msgspec
import pytest

from cockpit.drills.hidden import Hidden, Underway
from cockpit.drills.script import Coming, Limit, Script
from cockpit.drills.state import Deed, Heard, SideEffect
from cockpit.facilitator import drawing, words
from cockpit.facilitator.scene import Scene

MANY = {f"service-{number}/instance-{number}.variable": "value" for number in range(40)}
SCENE = Scene(
    profile="d", now=0, minute=12.5, speed=6.0,
    hidden=Hidden(
        minute=12.5, variables={**MANY, "a.flag": "on"}, harm=False, over=True, gauges={"a.load": 12_345.678},
        deeds=tuple(Deed(60.0 * each, ("svcctl", "restart", "x" * 200), each % 2) for each in range(20)),
        side_effects=tuple(SideEffect(1.0, "y" * 200, "svcctl") for _ in range(20)),
        words=tuple(Heard(1.0, "chat", "[bold]z[/]" * 40, "who", "invented") for _ in range(20)),
        underway=(Underway(("svcctl", "wait"), 12.0, 14.0),), deadline="pending",
    ),
    script=Script(
        id="x", title="t" * 200, lasts=90.0, start={**MANY, "a.flag": "off"},
        coming=tuple(Coming(20.0 + each, "w" * 200, "page", inject=each) for each in range(20)),
        deadline=Limit(46.0, "the demo", "original"),
    ),
    passed={"impact_start": 3.05, "detected": None},
)  # fmt: skip


@pytest.mark.parametrize(("width", "height"), [(36, 18), (42, 18), (98, 39)])
def test_nothing_is_wider_or_longer_than_its_room_and_what_is_left_out_is_counted(width: int, height: int) -> None:
    for draw in (drawing.hidden, drawing.story):
        rows = draw(SCENE, width, height)
        assert len(rows) <= height and all(row.cell_length <= width for row in rows)
        assert " more" in "\n".join(row.plain for row in rows)
    assert all(row.cell_length <= width + 40 for row in drawing.top(SCENE, width + 40))


def test_what_is_not_as_it_began_comes_first_and_figures_are_read_easily() -> None:
    rows = [row.plain for row in drawing.hidden(SCENE, 60, 30)]
    assert rows[0] == "HIDDEN STATE" and rows[1].split() == [">", "a.flag", "on", "was", "off"]
    assert rows[2].split() == ["~", "a.load", "12,345.7"]
    assert "✓ impact starts   T3:03" in rows and any(row.startswith("· detected") for row in rows)


def test_the_story_tells_the_latest_first_and_what_is_under_way_before_it() -> None:
    rows = [row.plain.rstrip() for row in drawing.story(SCENE, 160, 120)]
    at = rows.index("DONE BY COMMANDS")
    assert "svcctl wait, until T14:00" in rows[at + 1] and rows[at + 2].startswith("  T19:00")
    assert "[bold]z[/]" in "\n".join(rows)


@pytest.mark.parametrize(
    ("fate", "told"),
    [("pending", "in 33:30"), ("met", "met"), ("missed", "MISSED")],
)
def test_the_deadline_is_told(fate: str, told: str) -> None:
    hidden = msgspec.structs.replace(SCENE.hidden, deadline=fate)
    assert words.deadline(msgspec.structs.replace(SCENE, hidden=hidden)) == f"T46:00 the demo: {told}"


def test_the_words_for_harm_are_true() -> None:
    def said(**fields: object) -> str:
        return words.harm(msgspec.structs.replace(SCENE, hidden=msgspec.structs.replace(SCENE.hidden, **fields)))

    assert (said(), said(harm=True), said(over=False)) == ("OVER", "HARM", "MITIGATED")
    untouched = msgspec.structs.replace(SCENE, passed={}, hidden=msgspec.structs.replace(SCENE.hidden, deeds=()))
    assert words.harm(untouched) == "QUIET"
