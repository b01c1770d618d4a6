"""Events as rows of the timeline."""

from __future__ import annotations

import msgspec

from cockpit.incident.event import Erased, Event, encode, kind_of
from cockpit.incident.vocabulary import EventRedacted
from cockpit.incident.words import describe
from cockpit.journal.reader import Reader
from cockpit.protocol.views import Row
from cockpit.text import Redactor, SafeText

NOTHING = msgspec.Raw(b"null")


class Rows:
    """Reads a stretch of a stream as people read it."""

    def __init__(self, journal: Reader, redact: Redactor) -> None:
        self._journal = journal
        self._redact = redact

    async def between(self, stream: str, first: int, last: int, data: bool) -> tuple[Row, ...]:
        """Rows `first` to `last`, both included, as far as they exist."""
        events = await self._journal.read(stream, after=max(0, first - 1), limit=max(0, last - max(1, first) + 1))
        return tuple(self._row(event, data) for event in events)

    def _row(self, event: Event, data: bool) -> Row:
        line = describe(event)
        return Row(
            seq=event.seq,
            at=event.occurred_at,
            kind=SafeText(line.kind),
            text=SafeText(self._redact(line.text)),
            tone=line.tone,
            actor=SafeText(event.actor, 60).line,
            data=msgspec.Raw(self._redact(_json(event)).encode()) if data else NOTHING,
            erases=event.body.seq if isinstance(event.body, EventRedacted) else 0,
        )


def _json(event: Event) -> str:
    body = b"null" if isinstance(event.body, Erased) else encode(event.body)
    envelope = {
        "stream": event.stream, "seq": event.seq, "kind": kind_of(event.body), "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at, "actor": event.actor, "host": event.host, "body": msgspec.Raw(body),
    }  # fmt: skip
    return msgspec.json.encode(envelope).decode()
