"""What a report and a list of incidents are made of: the events of a stream, and the minutes of its time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cockpit.incident.event import Event
from cockpit.incident.stream import Stream
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import Reader
from cockpit.journal.telemetry import minutes_between
from cockpit.probes.rollup import Minute
from cockpit.review.course import window

INCIDENTS = "INC"
"""What the names of incidents' streams begin with."""

Progress = Callable[[int, int], None]
"""Told how many events of how many were read."""


async def measured(home: Path, events: tuple[Event, ...]) -> tuple[Minute, ...]:
    """The minutes kept of the time of an incident; none where their file is gone or cannot be read: it may be lost."""
    since, until = window(events)
    try:
        return await minutes_between(home / "telemetry.sqlite", since, until)
    except JournalError:
        return ()


async def latest(reader: Reader) -> str:
    """The name of the latest incident, empty when there is none."""
    names = [info.name for info in await reader.streams() if info.name.startswith(INCIDENTS)]
    return names[-1] if names else ""


async def every(reader: Reader, stream: str, progress: Progress | None = None) -> Stream:
    """All events of a stream."""
    events: list[Event] = []
    head = await reader.head(stream) if progress is not None else 0
    while page := await reader.read(stream, events[-1].seq if events else 0):
        events += page
        if progress is not None:
            progress(len(events), head)
    return Stream(events)
