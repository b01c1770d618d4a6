from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config.problems import ConfigError
from cockpit.review.importing.making import document
from cockpit.review.importing.spreadsheet import sheet_of
from tests.review.importing.reading import NOW, imported, rules

DAY = {"date": "2026-03-02", "zone": "UTC"}


def test_columns_are_known_by_their_headings_and_lines_are_those_of_the_file(tmp_path: Path) -> None:
    text = 'Time,Event,By\n10:52,"page, twice\nand again",\n\n10:55,config back,dev-3\n'
    first, second = imported(tmp_path, text, "notes.csv", **DAY).timeline
    assert (first.text, first.line) == ("page, twice\nand again", 2)
    assert (second.text, second.actor, second.line) == ("config back", "dev-3", 5)
    assert second.time == datetime(2026, 3, 2, 10, 55, tzinfo=UTC)


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
def test_a_file_without_headings_begins_with_data(tmp_path: Path, between: str) -> None:
    text = f"\ufeff10:52{between}page fires\r\n10:55{between}config back\r\n"
    report = imported(tmp_path, text, "notes.csv", **DAY)
    assert [entry.text for entry in report.timeline] == ["page fires", "config back"]


def test_a_day_and_a_zone_can_have_columns(tmp_path: Path) -> None:
    text = "date,time,tz,what\n2026-03-02,10:52,UTC,a\n2026-03-03,10:52,PT,b\nsoon,10:53,UTC,c\n"
    report = imported(tmp_path, text, "notes.csv", zone="UTC")
    first, second, third = report.timeline
    assert first.time == datetime(2026, 3, 2, 10, 52, tzinfo=UTC) and first.stated == ""
    assert second.time == datetime(2026, 3, 3, 18, 52, tzinfo=UTC) and second.stated == "10:52 PT"
    assert third.time is None and third.stated == "soon 10:53 UTC"
    assert ("zone_conflict", 3) in rules(report)


def test_an_impossible_time_stays_as_it_is_written_and_the_reversed_order_is_seen(tmp_path: Path) -> None:
    report = imported(tmp_path, "time,what\n21:03 PM,outage\n11:26 AM,over\n", "notes.csv", **DAY)
    assert [(entry.time is None, entry.stated) for entry in report.timeline] == [(True, "21:03 PM"), (False, "")]
    assert rules(report) == [("impossible_time", 2), ("backwards", 3)]


WORD = st.text("abcdefgh", min_size=3, max_size=8)
CELLS = st.lists(WORD, min_size=1, max_size=3).map(" ".join) | st.sampled_from(["10:52", "21:03 PM", "", "2026-03-02"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_every_word_of_the_file_is_somewhere_in_the_document(rows: list[list[str]], between: str) -> None:
    text = "\n".join(between.join(row) for row in (["time", "what", "who", "pool"], *rows))
    made = document(sheet_of(text, "notes.csv"), {}, NOW).model_dump_json()
    assert {word for row in rows for cell in row for word in re.findall("[a-z]{3,}", cell)} <= set(
        re.findall("[a-z]{3,}", made)
    )


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=120))
def test_no_text_breaks_the_import(text: str) -> None:
    try:
        document(sheet_of(text, "notes.csv"), DAY, NOW)
    except ConfigError as error:
        assert error.problems
