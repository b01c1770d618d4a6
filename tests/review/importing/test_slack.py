from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config.problems import ConfigError
from cockpit.review.importing import archive
from cockpit.review.importing.making import document
from cockpit.review.importing.reading import read
from cockpit.review.importing.slack import sheet_of
from cockpit.review.model import Report
from tests.review.importing.reading import NOW, imported, rules

USERS = [{"id": "U1", "name": "dev-3", "profile": {"display_name": ""}}]
DAY: list[dict[str, Any]] = [
    {"type": "message", "user": "U1", "ts": "1772448720.000100", "text": "logins &lt;fail&gt; <@U1> <http://a.example|graph>"},
    {"type": "message", "username": "pager", "ts": "1772448780.5", "text": "", "files": [{"name": "shot.png"}],
     "attachments": [{"title": "Auth", "text": "above 5 %"}]},
]  # fmt: skip


def pack(files: dict[str, Any]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data if isinstance(data, bytes) else json.dumps(data, indent=1))
    return held.getvalue()


def told(report: Report) -> list[tuple[str, str]]:
    return [(entry.actor, entry.text) for entry in report.timeline]


def test_the_file_of_a_day_keeps_who_said_what_when(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text(json.dumps(USERS))
    report = imported(tmp_path, json.dumps(DAY, indent=1), "2026-03-02.json")
    first, second = report.timeline
    assert first.time == datetime(2026, 3, 2, 10, 52, tzinfo=UTC) and first.precision == "second"
    assert (first.actor, first.text) == ("dev-3", "logins <fail> @dev-3 graph (http://a.example)")
    assert (second.actor, second.text) == ("pager", "Auth\nabove 5 %\n[file shot.png]")
    assert first.line == 5 and "1772448720.000100" in first.evidence and rules(report) == []


def test_a_zip_and_a_directory_come_to_the_same(tmp_path: Path) -> None:
    files = {"users.json": USERS, "channels.json": [{"name": "inc"}], "inc/2026-03-02.json": DAY}
    packed = imported(tmp_path, pack(files), "export.zip", id="x")
    home = tmp_path / "export"
    (home / "inc").mkdir(parents=True)
    for name, data in files.items():
        (home / name).write_text(json.dumps(data, indent=1))
    unpacked = document(read(home), {"id": "x"}, NOW)
    assert told(packed) == told(unpacked) and len(packed.timeline) == 2
    assert packed.timeline[0].evidence.startswith("#inc ")


def test_messages_of_several_days_are_in_order_of_time(tmp_path: Path) -> None:
    late, early = [{**DAY[0], "ts": "1772448900.0", "text": "late"}], [{**DAY[0], "text": "early"}]
    report = imported(tmp_path, pack({"inc/2.json": late, "inc/1.json": early, "inc/3.json": ["odd"]}), "export.zip")
    assert [text for _, text in told(report)] == ["early", "late", '"odd"']
    assert report.timeline[2].time is None


def test_the_zone_of_the_document_is_told_and_no_conflict(tmp_path: Path) -> None:
    report = imported(tmp_path, json.dumps(DAY), "day.json", zone="Europe/Berlin")
    assert rules(report) == [] and str(report.timeline[0].time) == "2026-03-02 11:52:00+01:00"


def test_json_that_is_none_is_told_with_file_and_line_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        imported(tmp_path, pack({"a/1.json": b"[\n{]", "a/2.json": b"[" * 100_000, "a/3.json": DAY}), "export.zip")
    first, second = caught.value.problems
    assert first.path.endswith("a/1.json") and first.line == 2 and "is not JSON" in first.message
    assert second.path.endswith("a/2.json")


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="larger than 8 MB"):
        imported(tmp_path, pack({"a.json": b" " * (9 << 20)}), "bomb.zip")
    monkeypatch.setattr(archive, "MAX_TOTAL", 1000)
    with pytest.raises(ConfigError, match="holds more than"):
        imported(tmp_path, pack({f"{n}.json": b" " * 400 for n in range(3)}), "bomb.zip")
    monkeypatch.setattr(archive, "MAX_FILES", 2)
    with pytest.raises(ConfigError, match="holds more than 2 files"):
        imported(tmp_path, pack({f"{n}.json": [] for n in range(3)}), "many.zip")


def test_a_size_that_lies_does_not_help_a_bomb(tmp_path: Path) -> None:
    raw = bytearray(pack({"a.json": b" " * (9 << 20)}))
    at = raw.rindex(b"PK\x01\x02") + 24
    raw[at : at + 4] = (100).to_bytes(4, "little")
    with pytest.raises(ConfigError):
        imported(tmp_path, bytes(raw), "liar.zip")


@pytest.mark.parametrize("raw", [b"", b"PK", b"no zip at all", pack({})], ids=["empty", "cut", "other", "hollow"])
def test_what_is_no_export_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(ConfigError):
        imported(tmp_path, raw, "export.zip")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["ts", "text", "user", "files", "attachments", "x"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=80)
@given(JSON)
def test_no_json_breaks_the_import(found: Any) -> None:
    report = document(sheet_of({"day.json": json.dumps(found)}, "day.json"), {}, NOW)
    assert Report.model_validate_json(report.model_dump_json()) == report
    if isinstance(found, list):
        assert len(report.timeline) == len(found)


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=80) | st.text(max_size=40).map(str.encode))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    try:
        sheet_of({"day.json": raw.decode(errors="surrogateescape")}, "day.json")
    except ConfigError as error:
        assert error.problems
