"""Reports from the journal to text and files."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import Clock, SystemClock
from cockpit.config.problems import ConfigError
from cockpit.incident.fold import fold
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import open_reader
from cockpit.review import brought, keeping, templating
from cockpit.review.build import build, linted
from cockpit.review.exporting import EXPORTS
from cockpit.review.forms import Form, form_of, formed
from cockpit.review.model import Human, Report
from cockpit.review.reading import Progress, every, latest, measured


@dataclass(frozen=True)
class Manner:
    """How a report is to be written: in which form, by which template, where, and with whose words.

    `output` of None is the screen. Of `form` None the suffix of `output` decides. `actions` names a tracker, in whose
    shape only the actions are told, for its project.
    """

    output: Path | None = None
    form: Form | None = None
    template: str = ""
    human: Path | None = None
    actions: str = ""
    project: str = ""


def schema() -> str:
    """The JSON Schema of the report."""
    return json.dumps(Report.model_json_schema(mode="serialization"), indent=2)


def templates(*, as_json: bool) -> str:
    """The templates there are, each with what it is for."""
    known = templating.names()
    if as_json:
        return json.dumps([{"name": name, "about": about} for name, about in known.items()], indent=2)
    width = max(map(len, known))
    return "\n".join(f"{name:<{width}}  {about}" for name, about in known.items())


async def write(
    journal: Path, incident: str | None, manner: Manner, clock: Clock | None = None, progress: Progress | None = None
) -> tuple[str, bool]:
    """The report of an incident, or of the latest: its text or where it was written, and whether that worked.

    `incident` may also be a report as a JSON file, or one that is kept, which is then told in another form.
    """
    try:
        report = await _report(journal, incident, manner, clock or SystemClock(), progress)
        if report is None:
            return (f"there is no incident {incident}" if incident else "there is no incident to report"), False
        if manner.actions:
            if not report.human.actions:
                return (
                    f"{report.header.id} has no actions here: name the report in which they stand, --human FILE",
                    False,
                )
            if manner.output is not None and manner.output.exists():
                return f"{manner.output} is there already: name a new file for the actions", False
            text = EXPORTS[manner.actions](report, manner.project)
        else:
            text = await formed(report, manner.form or form_of(manner.output), manner.template)
        if manner.output is None:
            return text.rstrip("\n"), True
        aside = await asyncio.to_thread(keeping.put, manner.output, text, report.human)
    except (JournalError, ConfigError, keeping.Refused) as error:
        return str(error), False
    except OSError as error:
        return f"{manner.output} cannot be written: {error.strerror}", False
    also = f"; what people had written there before is in {aside}" if aside else ""
    return f"written to {manner.output}{also}", True


async def _report(
    journal: Path, incident: str | None, manner: Manner, clock: Clock, progress: Progress | None
) -> Report | None:
    told = _document(journal.parent, incident) if incident is not None else None
    if told is not None:
        found = await asyncio.to_thread(keeping.document, told)
        said = _people(manner, found.header.id) or keeping.tidy(found.human)
        header = found.header.model_copy(update={"authors": said.authors or found.header.authors})
        return linted(found.model_copy(update={"human": said, "header": header}))
    reader = await open_reader(journal)
    try:
        stream = await latest(reader) if incident is None else incident
        events = await every(reader, stream, progress)
    finally:
        await reader.close()
    if not events:
        return None
    said = _people(manner, stream) or Human()
    return build(events, fold(events), clock.now(), await measured(journal.parent, events), said)


def _document(home: Path, incident: str) -> Path | None:
    """The report as a JSON file that is named, by its path or as one that is kept; None when neither is."""
    return Path(incident) if incident.endswith(".json") else brought.find(incident, home)


def _people(manner: Manner, incident: str) -> Human | None:
    """What people wrote so far; None when they wrote nothing."""
    target = None if manner.actions else manner.output
    said = keeping.written_by_people(target, manner.human, incident)
    return said if said != Human() else None
