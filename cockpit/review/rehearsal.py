"""A rehearsal from files and the journal to text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cockpit.config.load import read
from cockpit.config.problems import ConfigError
from cockpit.exits import Exit
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import open_reader
from cockpit.review.reading import every, latest
from cockpit.review.recorded import recorded
from cockpit.runbooks import transcript
from cockpit.runbooks.choosing import named
from cockpit.runbooks.declared import Undeclared
from cockpit.runbooks.model.rehearsal import Rehearsal
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.rehearsing import rehearse

LATEST = "latest"
"""Names the latest incident."""


class Missing(Exception):
    """There is nothing to rehearse by; the message says what was looked for."""


async def play(
    target: str, results: str, journal: Path, config: Path | None, values: Mapping[str, str], *, as_json: bool
) -> tuple[str, Exit]:
    """The transcript of a runbook played with the results of a file or of an incident, and how the command ends."""
    try:
        runbook = named(target, config)
        rehearsal = await _results(results, journal, runbook)
        rehearsed = rehearse(runbook, rehearsal, values)
    except (ConfigError, JournalError, Missing, Undeclared) as error:
        return str(error), Exit.BAD_INPUT
    text = transcript.as_document(rehearsed) if as_json else transcript.as_text(rehearsed)
    return text, Exit.REFUSED if rehearsed.stopped else Exit.OK


async def _results(results: str, journal: Path, runbook: Runbook) -> Rehearsal:
    if results.endswith((".yaml", ".yml")):
        declared = read(Path(results), Rehearsal)
        if declared.runbook not in {None, runbook.id}:
            raise Missing(f"{results} holds results of {declared.runbook}, not of {runbook.id}")
        return declared
    reader = await open_reader(journal)
    try:
        stream = await latest(reader) if results == LATEST else results
        events = await every(reader, stream)
    finally:
        await reader.close()
    found = recorded(events, runbook.id)
    if found is None:
        where = stream or "the journal"
        raise Missing(f"{where} has no run of {runbook.id}; name an incident that has, or a .yaml file of results")
    return found
