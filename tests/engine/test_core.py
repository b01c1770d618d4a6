"""The state everybody shares, on a real journal."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from cockpit.clock import SECOND, SystemClock
from cockpit.config.broadcasting import Cadence
from cockpit.engine import deciding
from cockpit.engine.circumstances import Circumstances
from cockpit.engine.core import Core
from cockpit.engine.recalling import earlier, latest_incident
from cockpit.engine.recording import Recorder
from cockpit.incident.event import WATCH, Body, Draft, Event
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import (
    AlertEnded,
    AlertSeen,
    ChangeSeen,
    EffectExpected,
    EffectMeasured,
    FreezeSet,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    ProbePaused,
    ProbeResumed,
    ProbeState,
)
from cockpit.journal.errors import StorageFault
from cockpit.journal.store import Answered, Fate, Journal, Letter
from cockpit.protocol import commands
from cockpit.tasks import TaskSet

NOW = 1_700_000_000 * SECOND
_ids = itertools.count()


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


def _turned(state: ProbeState, since: int) -> ProbeChanged:
    return ProbeChanged(probe="login", service="auth", state=state, previous="unknown", since=since, verdict="looked")


def _answered() -> Answered:
    return Answered(f"command-{next(_ids)}", b"done")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    yield opened
    await opened.close()


@pytest.fixture
def core(journal: Journal) -> Core:
    return Core(journal, SystemClock(), _alone, State(stream=WATCH), None)


async def _seen(core: Core, body: Body, at: int = 0) -> None:
    await core.record(lambda _: (Draft(body=body, actor="cockpit", occurred_at=at),))


async def _said(core: Core, body: Body) -> None:
    await core.act(lambda _: ((Draft(body=body, actor="ada"),), _answered()))


async def _declare(core: Core) -> None:
    said = IncidentDeclared(title="Logins fail", severity="SEV1")
    await core.declare(lambda _: ((Draft(body=said, actor="ada"),), _answered()))


async def test_the_latest_turn_of_a_probe_counts_although_the_clock_was_set_back(core: Core) -> None:
    await _seen(core, _turned("up", NOW))
    await _seen(core, _turned("down", NOW - 3600 * SECOND))
    assert core.watching.probes["login"].state == "down"


async def test_an_engine_started_after_an_incident_knows_what_was_seen_during_it(core: Core, journal: Journal) -> None:
    await _seen(core, _turned("down", NOW))
    await _declare(core)
    await _seen(core, _turned("up", NOW + SECOND))
    await _seen(core, ChangeSeen(change="ci:7", source="ci", what="deploy"), NOW)
    await _said(core, IncidentResolved())
    again = Core(journal, SystemClock(), _alone, await journal.load(WATCH), await journal.load("INC-1"))
    known = again.watching
    assert known.probes["login"].state == "up"
    assert [change.seen.change for change in known.changes] == ["ci:7"]


async def _again(journal: Journal) -> Core:
    """The core of an engine that was started anew."""
    latest = await latest_incident(journal)
    before = await earlier(journal, latest)
    return Core(journal, SystemClock(), _alone, await journal.load(WATCH), latest, before)


async def test_a_pause_that_was_ended_after_its_incident_does_not_come_back_with_a_restart(
    core: Core, journal: Journal
) -> None:
    await _declare(core)
    await _said(core, ProbePaused(probe="login", until=NOW, reason="noise"))
    await _said(core, IncidentResolved())
    await _seen(core, ProbeResumed(probe="login"))
    assert (await _again(journal)).watching.paused["login"].until == 0


async def test_what_one_incident_began_outlasts_the_next_and_a_restart(core: Core, journal: Journal) -> None:
    await _seen(core, AlertSeen(alert="am:1", source="am", title="Logins fail", started=NOW))
    await _seen(
        core, EffectExpected(subject="ci:7", about="change", what="deploy", service="auth", since=1, until=2, before=())
    )
    await _declare(core)
    await _said(core, FreezeSet(scope=("ci",), reason="calm"))
    await _said(core, ProbePaused(probe="login", until=NOW, reason="noise"))
    await _seen(core, AlertEnded(alert="am:1", title="Logins fail"))
    await _seen(core, EffectMeasured(subject="ci:7", verdict="same", words="no difference", after=()))
    await _said(core, IncidentResolved())
    await _declare(core)
    known = (await _again(journal)).watching
    assert known.freeze.scope == ("ci",)
    assert known.paused["login"].until == NOW
    assert known.alerts["am:1"].ended
    assert known.effects["ci:7"].measured is not None, "else it is measured once more"
    assert known == core.watching


async def test_an_erasure_in_an_earlier_incident_reaches_what_is_known_now(core: Core) -> None:
    await _declare(core)
    await _seen(core, ChangeSeen(change="ci:7", source="ci", what="swordfish"), NOW)
    await _said(core, IncidentResolved())
    await _declare(core)
    await core.redact("INC-1", 2, "a password", "ada", _answered())
    assert "swordfish" not in repr(core.watching)


async def test_an_alarm_told_again_during_an_incident_was_learnt_of_before_it(core: Core, journal: Journal) -> None:
    alarm = AlertSeen(alert="am:1", source="am", title="Logins fail", started=NOW)
    await _seen(core, alarm, NOW)
    await _declare(core)
    await _seen(core, alarm, NOW + 60 * SECOND)
    assert (await _again(journal)).watching.alerts["am:1"].learnt == NOW


async def test_a_note_that_was_erased_does_not_come_back_with_a_declaration(core: Core) -> None:
    await _seen(core, NoteAdded(text="the password is swordfish"))
    await core.redact(WATCH, 1, "a password", "ada", _answered())
    around = Circumstances(
        actor="ada", now=SystemClock().now(), new_id="x", watching=core.watching, figures={}, cadence=Cadence(),
        plans={}, probes={}, recent=tuple(core.recent),
    )  # fmt: skip
    drafts, _ = deciding.declare(core.shown, commands.Declare(title="Logins fail", severity="SEV1"), around)
    assert "swordfish" not in repr(drafts)
    assert [type(draft.body) for draft in drafts] == [IncidentDeclared]


class FaultyDisk(Journal):
    """A journal whose disk fails once, before or after it has kept what it was given."""

    keeps: bool | None = None

    async def append(
        self, stream: str, drafts: Sequence[Draft], *, letters: Sequence[Letter] = (), answer: Answered | None = None,
        before: State | None = None,
    ) -> tuple[Event, ...]:  # fmt: skip
        keeps, self.keeps = self.keeps, None
        if keeps is False:
            raise StorageFault("the disk failed")
        events = await super().append(stream, drafts, letters=letters, answer=answer, before=before)
        if keeps:
            raise StorageFault("the disk failed")
        return events


@pytest.fixture
async def faulty(tmp_path: Path) -> AsyncIterator[FaultyDisk]:
    opened = await FaultyDisk.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    assert isinstance(opened, FaultyDisk)
    yield opened
    await opened.close()


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_fact_is_recorded_once_whatever_the_disk_kept_of_it(faulty: FaultyDisk, keeps: bool) -> None:
    core = Core(faulty, SystemClock(), _alone, State(stream=WATCH), None)
    recorder, tasks = Recorder(core), TaskSet()
    faulty.keeps = keeps
    recorder.post(Draft(body=_turned("down", NOW), actor="cockpit"))
    recorder.post(Draft(body=NoteAdded(text="after"), actor="cockpit"))
    waker = core.waker()
    tasks.spawn(recorder.run(), "recorder")
    while core.shown.seq < 2 or recorder.alarm:
        waker.clear()
        await waker.wait()
    await tasks.close()
    assert [type(event.body) for event in await faulty.read(WATCH)] == [ProbeChanged, NoteAdded]
    assert [event.seq for event in core.recent] == [1, 2]
    assert core.watching.probes["login"].state == "down"


async def test_a_fact_that_cannot_be_recorded_does_not_hold_up_the_next(core: Core) -> None:
    def broken(_state: State) -> Sequence[Draft]:
        raise LookupError("no plan")

    recorder, tasks, waker = Recorder(core), TaskSet(), core.waker()
    recorder.post_decided(broken)
    recorder.post(Draft(body=NoteAdded(text="after"), actor="cockpit"))
    tasks.spawn(recorder.run(), "recorder")
    await waker.wait()
    while not core.shown.seq:
        waker.clear()
        await waker.wait()
    await tasks.close()
    assert "LookupError" in recorder.lost


async def test_what_is_decided_after_a_fault_of_the_disk_is_decided_on_what_was_kept(faulty: FaultyDisk) -> None:
    core = Core(faulty, SystemClock(), _alone, State(stream=WATCH), None)
    faulty.keeps = True
    with pytest.raises(StorageFault):
        await _declare(core)
    found: list[State] = []

    def decide(state: State) -> tuple[Sequence[Draft], Answered]:
        found.append(state)
        return (Draft(body=IncidentResolved(), actor="ada"),), _answered()

    faulty.keeps = True
    with pytest.raises(StorageFault):
        await core.act(decide)
    await _seen(core, _turned("up", NOW))
    assert (found[0].stream, found[0].lifecycle.open) == ("INC-1", True)
    assert (await faulty.head("INC-1"), await faulty.head(WATCH)) == (2, 1)
    assert (core.shown.stream, core.incident_open) == (WATCH, False)


async def test_what_was_erased_by_a_failing_disk_is_forgotten(journal: Journal, core: Core) -> None:
    await _seen(core, NoteAdded(text="the password is swordfish"))
    await journal.redact(WATCH, 1, "a password", "ada")
    core.behind = True
    await _seen(core, NoteAdded(text="after"))
    assert "swordfish" not in repr(core.recent)
    assert core.shown == await journal.load(WATCH)


async def test_the_outbox_is_read_for_letters_and_not_for_every_measurement(journal: Journal) -> None:
    letters: list[Letter] = []

    def follow(_: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
        return drafts, tuple(letters)

    core = Core(journal, SystemClock(), follow, State(stream=WATCH), None)
    letterbox, waker = core.letterbox(), core.waker()
    await core.record(lambda _: (Draft(body=_turned("down", NOW), actor="cockpit"),))
    assert waker.is_set() and not letterbox.is_set()
    letters.append(Letter("u", "chat", "thread", b"{}"))
    await core.record(lambda _: (Draft(body=_turned("up", NOW), actor="cockpit"),))
    assert letterbox.is_set()
    letters.clear()
    letterbox.clear()
    # Whatever a person does may let something go.
    await core.act(lambda _: ((), _answered()))
    assert letterbox.is_set()
    letterbox.clear()
    await core.settle(WATCH, [Fate(1, "pending", "sent")])
    assert letterbox.is_set()
    letterbox.clear()
    core.forget(letterbox)
    await core.settle(WATCH, ())
    assert not letterbox.is_set()
