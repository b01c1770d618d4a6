from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.incident.event import Event
from cockpit.incident.fold import fold
from cockpit.incident.runs import VerifyFinished, WaitFinished
from cockpit.incident.vocabulary import IncidentResolved
from cockpit.review.build import build
from cockpit.review.checking import linted
from cockpit.review.forms import form_of, formed
from cockpit.review.lint import RECORDED, lint, of_people, placed
from cockpit.review.model import Action, Doubt, Entry, Human, Report
from cockpit.review.templating import names
from tests.review.conftest import T0, Story
from tests.review.importing.reading import imported

DAY = {"date": "2026-03-02", "zone": "UTC"}


def rules(report: Report) -> list[str]:
    return [doubt.rule for doubt in lint(report) if doubt.rule != "empty_section"]


def timeline(tmp_path: Path, *lines: str) -> Report:
    return imported(tmp_path, "".join(f"- {line}\n" for line in lines), **DAY)


def test_a_silence_of_a_quarter_of_an_hour_is_a_gap_and_a_shorter_one_is_not(tmp_path: Path) -> None:
    assert rules(timeline(tmp_path, "10:00 a", "10:14 b")) == []
    (doubt,) = [one for one in lint(timeline(tmp_path, "10:00 a", "10:15 b")) if one.rule == "gap"]
    assert (doubt.line, doubt.text) == (2, "nothing recorded for 15 m 00 s from 10:00")


def test_what_led_to_it_may_lie_long_before(tmp_path: Path) -> None:
    assert rules(timeline(tmp_path, "08:00 deploy", "10:00 [impact start] red", "10:10 b")) == []


def test_order_is_that_of_the_lines(tmp_path: Path) -> None:
    assert rules(timeline(tmp_path, "10:00 a", "10:00 b", "10:05 c")) == []
    (doubt,) = [one for one in lint(timeline(tmp_path, "10:05 a", "10:00 b")) if one.rule == "backwards"]
    assert (doubt.line, doubt.text) == (2, "10:00 is below 10:05 on line 1")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["10:00 rolled back 4711"], ["unverified"]),
        (["10:00 rolled back 4711", "10:03 no effect"], []),
        (["10:00 rollback: no immediate improvement"], []),
        (["10:00 rollback failed"], []),
        (["10:00 reverted", "10:05 reverted more", "10:09 confirmed by the probe"], ["unverified"]),
        (["10:00 [rollback] 4711", "10:05 [verified] logins pass"], []),
        (["10:00 red", "10:05 looked at logs"], []),
    ],
)
def test_a_rollback_wants_a_word_of_what_came_of_it(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    assert rules(timeline(tmp_path, *lines)) == expected


def test_a_resolution_wants_something_that_verified_it_before(tmp_path: Path) -> None:
    assert rules(timeline(tmp_path, "10:00 red", "10:05 [resolved] done")) == ["resolved_before_verified"]
    assert rules(timeline(tmp_path, "10:00 [verified] green", "10:05 [resolved] done")) == []
    assert "resolved_before_verified" in rules(timeline(tmp_path, "10:00 [resolved] done", "10:05 [verified] green"))


def test_an_impossible_order_of_marks_is_told(tmp_path: Path) -> None:
    report = imported(tmp_path, "- 10:00 x\n", **DAY, declared="10:00", resolved="09:00")
    assert "order" in rules(report)


@pytest.mark.parametrize(
    ("stated", "wrong"), [("1 h", False), ("55 minutes", True), ("two hours", True), ("soon", False)]
)
def test_a_stated_duration_is_held_against_the_computed_ones(tmp_path: Path, stated: str, wrong: bool) -> None:
    marks = {"impact_start": "10:00", "mitigated": "11:01"}
    report = imported(tmp_path, "- 10:50 looked\n", **DAY, **marks, stated_duration=stated)
    assert ("duration_mismatch" in rules(report)) is wrong


def test_a_claim_in_running_text_is_held_against_them_too(tmp_path: Path) -> None:
    text = "The outage lasted two hours.\n\n## Timeline\n\n- 10:00 a\n- 10:10 b\n"
    (doubt,) = [one for one in imported(tmp_path, text, **DAY).data_quality if one.rule == "duration_mismatch"]
    assert doubt.line == 1 and "10 m 00 s from first_entry to last_entry" in doubt.text


def test_results_and_shares_want_something_to_stand_on(tmp_path: Path) -> None:
    text = "80 % of logins failed.\n\n| Time | What | Result | Evidence |\n|---|---|---|---|\n"
    report = imported(tmp_path, f"{text}| 10:00 | a | ok | |\n| 10:01 | b | ok | graph |\n", **DAY)
    assert [(one.rule, one.line) for one in lint(report) if one.rule == "no_evidence"] == [
        ("no_evidence", 5), ("no_evidence", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["We should have seen it", "they could’ve asked", "if only it had paged", "it shouldn't have gone out",
     "the team failed to look", "Nobody should of known"],
)  # fmt: skip
def test_what_could_have_been_is_found_in_what_people_wrote(tmp_path: Path, text: str) -> None:
    assert rules(timeline(tmp_path, f"10:00 {text}")) == ["counterfactual"]
    (doubt,) = [one for one in of_people(Human(went_badly=(text,))) if one.rule == "counterfactual"]
    assert "what went badly" in doubt.text


@pytest.mark.parametrize("text", ["the pod failed to start", "it should recover", "could you look?"])
def test_what_a_process_did_is_no_judgement(tmp_path: Path, text: str) -> None:
    assert rules(timeline(tmp_path, f"10:00 {text}")) == []


def test_actions_want_an_owner_and_an_ending_wants_whom_and_why() -> None:
    human = Human(
        actions=(
            Action(id="A1", type="prevent", text="a"),
            Action(id="A2", type="prevent", text="b", owner="sre"),
            Action(id="A3", type="prevent", text="c", owner="sre", state="rejected"),
            Action(id="A4", type="prevent", text="d", owner="sre", state="done", by="lead"),
        )
    )
    told = [(one.rule, one.text) for one in of_people(human) if one.rule != "empty_section"]
    assert told == [
        ("action_without_owner", "nobody owns A1: a"),
        ("no_evidence", "rejected, and nobody says by whom and why: A3: c"),
    ]


def test_a_section_that_nobody_wrote_is_empty_and_a_heading_is_told_once(tmp_path: Path) -> None:
    report = imported(tmp_path, "## Impact\n\n## Timeline\n\n- 10:00 a\n", **DAY)
    told = [(one.text, one.line) for one in lint(report) if one.rule == "empty_section"]
    assert told[0] == ("Impact is empty", 1)
    assert ("Summary is empty", None) in told and ("Impact is empty", None) not in told


def test_what_the_journal_showed_stays_and_is_not_found_anew(events: tuple[Event, ...], t0: int) -> None:
    report = build(events, fold(events), t0 + 2_400_000_000)
    kept = Doubt(rule="erased", text="event 3 was erased")
    again = report.model_copy(update={"data_quality": (*report.data_quality, kept)})
    assert set(lint(again)) == {*report.data_quality, kept}
    assert lint(report) == report.data_quality


def test_mending_the_document_mends_the_doubts(tmp_path: Path) -> None:
    report = imported(tmp_path, "- 21:03 PM a\n", **DAY)
    assert rules(report) == ["impossible_time"]
    (entry,) = report.timeline
    mended = entry.model_copy(update={"time": report.header.generated_at, "stated": ""})
    assert rules(report.model_copy(update={"timeline": (mended,)})) == []


def test_a_doubt_gets_the_line_on_which_its_words_stand() -> None:
    doubts = (Doubt(rule="counterfactual", text="`should have` in the summary"), Doubt(rule="gap", text="x"))
    assert [one.line for one in placed(doubts, ["a", "we Should  have"])] == [2, None]


def test_an_entry_of_a_journal_is_evidence_in_itself(events: tuple[Event, ...], t0: int) -> None:
    report = build(events, fold(events), t0 + 2_400_000_000)
    entry = Entry(time=report.header.generated_at, kind="note", actor="a", text="x", result="ok", seq=1)
    assert "no_evidence" not in rules(report.model_copy(update={"timeline": (entry,)}))


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("ana confirmed the outage", False),
        ("support confirms: logins fail", False),
        ("nobody verified that it works", False),
        ("could not confirm the fix", False),
        ("verified that logins work", True),
        ("support confirms that it is back", True),
        ("verified", True),
    ],
)
def test_who_confirms_an_outage_proves_no_recovery(tmp_path: Path, text: str, proves: bool) -> None:
    found = rules(timeline(tmp_path, "10:00 red", f"10:02 {text}", "10:05 [resolved] done"))
    assert ("resolved_before_verified" in found) is not proves


@pytest.mark.parametrize(
    "text", ["discussed a rollback", "decided not to roll back", "we cannot revert it", "no rollback is needed"]
)
def test_a_rollback_that_is_only_talked_of_needs_no_proof(tmp_path: Path, text: str) -> None:
    assert rules(timeline(tmp_path, f"10:00 {text}", "10:05 red")) == []
    assert rules(timeline(tmp_path, "10:00 discussed it, then rolled back", "10:05 red")) == ["unverified"]


def test_after_the_end_nothing_has_to_be_recorded(tmp_path: Path) -> None:
    lines = ("10:00 red", "10:05 [verified] works", "10:06 [resolved] done", "17:00 the postmortem is planned")
    assert rules(timeline(tmp_path, *lines)) == []


def test_what_would_have_been_is_counterfactual_but_where_luck_helped() -> None:
    for words in ("a canary would have caught it", "we might've seen it", "it wouldn't have spread"):
        assert [one.rule for one in of_people(Human(summary=words)) if one.rule != "empty_section"] == [
            "counterfactual"
        ]
    lucky = of_people(Human(lucky=("it could have been Friday",)))
    assert {one.rule for one in lucky} == {"empty_section"}


@pytest.mark.parametrize("template", names())
async def test_what_stands_against_a_record_is_told_of_its_markdown_as_of_its_document(
    template: str, told: Story, record: Callable[[Story], tuple[Event, ...]], tmp_path: Path
) -> None:
    unmet = IncidentResolved(unmet=("auth | web is DOWN", "& more <b>"))
    events = record(
        [*(each for each in told if not isinstance(each[2], VerifyFinished | WaitFinished)), (60, "a", unmet)]
    )
    made = build(events, fold(events), T0, (), Human())
    for name in ("report.json", "report.md"):
        (tmp_path / name).write_text(await formed(made, form_of(Path(name)), "" if name.endswith("json") else template))
    of_document, of_text = (
        sorted((one.rule, one.message, one.mend) for one in linted([tmp_path / name], {}) if one.rule in RECORDED)
        for name in ("report.json", "report.md")
    )
    assert of_text == of_document and {"unverified", "resolved_against", "gap"} <= {rule for rule, _, _ in of_text}
    lines = (tmp_path / "report.md").read_text().split("\n")
    assert all(
        "unverified" in lines[one.line - 1] for one in linted([tmp_path / "report.md"], {}) if one.rule == "unverified"
    )
