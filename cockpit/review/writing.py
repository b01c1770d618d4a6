"""Reports from the journal to text and files."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from cockpit.clock import Clock, SystemClock
from cockpit.incident.event import Event
from cockpit.incident.fold import fold
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import Reader, open_reader
from cockpit.review import markdown
from cockpit.review.build import build
from cockpit.review.model import Report

INCIDENTS = "INC"
"""What the names of incidents' streams begin with."""


def schema() -> str:
    """The JSON Schema of the report."""
    return json.dumps(Report.model_json_schema(mode="serialization"), indent=2)


def as_text(report: Report, *, as_json: bool) -> str:
    """The document as JSON or as Markdown."""
    return report.model_dump_json(indent=2) if as_json else markdown.render(report)


async def write(
    journal: Path, incident: str | None, *, as_json: bool, output: Path | None, clock: Clock | None = None
) -> tuple[str, bool]:
    """The report of an incident, or of the latest: its text or where it was written, and whether that worked."""
    try:
        reader = await open_reader(journal)
    except JournalError as error:
        return str(error), False
    try:
        stream = await latest(reader) if incident is None else incident
        events = await every(reader, stream)
    except JournalError as error:
        return str(error), False
    finally:
        await reader.close()
    if not events:
        return (f"there is no incident {incident}" if incident else "there is no incident to report"), False
    text = as_text(build(events, fold(events), (clock or SystemClock()).now()), as_json=as_json)
    if output is None:
        return text.rstrip("\n"), True
    try:
        await asyncio.to_thread(output.write_text, text, "utf-8")
    except OSError as error:
        return f"{output} cannot be written: {error.strerror}", False
    return f"written to {output}", True


async def latest(reader: Reader) -> str:
    """The name of the latest incident, empty when there is none."""
    names = [info.name for info in await reader.streams() if info.name.startswith(INCIDENTS)]
    return names[-1] if names else ""


async def every(reader: Reader, stream: str) -> tuple[Event, ...]:
    """All events of a stream."""
    events: list[Event] = []
    while page := await reader.read(stream, events[-1].seq if events else 0):
        events += page
    return tuple(events)
