from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.incident.event import Body, Draft, Event
from cockpit.journal.store import Journal
from cockpit.review.writing import Manner, schema, write


@pytest.fixture
async def journal(tmp_path: Path, events: tuple[Event, ...]) -> AsyncIterator[Path]:
    """A real journal with a short incident and, after it, the login-flag incident."""
    path = tmp_path / "journal.sqlite"
    store = await Journal.open(path, clock=SystemClock(), host="host")
    drafts = [
        Draft(body=event.body, actor=event.actor, occurred_at=event.occurred_at)
        for event in events
        if isinstance(event.body, Body)
    ]
    await store.append(await store.reserve("INC"), drafts[:3])
    await store.append(await store.reserve("INC"), drafts)
    yield path
    await store.close()


async def test_the_latest_incident_is_reported_unless_one_is_named(journal: Path) -> None:
    text, good = await write(journal, None, Manner(form="json"))
    assert good and json.loads(text)["header"]["id"] == "INC-2"
    text, good = await write(journal, "INC-1", Manner(form="json"))
    assert good and json.loads(text)["header"]["id"] == "INC-1"
    assert json.loads(text)["header"]["status"] == "investigating"


async def test_it_is_written_where_asked(journal: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    text, good = await write(journal, None, Manner(file))
    assert good and str(file) in text
    assert file.read_text().startswith("# Logins fail\n") and file.read_text().endswith("\n")


@pytest.mark.parametrize("incident", ["INC-9", "watch", "no such"])
async def test_an_incident_that_is_not_there_is_named(journal: Path, incident: str) -> None:
    text, good = await write(journal, incident, Manner())
    assert not good and incident in text


async def test_no_journal_and_no_directory_are_said_in_words(journal: Path, tmp_path: Path) -> None:
    text, good = await write(tmp_path / "none.sqlite", None, Manner())
    assert not good and "none.sqlite" in text
    text, good = await write(journal, None, Manner(tmp_path / "no" / "such" / "place.md"))
    assert not good and "cannot be written" in text


def test_the_schema_wants_rfc_3339_times() -> None:
    rules = json.loads(schema())
    known, unknown = rules["$defs"]["Entry"]["properties"]["time"]["anyOf"]
    assert (known["format"], unknown["type"]) == ("date-time", "null")
    assert rules["$defs"]["Tried"]["properties"]["time"]["format"] == "date-time"
