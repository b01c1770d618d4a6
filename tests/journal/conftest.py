from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from cockpit.clock import SECOND, Clock
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted
from cockpit.incident.event import Body, Draft, Event
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptStarted,
    RunStarted,
    StepDone,
    StepOutline,
    VerifyFinished,
)
from cockpit.incident.vocabulary import (
    ChangeSeen,
    EngineWoke,
    Figures,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    StatusChanged,
)
from cockpit.journal.store import Journal

START = 1_760_000_000 * SECOND


class TickingClock:
    """A second later at each look."""

    speed = 1.0

    def __init__(self) -> None:
        self._ticks = itertools.count()

    def now(self) -> int:
        return START + next(self._ticks) * SECOND

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the journal never sleeps")


@pytest.fixture
def clock() -> Clock:
    return TickingClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "journal.sqlite"


@pytest.fixture
async def journal(path: Path, clock: Clock) -> AsyncIterator[Journal]:
    opened = await Journal.open(path, clock=clock, host="db-1")
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def note() -> Callable[[str], Draft]:
    return lambda text: Draft(NoteAdded(text=text), "ana")


def _bodies() -> SearchStrategy[Body]:
    text = st.text(max_size=12)
    person = st.sampled_from(["ana", "bo", "cy"])
    step = st.sampled_from(["one", "two"])
    run = st.sampled_from(["r1", "r2"])
    attempt = st.sampled_from(["a1", "a2"])
    steps = (
        StepOutline(id="one", title="1", kind="command", undo="put it back"),
        StepOutline(id="two", title="2", kind="manual"),
    )
    figures = st.builds(Figures, error_rate=st.none() | st.floats(0, 1), samples=st.integers(0, 9))
    state = st.sampled_from(["unknown", "up", "degraded", "down"])
    started = RunStarted(run="r1", runbook="b", title="B", digest="d", source="s", path="p", steps=steps)
    return st.one_of(
        st.builds(NoteAdded, text=text),
        st.builds(EngineWoke, seconds=st.floats(0, 1e6)),
        st.builds(IncidentDeclared, title=text, severity=st.sampled_from(["SEV1", "SEV4"]), impact=text),
        st.builds(StatusChanged, status=st.sampled_from(["investigating", "mitigating"]), why=text),
        st.builds(IncidentResolved, note=text),
        st.builds(ProbeChanged, probe=text, service=text, state=state, previous=state, since=st.integers(0, 1 << 50),
                  verdict=text, figures=figures),
        st.builds(ChangeSeen, change=text, source=text, what=text),
        st.builds(RoleTaken, person=person, role=st.sampled_from(["incident_commander", "operations"])),
        st.builds(PersonNeeded, person=person, reason=text),
        st.builds(PersonReleased, person=person),
        st.just(started),
        st.builds(AttemptIntended, run=run, step=step, attempt=attempt, command=text, digest=text,
                  direction=st.sampled_from(["forward", "rollback"])),
        st.builds(AttemptStarted, run=run, step=step, attempt=attempt, pid=st.integers(1, 9)),
        st.builds(AttemptFinished, run=run, step=step, attempt=attempt, ok=st.booleans(), exit_code=st.integers(0, 2)),
        st.builds(StepDone, run=run, step=step, note=text),
        st.builds(VerifyFinished, run=run, step=step, probe=text, verdict=st.sampled_from(["pass", "no_effect"]),
                  before=figures, after=figures, words=text),
        st.builds(UpdatePosted, update=text, reason=text, headline=text, automatic=st.booleans()),
        st.builds(UpdateDelivered, update=text, destination=text),
    )  # fmt: skip


@pytest.fixture(scope="session")
def any_drafts() -> SearchStrategy[list[Draft]]:
    """Sequences of events as a journal may hold them, sensible or not."""
    draft = st.builds(
        Draft, body=_bodies(), actor=st.sampled_from(["ana", "engine"]), occurred_at=st.integers(0, 1 << 50)
    )
    return st.lists(draft, max_size=25)


@pytest.fixture(scope="session")
def as_events() -> Callable[[list[Draft]], list[Event]]:
    def place(drafts: list[Draft]) -> list[Event]:
        return [
            Event("INC-1", seq, draft.occurred_at or START, START, draft.actor, "db-1", draft.body)
            for seq, draft in enumerate(drafts, 1)
        ]

    return place
