"""The runbooks of an incident as its drill has them: each that was run, with all that it includes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cockpit.drills.recorded.books import books
from cockpit.drills.recorded.unplayable import Unplayable
from cockpit.incident.event import Event
from cockpit.incident.runs import Included, RunStarted

STEP = "steps: [{id: look, title: Look, command: {argv: [kubectl, get]}, effect: read}]\n"
INNER = f"version: 1\nid: inner\ntitle: Inner\n{STEP}"
SCRIPT = "version: 1\nid: inner\ntitle: Inner\nsteps: [{id: a, title: A, command: {run: x}, effect: read}]\n"


def _run(number: int, source: str, *included: Included) -> Event:
    told = RunStarted(
        run=f"r{number}", runbook="mend", title="Mend", digest=f"{hash((source, included))}", source=source,
        path=f"/home/ana/{number}/mend.yaml", steps=(), included=included,
    )  # fmt: skip
    return Event("INC-1", number, number, number, "ana", "h", told)


def _mend(more: str) -> str:
    return f"version: 1\nid: mend\ntitle: Mend\n{more}"


def test_what_is_included_stays_a_file_of_its_own() -> None:
    source = _mend("steps: [{id: first, title: First, include: ./parts/inner.yaml}]\n")
    made = books([_run(1, source, Included("parts/inner.yaml", SCRIPT))])
    assert made.texts["mend.yaml"] == source
    (step,) = yaml.safe_load(made.texts["parts/inner.yaml"])["steps"]
    assert step["command"] == {"argv": ["recorded-script", "a", "x"]}
    assert list(made.plans["r1"].steps) == ["first.a"] and made.programs == {"recorded-script"}


def test_a_runbook_that_was_changed_between_two_runs_is_two() -> None:
    first, second = _mend(STEP), _mend(STEP.replace("get", "describe"))
    made = books([_run(1, first), _run(2, second), _run(3, first)])
    assert made.names == {"r1": "mend", "r2": "mend-2", "r3": "mend"} and made.first == "mend"
    assert made.texts["mend.yaml"] == first
    assert yaml.safe_load(made.texts["mend-2.yaml"])["id"] == "mend-2" and "describe" in made.texts["mend-2.yaml"]


def test_two_that_need_different_files_of_one_name_are_refused() -> None:
    source = _mend("steps: [{id: first, title: First, include: ./inner.yaml}]\n")
    other = INNER.replace("get", "describe")
    with pytest.raises(Unplayable, match="different files called inner.yaml"):
        books([_run(1, source, Included("inner.yaml", INNER)), _run(2, source, Included("inner.yaml", other))])


def test_a_runbook_that_cannot_be_read_any_more_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unplayable, match="the runbook mend: .*steps"):
        books([_run(1, _mend("steps: []\n"))])
