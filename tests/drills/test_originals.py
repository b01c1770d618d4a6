"""The five incidents it all began with: each fits the report, and the lint finds what is wrong with its record."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.clock import SECOND
from cockpit.review.importing.making import document
from cockpit.review.importing.reading import read
from cockpit.review.model import Doubt, Report
from cockpit.review.writing import schema

ORIGINALS = Path(__file__).parents[2] / "cockpit" / "drills" / "originals"
NAMES = ("login-flag", "config-cascade", "blank-page", "sql-push", "demo-clock")


def imported(name: str) -> Report:
    return document(read(ORIGINALS / f"{name}.md"), {}, 1_800_000_000 * SECOND)


def found(report: Report, rule: str) -> list[Doubt]:
    return [doubt for doubt in report.data_quality if doubt.rule == rule]


def test_there_are_five() -> None:
    assert {file.stem for file in ORIGINALS.iterdir()} == set(NAMES)


def test_each_fits_the_document_with_formats_on(tmp_path: Path) -> None:
    rules = tmp_path / "schema.json"
    rules.write_text(schema())
    files = []
    for name in NAMES:
        report = imported(name)
        assert report.header.kind == "imported" and report.timeline and report.human.summary
        assert Report.model_validate_json(report.model_dump_json()) == report
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(report.model_dump_json())
    argv = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(rules), *map(str, files)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_what_no_source_names_is_said_to_be_a_placeholder(name: str) -> None:
    report = imported(name)
    invented = [doubt for doubt in report.data_quality if "is invented" in doubt.text]
    assert len(invented) == len(report.header.placeholders)
    assert report.header.placeholders or all(entry.time is None for entry in report.timeline)


def test_the_record_of_sql_push_is_taken_apart() -> None:
    report = imported("sql-push")
    assert [doubt.text for doubt in found(report, "impossible_time")] == [
        "`21:03 PM`: a clock of 24 hours has no PM", "`23:00 PM PT`: a clock of 24 hours has no PM",
    ]  # fmt: skip
    (reversed_,) = found(report, "backwards")
    assert "is below 21:03 PM" in reversed_.text
    (duration,) = found(report, "duration_mismatch")
    assert "`3 h 30` is stated" in duration.text and "1 h 32 m" in duration.text
    (zone,) = found(report, "zone_conflict")
    assert "in PT" in zone.text and "in GMT" in zone.text
    assert any(doubt.text == "Resolution is empty" and doubt.line for doubt in found(report, "empty_section"))
    kept = [entry.stated for entry in report.timeline if entry.time is None]
    assert kept == ["21:03 PM", "23:00 PM PT"]


def test_the_two_hours_and_the_silence_of_login_flag_are_found() -> None:
    report = imported("login-flag")
    (duration,) = found(report, "duration_mismatch")
    assert "`two hours` is stated" in duration.text and "1 h 25 m" in duration.text
    silent = [f"{doubt.time:%H:%M} {doubt.text}" for doubt in found(report, "gap")]
    assert "10:55 nothing recorded for 15 m 00 s from 10:55" in silent
    assert "11:10 nothing recorded for 15 m 00 s from 11:10" in silent
    lengths = {(one.start, one.end): one.minutes for one in report.intervals}
    assert lengths["first_entry", "last_entry"] == 85 and lengths["impact_start", "mitigated"] == 52


def test_no_judgement_is_in_our_words() -> None:
    for name in NAMES:
        assert found(imported(name), "counterfactual") == []
