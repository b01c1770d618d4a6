"""What was said and seen in a recorded incident: changes, words from outside, and the story of its team. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, get_args

from cockpit.drills.model.parts import Change, Inject
from cockpit.drills.model.plays import Beat
from cockpit.drills.model.values import Source
from cockpit.drills.recorded.naming import Clockface, name, shortened, word
from cockpit.drills.recorded.ofruns import COCKPIT
from cockpit.incident.attendance import HelpOffered
from cockpit.incident.event import Event
from cockpit.incident.saying import DASH
from cockpit.incident.vocabulary import AlertSeen, ChangeSeen, NoteAdded
from cockpit.incident.words import describe

LONGEST = 300
"""Characters of a line."""
_SOURCES: dict[str, Source] = {each: each for each in get_args(Source)}
_KINDS: dict[str, Literal["deploy", "config", "flag"]] = {"deploy": "deploy", "config": "config", "flag": "flag"}


def changes(events: Sequence[Event], clock: Clockface, services: Collection[str]) -> tuple[Change, ...]:
    """The change feed from T0 on; one of a service that is none of these names no service."""
    found = []
    for event in events:
        seen = event.body
        if isinstance(seen, ChangeSeen) and event.occurred_at >= clock.t0:
            kind, _, rest = seen.what.partition(" ")
            found.append(
                Change(
                    at=clock.at(event.occurred_at),
                    id=name(seen.change.rpartition(":")[2]),
                    kind=_KINDS.get(kind, "deploy"),
                    what=shortened((rest.partition(" ")[2] if rest.startswith("#") else rest) or seen.what, LONGEST),
                    service=_known(seen.service, services),
                    who=seen.who,
                    reviewed=seen.reviewed,
                    link=seen.link,
                    undo=seen.undo,
                    fact="original",
                )  # fmt: skip
            )
    return tuple(found)


def _known(service: str, services: Collection[str]) -> str:
    return word(service) if service and word(service) in services else ""


def words(events: Sequence[Event], clock: Clockface) -> tuple[Inject, ...]:
    """What came from outside: pages, calls, and whatever was said in a channel."""
    found = []
    for event in events:
        at = max(0.0, clock.at(event.occurred_at))
        match event.body:
            case NoteAdded(text=text, source=source) if source not in ("", COCKPIT):
                who = event.actor if source not in _SOURCES and event.actor != COCKPIT else ""
                found.append(
                    Inject(
                        at=at,
                        source=_SOURCES.get(source, "chat"),
                        text=shortened(text, LONGEST),
                        who=who,
                        fact="original",
                    )
                )
            case AlertSeen(title=title):
                found.append(Inject(at=at, source="page", text=shortened(title, LONGEST), fact="original"))
            case HelpOffered(person=person, words=said):
                found.append(
                    Inject(
                        at=at,
                        source="chat",
                        text=shortened(said, LONGEST) or "offers help",
                        who=person,
                        fact="original",
                    )
                )
    return tuple(found)


def story(events: Sequence[Event], clock: Clockface) -> tuple[Beat, ...]:
    """What the people of then did, minute by minute."""
    found = []
    for event in events:
        if event.actor != COCKPIT and not isinstance(event.body, ChangeSeen):
            text = " ".join(describe(event, DASH).text.split())
            if text:
                found.append(
                    Beat(minute=clock.minute(event.occurred_at), text=shortened(text, LONGEST), fact="original")
                )
    # What was put on record later may have happened before.
    return tuple(sorted(found, key=lambda beat: beat.minute))
