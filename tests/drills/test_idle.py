from __future__ import annotations

from cockpit.clock import SECOND
from cockpit.drills.idle import idle
from cockpit.incident.attendance import PersonNeeded, PersonReleased, PresenceDeclared, RoleTaken, TimerEnded, TimerSet
from cockpit.incident.event import Body, Event
from cockpit.incident.vocabulary import IncidentResolved

MINUTE = 60 * SECOND


def events(*told: tuple[float, Body]) -> tuple[Event, ...]:
    return tuple(
        Event("INC-1", seq, int(minute * MINUTE), int(minute * MINUTE), "ana", "host", body)
        for seq, (minute, body) in enumerate(told, 1)
    )


def found(*told: tuple[float, Body], now: float = 60) -> list[tuple[str, float, float]]:
    return [(one.person, one.since / MINUTE, one.minutes) for one in idle(events(*told), int(now * MINUTE))]


def test_who_is_here_for_nothing_is_idle_until_released() -> None:
    told = found((5, PresenceDeclared(person="ben", presence="here")), (25, PersonReleased(person="ben")))
    assert told == [("ben", 5, 20)]


def test_a_role_a_reason_or_a_look_is_something_to_do() -> None:
    assert found((1, RoleTaken(person="ana", role="incident_commander"))) == []
    assert found((1, PersonNeeded(person="ben", reason="knows the pool"))) == []
    told = found(
        (1, TimerSet(timer="t", what="logs", who="ben", until=0)),
        (2, PresenceDeclared(person="ben", presence="here")),
        (12, TimerEnded(timer="t")),
        (30, PresenceDeclared(person="ben", presence="following")),
    )
    assert told == [("ben", 12, 18)]


def test_who_hands_over_the_lead_and_stays_has_nothing_to_do() -> None:
    told = found(
        (1, RoleTaken(person="ana", role="incident_commander")),
        (10, RoleTaken(person="ben", role="incident_commander", previous="ana")),
        (40, IncidentResolved()),
    )
    assert told == [("ana", 10, 30)]


def test_being_asked_for_without_a_reason_is_waiting_and_a_moment_is_not() -> None:
    assert found((1, PersonNeeded(person="ben")), now=21) == [("ben", 1, 20)]
    assert found((1, PersonNeeded(person="ben")), (1.5, PersonReleased(person="ben"))) == []


def test_who_is_released_and_called_again_is_counted_twice() -> None:
    told = found(
        (1, PersonNeeded(person="ben")), (5, PersonReleased(person="ben")), (20, PersonNeeded(person="ben")), now=30
    )
    assert told == [("ben", 1, 4), ("ben", 20, 10)]
