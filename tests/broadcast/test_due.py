"""What readers are told when the promised word did not come."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.broadcast.due import next_due, overdue
from cockpit.broadcast.material import automatic
from cockpit.clock import SECOND
from cockpit.config.broadcasting import Cadence
from cockpit.incident.attendance import PersonReleased, RoleTaken
from cockpit.incident.broadcasts import BroadcastHeld, BroadcastReleased, CadenceSet, UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.telling import OVERDUE
from cockpit.incident.vocabulary import Figures, IncidentDeclared, IncidentResolved, ProbeChanged

Events = Callable[..., tuple[Event, ...]]
At = Callable[[float], int]
Story = tuple[tuple[float, Body], ...]
CADENCE = Cadence()


def promised(at: int, *, automatic: bool = False, reason: str = "update") -> UpdatePosted:
    return UpdatePosted(update="u", reason=reason, headline="h", automatic=automatic, next_due=at)


def test_it_reports_measurements_with_their_age_and_who_was_silent(story: Story, events: Events, at: At) -> None:
    state = fold(events(*story, (8, promised(at(28)))))
    live = {"login-synthetic": Figures(error_rate=0.79, at=at(28) - 8 * SECOND)}
    assert overdue(state, at(28) - 1, live) is None
    news = overdue(state, at(28), live)
    assert news is not None
    assert (news.reason, news.headline) == (OVERDUE, "No word from ana, who leads, since 10:08 UTC")
    assert news.know == "79.0 % of login-synthetic fail since 10:00 UTC (data 8 s old)."
    assert news.doing == "Roll back: running Revert config 4711 since 10:06 UTC."
    assert news.unknown == "", "automatic text never guesses what people do not know"


def test_whoever_has_just_taken_over_is_not_said_to_have_kept_silent(story: Story, events: Events, at: At) -> None:
    state = fold(events(*story, (8, promised(at(28))), (27, RoleTaken(person="bo", role="incident_commander"))))
    news = overdue(state, at(28), {})
    assert news is not None and news.headline == "No word since 10:08 UTC; bo leads since 10:27 UTC"


def test_nothing_is_called_well_that_nobody_looked_at(events: Events, at: At) -> None:
    declared = IncidentDeclared(title="Logins failing", severity="SEV1")
    up = ProbeChanged(
        probe="login", service="auth", state="up", previous="unknown", since=at(0), verdict="200",
        figures=Figures(error_rate=0.0, at=at(1)),
    )  # fmt: skip
    state = fold(events((1, up), (2, declared), (8, promised(at(28)))))
    asleep, awake = overdue(state, at(28), {}), overdue(state, at(28), {"login": Figures(error_rate=0.0, at=at(28))})
    assert asleep is not None and asleep.know == "Nothing was measured since 10:01 UTC."
    assert awake is not None and awake.know == "Nothing is measured as failing now."


def test_after_two_in_a_row_somebody_else_is_asked_to_lead(story: Story, events: Events, at: At) -> None:
    first = promised(at(48), automatic=True, reason=OVERDUE)
    state = fold(events(*story, (8, promised(at(28))), (28, first)))
    second = overdue(state, at(48), {})
    assert second is not None
    assert second.headline == ("No word from ana, who leads, since 10:08 UTC. Somebody else is asked to take the lead.")
    answered = fold(events(*story, (8, promised(at(28))), (28, first), (40, promised(at(60)))))
    again = overdue(answered, at(60), {})
    assert again is not None and "asked" not in again.headline, "a person's word begins the count anew"


def test_news_by_itself_is_no_word_of_the_lead(story: Story, events: Events, at: At) -> None:
    news = promised(at(28), automatic=True, reason="step")
    unanswered = promised(at(48), automatic=True, reason=OVERDUE)
    state = fold(events(*story, (8, promised(at(28))), (10, news), (28, unanswered), (30, news)))
    assert state.telling.unanswered == 1
    told = overdue(state, at(48), {})
    assert told is not None and "since 10:08" in told.headline


def test_nobody_has_ever_written_and_nobody_leads(story: Story, events: Events, at: At) -> None:
    state = fold(events(*story, (4, PersonReleased(person="ana")), (4, promised(at(7), automatic=True))))
    news = overdue(state, at(7), {})
    assert news is not None and news.headline == "No word from anybody since 10:02 UTC"


def test_a_hold_and_the_end_keep_it_quiet(story: Story, events: Events, at: At) -> None:
    held = (*story, (8, promised(at(28))), (27, BroadcastHeld(until=at(35))))
    assert overdue(fold(events(*held)), at(30), {}) is None
    assert overdue(fold(events(*held)), at(35), {}) is not None
    assert overdue(fold(events(*held, (29, BroadcastReleased()))), at(30), {}) is not None
    assert overdue(fold(events(*held, (29, IncidentResolved()))), at(50), {}) is None
    assert overdue(State(), at(50), {}) is None


def test_a_slower_pace_counts_only_once_it_was_announced(story: Story, events: Events, at: At) -> None:
    told = fold(events(*story, (8, promised(at(28)))))
    assert next_due(told, at(150), CADENCE) == at(170), "two hours alone slow nothing down"
    slower = fold(events(*story, (8, promised(at(28))), (149, CadenceSet(seconds=3600, why="monitoring"))))
    assert next_due(slower, at(150), CADENCE) == at(210)


def test_a_new_lead_is_news_only_after_silence(story: Story, events: Events, at: At) -> None:
    quiet = events(*story, (8, promised(at(28))), (9, RoleTaken(person="bo", role="incident_commander")))
    assert automatic(fold(quiet[:-1]), fold(quiet), quiet[-1:]) is None
    silent = promised(at(48), automatic=True, reason=OVERDUE)
    claimed = events(*story, (8, silent), (9, RoleTaken(person="bo", role="incident_commander")))
    news = automatic(fold(claimed[:-1]), fold(claimed), claimed[-1:])
    assert news is not None and news.headline == "bo leads now"
