"""Reports from elsewhere, kept in a profile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.config.problems import ConfigError
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import Figures, IncidentDeclared, ProbeChanged
from cockpit.journal.store import Journal
from cockpit.platform.places import Places
from cockpit.review import brought
from cockpit.review.recollection import Wanted, told
from cockpit.review.writing import Manner, write
from tests.review.importing.reading import imported

NOTES = "- 10:52 the checkout queue is full\n- 11:40 [resolved] all clear\n"
DAY = {"date": "2026-03-02", "zone": "UTC"}


async def listed(home: Path, wanted: Wanted) -> list[dict[str, object]]:
    text, good = await told(Places(home), wanted, as_json=True)
    assert good
    found: list[dict[str, object]] = json.loads(text)
    return found


async def test_a_kept_report_is_listed_and_found_beside_the_incidents(tmp_path: Path) -> None:
    home = tmp_path / "profile"
    ours = IncidentDeclared(title="Ours", severity="SEV2")
    store = await Journal.open(home / "journal.sqlite", clock=SystemClock(), host="host")
    await store.append(await store.reserve("INC"), [Draft(body=ours, actor="a")])
    await store.close()
    kept = brought.keep(imported(tmp_path, NOTES, **DAY, id="old-queue", title="The queue"), home)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert {one["incident"] for one in await listed(home, Wanted())} == {"INC-1", "old-queue"}
    (found,) = await listed(home, Wanted(words="checkout queue"))
    assert (found["incident"], found["status"]) == ("old-queue", "imported")
    assert await listed(home, Wanted(words="queue", since="2026-03-03")) == []
    text, _ = await told(Places(home), Wanted(), as_json=False)
    lines = text.split("\n")
    (place,) = [place for place, line in enumerate(lines) if "old-queue" in line]
    assert lines[place].split() == ["old-queue", "2026-03-02", "10:52", "48", "m", "00", "s", "The", "queue"]
    assert lines[place + 1].strip() == "imported"


async def test_what_is_like_a_kept_report_cannot_be_told_and_why_is_said(tmp_path: Path) -> None:
    brought.keep(imported(tmp_path, NOTES, **DAY, id="old-queue"), tmp_path)
    said, good = await told(Places(tmp_path), Wanted(like="old-queue"), as_json=False)
    assert not good and said.startswith("old-queue comes from elsewhere: nothing was measured")
    assert (await told(Places(tmp_path), Wanted(like="older"), as_json=False))[0] == "there is no incident older"


async def test_a_kept_report_without_times_is_listed_without_them(tmp_path: Path) -> None:
    summary = brought.summary(imported(tmp_path, "- some day\n", id="x"))
    assert (summary.declared, summary.resolved, summary.deeds) == (0, 0, ())


@pytest.mark.parametrize("name", ["INC-3", "../out", "a/b", ".x", "x" * 90])
def test_a_name_that_is_none_for_a_file_or_another_incident_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name"):
        brought.keep(imported(tmp_path, NOTES, **DAY, id=name), tmp_path / "profile")
    assert not (tmp_path / "profile").exists()


def test_a_kept_report_is_never_replaced_and_a_broken_one_hides_no_other(tmp_path: Path) -> None:
    report = imported(tmp_path, NOTES, **DAY, id="a")
    brought.keep(report, tmp_path)
    with pytest.raises(ConfigError, match="is kept already"):
        brought.keep(report, tmp_path)
    (tmp_path / brought.FOLDER / "b.json").write_text("{")
    assert [one.incident for one in brought.summaries(tmp_path)] == ["a"]


@pytest.mark.parametrize("name", ["INC-3", "b", "b\x1b[31m"])
def test_a_kept_report_that_calls_itself_otherwise_than_its_file_is_left_out(tmp_path: Path, name: str) -> None:
    report = imported(tmp_path, NOTES, **DAY, id="a")
    path = brought.keep(report, tmp_path)
    other = report.model_copy(update={"header": report.header.model_copy(update={"id": name})})
    for file in ("INC-3.json", "c.json"):
        path.with_name(file).write_text(other.model_dump_json())
    assert [one.incident for one in brought.summaries(tmp_path)] == ["a"]


async def test_kept_reports_are_listed_and_told_where_there_is_no_journal(tmp_path: Path) -> None:
    brought.keep(imported(tmp_path, NOTES, **DAY, id="old-queue", title="The queue"), tmp_path)
    assert [one["incident"] for one in await listed(tmp_path, Wanted())] == ["old-queue"]
    assert [one["incident"] for one in await listed(tmp_path, Wanted("10:52 checkout"))] == []
    assert [one["incident"] for one in await listed(tmp_path, Wanted("checkout"))] == ["old-queue"]
    assert await told(Places(tmp_path), Wanted(like=""), as_json=False) == ("there is no incident yet", False)
    text, good = await write(tmp_path / "journal.sqlite", "old-queue", Manner())
    assert good and text.startswith("# The queue")


async def test_a_kept_report_that_speaks_of_what_is_red_is_alike(tmp_path: Path) -> None:
    red = ProbeChanged(
        probe="Checkout", service="shop", state="down", previous="up", since=1, verdict="", figures=Figures()
    )
    store = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="host")
    ours = IncidentDeclared(title="Ours", severity="SEV2", seen=(red,))
    await store.append(await store.reserve("INC"), [Draft(body=ours, actor="a")])
    await store.close()
    brought.keep(imported(tmp_path, NOTES, **DAY, id="old-queue", title="The queue"), tmp_path)
    brought.keep(imported(tmp_path, "- 10:52 mail is late\n", **DAY, id="mail"), tmp_path)
    text, good = await told(Places(tmp_path), Wanted(like=""), as_json=False)
    assert good and text.startswith("old-queue  2026-03-02  The queue\n  alike in: it speaks of Checkout\n")
    assert "mail" not in text and "helped" not in text
