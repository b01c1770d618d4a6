"""From a journal to files, with what went wrong as a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cockpit.cli import main
from cockpit.clock import SystemClock
from cockpit.drills import shelf
from cockpit.drills.recorded.making import make
from cockpit.exits import Exit
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import Figures, IncidentDeclared, ProbeChanged
from cockpit.journal.store import Journal

DOWN = ProbeChanged(
    probe="login", service="auth", state="down", previous="up", since=1_800_000_000_000_000, verdict="HTTP 500",
    figures=Figures(error_rate=0.8),
)  # fmt: skip


@pytest.fixture
async def journal(tmp_path: Path) -> Path:
    """A journal with one incident that a probe saw, and one that nobody measured."""
    path = tmp_path / "journal.sqlite"
    store = await Journal.open(path, clock=SystemClock(), host="h")
    try:
        declared = IncidentDeclared(title="Logins fail", severity="SEV1", began=DOWN.since, seen=(DOWN,))
        await store.append("INC-1", [Draft(body=declared, actor="ana", occurred_at=DOWN.since + 60_000_000)])
        await store.append("INC-2", [Draft(body=IncidentDeclared(title="Odd", severity="SEV3"), actor="ana")])
    finally:
        await store.close()
    return path


async def test_an_incident_becomes_a_file_that_can_be_played(journal: Path, tmp_path: Path) -> None:
    text, ok = await make(journal, "INC-1", None, tmp_path / "made", share=False)
    assert ok and str(tmp_path / "made/from-inc-1.yaml") in text
    made = shelf.load(str(tmp_path / "made/from-inc-1.yaml"))
    assert made.services[0].probes[0].name == "login" and made.plays["recorded"].moves[0].do == "declare"


async def test_what_was_made_before_is_not_overwritten(journal: Path, tmp_path: Path) -> None:
    await make(journal, "INC-1", None, tmp_path / "made", share=False)
    path = tmp_path / "made/from-inc-1.yaml"
    path.write_text("# worked on\n", "utf-8")
    text, ok = await make(journal, "INC-1", None, tmp_path / "made", share=True)
    assert (text, ok) == (f"{path} exists already: name another directory with -o", False)
    assert path.read_text("utf-8") == "# worked on\n"


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        ("INC-9", "there is no incident INC-9"),
        ("INC-2", "no probe was recorded"),
        (None, "no drill can be made of INC-2"),
    ],
)
async def test_what_cannot_be_made_is_said(journal: Path, tmp_path: Path, incident: str | None, words: str) -> None:
    text, ok = await make(journal, incident, None, tmp_path / "made", share=True)
    assert not ok and words in text
    assert not (tmp_path / "made").exists()


def test_a_file_named_as_the_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    seen = CliRunner().invoke(main, ["drill", "from", "INC-1", "-o", str(tmp_path / "again.yaml")])
    assert seen.exit_code == Exit.USAGE and "name a directory" in seen.output
    assert not (tmp_path / "again.yaml").exists()


def test_the_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    seen = CliRunner().invoke(main, ["drill", "from", "INC-1", "-o", str(tmp_path / "made")])
    assert seen.exit_code != 0 and "There is no journal" in seen.output
    assert "Traceback" not in seen.output
