from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.config.problems import ConfigError
from cockpit.review.importing.making import document
from cockpit.review.importing.markdown import sheet_of
from cockpit.review.model import Action
from tests.review.importing.reading import NOW, imported, rules

DAY = {"date": "2026-03-02", "zone": "UTC"}


def test_lists_become_entries_with_their_lines(tmp_path: Path) -> None:
    text = "# Logins fail\n\n## Timeline\n\n- 10:52 page fires\n  at once\n- **10:55** [rollback] back\n  - by hand\n"
    report = imported(tmp_path, text, **DAY)
    page, back = report.timeline
    assert (report.header.title, report.header.kind, report.header.zone) == ("Logins fail", "imported", "UTC")
    assert (page.time, page.text, page.line) == (datetime(2026, 3, 2, 10, 52, tzinfo=UTC), "page fires\nat once", 5)
    assert (page.precision, page.stated) == ("minute", "")
    assert (back.kind, back.text, back.line) == ("rollback", "back\nby hand", 7)


def test_tables_become_entries_by_their_headings(tmp_path: Path) -> None:
    text = (
        "| Time (UTC) | What | Who | Result | Evidence | Pool |\n|---|---|---|---|---|---|\n"
        "| 2026-03-02 10:55 | `roll back` | dev-3 | no effect | graph | A |\n| 10:57 | look | n/a | shrug | n/a | |\n"
    )
    first, second = imported(tmp_path, text, date="2026-03-02").timeline
    assert (first.actor, first.result, first.evidence) == ("dev-3", "no_effect", "graph")
    assert first.text == "roll back | Pool: A" and first.line == 3
    assert second.time == datetime(2026, 3, 2, 10, 57, tzinfo=UTC)
    assert second.result is None and second.text == "look | shrug"


def test_sections_go_where_the_document_has_them(tmp_path: Path) -> None:
    text = """\
Before anything.

## Impact
Checkout was slow.
## Not affected
- search
## Root cause
- a flag
- a lock
## What went well
- the page
## Duration
two hours
## Action items
- [x] Check it (owner: sre, by: lead, type: prevent)
- [ ] Ask (owner: dev-3)
- Drop it (state: rejected, by: lead, why: too dear)
## Detection
By a customer.
"""
    report = imported(tmp_path, text)
    human = report.human
    assert (report.impact.text, report.impact.unaffected) == ("Checkout was slow.", ("search",))
    assert (human.contributing_factors, human.went_well) == (("a flag", "a lock"), ("the page",))
    assert human.stated_duration == "two hours"
    assert human.summary == "Before anything.\n\nDetection\n\nBy a customer."
    assert human.actions == (
        Action(id="A1", type="prevent", text="Check it", owner="sre", state="done", by="lead"),
        Action(id="A2", type="process", text="Ask", owner="dev-3"),
        Action(id="A3", type="process", text="Drop it", state="rejected", by="lead", why="too dear"),
    )


def test_a_table_of_actions_has_states_and_owners(tmp_path: Path) -> None:
    head = "## Actions\n\n| Action | Owner | Status | By |\n|---|---|---|---|\n"
    text = f"{head}| test it | sre | Done | lead |\n| x | | odd | |\n"
    first, second = imported(tmp_path, text).human.actions
    assert (first.text, first.owner, first.state, first.by) == ("test it", "sre", "done", "lead")
    assert (second.text, second.state) == ("x (state: odd)", "open")


def test_a_heading_can_name_the_day(tmp_path: Path) -> None:
    text = "## Timeline\n\n### 2026-03-02\n\n- 23:50 red\n\n### 2026-03-03\n\n- 00:10 green\n"
    report = imported(tmp_path, text, zone="UTC")
    assert [entry.time for entry in report.timeline] == [
        datetime(2026, 3, 2, 23, 50, tzinfo=UTC), datetime(2026, 3, 3, 0, 10, tzinfo=UTC),
    ]  # fmt: skip
    assert ("backwards", 9) not in rules(report)


def test_what_is_on_top_of_the_file_holds_for_all_and_an_option_goes_before_it(tmp_path: Path) -> None:
    facts = "title: From the top\ndate: 2026-03-02  # told by support\nzone: UTC\nresolved: 12:12\nodd: kept\n"
    text = f"---\n{facts}---\n- 10:52 x\n"
    report = imported(tmp_path, text, title="From the option", impact_start="10:47")
    assert report.header.title == "From the option" and report.header.status == "resolved"
    assert report.timeline[0].line == 8
    assert "odd: kept" in report.human.summary and "told by support" in report.human.summary
    whole = {(one.start, one.end): one.minutes for one in report.intervals}
    assert whole == {}
    report = imported(tmp_path, text, impact_start="10:47", mitigated="11:39")
    assert {(one.start, one.end): one.minutes for one in report.intervals} == {("impact_start", "mitigated"): 52.0}


def test_a_line_without_a_time_is_kept_with_a_doubt(tmp_path: Path) -> None:
    report = imported(tmp_path, "## Timeline\n\n- 10:52 a\n- later, b\n\nand c\n", **DAY)
    assert [(one.time is None, one.text) for one in report.timeline] == [
        (False, "a"),
        (True, "later, b"),
        (True, "and c"),
    ]
    assert rules(report) == [("unparsable_time", 4), ("unparsable_time", 6)]


def test_no_day_and_no_zone_are_one_doubt_each_that_names_the_lines(tmp_path: Path) -> None:
    text = "- 10:52 a\n- 10:53 b\n- 10:54 PT c\n"
    report = imported(tmp_path, text)
    (doubt,) = [one for one in report.data_quality if one.rule == "missing_date"]
    assert "on lines 1, 2, 3" in doubt.text and all(entry.time is None for entry in report.timeline)
    assert [entry.stated for entry in report.timeline] == ["10:52", "10:53", "10:54 PT"]
    (doubt,) = [one for one in report.data_quality if one.rule == "missing_zone"]
    assert "2 times, on lines 1, 2" in doubt.text and report.header.zone == "unknown"
    report = imported(tmp_path, text, date="2026-03-02")
    assert "missing_date" not in [one.rule for one in report.data_quality]
    (doubt,) = [one for one in report.data_quality if one.rule == "missing_zone"]
    assert "2 times, on lines 1, 2" in doubt.text and report.timeline[2].time is not None
    assert [entry.stated for entry in report.timeline[:2]] == ["2026-03-02 10:52", "2026-03-02 10:53"]


def test_facts_that_cannot_be_used_are_told_all_at_once_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        imported(
            tmp_path, "---\ndate: tomorrow\nplaceholders: date, mood\n---\n- 10:52 x\n", zone="Mars", resolved="noon"
        )
    told = [(one.line, one.field) for one in caught.value.problems]
    assert told == [(0, "zone"), (0, "resolved"), (2, "date"), (3, "placeholders")]


@pytest.mark.parametrize("text", ["", "\n\n", "---\n---\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="holds nothing"):
        imported(tmp_path, text)


def test_a_file_that_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=":2:1: is not UTF-8"):
        imported(tmp_path, b"- 10:52 a\n\xff\xfe\n")


def test_what_could_trick_a_terminal_is_made_visible(tmp_path: Path) -> None:
    (entry,) = imported(tmp_path, "- 10:52 a\x1b[31mb\u202ec\n", **DAY).timeline
    assert entry.text == "ab<U+202E>c"


def test_a_token_that_somebody_pasted_goes_no_further(tmp_path: Path) -> None:
    token = "ghp_" + "a1" * 12
    made = imported(tmp_path, f"Seen {token}.\n\n- 10:52 pasted {token}\n", **DAY).model_dump_json()
    assert token not in made and made.count("[redacted]") == 2


WORD = st.text("abcdefgh", min_size=3, max_size=8)
WORDS = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
PIECES = st.lists(
    st.one_of(
        WORDS, WORDS.map("- {}".format), WORDS.map("- 10:52 {}".format), WORDS.map("  - {}".format),
        WORDS.map("## {}".format), WORDS.map("> {}".format), WORDS.map("    {}".format),
        WORDS.map("```\n{}\n```".format),
        WORDS.map("| a | Time |\n|---|---|\n| {} | 25:99 |".format), WORDS.map("1. 21:03 PM {}".format),
        WORDS.map("[{}]: http://a.example".format), WORDS.map("<b>{}</b>".format), WORDS.map("- [x] {}".format),
        st.sampled_from(["## Timeline", "## Actions", "## Impact", "# Title", "### 2026-03-02", "---", "***", ""]),
    ),
    max_size=12,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(PIECES, st.sampled_from(["\n", "\n\n"]))
def test_every_word_of_the_file_is_somewhere_in_the_document(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    made = document(sheet_of(text, "notes.md"), {}, NOW).model_dump_json().replace("\\n", " ")
    kept = set(re.findall(r"[a-z]{3,}", made.lower()))
    structure = {"timeline", "actions", "impact", "title", "time"}
    assert set(re.findall(r"\b[a-z]{3,8}\b", text.lower())) - structure <= kept


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_import(text: str) -> None:
    try:
        document(sheet_of(text, "notes.md"), DAY, NOW)
    except ConfigError as error:
        assert error.problems


def test_what_is_long_or_never_closed_is_read_in_a_time_that_grows_with_it(tmp_path: Path) -> None:
    # In a time that grows with its square each of these would take minutes.
    lines = imported(tmp_path, "- 10:00 a\n" + "  bb\n" * 100_000, **DAY)
    assert len(lines.timeline) == 1 and lines.timeline[0].text.count("bb") == 100_000
    for mark in ("**", "__"):
        open_ended = imported(tmp_path, "- 10:00 " + f"{mark}a " * 50_000, **DAY)
        assert open_ended.timeline[0].text.count("a") == 50_000
    assert imported(tmp_path, "- 10:00 **a *b* c** __my_var__ ** d", **DAY).timeline[0].text == "a *b* c my_var ** d"
