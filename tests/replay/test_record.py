"""A replay comes to what was recorded, or says where it first does not."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cockpit.incident import watching
from cockpit.incident.broadcasts import CadenceSet
from cockpit.incident.event import AnyBody, Body, Draft, Erased, Event, Unknown
from cockpit.incident.fold import MOVED_BY, STATE_VERSION, State, fold
from cockpit.incident.lifecycle import Lifecycle
from cockpit.incident.stamp import EVERY, Stamp, differing, stamp
from cockpit.incident.vocabulary import IncidentDeclared, NoteAdded, ProbeChanged, StatusChanged
from cockpit.incident.watching import Watching
from cockpit.journal import sqlite
from cockpit.journal.reader import Reader
from cockpit.journal.store import Journal
from cockpit.platform.places import Places
from cockpit.replay import opening
from cockpit.replay import tape as tapes
from cockpit.replay.opening import opened
from cockpit.replay.tape import tape
from cockpit.replay.tools import check

EXAMPLES = 1_000
Turns = list[list[Body]]


async def _record(journal: Journal, turns: Sequence[Sequence[Body]]) -> list[State]:
    """Record them as the engine does, folding each turn onto what was so; every state on the way."""
    state = State(stream=await journal.reserve("INC"))
    states = [state]
    for bodies in turns:
        events = await journal.append(state.stream, [Draft(body, "ana") for body in bodies], before=state)
        state = fold(events, state)
        states.append(state)
    await journal.checkpoint(state)
    return states


def test_a_replay_equals_the_record_for_a_thousand_incidents(
    any_incident: st.SearchStrategy[Turns], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tapes, "KEYFRAME", 3)
    # No power fails here, and thousands of commits need not wait for a disk.
    monkeypatch.setattr(sqlite, "_WRITER", ("PRAGMA journal_mode=MEMORY", "PRAGMA synchronous=OFF"))
    told = 0
    with asyncio.Runner() as runner:
        journal = runner.run(Journal.open(tmp_path / "journal.sqlite", clock=_Still(), host="h"))

        async def made_of(turns: Turns) -> tuple[list[State], tuple[Event, ...], tapes.Tape]:
            states = await _record(journal, turns)
            events = await journal.read(states[-1].stream)
            return states, events, tape(events, await journal.stamps(states[-1].stream))

        # Not shrunk: an incident that fails is small.
        @settings(
            max_examples=EXAMPLES, phases=(Phase.generate,), suppress_health_check=list(HealthCheck), database=None
        )
        @given(any_incident, st.randoms(use_true_random=False))
        def plays_as_recorded(turns: Turns, dice: random.Random) -> None:
            nonlocal told
            states, events, made = runner.run(made_of([[IncidentDeclared(title="x", severity="SEV1")], *turns]))
            assert made.finding.divergence is None
            assert made.finding.agreed >= 1 and made.finding.upto == made.last
            known = {state.seq: state for state in states}
            near = None
            for seq in dice.choices(range(made.last + 1), k=6):
                near = made.state(seq, near)
                assert near == fold(events[:seq], State(stream=made.stream))
                # What was so when it was recorded, not only what the events come to now.
                assert seq not in known or not differing(stamp(known[seq]), near)
            told += 1

        plays_as_recorded()
        runner.run(journal.close())
    assert told >= EXAMPLES


class _Still:
    speed = 1.0

    def now(self) -> int:
        return 1_763_635_800_000_000

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("a journal never sleeps")


async def test_a_recorded_incident_is_as_recorded(recorded: Places) -> None:
    said, sound = await check(recorded, "INC-1")
    assert sound
    assert said.startswith("As recorded: 3 of the states")
    assert "the chain of 12 events holds" in said


async def test_another_reducer_is_found_with_its_place(recorded: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    true = watching.reduce

    def forgetful(state: Watching, event: Event) -> Watching:
        body = event.body
        return state if isinstance(body, ProbeChanged) and body.state == "up" else true(state, event)

    monkeypatch.setattr(watching, "reduce", forgetful)
    said, sound = await check(recorded, "INC-1")
    assert not sound
    # The turn is event 10; the stamps beside it are of the declaration and of the status, event 11.
    assert said == "NOT as recorded: watching is not as recorded from event 2 at the earliest, 10 at the latest."


async def test_an_altered_event_is_found_with_its_place(recorded: Places, journal: Journal) -> None:
    with closing(connect(recorded.journal)) as raw, raw:
        (body,) = raw.execute("SELECT body FROM events WHERE stream = 'INC-1' AND seq = 11").fetchone()
        raw.execute(
            "UPDATE events SET body = ? WHERE stream = 'INC-1' AND seq = 11", (body.replace(b"monitor", b"mitigat"),)
        )
    said, sound = await check(recorded, "INC-1")
    assert not sound
    assert said.splitlines() == [
        "The record was altered: event 11: its body was changed.",
        "NOT as recorded: lifecycle is not as recorded from event 11 on.",
    ]


async def test_a_record_that_was_cut_off_is_found_although_its_chain_holds(recorded: Places) -> None:
    with closing(connect(recorded.journal)) as raw, raw:
        raw.execute("DELETE FROM events WHERE stream = 'INC-1' AND seq > 10")
        raw.execute(
            "UPDATE streams SET head = 10, hash = (SELECT hash FROM events WHERE stream = 'INC-1' AND seq = 10)"
            " WHERE name = 'INC-1'"
        )
    said, sound = await check(recorded, "INC-1")
    assert not sound
    assert said == "NOT as recorded: event 11 was recorded, and the record ends at event 10."


async def test_an_erasure_is_no_divergence_and_leaves_nothing_to_guess_at(recorded: Places, journal: Journal) -> None:
    await journal.redact("INC-1", 1, "a name", "ana")
    assert await journal.stamps("INC-1") == ()
    state = await journal.load("INC-1")
    await journal.append("INC-1", [Draft(StatusChanged(status="identified"), "ana")], before=state)
    said, sound = await check(recorded, "INC-1")
    assert sound
    assert "As recorded: 1 of the states" in said
    assert "The words of 1 events were erased" in said


async def test_a_state_that_still_holds_what_was_erased_is_not_stamped(journal: Journal, recorded: Places) -> None:
    before = await journal.load("INC-1")
    await journal.redact("INC-1", 3, "a name", "ana")
    stale = msgspec.structs.replace(before, seq=await journal.head("INC-1"))
    await journal.append("INC-1", [Draft(StatusChanged(status="identified"), "ana")], before=stale)
    assert [each.seq for each in await journal.stamps("INC-1")] == [1]


async def test_a_stamp_is_made_of_every_so_many_events(journal: Journal) -> None:
    state = State(stream="watch")
    for _ in range(3):
        drafts = [Draft(NoteAdded(text="x"), "ana")] * (EVERY - 1)
        state = fold(await journal.append("watch", drafts, before=state), state)
    assert [each.seq for each in await journal.stamps("watch")] == [2 * (EVERY - 1), 3 * (EVERY - 1)]


async def test_stamps_of_another_version_are_not_compared(recorded: Places) -> None:
    with closing(connect(recorded.journal)) as raw, raw:
        raw.execute("UPDATE stamps SET version = ?, digests = x'80'", (STATE_VERSION - 1,))
    said, sound = await check(recorded, "INC-1")
    assert sound
    assert "no state was stamped that could be compared" in said
    assert "3 states were stamped by another version" in said


def test_a_digest_does_not_depend_on_the_order_of_a_dict_or_the_sort_of_a_number(
    turn: Callable[..., ProbeChanged],
) -> None:
    def after(*bodies: Body) -> State:
        return fold(Event("INC-1", seq, 1, 1, "a", "h", body) for seq, body in enumerate(bodies, 1))

    one, other = turn("down", "up", "a"), turn("down", "up", "b")
    assert stamp(after(one, other)) == stamp(after(other, one))
    assert stamp(after(CadenceSet(seconds=300.0))) == stamp(after(CadenceSet(seconds=300)))
    assert differing(stamp(State(stream="s")), State(stream="s", lifecycle=Lifecycle(title="x"))) == ("lifecycle",)


async def test_the_engine_has_its_states_stamped(recorded: Places) -> None:
    async with opened(recorded, "INC-1") as found:
        assert found.tape.finding.agreed == 3


def test_the_first_divergence_is_told_and_no_later_one(as_tape: Callable[..., tapes.Tape]) -> None:
    made = as_tape()
    good, bad = stamp(made.state(2)), stamp(made.state(5))
    wrong = Stamp("INC-1", 4, bad.version, bad.digests | {"roster": b"x"})
    worse = Stamp("INC-1", 9, bad.version, {})
    finding = tape(made.events, (good, wrong, worse)).finding
    assert finding.divergence is not None
    assert (finding.divergence.after, finding.divergence.upto, finding.agreed) == (2, 4, 1)


def test_a_divergence_is_narrowed_by_the_events_that_can_move_what_is_not_as_recorded(
    as_tape: Callable[..., tapes.Tape],
) -> None:
    made = as_tape()
    begun, right = stamp(made.state(1)), stamp(made.state(made.last))

    def narrowed(*parts: str) -> tuple[int, int, str]:
        wrong = msgspec.structs.replace(right, digests=right.digests | dict.fromkeys(parts, b"x"))
        found = tape(made.events, (begun, wrong)).finding.divergence
        assert found is not None and (found.after, found.upto, found.parts) == (1, made.last, parts)
        return found.earliest, found.latest, found.words

    assert narrowed("lifecycle") == (
        11,
        12,
        "lifecycle is not as recorded from event 11 at the earliest, 12 at the latest",
    )
    (turned, back) = (each.seq for each in made.events if isinstance(each.body, ProbeChanged))
    assert narrowed("watching")[:2] == (turned, back)
    # Nobody was there: then any event may have done it.
    assert narrowed("roster")[:2] == (2, 12)
    assert narrowed("lifecycle", "telling") == (
        8,
        9,
        "lifecycle and telling are not as recorded from event 8 at the earliest, 9 at the latest",
    )
    # Of two parts the one that nothing moved can be wrong from the first event on.
    assert narrowed("lifecycle", "roster")[:2] == (2, 12)


@pytest.mark.parametrize("gone", [Erased("probe.changed"), Unknown("probe.changed", b"{}")])
def test_an_event_whose_words_are_gone_may_have_moved_every_part(
    as_tape: Callable[..., tapes.Tape], gone: AnyBody
) -> None:
    made = as_tape()
    turned, back = (each.seq for each in made.events if isinstance(each.body, ProbeChanged))
    altered = [msgspec.structs.replace(each, body=gone) if each.seq == turned else each for each in made.events]
    found = tape(altered, (stamp(made.state(1)), stamp(made.state(back - 1)))).finding.divergence
    assert found is not None and (found.parts, found.earliest, found.latest) == (("watching",), turned, turned)
    found = tape(altered, (stamp(made.state(1)), stamp(made.state(back)))).finding.divergence
    assert found is None or found.earliest == turned


def test_of_every_family_that_is_stamped_it_is_known_what_moves_it() -> None:
    assert set(MOVED_BY) == set(stamp(State(stream="s")).digests)


async def test_an_incident_that_goes_on_while_it_is_read_is_as_recorded(
    recorded: Places, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = opening._events

    async def meanwhile(reader: Reader, stream: str) -> list[Event]:
        events = await read(reader, stream)
        state = await journal.load(stream)
        # What turns is stamped, and lies behind what was read.
        await journal.append(stream, [Draft(StatusChanged(status="identified"), "ana")], before=state)
        return events

    monkeypatch.setattr(opening, "_events", meanwhile)
    said, sound = await check(recorded, "INC-1")
    assert sound
    assert said.startswith("As recorded: 3 of the states")


async def test_what_is_erased_while_it_is_read_is_no_divergence(
    recorded: Places, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = opening._events

    async def meanwhile(reader: Reader, stream: str) -> list[Event]:
        await journal.redact(stream, 2, "a name", "ana")
        return await read(reader, stream)

    monkeypatch.setattr(opening, "_events", meanwhile)
    said, sound = await check(recorded, "INC-1")
    assert sound
    assert said.startswith("As recorded: 1 of the states")


async def test_the_latest_is_the_one_of_the_highest_number_whatever_its_clock_said(
    recorded: Places, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(9):
        name = await journal.reserve("INC")
        await journal.append(name, [Draft(IncidentDeclared(title="x", severity="SEV1"), "ana", occurred_at=1)])
    async with opened(recorded, "") as found:
        assert found.tape.stream == "INC-10"


async def test_what_came_of_the_look_is_there_as_json(recorded: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads((await check(recorded, "INC-1", as_json=True))[0])
    assert (told["incident"], told["as_recorded"], told["events"], told["divergence"]) == ("INC-1", True, 12, None)
    assert told["stamps"] == {"agreed": 3, "latest": 12, "of_another_version": 0}
    assert told["chain"] == {"holds": True, "broken": 0, "why": ""}
    monkeypatch.setattr(watching, "reduce", lambda state, event: state)
    said, sound = await check(recorded, "INC-1", as_json=True)
    assert not sound
    assert json.loads(said)["divergence"] == {
        "after": 0, "upto": 1, "parts": ["watching"], "earliest": 1, "latest": 1,
    }  # fmt: skip
