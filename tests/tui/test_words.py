"""How figures and states read."""

from __future__ import annotations

from typing import Literal

import pytest

from cockpit.clock import SECOND
from cockpit.protocol.messages import Welcome
from cockpit.protocol.views import FAILED, MISSING, ClockView, ServiceView, StepView, Tone
from cockpit.text import SafeText
from cockpit.tui import words
from cockpit.tui.clockface import Clockface
from cockpit.tui.frame import plain_glyphs

NOW = 1_700_000_000 * SECOND


def service(state: Literal["unknown", "up", "degraded", "down"], stale: bool = False) -> ServiceView:
    return ServiceView(SafeText("a"), SafeText("b"), state, NOW, NOW, 5.0, stale, SafeText(""))


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (372, ("next update in 6 m 12 s", "plain")),
        (119, ("next update in 1 m 59 s", "warn")),
        (0, ("next update in 0 s", "warn")),
        (-30, ("OVERDUE 30 s", "bad")),
        (-200, ("OVERDUE 3 m", "bad")),
    ],
)
def test_due(left: int, said: tuple[str, str]) -> None:
    assert words.due(NOW + left * SECOND, NOW) == said
    assert words.due(0, NOW) == ("no update promised", "muted")


def test_a_state_is_a_glyph_and_a_word_and_stale_hides_what_was() -> None:
    assert [words.state(service(each))[:2] for each in ("down", "degraded", "up", "unknown")] == [
        ("v", "DOWN"), ("~", "DEGR"), ("o", "UP"), ("?", "UNKN"),
    ]  # fmt: skip
    assert words.state(service("up", stale=True)) == ("?", "STALE", "muted")


def test_the_tally_has_the_worst_first() -> None:
    found = words.tally((service("up"), service("down"), service("up"), service("up", stale=True)))
    assert [said for said, _ in found] == ["1 DOWN", "1 STALE", "2 UP"]
    assert words.tally(()) == [("no probes", "muted")]


@pytest.mark.parametrize("plain", [True, False])
def test_a_spark_is_as_wide_as_asked_and_tells_bad_from_none(plain: bool) -> None:
    columns = words.spark((0, 7, FAILED, MISSING), 6, plain)
    assert len(columns) == 6
    assert [char for char, _ in columns] == [" ", " ", *("_#" if plain else "▁█"), "x", " "]
    assert columns[4][1] == "bad"
    assert words.spark((1, 2, 3), 2, plain) == words.spark((2, 3), 2, plain)
    assert words.spark((1,), 0, plain) == []


def test_figures() -> None:
    assert [words.percent(each) for each in (None, 0.0, 0.054, 0.796, 1.0)] == ["", "0.0 %", "5.4 %", "79.6 %", "100 %"]
    assert [words.milliseconds(each) for each in (None, 41.4, 999.0, 1900.0)] == ["", "41 ms", "999 ms", "1.9 s"]
    assert words.stopwatch(90_061) == "25:01:01"
    assert words.age(0, NOW) == "" and words.age(NOW - 5 * SECOND, NOW) == "5 s ago"


def test_ages_and_counts_stay_narrow() -> None:
    ages = [words.ago(NOW - seconds * SECOND, NOW) for seconds in (-5, 0, 59, 60, 3599, 3600, 86_399, 86_400 * 400)]
    assert ages == ["0 s ago", "0 s ago", "59 s ago", "1 m ago", "59 m ago", "1 h ago", "23 h ago", "400 d ago"]
    assert words.ago(0, NOW) == ""
    counts = (0, 412, 999.4, 999.6, 4112, 9949, 9951, 12_000, 999_600, 3_000_000, 2.5e9)
    assert [words.big(each) for each in counts] == [
        "0", "412", "999", "1.0k", "4.1k", "9.9k", "10k", "12k", "1.0M", "3.0M", "2.5G",
    ]  # fmt: skip


def test_only_a_duration_has_a_weight() -> None:
    said = ("41 ms", "1.9 s, hung", "500us", "12 ms to 10.0.3.7", "ends in 61 d", "3 seconds", "p95 1.9 s", "")
    assert [words.weight(each) for each in said] == [41, 1900, 0.5, 12, None, None, None, None]
    assert [words.weight(age) for age in ("3 s ago", "3 s ago, STALE", "500 ms old")] == [None, None, None]


@pytest.mark.parametrize(
    ("tone", "glyph"), [("good", "+"), ("bad", "x"), ("warn", "!"), ("muted", "."), ("plain", ".")]
)
def test_a_step_has_a_glyph(tone: Tone, glyph: str) -> None:
    step = StepView("a", "1", SafeText("t"), SafeText("w"), tone, "read")
    assert words.step_glyph(step) == glyph


def test_a_step_shows_what_is_left_or_how_long_it_has_taken() -> None:
    step = StepView("a", "1", SafeText("t"), SafeText("w"), "plain", "read", active=True, since=NOW - 4 * SECOND)
    assert words.step_glyph(step) == ">"
    assert words.step_timer(step, NOW) == "4 s"
    waiting = StepView("a", "1", SafeText("t"), SafeText("w"), "plain", "read", until=NOW + 61 * SECOND)
    assert words.step_timer(waiting, NOW) == "1:01 left"


def test_the_incident_clock_runs_at_the_engine_s_speed() -> None:
    seconds = [100.0]
    face = Clockface(lambda: seconds[0])
    assert face.now() == 0
    face.set(Welcome(1, "p", 1, "d", "c", "s", 0, NOW, 6.0))
    seconds[0] += 10
    assert face.now() == NOW + 60 * SECOND
    face.turn(ClockView(NOW + 60 * SECOND, 0.0))
    seconds[0] += 10
    assert (face.now(), face.speed) == (NOW + 60 * SECOND, 0.0)
    face.turn(ClockView(NOW + 60 * SECOND, 60.0))
    seconds[0] += 1
    assert face.now() == NOW + 120 * SECOND


@pytest.mark.parametrize(
    ("environ", "plain"),
    [
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "C"}, True),
        ({}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"}, True),
        ({"LANG": "C.utf8", "TERM": "linux"}, True),
    ],
)
def test_glyphs_stay_plain_where_the_terminal_may_not_show_more(environ: dict[str, str], plain: bool) -> None:
    assert plain_glyphs(environ) is plain
