from __future__ import annotations

from cockpit.clock import SECOND
from cockpit.engine.peopleview import people, shown_to
from cockpit.incident.attendance import (
    HelpOffered,
    PersonNeeded,
    PersonReleased,
    PresenceDeclared,
    RoleTaken,
    TimerSet,
)
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.protocol.views import PersonView, TimerView
from cockpit.text import SafeText

S = SafeText
NOW = 1_760_000_000 * SECOND
CALL = "https://meet.test/x"


def after(*bodies: Body) -> State:
    declared = IncidentDeclared(title="It is red", severity="SEV2")
    return fold(Event("INC-1", seq, NOW, NOW, "ada", "h", body) for seq, body in enumerate((declared, *bodies), 1))


WHOLE = after(
    PersonNeeded(person="bo", reason="database", until=NOW + SECOND),
    PersonNeeded(person="cy"),
    PersonReleased(person="cy"),
    RoleTaken(person="di", role="operations"),
    RoleTaken(person="ada", role="incident_commander"),
    HelpOffered(person="ed", words="I know \x1b[31mauth"),
    PresenceDeclared(person="bo", presence="here"),
    PresenceDeclared(person="fay", presence="following"),
    TimerSet(timer="t", what="latency", who="bo", until=NOW + 60 * SECOND),
)


def test_the_lead_comes_first_then_roles_then_who_is_needed_offers_looks_on_and_may_leave() -> None:
    shown = [(person.name, person.needed, person.offered) for person in people(WHOLE).people]
    assert shown == [
        ("ada", True, False), ("di", True, False), ("bo", True, False), ("ed", False, True), ("fay", False, False),
        ("cy", False, False),
    ]  # fmt: skip


def test_each_is_shown_with_roles_task_end_and_what_they_said_of_themselves() -> None:
    by_name = {person.name: person for person in people(WHOLE).people}
    assert by_name[S("bo")] == PersonView(
        S("bo"), S("database"), True, until=NOW + SECOND, presence=S("here"), presence_at=NOW
    )
    assert by_name[S("ada")].roles == ("lead",) and by_name[S("di")].roles == ("operations",)
    assert by_name[S("ada")].presence == "", "nobody is where they did not say they are"
    assert "\x1b" not in by_name[S("ed")].reason and "auth" in by_name[S("ed")].reason


def test_looks_are_shown_with_their_end() -> None:
    assert people(WHOLE).timers == (TimerView("t", S("latency"), S("bo"), NOW, NOW + 60 * SECOND),)


def test_somebody_released_who_offers_again_is_shown_once_as_offering() -> None:
    state = after(PersonNeeded(person="bo"), PersonReleased(person="bo"), HelpOffered(person="bo"))
    assert [(person.name, person.offered) for person in people(state).people] == [("bo", True)]


def test_the_call_link_reaches_only_those_needed() -> None:
    pane = people(WHOLE, call=CALL)
    assert pane.call == CALL
    for needed in ("ada", "bo", "BO", "di"):
        assert shown_to(pane, needed) is pane
    for other in ("ed", "fay", "cy", "eve", ""):
        assert shown_to(pane, other).call == ""
        assert shown_to(pane, other).people == pane.people


def test_there_is_no_call_once_it_is_over() -> None:
    assert people(after(PersonNeeded(person="bo"), IncidentResolved()), call=CALL).call == ""


def test_relief_is_shown_as_it_is_said() -> None:
    assert people(WHOLE, relief="ada has led for 4 h 10 m").relief == "ada has led for 4 h 10 m"
