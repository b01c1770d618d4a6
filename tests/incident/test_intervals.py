"""The moments of an incident, and its intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.attendance import RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import AnyBody, Event
from cockpit.incident.impact import impact_minutes
from cockpit.incident.intervals import Marks, intervals, marks
from cockpit.incident.kinds import decode
from cockpit.incident.runs import RepeatEnded, RunStarted, StepOutline, VerifyFinished, WaitFinished
from cockpit.incident.vocabulary import Figures, IncidentDeclared, IncidentResolved
from tests.incident.stories import at, story, turned

BEFORE, AFTER = Figures(error_rate=0.8), Figures(error_rate=0.0)


def test_a_whole_incident() -> None:
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
        (35, WaitFinished(run="r", step="watch", watched=("login",))),
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


def test_it_is_not_mitigated_while_one_probe_is_bad() -> None:
    told = story((1, turned("down", 0)), (1, turned("down", 0, probe="b")), (5, turned("up", 4)))
    assert marks(told).mitigated is None
    again = story((1, turned("down", 0)), (5, turned("up", 4)), (6, turned("down", 5)))
    assert marks(again).mitigated is None


def test_a_probe_down_before_the_declaration_comes_with_it() -> None:
    told = story(
        (2, IncidentDeclared(title="", severity="SEV1", seen=(turned("down", 0, 0.5),))), (4, IncidentResolved())
    )
    assert marks(told).impact_start == at(0)
    assert marks(told).detected == at(0)
    assert impact_minutes(told) == pytest.approx(2.0)


def test_what_turned_after_the_resolution_changes_nothing() -> None:
    told = story(
        (1, turned("down", 0, 1.0)), (3, turned("up", 2)), (5, IncidentResolved()), (9, turned("down", 8, 1.0))
    )
    assert marks(told).mitigated == at(2)
    assert impact_minutes(told) == pytest.approx(2.0)


RUN = RunStarted(
    run="r", runbook="b", title="", digest="", source="", path="",
    steps=(StepOutline("look", "", "command", "read"), StepOutline("act", "", "command", "write")),
)  # fmt: skip


def passed(step: str) -> VerifyFinished:
    return VerifyFinished(run="r", step=step, probe="login", verdict="pass", before=BEFORE, after=AFTER, words="")


@pytest.mark.parametrize(
    ("body", "proves"),
    [
        (passed("act"), True),
        (passed("look"), False),
        (RepeatEnded(run="r", step="act", reached=True, batches=5, words=""), True),
        (RepeatEnded(run="r", step="act", reached=False, batches=5, words=""), False),
        (WaitFinished(run="r", step="watch", watched=("login",)), True),
        (WaitFinished(run="r", step="pause"), False),
    ],
)
def test_verified_is_what_was_looked_at_and_not_what_was_waited_for(body: AnyBody, proves: bool) -> None:
    assert marks(story((1, RUN), (9, body))).verified == (at(9) if proves else None)


def test_a_wait_of_an_older_journal_is_read_and_proves_nothing() -> None:
    """It did not say whether it watched anything: that is not known, and no measurement."""
    older = decode("wait.finished", b'{"v":1,"run":"r","step":"watch"}')
    assert older == WaitFinished(run="r", step="watch") and marks(story((1, RUN), (9, older))).verified is None


def test_an_impossible_order_is_reported() -> None:
    (interval,) = intervals(Marks(declared=at(5), acknowledged=at(3)))
    assert interval.seconds is None
    assert interval.problem == "acknowledged lies 120 s before declared"


@given(data=st.data())
def test_no_interval_is_ever_negative(streams: st.SearchStrategy[tuple[Event, ...]], data: st.DataObject) -> None:
    events = data.draw(streams)
    assert all(interval.seconds is None or interval.seconds >= 0 for interval in intervals(marks(events)))
    assert all((interval.seconds is None) == bool(interval.problem) for interval in intervals(marks(events)))
