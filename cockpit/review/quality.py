"""What a reader should know about the record itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from operator import attrgetter

from cockpit.clock import moment
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted, UpdateUndelivered
from cockpit.incident.event import AnyBody, Erased, Event, Unknown
from cockpit.incident.intervals import Marks, intervals
from cockpit.incident.runs import WaitStarted
from cockpit.incident.stream import of_kinds
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.review.model import Doubt, Tried
from cockpit.review.rules.order import GAP, gap

_SENT = frozenset((UpdatePosted, UpdateDelivered, UpdateUndelivered))
_GAP = GAP // timedelta(microseconds=1)


def doubts(events: Sequence[Event], when: Marks, attempts: Sequence[Tried]) -> tuple[Doubt, ...]:
    """Everything that stands against taking the record at its word, in the order of time."""
    found = [*_gaps(events), *_order(when), *_unverified(attempts), *_closing(events, when), *_unreadable(events)]
    return tuple(sorted(found, key=lambda doubt: doubt.time.timestamp() if doubt.time is not None else 0.0))


def _gaps(events: Sequence[Event]) -> Iterator[Doubt]:
    start = next((index for index, event in enumerate(events) if type(event.body) is IncidentDeclared), 0)
    closed = [index for index, event in enumerate(events) if type(event.body) is IncidentResolved]
    # When it is over nothing has to be recorded; what was told late stands where it happened.
    within = events[start : closed[-1] + 1] if closed else events[start:]
    told = sorted(
        [event for event in within if type(event.body) not in _SENT or not _by_itself(event.body)],
        key=attrgetter("occurred_at"),
    )
    waited_until = 0
    for earlier, later in pairwise(told):
        if isinstance(earlier.body, WaitStarted):
            waited_until = earlier.body.until
        if later.occurred_at - earlier.occurred_at < _GAP:
            continue
        # A wait that was announced is no hole, as far as it was announced.
        silent_from = max(earlier.occurred_at, min(waited_until, later.occurred_at))
        if later.occurred_at - silent_from >= _GAP:
            yield from gap(moment(silent_from), moment(later.occurred_at))


def _by_itself(body: AnyBody) -> bool:
    if isinstance(body, UpdatePosted):
        return body.automatic
    return isinstance(body, UpdateDelivered | UpdateUndelivered)


def _order(when: Marks) -> Iterator[Doubt]:
    for one in intervals(when):
        if one.problem:
            yield Doubt(rule="order", text=one.problem, time=moment(getattr(when, one.end)))


def _unverified(attempts: Sequence[Tried]) -> Iterator[Doubt]:
    for attempt in attempts:
        if attempt.helped == "not_verified":
            yield Doubt(rule="unverified", text=f"{attempt.step}: nothing verified what it did", time=attempt.time)


def _closing(events: Sequence[Event], when: Marks) -> Iterator[Doubt]:
    for event in of_kinds(events, IncidentResolved):
        if not isinstance(event.body, IncidentResolved):
            continue
        at = moment(event.occurred_at)
        if when.verified is None or when.verified > event.occurred_at:
            text = "called resolved before anything verified the recovery"
            yield Doubt(rule="resolved_before_verified", text=text, time=at)
        if event.body.unmet:
            yield Doubt(rule="resolved_against", text=f"closed although: {'; '.join(event.body.unmet)}", time=at)


def _unreadable(events: Sequence[Event]) -> Iterator[Doubt]:
    for event in of_kinds(events, Erased, Unknown):
        at = moment(event.occurred_at)
        if isinstance(event.body, Erased):
            yield Doubt(rule="erased", text=f"event {event.seq} ({event.body.kind}) was erased", time=at)
        if isinstance(event.body, Unknown):
            text = f"event {event.seq} is of a kind this program does not know: {event.body.kind}"
            yield Doubt(rule="unknown", text=text, time=at)
