"""A login-flag incident as its journal has it, minute by minute after T0."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.clock import SECOND
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptStarted,
    RunFinished,
    RunStarted,
    StepDone,
    StepOutline,
    VerifyFinished,
    VerifyStarted,
    WaitFinished,
    WaitStarted,
)
from cockpit.incident.vocabulary import (
    ChangeSeen,
    Figures,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    ProbeChanged,
    ProbeState,
)

T0 = 1_800_000_000 * SECOND
MINUTE = 60 * SECOND
STEPS = (
    StepOutline(id="announce", title="Say it", kind="manual"),
    StepOutline(id="restore.revert", title="Revert", kind="command", effect="write", undo="configctl apply 4711"),
    StepOutline(id="restore.override.look", title="Look", kind="command"),
    StepOutline(id="restore.override", title="Remove", kind="command", effect="write", undo="svcctl redeploy"),
    StepOutline(id="watch", title="Watch", kind="wait"),
)


def bad(rate: float, at: float = 0.0) -> Figures:
    return Figures(error_rate=rate, samples=12, at=T0 + int(at * MINUTE) if at else 0)


def turned(state: ProbeState, since: float, rate: float, seen: float) -> ProbeChanged:
    return ProbeChanged(
        probe="login-synthetic", service="auth", state=state, previous="up" if state == "down" else "down",
        since=T0 + int(since * MINUTE), verdict="3/3 HTTP 500", figures=bad(rate, seen),
    )  # fmt: skip


def _command(step: str, command: str, attempt: str) -> tuple[AttemptIntended, AttemptStarted, AttemptFinished]:
    return (
        AttemptIntended(run="r1", step=step, attempt=attempt, command=command, digest="d", before=bad(0.796)),
        AttemptStarted(run="r1", step=step, attempt=attempt, pid=4),
        AttemptFinished(run="r1", step=step, attempt=attempt, ok=True, exit_code=0, seconds=20.0),
    )


def story() -> list[tuple[float, str, Body]]:
    """Minute, actor and body of everything that happened on the good path."""
    revert = _command("restore.revert", "configctl revert 4711", "a1")
    look = _command("restore.override.look", "configctl envdiff staging prod", "a2")
    override = _command("restore.override", "svcctl redeploy auth --without USER_ONBOARDING_BETA", "a3")
    change = ChangeSeen(
        change="4711", source="config", what="enable user onboarding beta", service="auth", who="dev-3",
        reviewed=False, undo="configctl revert 4711",
    )  # fmt: skip
    return [
        (0, "dev-3", change),
        (3.5, "cockpit", turned("down", 3, 0.8, 3.5)),
        (6, "ana", IncidentDeclared(title="Logins fail", severity="SEV1", began=T0 + 3 * MINUTE, drill="login-flag")),
        (6, "ana", RoleTaken(person="ana", role="incident_commander")),
        (6.5, "ana", ImpactChanged(impact="4 of 5 logins fail", unaffected=("checkout",))),
        (7, "ana", UpdatePosted(update="u1", reason="update", headline="Logins fail", next_due=T0 + 27 * MINUTE)),
        (7, "cockpit", UpdateDelivered(update="u1", destination="chat")),
        (7, "ana", RunStarted(run="r1", runbook="login-flag", title="Login flag", digest="d", source="s", path="p",
                              steps=STEPS)),
        (7.2, "ana", StepDone(run="r1", step="announce")),
        (7.5, "ana", revert[0]),
        (7.5, "cockpit", revert[1]),
        (8, "cockpit", revert[2]),
        (8, "cockpit", VerifyStarted(run="r1", step="restore.revert", probe="login-synthetic", before=bad(0.796),
                                     until=T0 + 11 * MINUTE)),
        (11, "cockpit", VerifyFinished(run="r1", step="restore.revert", probe="login-synthetic", verdict="no_effect",
                                       before=bad(0.796), after=bad(0.794), words="no effect")),
        (11.5, "ana", PersonNeeded(person="dev-3", reason="knows the flag")),
        (12, "ana", look[0]),
        (12, "cockpit", look[1]),
        (12, "cockpit", look[2]),
        (13, "ana", override[0]),
        (13, "cockpit", override[1]),
        (20, "cockpit", override[2]),
        (20, "cockpit", turned("up", 20, 0.002, 20.2)),
        (20.5, "cockpit", VerifyFinished(run="r1", step="restore.override", probe="login-synthetic", verdict="pass",
                                         before=bad(0.79), after=bad(0.002), words="helped")),
        (21, "ana", UpdatePosted(update="u2", reason="update", headline="Logins are back")),
        (21, "ana", PersonReleased(person="dev-3", reason="thanks")),
        (21, "ana", WaitStarted(run="r1", step="watch", until=T0 + 36 * MINUTE)),
        (36, "cockpit", WaitFinished(run="r1", step="watch", watched=("login",))),
        (36, "cockpit", RunFinished(run="r1", outcome="done")),
        (37, "ana", IncidentResolved(note="all clear")),
    ]  # fmt: skip


def recorded(told: list[tuple[float, str, Body]]) -> tuple[Event, ...]:
    """The story as the events of one stream."""
    return tuple(
        Event("INC-1", seq, T0 + int(minute * MINUTE), T0 + int(minute * MINUTE), actor, "host", body)
        for seq, (minute, actor, body) in enumerate(told, 1)
    )


Story = list[tuple[float, str, Body]]


@pytest.fixture
def told() -> Story:
    """The good path, to be changed by a test before it is recorded."""
    return story()


@pytest.fixture
def record() -> Callable[[Story], tuple[Event, ...]]:
    """From a story to its events."""
    return recorded


@pytest.fixture
def events() -> tuple[Event, ...]:
    """The events of the good path."""
    return recorded(story())


@pytest.fixture
def t0() -> int:
    """The moment T0 in microseconds."""
    return T0
