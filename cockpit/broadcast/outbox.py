"""The rules of the outbox: which letter is next, and what becomes of it after an attempt. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace as with_parts

from cockpit.broadcast.merging import mergeable
from cockpit.broadcast.message import LOUD, Card, Post, Switch
from cockpit.broadcast.sender import (
    Absent,
    Ambiguous,
    Finding,
    Kind,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    Thread,
    Unsearchable,
)
from cockpit.clock import SECOND
from cockpit.incident.telling import OVERDUE

LetterState = Literal["pending", "sending", "sent", "ambiguous", "superseded", "dead"]
LONGEST_PAUSE = 60.0
"""Seconds between two attempts at most."""
LONGEST_HOLD = 3900.0
"""Seconds that somebody may hold what waits at most, an hour, with a clock that is put back a little."""
ABSENCES = 2
"""How often a letter must be looked for in vain before it counts as not there."""
REPEATS = 5
"""How often something urgent is repeated, and says so, where nobody can know whether it arrived."""
UPROOTED = 3
"""Attempts after which a letter is given up whose card is always said to be gone."""


@dataclass(frozen=True)
class Parcel:
    """A letter that waits, with what it says; ids rise in the order of queueing. `tries` counts the attempts begun."""

    id: int
    stream: str
    update: str
    kind: Kind
    state: LetterState
    outgoing: Outgoing
    not_before: int = 0
    tries: int = 0
    absences: int = 0

    @property
    def urgent(self) -> bool:
        """Whether it waits for nothing, and is sent again where nobody can know that it arrived."""
        message = self.outgoing.message
        return isinstance(message, Post) and message.reason in LOUD

    @property
    def by_hand(self) -> bool:
        """Whether somebody wrote it: they wait to see it there."""
        message = self.outgoing.message
        return isinstance(message, Post) and message.reason == "update"


@dataclass(frozen=True)
class Place:
    """What matters of one incident at one destination.

    `threaded` as the sender has it. `held_until` is 0 once the incident is over; `released_at` is when a person let
    everything go; `floor_end` is the moment before which nothing follows that is not urgent. All in microseconds.
    """

    threaded: bool = False
    thread: Thread = Thread()
    held_until: int = 0
    released_at: int = 0
    floor_end: int = 0


@dataclass(frozen=True)
class Verdict:
    """What becomes of a letter: `why` says in words what was lost with it; `uproot` is what is missing there."""

    state: LetterState
    not_before: int = 0
    absences: int = 0
    outgoing: Outgoing | None = None
    where: str = ""
    why: str = ""
    uproot: Kind | None = None


def pause(attempts: int) -> float:
    """Seconds to wait after that many attempts: doubling from one, with a cap."""
    return min(LONGEST_PAUSE, 2.0 ** min(max(attempts - 1, 0), 10))


def superseded(queue: Sequence[Parcel]) -> tuple[int, ...]:
    """The ids of pending letters that a later one of the same incident makes needless.

    A card and a switch by the next of their kind, and that nobody wrote by somebody's word.
    """
    newest = {(parcel.stream, parcel.kind): parcel.id for parcel in sorted(queue, key=_by_id)}
    broken = {parcel.stream: parcel.id for parcel in sorted(queue, key=_by_id) if parcel.by_hand or _closing(parcel)}
    return tuple(
        parcel.id
        for parcel in queue
        if parcel.state == "pending"
        and (
            (parcel.kind in {"card", "switch"} and parcel.id < newest[parcel.stream, parcel.kind])
            or (_silent(parcel) and parcel.id < broken.get(parcel.stream, 0))
        )
    )


def _silent(parcel: Parcel) -> bool:
    message = parcel.outgoing.message
    return isinstance(message, Post) and message.reason == OVERDUE and not (message.told or parcel.outgoing.edits)


def _closing(parcel: Parcel) -> bool:
    message = parcel.outgoing.message
    return isinstance(message, Post) and message.reason == "resolved"


def ready(queue: Sequence[Parcel], places: Mapping[str, Place], now: int) -> tuple[tuple[Parcel, ...], ...]:
    """What one destination is to be told now, by turns: letters that become one, or one to look for, in doubt.

    In each incident updates go in their order, and so do cards, switches and words to one person among themselves; a
    letter in doubt holds back those behind it. An update waits for the card it answers.
    """
    gone = set(superseded(queue))
    lanes: dict[tuple[str, str], list[Parcel]] = {}
    for parcel in sorted(queue, key=_by_id):
        if parcel.state in {"pending", "sending", "ambiguous"} and parcel.id not in gone:
            lanes.setdefault((parcel.stream, "edit" if parcel.outgoing.edits else parcel.kind), []).append(parcel)
    found = [
        _run(lane)
        for (stream, kind), lane in lanes.items()
        if lane[0].state != "sending"
        and not (kind in {"thread", "switch"} and _rootless(places[stream]) and (stream, "card") in lanes)
        and goes_at(lane, places[stream], now) <= now
    ]
    return tuple(sorted(found, key=lambda run: run[0].id))


def goes_at(lane: Sequence[Parcel], place: Place, now: int) -> int:
    """The moment from which the first of these may go, the others waiting behind it."""
    head = lane[0]
    at = _credible(head.not_before, LONGEST_PAUSE, now)
    if head.kind not in {"card", "thread"} or head.state == "ambiguous" or head.outgoing.edits:
        return at
    held = _credible(place.held_until, LONGEST_HOLD, now)
    if held > now and not (_opening(head, place) or head.outgoing.anew):
        # The card too: it repeats what is held.
        return max(at, held)
    if head.kind == "card" or any(parcel.urgent or parcel.by_hand for parcel in lane):
        return at
    if place.released_at >= max(parcel.outgoing.at for parcel in _run(lane)):
        return at
    return max(at, place.floor_end)


def _credible(moment: int, longest: float, now: int) -> int:
    """A pause that is longer than any was set by a clock that has been put back since."""
    return moment if moment - now <= longest * SECOND else now


def _opening(parcel: Parcel, place: Place) -> bool:
    """Whether it is the first that readers learn of the incident."""
    message = parcel.outgoing.message
    if parcel.kind == "card":
        return _rootless(place) or (isinstance(message, Card) and message.revision <= 1)
    return isinstance(message, Post) and message.reason == "opened"


def _rootless(place: Place) -> bool:
    return place.threaded and not place.thread.root


def _run(lane: Sequence[Parcel]) -> tuple[Parcel, ...]:
    """The first letter, with those right behind it that may become one with it."""
    return tuple(_merging(lane)) or (lane[0],)


def _merging(lane: Sequence[Parcel]) -> Iterator[Parcel]:
    for parcel in lane:
        if parcel.state != "pending" or parcel.kind != "thread" or not mergeable(parcel.outgoing):
            return
        yield parcel


def _by_id(parcel: Parcel) -> int:
    return parcel.id


def after_sending(parcel: Parcel, outcome: Outcome, place: Place, now: int) -> Verdict:
    """What becomes of a letter that was sent with this outcome; `parcel.tries` counts that attempt too."""
    later = now + int(pause(parcel.tries) * SECOND)
    match outcome:
        case Sent(where=where):
            return Verdict("sent", where=where)
        case Ambiguous():
            return Verdict("ambiguous", later)
        case Refused(fault="wait", wait=wait):
            return Verdict("pending", now + int(min(max(wait, 0.0), LONGEST_PAUSE) * SECOND))
        case Refused(fault="transport", why=why, final=final):
            return Verdict("dead", why=why) if final else Verdict("pending", later)
        case Refused():
            return _refused(parcel, outcome, place)


def _refused(parcel: Parcel, refused: Refused, place: Place) -> Verdict:
    if refused.fault == "closed" and parcel.outgoing.edits:
        return Verdict("dead", why=f"what it said is STILL THERE: {refused.why}")
    if refused.fault in {"gone", "closed"}:
        return _gone(parcel, refused.why, place)
    if refused.fault != "payload":
        # It waits until somebody mends what is wrong: the destination is at fault, not the letter.
        return Verdict("pending")
    if parcel.outgoing.plain:
        return Verdict("dead", why=refused.why)
    return Verdict("pending", outgoing=with_parts(parcel.outgoing, plain=True))


def _gone(parcel: Parcel, why: str, place: Place) -> Verdict:
    if parcel.outgoing.edits or (isinstance(parcel.outgoing.message, Switch) and not parcel.outgoing.message.at):
        # What was to be taken back is not there any more.
        return Verdict("sent")
    if parcel.tries < UPROOTED:
        if parcel.kind in {"card", "thread"} and place.thread.root:
            return Verdict("pending", uproot="card")
        if parcel.kind == "switch" and place.thread.switch:
            return Verdict("pending", uproot="switch")
    return Verdict("dead", why=why)


def sent_anew(parcel: Parcel, place: Place) -> bool:
    """Whether a letter in doubt need not be looked for: it edits something, and twice is as good as once."""
    return bool(parcel.outgoing.edits) or (parcel.kind == "card" and bool(place.thread.root))


def late_arrival(parcel: Parcel, now: int, left: float) -> Verdict:
    """What becomes of an edit in doubt, that may still arrive for `left` seconds: it must not overtake the next one."""
    return Verdict("ambiguous", now + int(left * SECOND)) if left > 0 else Verdict("pending")


def after_looking(parcel: Parcel, finding: Finding, now: int, left: float, window: float) -> Verdict:
    """What becomes of a letter in doubt that was looked for; it may still arrive for `left` of `window` seconds.

    That it is not there proves nothing before.
    """
    match finding:
        case Sent(where=where):
            return Verdict("sent", where=where)
        case Absent(certain=True):
            return Verdict("pending")
        case Absent() if left > 0:
            return Verdict("ambiguous", now + int(min(left, pause(parcel.tries)) * SECOND))
        case Absent():
            absences = parcel.absences + 1
            if absences >= ABSENCES:
                return Verdict("pending")
            return Verdict("ambiguous", now + int(min(LONGEST_PAUSE, window / 3) * SECOND), absences)
        case Ambiguous():
            return Verdict("ambiguous", now + int(pause(parcel.tries) * SECOND), parcel.absences)
        case Unsearchable() if left > 0 and parcel.kind == "card":
            # It might arrive after the one that is sent anew, and stand below it with what was so before.
            return Verdict("ambiguous", now + int(left * SECOND))
        case Unsearchable(why=why):
            if (parcel.urgent or parcel.kind in {"card", "direct"}) and parcel.tries <= REPEATS:
                # The first repeat is not put off: it is what somebody waits for.
                at = now + int(pause(parcel.tries) * SECOND) if parcel.outgoing.repeated else 0
                return Verdict("pending", at, outgoing=with_parts(parcel.outgoing, repeated=True))
            return Verdict("dead", why=f"nobody can know whether it arrived: {why}")
