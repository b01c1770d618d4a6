"""Where a key takes a replay."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.incident.fold import State, fold
from cockpit.protocol.messages import Turn, Wind
from cockpit.replay import tape as tapes
from cockpit.replay.position import Position, advance, beginning, to_event, to_moment, wind
from cockpit.replay.tape import Tape, tape

AsTape = Callable[..., Tape]
TURNS: tuple[Turn, ...] = (
    "play", "pause", "start", "end", "next_event", "previous_event", "next_step", "previous_step", "next_change",
    "previous_change", "moment", "event", "faster", "slower",
)  # fmt: skip


def _seqs(tape: Tape, turn: Turn, times: int, position: Position | None = None) -> list[int]:
    position, found = position or beginning(tape), []
    for _ in range(times):
        position = wind(position, Wind(turn), tape)
        found.append(position.seq)
    return found


def test_it_goes_by_event_step_and_change(as_tape: AsTape) -> None:
    tape = as_tape()
    assert _seqs(tape, "next_event", 3) == [2, 3, 4]
    # The run begins with 4, its step with 5 and ends with 7.
    assert _seqs(tape, "next_step", 4) == [4, 5, 7, 7]
    assert _seqs(tape, "next_change", 6) == [2, 7, 10, 11, 12, 12]
    end = to_event(beginning(tape), tape.last, tape)
    assert _seqs(tape, "previous_change", 6, end) == [11, 10, 7, 2, 1, 1]
    assert _seqs(tape, "previous_event", 2, end) == [11, 10]


def test_it_plays_at_its_speed_to_the_end_and_stands_still(as_tape: AsTape) -> None:
    tape = as_tape()
    playing = wind(beginning(tape), Wind("play", speed=60.0), tape)
    assert advance(playing, 1.0, tape).seq == 2
    half = advance(playing, 2.5, tape)
    assert (half.seq, half.at - tape.start, half.playing) == (3, 150 * SECOND, True)
    over = advance(playing, 1e6, tape)
    assert (over.seq, over.at, over.playing) == (tape.last, tape.end, False)
    again = wind(over, Wind("play"), tape)
    assert (again.seq, again.playing) == (1, True)
    assert advance(beginning(tape), 1e6, tape) == beginning(tape)


def test_what_was_recorded_in_one_go_is_told_in_one_go_and_can_be_looked_at_one_by_one(as_tape: AsTape) -> None:
    tape = as_tape(apart=0.0)
    assert beginning(tape).seq == tape.last
    first = wind(beginning(tape), Wind("event", 1), tape)
    assert _seqs(tape, "next_event", 2, first) == [2, 3]
    assert not wind(first, Wind("play"), tape).playing


def test_the_speed_goes_up_and_down_and_stays_within_bounds(as_tape: AsTape) -> None:
    tape = as_tape()
    position = beginning(tape)
    for _ in range(30):
        position = wind(position, Wind("faster"), tape)
    assert position.speed == 600.0
    for _ in range(30):
        position = wind(position, Wind("slower"), tape)
    assert position.speed == 0.5
    assert wind(position, Wind("pause", speed=1e9), tape).speed == 3600.0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(TURNS), st.integers(-5, 1 << 60)), max_size=12), st.floats(0, 1e5))
def test_wherever_it_is_wound_it_stays_within_the_record(
    as_tape: AsTape, winds: list[tuple[Turn, int]], seconds: float
) -> None:
    tape = as_tape()
    position = beginning(tape)
    for turn, at in winds:
        position = advance(wind(position, Wind(turn, at), tape), seconds, tape)
        assert 1 <= position.seq <= tape.last
        assert tape.start <= position.at <= tape.end
        assert tape.moments[position.seq - 1] <= position.at


def test_a_clock_that_was_set_back_does_not_turn_the_order(as_tape: AsTape) -> None:
    made = as_tape()
    back = [msgspec.structs.replace(event, recorded_at=event.recorded_at - (event.seq > 5) * 3600 * SECOND)
            for event in made.events]  # fmt: skip
    turned = tape(back)
    assert list(turned.moments) == sorted(turned.moments)
    assert to_moment(beginning(turned), turned.end, turned).seq == turned.last


@pytest.mark.parametrize("keyframe", [1, 3, 250])
def test_a_state_by_keyframes_is_the_fold_up_to_there(
    as_tape: AsTape, monkeypatch: pytest.MonkeyPatch, keyframe: int
) -> None:
    monkeypatch.setattr(tapes, "KEYFRAME", keyframe)
    made, near = as_tape(), None
    for seq in (12, 3, 4, 11, 0, 1, 12, 6):
        near = made.state(seq, near)
        assert near == fold(made.events[:seq], State(stream=made.stream))
