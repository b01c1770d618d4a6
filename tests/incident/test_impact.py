"""How much failed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.event import Event
from cockpit.incident.impact import impact_minutes, impact_minutes_of_each
from cockpit.incident.turns import rate_since_turned
from cockpit.incident.vocabulary import Figures, IncidentResolved, ProbeChanged
from tests.incident.stories import at, story, turned


def test_a_bad_probe_without_an_error_rate_counts_whole() -> None:
    told = story((0, turned("down", 0)), (1, turned("degraded", 1)), (2, turned("up", 2)))
    assert impact_minutes(told) == pytest.approx(1.0)


def test_what_was_good_before_the_outage_makes_it_no_smaller() -> None:
    """Fifteen looks, ten seconds apart, of which the last three failed."""
    since = at(10)
    figures = Figures(error_rate=3 / 15, samples=15, since=since - 120_000_000, at=since + 20_000_000)
    down = ProbeChanged(
        probe="sign-up", service="dev", state="down", previous="up", since=since, verdict="3/3", figures=figures
    )
    told = story((10.3, down), (40, turned("up", 40, 0.0, "sign-up")))
    assert impact_minutes(told) == pytest.approx(30.0)
    assert rate_since_turned(down) == pytest.approx(1.0)
    # The rate of a counter is no window of looks: it stands as it was read.
    counted = msgspec.structs.replace(figures, since=figures.at, error_rate=0.8)
    assert rate_since_turned(msgspec.structs.replace(down, figures=counted)) == 0.8


def test_a_recovery_by_and_by_weighs_by_the_rate_of_each_minute() -> None:
    told = story((1, turned("down", 1.5, 1.0)), (9, turned("up", 8.5, 0.0)), (10, IncidentResolved()))
    whole = {minute: 1.0 - minute / 10 for minute in range(11)}
    rates = {"login": [(at(minute), rate) for minute, rate in whole.items()]}
    # From 1.5 to 2 as the turn told, each whole minute by its own rate, from 8 to 8.5 as the minute before.
    assert impact_minutes(told, rates=rates) == pytest.approx(0.5 + sum(whole[m] for m in range(2, 8)) + 0.5 * whole[7])
    assert impact_minutes_of_each(told, rates=rates) == {"login": pytest.approx(impact_minutes(told, rates=rates))}
    assert impact_minutes(told, rates={"login": rates["login"][3:5]}) == pytest.approx(1.5 + 0.7 + 4.5 * 0.6)
    assert impact_minutes(told, rates={"other": rates["login"]}) == impact_minutes(told) == 7.0


def test_what_becomes_unknown_is_not_well() -> None:
    told = story((0, turned("down", 0, 0.5)), (4, turned("unknown", 4)), (10, turned("up", 10, 0.0)))
    assert impact_minutes(told) == pytest.approx(5.0)
    never = story((0, turned("unknown", 0)), (10, turned("up", 10, 0.0)))
    assert impact_minutes(never) == 0


@given(data=st.data())
def test_it_is_never_negative(streams: st.SearchStrategy[tuple[Event, ...]], data: st.DataObject) -> None:
    assert impact_minutes(data.draw(streams)) >= 0
