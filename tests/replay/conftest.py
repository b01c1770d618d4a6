"""Incidents that are recorded as the engine records them, and the tapes they make."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted
from cockpit.incident.event import Body, Draft, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.kinds import KINDS
from cockpit.incident.runs import AttemptFinished, AttemptIntended, AttemptStarted, RunStarted, StepOutline
from cockpit.incident.vocabulary import (
    EventRedacted,
    Figures,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    StatusChanged,
)
from cockpit.journal.store import Journal
from cockpit.platform.places import Places
from cockpit.replay.tape import Tape, tape
from tests.journal.conftest import TickingClock

START = 1_763_635_800 * SECOND
"""2025-11-20T10:50:00Z."""
_STEPS = tuple(StepOutline(step, step, "command", "write", "undo") for step in ("s1", "s2"))
_NAMES = {"run": ("r1", "r2"), "step": ("s1", "s2"), "attempt": ("a1", "a2"), "person": ("ana", "bo")}
_VALUES: dict[Any, tuple[Any, ...]] = {
    str: ("", "x", "auth", "ünï\n"),
    int: (0, 3, START, START + 60 * SECOND),
    float: (0.0, 1.0, 2.5),
    bool: (True, False),
    Figures: (Figures(), Figures(error_rate=0.5, samples=4, at=START)),
    StepOutline: _STEPS,
}
VARIANTS = 6
"""Bodies of each kind that incidents are made of."""


def _value(name: str, kind: Any, dice: random.Random) -> Any:
    if name in _NAMES:
        return dice.choice(_NAMES[name])
    if kind in _VALUES:
        return dice.choice(_VALUES[kind])
    parts = get_args(kind)
    if get_origin(kind) is Literal:
        return dice.choice(parts)
    if get_origin(kind) is tuple:
        return (
            _STEPS if parts[0] is StepOutline else tuple(_value("", parts[0], dice) for _ in range(dice.randint(0, 2)))
        )
    if get_origin(kind) is dict:
        return {dice.choice(("a", "b", "c")): _value("", parts[1], dice) for _ in range(dice.randint(0, 2))}
    if parts:
        return _value(name, dice.choice(parts), dice)
    return None if kind is type(None) else _body(kind, dice)


def _body(kind: type[Any], dice: random.Random) -> Any:
    return kind(**{field.name: _value(field.name, field.type, dice) for field in msgspec.structs.fields(kind)})


@pytest.fixture(scope="session")
def any_incident() -> st.SearchStrategy[list[list[Body]]]:
    """What is recorded in an incident, turn by turn: any events in any order, sensible or not."""
    dice = random.Random(6)
    kinds = [kind for kind in KINDS.values() if kind not in {EventRedacted, IncidentDeclared}]
    pool = [_body(kind, dice) for kind in kinds for _ in range(VARIANTS)]
    return st.lists(st.lists(st.sampled_from(pool), min_size=1, max_size=4), max_size=5)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "default")


@pytest.fixture
async def journal(places: Places) -> AsyncIterator[Journal]:
    opened = await Journal.open(places.journal, clock=TickingClock(), host="h")
    yield opened
    await opened.close()


@pytest.fixture
def turn() -> Callable[..., ProbeChanged]:
    """A probe that turns."""

    def make(state: Any, previous: Any, probe: str = "login") -> ProbeChanged:
        figures = Figures(error_rate=0.8 if state == "down" else 0.0, samples=5, at=START)
        return ProbeChanged(
            probe=probe, service="auth", state=state, previous=previous, since=START, verdict=f"says {state}",
            figures=figures, suspect="4 min before the first bad sample: deploy",
        )  # fmt: skip

    return make


@pytest.fixture
def story(turn: Callable[..., ProbeChanged]) -> tuple[Body, ...]:
    """A small incident: two probes turn, one step is run and helps, one update is told."""
    run: dict[str, Any] = {"run": "r1", "step": "s1"}
    return (
        IncidentDeclared(title="Logins fail", severity="SEV1", seen=(turn("up", "unknown", "healthz"),)),
        turn("down", "up"),
        NoteAdded(text="support sees it too"),
        RunStarted(run="r1", runbook="b", title="Revert", digest="d", source="", path="p", steps=_STEPS),
        AttemptIntended(**run, attempt="a1", command="configctl revert", digest="c"),
        AttemptStarted(**run, attempt="a1", pid=7),
        AttemptFinished(**run, attempt="a1", ok=True, exit_code=0, tail="reverted\n"),
        UpdatePosted(update="u1", reason="said", headline="Logins fail"),
        UpdateDelivered(update="u1", destination="team"),
        turn("up", "down"),
        StatusChanged(status="monitoring"),
        IncidentResolved(note="well again"),
    )


@pytest.fixture
def as_tape(story: tuple[Body, ...]) -> Callable[..., Tape]:
    """The tape of these events, a minute apart; of the story when none are given."""

    def make(bodies: Sequence[Body] = story, apart: float = 60.0) -> Tape:
        return tape(
            [
                Event("INC-1", seq, at := START + int((seq - 1) * apart * SECOND), at, "ana", "h", body)
                for seq, body in enumerate(bodies, 1)
            ]
        )

    return make


@pytest.fixture
async def recorded(journal: Journal, story: tuple[Body, ...], places: Places) -> Places:
    """A profile in which the story was recorded as INC-1."""
    state = State(stream=await journal.reserve("INC"))
    for body in story:
        state = fold(await journal.append(state.stream, [Draft(body, "ana")], before=state), state)
    return places
