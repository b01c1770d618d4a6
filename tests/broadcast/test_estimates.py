"""What was promised stands beside what came of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.broadcast.compose import card, post
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import fold
from cockpit.incident.vocabulary import IncidentResolved

Events = Callable[..., tuple[Event, ...]]
At = Callable[[float], int]
Story = tuple[tuple[float, Body], ...]


@pytest.fixture
def says(at: At) -> Callable[..., tuple[float, UpdatePosted]]:
    """An update in a minute, with somebody's estimate, or with none."""

    def say(minute: float, eta: float = 0, by: str = "", *, automatic: bool = False) -> tuple[float, UpdatePosted]:
        until = at(eta) if eta else 0
        update = UpdatePosted(
            update=f"u{minute}", reason="update", headline="h", eta=until, eta_by=by, automatic=automatic
        )
        return minute, update

    return say


Says = Callable[..., tuple[float, UpdatePosted]]


@pytest.mark.parametrize(
    ("minute", "told"),
    [
        (8, "ada estimates 11:20 UTC"),
        (79, "ada estimates 11:20 UTC"),
        (80, "ada estimated 11:20 UTC; that has passed, and there is no new estimate"),
    ],
)
def test_an_estimate_has_an_owner_and_an_end(
    story: Story, events: Events, at: At, says: Says, minute: float, told: str
) -> None:
    state = fold(events(*story, says(8, 80, "ada"), says(9, automatic=True)))
    assert card(state, at(minute)).estimate == told


@pytest.mark.parametrize(
    ("again", "minute", "told"),
    [
        ((75, 100, "ada"), 76, "ada estimates 11:40 UTC"),
        ((75, 100, "ada"), 80, "ada estimated 11:20 UTC, now 11:40 UTC"),
        ((81, 100, "bo"), 81, "ada estimated 11:20 UTC, bo now 11:40 UTC"),
        ((81,), 81, "ada estimated 11:20 UTC; there is no new estimate"),
        ((75,), 76, ""),
        ((75, 80, "ada"), 76, "ada estimates 11:20 UTC"),
    ],
)
def test_what_was_estimated_before_is_not_forgotten_once_it_has_passed(
    story: Story, events: Events, at: At, says: Says, again: tuple[float, ...], minute: float, told: str
) -> None:
    state = fold(events(*story, says(8, 80, "ada"), says(*again)))
    assert card(state, at(minute)).estimate == told


def test_the_end_stands_beside_the_estimate(story: Story, events: Events, at: At, says: Says) -> None:
    closing = UpdatePosted(update="e", reason="resolved", headline="resolved after 1 h 12 m", automatic=True)
    state = fold(events(*story, says(8, 80, "ada"), (72, IncidentResolved()), (72, closing)))
    assert card(state, at(90)).estimate == "ada estimated 11:20 UTC, resolved at 11:12 UTC"
    assert post(closing, state).estimate == "ada estimated 11:20 UTC, resolved at 11:12 UTC"


def test_an_update_tells_an_estimate_that_is_its_own(story: Story, events: Events, at: At, says: Says) -> None:
    own, other = says(8, 80, "ada")[1], says(9, automatic=True)[1]
    state = fold(events(*story, (8, own), (9, other)))
    assert post(own, state).estimate == "ada estimates 11:20 UTC"
    assert post(other, state).estimate == ""
