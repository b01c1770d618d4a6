"""Where a replay is, and where a key takes it. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import msgspec

from cockpit.clock import SECOND
from cockpit.protocol.messages import Wind
from cockpit.replay.tape import Tape

SLOWEST, FASTEST = 0.1, 3600.0
SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


class Position(msgspec.Struct, frozen=True):
    """The moment, in microseconds, and the latest event told then; `speed` goes while it plays."""

    at: int
    seq: int
    playing: bool = False
    speed: float = 1.0


def beginning(tape: Tape, speed: float = 1.0) -> Position:
    """Where it begins, standing still: what was recorded in one go is told in one go."""
    return to_moment(Position(tape.start, 1, speed=speed), tape.start, tape)


def to_event(position: Position, seq: int, tape: Tape) -> Position:
    """At that event, or the nearest there is."""
    seq = max(1, min(seq, tape.last))
    return msgspec.structs.replace(position, at=tape.moments[seq - 1], seq=seq)


def to_moment(position: Position, at: int, tape: Tape) -> Position:
    """At that moment, or the nearest there is."""
    at = max(tape.start, min(at, tape.end))
    return msgspec.structs.replace(position, at=at, seq=bisect_right(tape.moments, at))


def advance(position: Position, seconds: float, tape: Tape) -> Position:
    """So many real seconds later; it stops at its end."""
    if not position.playing:
        return position
    later = to_moment(position, position.at + int(seconds * position.speed * SECOND), tape)
    # Several events have one moment: it was wound to one of them, and goes on from there.
    later = msgspec.structs.replace(later, seq=max(later.seq, position.seq))
    return msgspec.structs.replace(later, playing=later.at < tape.end)


def wind(position: Position, said: Wind, tape: Tape) -> Position:
    """What the key makes of it."""
    if said.speed > 0:
        position = msgspec.structs.replace(position, speed=max(SLOWEST, min(said.speed, FASTEST)))
    match said.to:
        case "play":
            ended = position.seq == tape.last and position.at >= tape.end
            begun = to_moment(position, tape.start, tape) if ended else position
            return msgspec.structs.replace(begun, playing=tape.end > tape.start)
        case "pause":
            return msgspec.structs.replace(position, playing=False)
        case "start":
            return to_moment(position, tape.start, tape)
        case "end":
            return msgspec.structs.replace(to_event(position, tape.last, tape), playing=False)
        case "next_event":
            return to_event(position, position.seq + 1, tape)
        case "previous_event":
            return to_event(position, position.seq - 1, tape)
        case "next_step":
            return _next(position, tape.steps, tape)
        case "previous_step":
            return _previous(position, tape.steps, tape)
        case "next_change":
            return _next(position, tape.changes, tape)
        case "previous_change":
            return _previous(position, tape.changes, tape)
        case "moment":
            return to_moment(position, said.at, tape)
        case "event":
            return to_event(position, said.at, tape)
        case "faster":
            return _paced(position, min((each for each in SPEEDS if each > position.speed), default=position.speed))
        case "slower":
            return _paced(position, max((each for each in SPEEDS if each < position.speed), default=position.speed))


def _paced(position: Position, speed: float) -> Position:
    return msgspec.structs.replace(position, speed=speed)


def _next(position: Position, marks: tuple[int, ...], tape: Tape) -> Position:
    place = bisect_right(marks, position.seq)
    return to_event(position, marks[place], tape) if place < len(marks) else position


def _previous(position: Position, marks: tuple[int, ...], tape: Tape) -> Position:
    place = bisect_left(marks, position.seq)
    return to_event(position, marks[place - 1] if place else 1, tape)
