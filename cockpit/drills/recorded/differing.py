"""What in a drill from a record is not as it was then, each as a sentence: nothing is left out in silence. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from cockpit.drills.recorded.books import Books
from cockpit.drills.recorded.commands import Ran
from cockpit.drills.recorded.moves import deeds, update_with
from cockpit.drills.recorded.naming import Clockface, shortened, word
from cockpit.drills.recorded.ofruns import COCKPIT
from cockpit.drills.recorded.readings import Lane, lanes, turns
from cockpit.incident.attendance import HelpOffered, PersonReleased
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import AnyBody, Event
from cockpit.incident.runs import AttemptAbandoned, AttemptFinished, AttemptIntended, RunStarted, StepAnnounced
from cockpit.incident.saying import DASH
from cockpit.incident.vocabulary import AlertSeen, ChangeSeen, NoteAdded, StatusChanged
from cockpit.incident.words import describe

LONGEST = 300
"""Characters of a line."""
WORDS = 200
"""Characters of what was done, within a line."""


def differences(events: Sequence[Event], books: Books, commands: Sequence[Ran], clock: Clockface) -> tuple[str, ...]:
    """What was replaced, what was recorded in part only, and what is not played again."""
    found = list(books.changed)
    found += [
        f"of what {_short(shlex.join(each.argv))} printed only the end was recorded" for each in commands if each.cut
    ]
    found += _answered_again(commands)
    heard = lanes(events)
    found += _not_measured(events, heard, clock)
    found += _not_watched(events, heard, clock)
    found += _unanswered(events, clock)
    for event in events:
        found += _left_out(event, events, books, clock)
    return tuple(dict.fromkeys(shortened(line, LONGEST) for line in found))


def _answered_again(commands: Sequence[Ran]) -> Iterator[str]:
    """Commands that answered otherwise although nothing was changed in between, of which the first answer counts."""
    first: dict[tuple[tuple[str, ...], int], Ran] = {}
    for each in commands:
        before = first.setdefault((each.argv, each.position), each)
        if (before.exit_code, before.said) != (each.exit_code, each.said):
            yield f"{_short(shlex.join(each.argv))} was run again and answered otherwise: here it answers as before"


def _not_watched(events: Sequence[Event], heard: Sequence[Lane], clock: Clockface) -> Iterator[str]:
    """Changes of services that a drill does not have."""
    known = {word(lane.service) for lane in heard}
    for event in events:
        body, at = event.body, event.occurred_at
        if isinstance(body, ChangeSeen) and body.service and at >= clock.t0 and word(body.service) not in known:
            minute = clock.minute(at)
            yield f"T{minute:g} a change of {body.service}: here it names no service, as no probe of it was recorded"


def _not_measured(events: Sequence[Event], heard: Sequence[Lane], clock: Clockface) -> Iterator[str]:
    """Probes of which nobody knew how they stood: a drill has nothing to show for that."""
    unknown = [turn for turn in turns(events) if turn.state == "unknown"]
    for lane in heard:
        name = f"{lane.probe}@{lane.instance}" if lane.instance else lane.probe
        if not lane.readings:
            yield f"{name} was never measured: here it is up all the while, which nobody knows"
            continue
        if lane.readings[0].at > clock.t0:
            at = clock.minute(lane.readings[0].at)
            yield f"{name} was not measured before T{at:g}: here it is up until then, which nobody knows"
        for turn in unknown:
            if turn.probe == name and turn.since > max(clock.t0, lane.readings[0].at):
                yield f"T{clock.minute(turn.since):g} {name} was not known any more: here it stays as it was"


def _unanswered(events: Sequence[Event], clock: Clockface) -> Iterator[str]:
    """Commands of which nobody knows what they came to, so that they answer nothing."""
    over = {each.body.attempt for each in events if isinstance(each.body, AttemptFinished | AttemptAbandoned)}
    for event in events:
        body = event.body
        if isinstance(body, AttemptIntended) and body.attempt not in over:
            command = _short(body.command)
            yield f"T{clock.minute(event.occurred_at):g} {command}: what it came to is not known, so it is not recorded"


def _left_out(event: Event, events: Sequence[Event], books: Books, clock: Clockface) -> Iterator[str]:
    body, at = event.body, f"T{clock.minute(event.occurred_at):g}"
    if isinstance(body, RunStarted) and body.took_over:
        yield f"{at} {event.actor} took over the lock of {body.runbook}: a drill has locks of its own"
    if isinstance(body, RunStarted) and books.names[body.run] != body.runbook:
        yield f"{at} {body.runbook} was another text by then: here it is {books.names[body.run]}"
    if isinstance(body, UpdatePosted) and body.replaces:
        yield f"{at} {event.actor} told this in place of an update that waited: here it is told beside it"
    if event.actor != COCKPIT and not _elsewhere(event, events) and not any(deeds(event, events, books, clock)):
        yield f"{at} {event.actor}, not played again: {_short(describe(event, DASH).text)}"


def _elsewhere(event: Event, events: Sequence[Event]) -> bool:
    """Whether it is in the drill, or a part of something that is, without being a move."""
    body: AnyBody = event.body
    match body:
        case ChangeSeen() | AlertSeen() | HelpOffered():
            return True
        case NoteAdded(source=source):
            return bool(source)
        case StatusChanged():
            return update_with(event, events) is not None
        case StepAnnounced(attempt=attempt):
            ran = (each.body for each in events if isinstance(each.body, AttemptIntended))
            return any(each.attempt == attempt for each in ran)
        case PersonReleased() | UpdatePosted(reason="escalation"):
            return True
        case AttemptIntended(under=under):
            return bool(under)
    return False


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), WORDS)
