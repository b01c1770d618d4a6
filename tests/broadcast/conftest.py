"""What the tests of the broadcast share: incidents told as pairs of a minute and what happened then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.incident.attendance import PersonNeeded, RoleTaken
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.runs import AttemptIntended, AttemptStarted, RunStarted, StepOutline
from cockpit.incident.vocabulary import Figures, IncidentDeclared, ProbeChanged

TEN = 1_700_042_400_000_000
"""Microseconds: ten o'clock UTC, when every story starts."""
MINUTE = 60_000_000


def _events(*told: tuple[float, Body]) -> tuple[Event, ...]:
    return tuple(
        Event("INC-7", seq, TEN + int(minute * MINUTE), TEN + int(minute * MINUTE), "ana", "host", body)
        for seq, (minute, body) in enumerate(told, start=1)
    )


@pytest.fixture
def events() -> Callable[..., tuple[Event, ...]]:
    """Events from pairs of a minute and a body."""
    return _events


@pytest.fixture
def at() -> Callable[[float], int]:
    """The moment so many minutes after ten."""
    return lambda minute: TEN + int(minute * MINUTE)


@pytest.fixture
def story() -> tuple[tuple[float, Body], ...]:
    """Logins fail from ten; a rollback is running at 10:06."""
    down = ProbeChanged(
        probe="login-synthetic", service="auth", state="down", previous="up", since=TEN, verdict="3/3 HTTP 500",
        figures=Figures(error_rate=0.796, at=TEN + MINUTE, since=TEN + MINUTE),
    )  # fmt: skip
    healthy = ProbeChanged(
        probe="auth-healthz", service="auth", state="up", previous="unknown", since=TEN - 60 * MINUTE, verdict="200",
        figures=Figures(error_rate=0.0, at=TEN),
    )  # fmt: skip
    steps = (StepOutline("restore.revert", "Revert config 4711", "command", "write", "reapply"),)
    return (
        (1, down),
        (2, IncidentDeclared(title="Logins failing", severity="SEV1", began=TEN, seen=(healthy, down))),
        (3, RoleTaken(person="ana", role="incident_commander")),
        (3, PersonNeeded(person="ops-2", reason="database")),
        (5, RunStarted(run="r1", runbook="b", title="Roll back", digest="", source="", path="", steps=steps)),
        (6, AttemptIntended(run="r1", step="restore.revert", attempt="a1", command="configctl revert 4711", digest="")),
        (6, AttemptStarted(run="r1", step="restore.revert", attempt="a1", pid=9)),
    )


@pytest.fixture
def state(story: tuple[tuple[float, Body], ...]) -> State:
    """The state that the story leaves."""
    return fold(_events(*story))
