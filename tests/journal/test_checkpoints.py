from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from cockpit.clock import SystemClock
from cockpit.incident import fold as folds
from cockpit.incident.event import Draft, Event
from cockpit.incident.fold import State, fold, freeze, thaw
from cockpit.incident.lifecycle import Lifecycle
from cockpit.journal.store import Journal

Drafts = SearchStrategy[list[Draft]]
Place = Callable[[list[Draft]], list[Event]]
Note = Callable[[str], Draft]


@given(st.data())
def test_a_checkpoint_and_its_tail_are_the_full_fold(any_drafts: Drafts, as_events: Place, data: st.DataObject) -> None:
    events = as_events(data.draw(any_drafts))
    cut = data.draw(st.integers(0, len(events)))
    whole, prefix = fold(events), fold(events[:cut])
    assert prefix.seq == cut
    assert thaw(freeze(prefix)) == prefix
    assert fold(events[cut:], thaw(freeze(prefix))) == whole == fold(events)


@settings(max_examples=10)
@given(st.data())
def test_the_journal_loads_what_the_events_fold_to(any_drafts: Drafts, as_events: Place, data: st.DataObject) -> None:
    drafts = data.draw(any_drafts.filter(bool))
    cut = data.draw(st.integers(1, len(drafts)))

    async def live(path: Path) -> None:
        journal = await Journal.open(path, clock=SystemClock(), host="db-1")
        await journal.append("INC-1", drafts[:cut])
        await journal.checkpoint(await journal.load("INC-1"))
        await journal.append("INC-1", drafts[cut:])
        stored = await journal.read("INC-1")
        assert [event.body for event in stored] == [draft.body for draft in drafts]
        assert await journal.load("INC-1") == fold(stored)
        await journal.close()

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(live(Path(directory) / "journal.sqlite"))


async def test_a_checkpoint_is_used_and_can_be_lost(
    journal: Journal, path: Path, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.append("watch", [note(str(turn)) for turn in range(5)])
    state = await journal.load("watch")
    marked = State(stream="watch", seq=5, lifecycle=Lifecycle(title="from the cache"))
    await journal.checkpoint(marked)
    assert await journal.load("watch") == marked
    with monkeypatch.context() as patch:
        patch.setattr(folds, "STATE_VERSION", folds.STATE_VERSION + 1)
        assert await journal.load("watch") == state
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE checkpoints SET state = x'00ff'")
    db.close()
    assert await journal.load("watch") == state


async def test_an_unknown_stream_has_an_empty_state(journal: Journal) -> None:
    state = await journal.load("INC-9")
    assert (state.stream, state.seq, state.lifecycle.open) == ("INC-9", 0, False)
