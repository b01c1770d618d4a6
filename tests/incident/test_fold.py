"""The state is a fold: deterministic, total, and resumable at any place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident import alerting, effects, freezing, lifecycle, people, running, telling, watching
from cockpit.incident.event import Body, Erased, Event, Unknown, encode
from cockpit.incident.fold import STATE_VERSION, State, apply, fold, freeze, thaw
from cockpit.incident.kinds import KINDS, decode
from cockpit.incident.vocabulary import ProbeChanged
from cockpit.text import SafeText

Bodies = Callable[[type[Body]], st.SearchStrategy[Any]]
Streams = st.SearchStrategy[tuple[Event, ...]]
SHAPE = (10, "2487332a95780551")
"""The version of the state and a digest of its shape: one never changes without the other."""


@given(data=st.data())
def test_it_is_deterministic_and_every_prefix_folds(streams: Streams, data: st.DataObject) -> None:
    events = data.draw(streams)
    state = State()
    for count, event in enumerate(events, start=1):
        state = apply(state, event)
        assert state.seq == count
    assert state == fold(events)


@given(data=st.data())
def test_checkpoint_and_tail_are_the_full_fold(streams: Streams, data: st.DataObject) -> None:
    events = data.draw(streams)
    cut = data.draw(st.integers(0, len(events)))
    checkpoint = thaw(freeze(fold(events[:cut])))
    assert checkpoint is not None
    assert fold(events[cut:], checkpoint) == fold(events)


@given(data=st.data(), raw=st.binary(max_size=50))
def test_an_unknown_kind_only_moves_seq(streams: Streams, data: st.DataObject, raw: bytes) -> None:
    events = data.draw(streams)
    before = fold(events)
    strange = Event("INC-1", len(events) + 1, 1, 1, "ana", "host", Unknown("moon.phase", raw))
    after = apply(before, strange)
    assert after == msgspec.structs.replace(before, stream="INC-1", seq=before.seq + 1)


@settings(max_examples=10)
@given(data=st.data())
def test_what_is_not_shown_to_a_family_would_not_have_moved_it(bodies: Bodies, data: st.DataObject) -> None:
    told = [*(data.draw(bodies(kind)) for kind in KINDS.values()), *map(Erased, KINDS), Unknown("moon.phase", b"")]
    state = State()
    for seq, body in enumerate(told, 1):
        event = Event("INC-1", seq, seq, seq, "ana", "host", body)
        kind, watched = type(body), state.watching
        assert kind in lifecycle.MOVED_BY or lifecycle.reduce(state.lifecycle, event) is state.lifecycle
        assert kind in watching.MOVED_BY or watching.reduce(watched, event) is watched
        assert kind in freezing.MOVED_BY or freezing.reduce(watched.freeze, event) is watched.freeze
        assert kind in alerting.MOVED_BY or alerting.reduce(watched.alerts, event) is watched.alerts
        assert kind in effects.MOVED_BY or effects.reduce(watched.effects, event) is watched.effects
        assert kind in people.MOVED_BY or people.reduce(state.roster, event) is state.roster
        assert kind in running.MOVED_BY or running.reduce(state.runs, event) is state.runs
        assert kind in telling.MOVED_BY or telling.reduce(state.telling, event) is state.telling
        state = apply(state, event)


@given(data=st.data())
def test_stored_and_read_again_it_folds_to_the_same(streams: Streams, data: st.DataObject) -> None:
    events = [event for event in data.draw(streams) if event.body.kind in KINDS and hasattr(event.body, "version")]
    again = [msgspec.structs.replace(event, body=decode(event.body.kind, encode(event.body))) for event in events]
    assert fold(again) == fold(events)


@pytest.mark.parametrize("checkpoint", [b"", b"\xc1", b"rubbish", msgspec.msgpack.encode((STATE_VERSION + 1, State()))])
def test_a_checkpoint_of_another_make_is_thrown_away(checkpoint: bytes) -> None:
    assert thaw(checkpoint) is None


def test_text_that_was_made_safe_can_be_kept_too() -> None:
    turned = ProbeChanged(
        probe="p", service="s", state="down", previous="up", since=1, verdict=SafeText("HTTP 500\x1b[31m")
    )
    state = apply(State(stream="INC-1"), Event("INC-1", 1, 1, 1, "cockpit", "h", turned))
    assert thaw(freeze(state)) == state


def test_another_shape_of_the_state_is_another_version() -> None:
    """Else a record of yesterday would be called altered, for its stamps are of the shape of yesterday."""
    shape = json.dumps(_undescribed(msgspec.json.schema(State)), sort_keys=True)
    found = hashlib.sha256(shape.encode()).hexdigest()[:16]
    assert (STATE_VERSION, found) == SHAPE, "raise STATE_VERSION, and write down here what it is now"


def _undescribed(schema: object) -> object:
    if isinstance(schema, dict):
        return {
            key: _undescribed(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [_undescribed(each) for each in schema] if isinstance(schema, list) else schema
