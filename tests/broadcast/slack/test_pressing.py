"""What a press of a button means, and what whoever pressed is told."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.broadcast.slack.listening import Button, Pressed
from cockpit.broadcast.slack.pressing import answer, called, spoken_for
from cockpit.incident.attendance import HelpOffered, PersonNeeded, PersonReleased, PresenceDeclared, RoleTaken
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.text import SafeText

AT = 1_763_635_700_000_000


def state(*bodies: Body) -> State:
    """An incident in which that happened, a second after the other."""
    told = (IncidentDeclared(title="Logins fail", severity="SEV1"), *bodies)
    return fold(Event("INC-7", seq, AT + seq * 1_000_000, 0, "ada", "", body) for seq, body in enumerate(told, 1))


def pressed(button: Button = "help", incident: str = "INC-7", at: int = 0, user: str = "U0EVE") -> Pressed:
    return Pressed(user, SafeText("eve"), "C0INCIDENT", SafeText(incident), button, at)


@pytest.mark.parametrize(
    ("button", "body"),
    [
        ("help", HelpOffered(person="eve", user="U0EVE")),
        ("away", PresenceDeclared(person="eve", presence="away", user="U0EVE")),
        ("follow", PresenceDeclared(person="eve", presence="following", user="U0EVE")),
    ],
)
def test_a_press_is_noted_once_and_a_double_click_is_told_so(button: Button, body: Body) -> None:
    first = answer(pressed(button), "eve", state(), ())
    assert first.body == body and "INC-7" in first.words
    again = answer(pressed(button), "eve", state(body), ())
    assert again.body is None and "already" in again.words


def test_an_offer_says_who_sees_it() -> None:
    lead = state(RoleTaken(person="ada", role="incident_commander"))
    assert "ada sees it" in answer(pressed(), "eve", lead, ()).words
    assert "whoever leads will see it" in answer(pressed(), "eve", state(), ()).words


def test_one_who_is_needed_already_offers_nothing_new() -> None:
    found = answer(pressed(), "eve", state(PersonNeeded(person="eve", reason="database")), ())
    assert found.body is None and "(database)" in found.words


def test_one_who_was_released_may_offer_again() -> None:
    offered = HelpOffered(person="eve", user="U0EVE")
    found = answer(pressed(), "eve", state(offered, PersonReleased(person="eve")), ())
    assert found.body == offered


def test_one_who_is_needed_and_says_no_is_told_that_they_are_asked_for() -> None:
    needed = state(RoleTaken(person="ada", role="incident_commander"), PersonNeeded(person="eve"))
    found = answer(pressed("away"), "eve", needed, ())
    assert found.body is not None and found.words.endswith("You are still asked for: tell ada.")


def test_a_press_that_comes_late_does_not_undo_what_was_said_after_it() -> None:
    said = state(PresenceDeclared(person="eve", presence="away"))
    assert answer(pressed("follow", at=AT), "eve", said, ()).body is None
    assert answer(pressed("follow", at=AT + 60_000_000), "eve", said, ()).body is not None


def test_a_press_makes_what_was_said_long_ago_young_again_and_a_double_click_does_not() -> None:
    said = state(PresenceDeclared(person="eve", presence="away"))
    assert answer(pressed("away", at=AT + 60_000_000), "eve", said, ()).body is None
    anew = answer(pressed("away", at=AT + 3600_000_000), "eve", said, ())
    assert anew.body == PresenceDeclared(person="eve", presence="away", user="U0EVE")


def test_not_needed_takes_an_offer_of_help_back_and_following_keeps_it() -> None:
    offered = state(HelpOffered(person="eve", user="U0EVE"))
    kept: tuple[tuple[Button, dict[str, str]], ...] = (("away", {}), ("follow", {"eve": ""}))
    for button, offers in kept:
        body = answer(pressed(button), "eve", offered, ()).body
        assert body is not None
        assert fold([Event("INC-7", 3, AT, 0, "eve", "", body)], offered).roster.offers == offers


@pytest.mark.parametrize(
    ("now", "incident", "words"),
    [
        (state(), "INC-6", "INC-6 is resolved"),
        (state(), "INC-9", "which the cockpit does not follow; it follows INC-7 now"),
        (state(IncidentResolved()), "INC-7", "which the cockpit does not follow. "),
        (State(stream="watch"), "", "This card is of no incident"),
    ],
)
def test_a_press_on_another_card_is_answered_so_and_changes_nothing(now: State, incident: str, words: str) -> None:
    found = answer(pressed(incident=incident), "eve", now, ("INC-6",))
    assert found.body is None and words in found.words


@pytest.mark.parametrize(
    ("user", "name", "taken", "person"),
    [
        ("U0ADA", "whatever", (), "ada"),
        ("U0ADA", "whatever", ("Ada",), "Ada"),
        ("U0EVE", "eve", (), "eve"),
        ("U0EVE", "", (), "U0EVE"),
        ("U0EVE", "Ada", (), "Ada (U0EVE)"),
        ("U0EVE", "ben", ("Ben",), "ben (U0EVE)"),
    ],
)
def test_nobody_is_called_by_the_name_of_another(user: str, name: str, taken: Any, person: str) -> None:
    assert called(user, name, {"U0ADA": "ada"}, taken) == person


def test_who_spoke_in_the_chat_keeps_their_name_and_another_of_that_name_gets_another() -> None:
    said = PresenceDeclared(person="eve", presence="following", user="U0EVE")
    roster = state(HelpOffered(person="eve", user="U0EVE"), PersonNeeded(person="eve"), said).roster
    assert called("U0EVE", "eve", {}, spoken_for(roster, "U0EVE")) == "eve"
    assert called("U0OTHER", "eve", {}, spoken_for(roster, "U0OTHER")) == "eve (U0OTHER)"


def test_who_only_declared_at_a_terminal_is_another() -> None:
    roster = state(PresenceDeclared(person="ben", presence="here")).roster
    assert called("U0BEN", "ben", {}, spoken_for(roster, "U0BEN")) == "ben (U0BEN)"
