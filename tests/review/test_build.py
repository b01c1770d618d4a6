from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cockpit.clock import SECOND
from cockpit.incident.attendance import RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Erased, Event, Unknown
from cockpit.incident.fold import fold
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    OptionChosen,
    VerifyFinished,
    VerifyStarted,
    WaitStarted,
)
from cockpit.incident.vocabulary import (
    ChangeSeen,
    Figures,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    ProbeState,
)
from cockpit.probes.rollup import Minute
from cockpit.review.build import build
from cockpit.review.course import POINTS
from cockpit.review.lint import RECORDED
from cockpit.review.markdown import render
from cockpit.review.model import Doubt, Report
from cockpit.review.writing import schema

Story = list[tuple[float, str, Body]]
Recorder = Callable[[Story], tuple[Event, ...]]
MINUTE = 60 * SECOND


def report(events: tuple[Event, ...], t0: int, minute: float = 40) -> Report:
    return build(events, fold(events), t0 + int(minute * MINUTE))


def test_the_header_says_what_it_is(events: tuple[Event, ...], t0: int) -> None:
    header = report(events, t0).header
    assert (header.id, header.kind, header.drill) == ("INC-1", "drill", "login-flag")
    assert (header.severity, header.status, header.lead, header.zone) == ("SEV1", "resolved", "ana", "UTC")


def test_intervals_are_computed_from_the_events(events: tuple[Event, ...], t0: int) -> None:
    found = {(one.start, one.end): one for one in report(events, t0).intervals}
    assert found["impact_start", "mitigated"].minutes == 17.0
    assert found["detected", "declared"].minutes == 2.5
    for one in found.values():
        assert one.minutes is not None
        assert one.ended_at - one.started_at == timedelta(minutes=one.minutes)


def test_impact_is_what_was_measured_beside_what_was_said(events: tuple[Event, ...], t0: int) -> None:
    impact = report(events, t0).impact
    assert (impact.text, impact.unaffected, impact.peak) == ("4 of 5 logins fail", ("checkout",), 0.8)
    assert impact.impact_minutes == round(17 * 0.8, 1)
    assert [one.probe for one in impact.probes] == ["login-synthetic"]


def test_what_was_tried_says_whether_it_helped(events: tuple[Event, ...], t0: int) -> None:
    revert, look, override = report(events, t0).tried
    assert (revert.result, revert.helped, revert.exit_code) == ("ok", "no_effect", 0)
    assert (revert.before, revert.after) == (0.796, 0.794)
    assert (look.helped, override.helped) == (None, "pass")
    assert not any(one.rolled_back for one in (revert, look, override))


def test_a_rollback_marks_what_it_undid(told: Story, record: Recorder, t0: int) -> None:
    undo = AttemptIntended(
        run="r1", step="restore.revert", attempt="a9", command="configctl apply 4711", digest="d",
        direction="rollback",
    )  # fmt: skip
    told += [
        (38, "ana", undo),
        (38, "cockpit", AttemptFinished(run="r1", step="restore.revert", attempt="a9", ok=True, exit_code=0)),
    ]
    tried = report(record(told), t0).tried
    assert [one.rolled_back for one in tried] == [True, False, False, False]
    assert tried[-1].undo


def test_missed_updates_come_with_the_moment_due(told: Story, record: Recorder, t0: int) -> None:
    silent = [one for one in told if not isinstance(one[2], UpdatePosted)]
    missed = report(record(silent), t0).communications.missed
    assert [(one.due.timestamp() - t0 / SECOND) / 60 for one in missed] == [11.0]
    assert missed[0].minutes_late == 26.0
    assert report(record(told), t0).communications.missed == ()


def test_an_open_incident_that_owes_an_update_says_so(told: Story, record: Recorder, t0: int) -> None:
    still_open = [one for one in told if one[0] < 20]
    missed = report(record(still_open), t0, minute=30).communications.missed
    assert [(one.came, one.minutes_late) for one in missed] == [(None, 3.0)]


def test_updates_name_where_they_arrived(events: tuple[Event, ...], t0: int) -> None:
    first, second = report(events, t0).communications.updates
    assert (first.delivered, second.delivered) == (("chat",), ())
    assert first.next_due is not None and second.next_due is None


def test_what_an_update_says_behind_its_status_is_told_once(told: Story, record: Recorder, t0: int) -> None:
    body = UpdatePosted(
        update="u3", reason="update", headline="status monitoring: Logins are back.", know="Logins are back.",
        doing="Watching.",
    )  # fmt: skip
    (*_, last) = report(record([*told[:-1], (22, "ana", body)]), t0).communications.updates
    assert last.text == "status monitoring: Logins are back. Watching."


def test_the_roster_keeps_who_may_leave(events: tuple[Event, ...], t0: int) -> None:
    ana, dev = report(events, t0).roster
    assert (ana.role, ana.released) == ("incident_commander", None)
    assert dev.released is not None and dev.reason == "knows the flag"


def test_decisions_keep_what_was_turned_down(told: Story, record: Recorder, t0: int) -> None:
    chosen = OptionChosen(run="r1", step="announce", option="a", title="Roll back", rejected=("Wait",), why="faster")
    (decision,) = report(record([*told, (38, "ana", chosen)]), t0).decisions
    assert (decision.chosen, decision.rejected, decision.why) == ("Roll back", ("Wait",), "faster")


def test_an_estimate_stands_beside_when_it_came_true(told: Story, record: Recorder, t0: int) -> None:
    first = UpdatePosted(update="e1", reason="update", headline="soon", eta=t0 + 15 * MINUTE, eta_by="ana")
    again = UpdatePosted(update="e2", reason="update", headline="still", eta=t0 + 15 * MINUTE, eta_by="ana")
    other = UpdatePosted(update="e3", reason="update", headline="later", eta=t0 + 25 * MINUTE, eta_by="dev-3")
    silent = UpdatePosted(update="e4", reason="overdue", headline="no word", automatic=True)
    after = UpdatePosted(update="e5", reason="update", headline="all of it", eta=t0 + 60 * MINUTE, eta_by="ana")
    words: Story = [(8, "ana", first), (9, "ana", again), (10, "cockpit", silent), (12, "ana", other)]
    story = [one for one in told if not isinstance(one[2], UpdatePosted)]
    made = report(record(sorted([*story, *words, (22, "ana", after)], key=lambda one: one[0])), t0).promises
    assert [(one.by, one.minutes_off) for one in made] == [("ana", 5.0), ("dev-3", -5.0), ("ana", None)]
    assert made[0].actual is not None and made[2].actual is None


def test_a_role_that_went_on_names_both(told: Story, record: Recorder, t0: int) -> None:
    given = RoleTaken(person="ben", role="incident_commander", previous="ana", note="watch the lag")
    (handed,) = report(record([*told, (38, "ben", given)]), t0).handoffs
    assert (handed.giver, handed.taker, handed.role) == ("ana", "ben", "incident_commander")


def test_the_timeline_says_what_came_of_each_thing_and_what_shows_it(events: tuple[Event, ...], t0: int) -> None:
    timeline = report(events, t0).timeline
    verified = [
        entry for entry in timeline if entry.seq is not None and entry.result and "login-synthetic" in entry.evidence
    ]
    assert [entry.result for entry in verified] == ["no_effect", "ok"]
    assert verified[0].evidence == "login-synthetic, err 79.6 -> 79.4 %, 12 samples"
    assert [entry.evidence for entry in timeline if entry.kind == "change"] == ["config, 4711"]
    assert all(entry.precision == "second" and entry.time is not None for entry in timeline)
    assert [entry.text for entry in timeline if entry.kind == "declare"] == ["SEV1 Logins fail - by ana"]


def test_the_charts_have_their_figures_in_the_document(events: tuple[Event, ...], t0: int) -> None:
    (course,) = report(events, t0).series
    assert (course.probe, course.service) == ("login-synthetic", "auth")
    assert [turn.state for turn in course.turns] == ["down", "up"]
    assert [point.rate for point in course.points][:2] == [0.8, 0.796]
    minutes = [Minute("login-synthetic", t0 + at * MINUTE, good=5, bad=at % 2 * 5) for at in range(3000)]
    (kept,) = build(events, fold(events), t0 + 40 * MINUTE, minutes).series
    assert len(kept.points) == POINTS and {point.rate for point in kept.points} == {0.5}


def test_each_pool_comes_back_at_a_minute_of_its_own(told: Story, record: Recorder, t0: int) -> None:
    def pool(name: str, state: ProbeState, since: float) -> ProbeChanged:
        return ProbeChanged(
            probe=f"pool@{name}", service="api", state=state, previous="unknown", since=t0 + int(since * MINUTE),
            verdict="", figures=Figures(error_rate=1.0 if state == "down" else 0.0, samples=9),
        )  # fmt: skip

    pools = {"a": 9, "b": 18, "c": 60}
    turns: Story = [(3, "cockpit", pool(name, "down", 3)) for name in pools]
    turns += [(back, "cockpit", pool(name, "up", back)) for name, back in pools.items()]
    impact = report(record(sorted([*told, *turns], key=lambda one: one[0])), t0, 70).impact
    found = {one.probe: one for one in impact.probes}
    back = [one.recovered for name, one in sorted(found.items()) if name.startswith("pool")]
    assert [(at.timestamp() - t0 / SECOND) / 60 for at in back if at is not None] == [9, 18, 60]
    assert found["pool@a"].impact_minutes == 6.0
    assert len(impact.lingering) == 1 and impact.lingering[0].startswith("pool@c came back only at")


def test_impact_minutes_are_of_each_minute_that_was_kept_and_say_so(events: tuple[Event, ...], t0: int) -> None:
    begin = -(-t0 // MINUTE) * MINUTE
    kept = [
        Minute(probe="login-synthetic", start=begin + number * MINUTE, bad=1, error_rate=0.9 if number == 5 else 0.1)
        for number in range(40)
    ]
    found = build(events, fold(events), t0 + 40 * MINUTE, kept).impact
    assert found.reckoned == "minutes" and found.peak == 0.9
    assert found.impact_minutes is not None and found.impact_minutes < 4
    partly = build(events, fold(events), t0 + 40 * MINUTE, kept[:8]).impact
    assert partly.reckoned == "partly"
    told = report(events, t0)
    assert told.impact.reckoned == "turns"
    assert "by the rate that each turn told, held until the next" in render(told)


def test_where_nothing_was_measured_nothing_is_said_of_minutes(told: Story, record: Recorder, t0: int) -> None:
    blind = [(at, who, body) for at, who, body in told if not isinstance(body, ProbeChanged)]
    made = report(record(blind), t0)
    assert made.impact.impact_minutes is None and made.impact.reckoned is None
    assert "Impact-minutes: n/a." in render(made) and "Nothing was measured." in render(made)


def test_what_is_still_red_is_not_said_to_stay_so_for_ever(told: Story, record: Recorder, t0: int) -> None:
    half = [one for one in told if one[0] < 8]
    assert "| not yet |" in render(report(record(half), t0)) and "| never |" not in render(report(record(half), t0))


def test_what_was_seen_at_the_declaration_weighs_on_its_own_probe_alone(told: Story, record: Recorder, t0: int) -> None:
    other = ProbeChanged(
        probe="other", service="x", state="down", previous="up", since=t0 + 5 * MINUTE, verdict="",
        figures=Figures(error_rate=1.0, samples=3),
    )  # fmt: skip
    declared = IncidentDeclared(title="Logins fail", severity="SEV1", began=t0 + 3 * MINUTE, seen=(other,))
    story = [(at, who, declared if isinstance(body, IncidentDeclared) else body) for at, who, body in told]
    found = {one.probe: one for one in report(record(story), t0).impact.probes}
    assert found["login-synthetic"].impact_minutes == round(17 * 0.8, 1)
    assert found["other"].recovered is None and found["other"].impact_minutes == 32.0


def test_every_change_is_there_however_many_there_were(told: Story, record: Recorder, t0: int) -> None:
    many: Story = [(1, "ci", ChangeSeen(change=f"c{number}", source="ci", what="x")) for number in range(300)]
    assert len(report(record([*many, *many[:5], *told]), t0).changes) == 301


def of_the_record(made: Report) -> list[Doubt]:
    """What stands against the record itself, not against what people have not written yet."""
    return [doubt for doubt in made.data_quality if doubt.rule in RECORDED]


def test_a_clean_record_leaves_no_doubts(events: tuple[Event, ...], t0: int) -> None:
    made = report(events, t0)
    assert of_the_record(made) == []
    assert {doubt.rule for doubt in made.data_quality} == {"empty_section"}


def test_the_record_of_the_original_has_its_holes(told: Story, record: Recorder, t0: int) -> None:
    unverified = [one for one in told if not isinstance(one[2], VerifyStarted | VerifyFinished | WaitStarted)]
    events = record([one for one in unverified if one[2].kind != "wait.finished"])
    rules = {one.rule for one in of_the_record(report(events, t0))}
    assert rules == {"unverified", "resolved_before_verified", "gap"}


def test_closing_against_the_evidence_stays_on_record(told: Story, record: Recorder, t0: int) -> None:
    told[-1] = (37, "ana", IncidentResolved(unmet=("auth is DOWN",), override="tired"))
    (doubt,) = of_the_record(report(record(told), t0))
    assert doubt.rule == "resolved_against" and "auth is DOWN" in doubt.text


def test_what_cannot_be_read_is_named(events: tuple[Event, ...], t0: int) -> None:
    at = t0 + 38 * MINUTE
    strange = (
        Event("INC-1", 90, at, at, "x", "host", Unknown("weather.changed", b"{}")),
        Event("INC-1", 91, at, at, "x", "host", Erased("note.added")),
    )
    found = report((*events, *strange), t0)
    assert [one.rule for one in of_the_record(found)] == ["unknown", "erased"]
    assert len(found.timeline) == len(events) + 2


def test_nothing_at_all_makes_a_report() -> None:
    found = build((), fold(()), 1_800_000_000 * SECOND)
    assert found.timeline == () and found.impact.peak is None


def test_a_probe_without_a_rate_has_no_peak(t0: int, record: Recorder) -> None:
    down = ProbeChanged(
        probe="web", service="web", state="down", previous="up", since=t0 + 3 * MINUTE, verdict="refused"
    )
    told: Story = [(3, "cockpit", down), (5, "ana", IncidentDeclared(title="Down", severity="SEV2"))]
    impact = report(record(told), t0).impact
    assert [(one.probe, one.peak) for one in impact.probes] == [("web", None)]


def test_the_document_passes_its_own_schema_with_formats(events: tuple[Event, ...], t0: int, tmp_path: Path) -> None:
    document, rules = tmp_path / "report.json", tmp_path / "schema.json"
    text = report(events, t0).model_dump_json()
    document.write_text(text)
    rules.write_text(schema())

    def checked() -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(rules), str(document)]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    assert (good := checked()).returncode == 0, good.stdout
    spoilt = json.loads(text)
    spoilt["timeline"][0]["time"] = "21:03 PM"
    document.write_text(json.dumps(spoilt))
    assert checked().returncode == 1


def test_the_document_reads_back_as_itself(events: tuple[Event, ...], t0: int) -> None:
    made = report(events, t0)
    assert Report.model_validate_json(made.model_dump_json()) == made


def test_a_gap_is_within_the_incident_and_what_was_told_late_fills_it(told: Story, record: Recorder, t0: int) -> None:
    def gaps(events: tuple[Event, ...]) -> list[str]:
        return [one.text for one in report(events, t0, 9999).data_quality if one.rule == "gap"]

    story: Story = [one for one in told if one[0] <= 13 or one[0] >= 36]
    (gap,) = gaps(record(story))
    assert gap.startswith("nothing recorded for 23 m")
    late = (24.0, "ana", NoteAdded(text="looked at shards"))
    assert gaps(record([*story, (26.0, "ana", NoteAdded(text="and more"))])) == [gap]
    assert gaps(record([*story[:-1], late, story[-1]])) == []
    assert gaps(record([*told, (900, "ana", NoteAdded(text="the postmortem is on Friday"))])) == []


def test_every_role_somebody_took_is_told(told: Story, record: Recorder, t0: int) -> None:
    more: Story = [(9, "ana", RoleTaken(person="ana", role="communications", previous=""))]
    (ana, _) = report(record([*told, *more]), t0).roster
    assert ana.role == "incident_commander, communications"
