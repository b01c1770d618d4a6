"""The moments of an incident, its intervals and how much failed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.attendance import RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import AnyBody, Event
from cockpit.incident.intervals import (
    Marks,
    impact_minutes,
    impact_minutes_of_each,
    intervals,
    marks,
    rate_since_turned,
)
from cockpit.incident.runs import VerifyFinished, WaitFinished
from cockpit.incident.vocabulary import (
    Figures,
    IncidentDeclared,
    IncidentResolved,
    ProbeChanged,
    ProbeState,
)

START = 1_700_000_000_000_000
MINUTE = 60_000_000


def turned(state: ProbeState, minute: float, rate: float | None = None, probe: str = "login") -> ProbeChanged:
    since = START + int(minute * MINUTE)
    figures = Figures(error_rate=rate, at=since)
    return ProbeChanged(
        probe=probe, service="auth", state=state, previous="up", since=since, verdict="", figures=figures
    )


@pytest.fixture
def story(event: Callable[..., Event]) -> Callable[..., tuple[Event, ...]]:
    """Events from pairs of a minute and a body."""

    def make(*told: tuple[float, AnyBody]) -> tuple[Event, ...]:
        return tuple(event(body, minute * 60, seq) for seq, (minute, body) in enumerate(told, start=1))

    return make


Story = Callable[..., tuple[Event, ...]]
BEFORE, AFTER = Figures(error_rate=0.8), Figures(error_rate=0.0)


def at(minute: float) -> int:
    return START + int(minute * MINUTE)


def test_a_whole_incident(story: Story) -> None:
    told = story(
        (1, turned("down", 0, 0.8)),
        (2, IncidentDeclared(title="Logins", severity="SEV1")),
        (2, UpdatePosted(update="u1", reason="opened", headline="", automatic=True)),
        (3, RoleTaken(person="ana", role="incident_commander")),
        (4, UpdatePosted(update="u2", reason="update", headline="")),
        (10, turned("up", 9.5, 0.0)),
        (11, turned("down", 10.5, 0.8)),
        (20, turned("up", 19, 0.0)),
        (21, VerifyFinished(run="r", step="s", probe="login", verdict="pass", before=BEFORE, after=AFTER, words="")),
        (35, WaitFinished(run="r", step="watch")),
        (36, IncidentResolved()),
    )
    assert marks(told) == Marks(
        impact_start=at(0), detected=at(1), declared=at(2), acknowledged=at(3), first_update=at(2),
        first_update_by_person=at(4), mitigated=at(19), verified=at(35), resolved=at(36),
    )  # fmt: skip
    named = {interval.name: interval.seconds for interval in intervals(marks(told))}
    assert named["impact_start to mitigated"] == 19 * 60
    assert named["declared to first_update_by_person"] == 120
    assert impact_minutes(told) == pytest.approx(0.8 * (9.5 + 8.5))


def test_nothing_has_happened_yet() -> None:
    assert marks(()) == Marks()
    assert intervals(Marks()) == ()
    assert impact_minutes(()) == 0


def test_it_is_not_mitigated_while_one_probe_is_bad(story: Story) -> None:
    told = story((1, turned("down", 0)), (1, turned("down", 0, probe="b")), (5, turned("up", 4)))
    assert marks(told).mitigated is None
    again = story((1, turned("down", 0)), (5, turned("up", 4)), (6, turned("down", 5)))
    assert marks(again).mitigated is None


def test_a_probe_down_before_the_declaration_comes_with_it(story: Story) -> None:
    told = story(
        (2, IncidentDeclared(title="", severity="SEV1", seen=(turned("down", 0, 0.5),))), (4, IncidentResolved())
    )
    assert marks(told).impact_start == at(0)
    assert marks(told).detected == at(0)
    assert impact_minutes(told) == pytest.approx(2.0)


def test_what_turned_after_the_resolution_changes_nothing(story: Story) -> None:
    told = story(
        (1, turned("down", 0, 1.0)), (3, turned("up", 2)), (5, IncidentResolved()), (9, turned("down", 8, 1.0))
    )
    assert marks(told).mitigated == at(2)
    assert impact_minutes(told) == pytest.approx(2.0)


def test_a_bad_probe_without_an_error_rate_counts_whole(story: Story) -> None:
    told = story((0, turned("down", 0)), (1, turned("degraded", 1)), (2, turned("up", 2)))
    assert impact_minutes(told) == pytest.approx(1.0)


def test_what_was_good_before_the_outage_makes_it_no_smaller(story: Story) -> None:
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


def test_a_recovery_by_and_by_weighs_by_the_rate_of_each_minute(story: Story) -> None:
    told = story((1, turned("down", 1.5, 1.0)), (9, turned("up", 8.5, 0.0)), (10, IncidentResolved()))
    whole = {minute: 1.0 - minute / 10 for minute in range(11)}
    rates = {"login": [(at(minute), rate) for minute, rate in whole.items()]}
    # From 1.5 to 2 as the turn told, each whole minute by its own rate, from 8 to 8.5 as the minute before.
    assert impact_minutes(told, rates=rates) == pytest.approx(0.5 + sum(whole[m] for m in range(2, 8)) + 0.5 * whole[7])
    assert impact_minutes_of_each(told, rates=rates) == {"login": pytest.approx(impact_minutes(told, rates=rates))}
    assert impact_minutes(told, rates={"login": rates["login"][3:5]}) == pytest.approx(1.5 + 0.7 + 4.5 * 0.6)
    assert impact_minutes(told, rates={"other": rates["login"]}) == impact_minutes(told) == 7.0


def test_what_becomes_unknown_is_not_well(story: Story) -> None:
    told = story((0, turned("down", 0, 0.5)), (4, turned("unknown", 4)), (10, turned("up", 10, 0.0)))
    assert impact_minutes(told) == pytest.approx(5.0)
    never = story((0, turned("unknown", 0)), (10, turned("up", 10, 0.0)))
    assert impact_minutes(never) == 0


def test_an_impossible_order_is_reported() -> None:
    (interval,) = intervals(Marks(declared=at(5), acknowledged=at(3)))
    assert interval.seconds is None
    assert interval.problem == "acknowledged lies 120 s before declared"


@given(data=st.data())
def test_no_interval_is_ever_negative(streams: st.SearchStrategy[tuple[Event, ...]], data: st.DataObject) -> None:
    events = data.draw(streams)
    assert all(interval.seconds is None or interval.seconds >= 0 for interval in intervals(marks(events)))
    assert all((interval.seconds is None) == bool(interval.problem) for interval in intervals(marks(events)))
    assert impact_minutes(events) >= 0
