"""What readers are told of people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.broadcast.compose import card, post, summons, switch
from cockpit.incident.attendance import PersonNeeded, PersonReleased, PresenceDeclared, TimerEnded, TimerSet
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import IncidentResolved

Events = Callable[..., tuple[Event, ...]]
At = Callable[[float], int]
Story = tuple[tuple[float, Body], ...]


def news(reason: str, headline: str, *, automatic: bool = True) -> UpdatePosted:
    return UpdatePosted(update="u", reason=reason, headline=headline, automatic=automatic)


def test_for_what_and_until_when(story: Story, events: Events, at: At) -> None:
    told = fold(
        events(*story, (7, PersonNeeded(person="bo", reason="network", until=at(60))), (7, PersonNeeded(person="cy")))
    )
    assert card(told, at(8)).on_it == "ana (incident commander), ops-2 (database), bo (network, until 11:00 UTC), cy"
    assert "bo (network, until 11:00 UTC, which is over), cy" in card(told, at(60)).on_it


def test_who_says_to_be_away_is_told_as_away(story: Story, events: Events, at: At) -> None:
    gone, back = (PresenceDeclared(person="ops-2", presence=state) for state in ("away", "here"))
    assert (
        card(fold(events(*story, (7, gone))), at(8)).on_it
        == "ana (incident commander), ops-2 (database, away since 10:07 UTC)"
    )
    assert card(fold(events(*story, (7, gone), (8, back))), at(8)).on_it == "ana (incident commander), ops-2 (database)"


def test_who_looks_into_what(story: Story, events: Events, at: At) -> None:
    look = TimerSet(timer="t", what="database latency", who="ada", until=at(40))
    told = fold(events(*story, (7, look)))
    looks = "ada looks into database latency until 10:40 UTC."
    assert card(told, at(8)).doing == f"Roll back: running Revert config 4711 since 10:06 UTC. {looks}"
    assert at(40) in card(told, at(8)).moments
    said = UpdatePosted(update="u", reason="update", headline="h", doing="Reverting")
    assert post(said, fold(events(*story, (7, look), (8, said)))).doing == f"Reverting. {looks}"
    assert "ada" not in card(told, at(40)).doing
    overdue = UpdatePosted(update="u", reason="overdue", headline="h", doing="Reverting", automatic=True)
    assert post(overdue, fold(events(*story, (7, look), (8, overdue)))).doing == "Reverting"
    assert "ada" not in card(fold(events(*story, (7, look), (8, IncidentResolved()))), at(9)).doing
    done = fold(events(*story, (7, look), (9, TimerEnded(timer="t"))))
    assert "ada" not in card(done, at(9)).doing


@pytest.mark.parametrize(
    ("update", "called"),
    [
        (news("needed", "bo is needed, network"), ("bo",)),
        (news("severity", "severity SEV2 -> SEV1; bo is needed; ops-2 is needed"), ("ops-2", "bo")),
        (news("needed", "ebo is needed"), ()),
        (news("update", "bo is needed", automatic=False), ()),
    ],
)
def test_only_who_is_newly_asked_for_is_called(
    story: Story, events: Events, update: UpdatePosted, called: tuple[str, ...]
) -> None:
    told = fold(events(*story, (7, PersonNeeded(person="bo", reason="network"))))
    assert post(update, told).needed == called


@pytest.mark.parametrize(
    ("update", "thanks"),
    [
        (news("released", "bo is no longer needed"),
         "Thank you, bo: you can leave the call. What happens next is told here."),
        (news("released", "bo is no longer needed; cy is no longer needed"),
         "Thank you, bo and cy: you can leave the call. What happens next is told here."),
        (news("released", "ana stays. Thank you, everyone else."), ""),
        (news("resolved", "resolved"), "Thank you to everyone who helped: you can all leave the call."),
        (news("status", "status monitoring"), ""),
    ],
)  # fmt: skip
def test_who_may_leave_is_thanked(story: Story, events: Events, update: UpdatePosted, thanks: str) -> None:
    told = fold(events(*story, *((7, PersonReleased(person=name)) for name in ("ab", "bo", "cy"))))
    assert post(update, told).thanks == thanks


def test_the_switch_asks_whoever_leads(state: State, story: Story, events: Events, at: At) -> None:
    due = fold(events(*story, (8, UpdatePosted(update="u", reason="update", headline="h", next_due=at(28)))))
    kept = switch(due, at(8), 300.0)
    assert (kept.at, kept.ask) == (at(33), "ana")
    assert kept.text == (
        "INC-7: the cockpit has been silent since 10:08 UTC, and the update promised for 10:28 did not come. Ask ana."
    )
    over = fold(events(*story, (8, IncidentResolved())))
    assert switch(over, at(8), 300.0).at == 0


def test_who_is_needed_is_told_alone_where_the_call_is(state: State, at: At) -> None:
    told = summons("bo", "the network", at(60), state, "https://call.example/7")
    assert told.text == (
        "SEV1 - Logins failing - Investigating. You are needed for the network until 11:00 UTC. "
        "The call: https://call.example/7"
    )
