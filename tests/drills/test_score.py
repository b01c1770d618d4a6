from __future__ import annotations

from collections.abc import Sequence

from cockpit.clock import SECOND
from cockpit.drills.hidden import Hidden
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.score import Score, score
from cockpit.drills.scoretext import render
from cockpit.drills.state import SideEffect
from cockpit.incident.attendance import PersonReleased, PresenceDeclared, RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import fold
from cockpit.incident.runs import AttemptFinished, AttemptIntended, RunStarted, StepOutline, VerifyFinished
from cockpit.incident.vocabulary import (
    Figures,
    FreezeBreached,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    ProbeChanged,
    ProbeState,
)
from cockpit.review.build import build

T0 = 1_800_000_000 * SECOND
MINUTE = 60 * SECOND
Told = list[tuple[float, Body]]


def events(told: Told) -> tuple[Event, ...]:
    return tuple(
        Event("INC-1", seq, T0 + int(minute * MINUTE), T0 + int(minute * MINUTE), "ana", "host", body)
        for seq, (minute, body) in enumerate(told, 1)
    )


def turned(state: ProbeState, minute: float, rate: float) -> tuple[float, Body]:
    body = ProbeChanged(
        probe="login-synthetic", service="auth", state=state, previous="unknown", since=T0 + int(minute * MINUTE),
        verdict="", figures=Figures(error_rate=rate),
    )  # fmt: skip
    return minute, body


def declared(minute: float, impact: str = "") -> tuple[float, Body]:
    return minute, IncidentDeclared(title="Logins fail", severity="SEV1", impact=impact)


def verified(minute: float, verdict: str = "pass") -> tuple[float, Body]:
    body = VerifyFinished(
        run="r1", step="s", probe="login-synthetic", verdict="pass" if verdict == "pass" else "no_effect",
        before=Figures(), after=Figures(), words="",
    )  # fmt: skip
    return minute, body


def update(minute: float, next_due: float = 0) -> tuple[float, Body]:
    due = T0 + int(next_due * MINUTE) if next_due else 0
    return minute, UpdatePosted(update=f"u{minute}", reason="update", headline="x", next_due=due)


def attempt(minute: float) -> Told:
    outline = StepOutline(id="s", title="s", kind="command", effect="write", undo="u")
    return [
        (minute, RunStarted(run="r1", runbook="b", title="t", digest="d", source="", path="", steps=(outline,))),
        (minute, AttemptIntended(run="r1", step="s", attempt="a", command="configctl revert 4711", digest="d")),
        (minute + 1, AttemptFinished(run="r1", step="s", attempt="a", ok=True, exit_code=0)),
    ]


def scored(told: Told, scenario: Scenario, minute: float, harm: Sequence[SideEffect] = (), over: bool = True) -> Score:
    now = T0 + int(minute * MINUTE)
    happened = events(told)
    hidden = Hidden(minute, {}, harm=not over, side_effects=tuple(harm), over=over)
    return score(happened, build(happened, fold(happened), now), scenario, T0, now, hidden)


def test_a_good_response_passes_every_axis(scenario: Scenario) -> None:
    told: Told = [turned("down", 3, 0.8), declared(6), update(7, 27), *attempt(8), turned("up", 20, 0), verified(21)]
    told += [(22, ImpactChanged(impact="4 of 5", unaffected=("checkout",))), update(23), (37, IncidentResolved())]
    found = scored(told, scenario, 40)
    minutes = {one.axis: one.minute for one in found.passed}
    assert minutes == {
        "impact_start": 3, "detected": 3, "declared": 6, "first_update": 7, "mitigated": 20, "verified": 21,
        "resolved": 37,
    }  # fmt: skip
    assert found.scope_minute == 22
    assert abs(found.impact_minutes - 17 * 0.8) < 1e-6
    assert (found.overdue, found.false_resolved, found.unverified, found.side_effects) == ((), (), (), ())


def test_axes_that_were_never_passed_say_never(scenario: Scenario) -> None:
    told: Told = [turned("down", 3, 0.8), declared(6), *attempt(8), verified(11, "no_effect")]
    found = scored(told, scenario, 40)
    minutes = {one.axis: one.minute for one in found.passed}
    assert minutes["mitigated"] is None and minutes["verified"] is None and minutes["resolved"] is None
    assert render(found).count("never") >= 3
    assert abs(found.impact_minutes - 37 * 0.8) < 1e-6


def test_silence_is_listed_with_the_minute_due(scenario: Scenario) -> None:
    told: Told = [turned("down", 3, 0.8), declared(6), update(15, 30), update(52)]
    found = scored(told, scenario, 60)
    assert [(round(one.due, 3), round(one.came or 0, 3)) for one in found.overdue] == [(11, 15), (30, 52)]
    assert "due at T30.0, came at T52.0" in render(found)
    never = scored(told[:2], scenario, 60)
    assert "due at T11.0, never came" in render(never)


def test_a_false_resolved_says_why(scenario: Scenario) -> None:
    early: Told = [turned("down", 3, 0.8), declared(6), turned("up", 12, 0), (14, IncidentResolved())]
    reasons = scored(early, scenario, 20).false_resolved
    assert reasons == (
        "nothing had verified the recovery",
        "only 2 minutes after the recovery, where 15 were to be watched",
    )
    red: Told = [turned("down", 3, 0.8), declared(6), (9, IncidentResolved(unmet=("auth is DOWN",), override="x"))]
    reasons = scored(red, scenario, 20).false_resolved
    assert "login-synthetic was still red" in reasons and "closed although auth is DOWN" in reasons


def test_a_step_nobody_verified_is_listed(scenario: Scenario) -> None:
    told: Told = [turned("down", 3, 0.8), declared(6), *attempt(8)]
    assert scored(told, scenario, 9).unverified == ("s (configctl revert 4711)",)


def test_side_effects_stand_apart_from_fewer_impact_minutes(scenario: Scenario) -> None:
    good: Told = [turned("down", 3, 0.8), declared(6), turned("up", 20, 0)]
    shortcut: Told = [turned("down", 3, 0.8), declared(6), turned("up", 12, 0)]
    harm = SideEffect(11.5, "an unlaunched feature shown to everyone", "svcctl setenv")
    clean = scored(good, scenario, 40)
    found = scored(shortcut, scenario, 40, [harm])
    assert found.impact_minutes < clean.impact_minutes
    assert "an unlaunched feature shown to everyone" in render(found)
    assert "side effects        none" in render(clean)


def test_the_original_stands_beside_each_axis_and_says_where_it_is_from(scenario: Scenario) -> None:
    text = render(scored([declared(6)], scenario, 40))
    (line,) = [line for line in text.splitlines() if line.strip().startswith("mitigated")]
    assert "T52 (o)" in line and "(i)" in line
    columns = {
        len(line) for line in text.splitlines() if line.startswith(("  impact started", "  resolved", "  minutes"))
    }
    assert len(columns) == 1


def test_nothing_declared_scores_nothing(scenario: Scenario) -> None:
    found = scored([], scenario, 0)
    assert all(one.minute is None for one in found.passed) and found.impact_minutes == 0


def test_what_was_called_over_and_was_not_so_in_the_world_is_false(scenario: Scenario) -> None:
    told: Told = [turned("down", 3, 0.8), declared(6), turned("up", 20, 0), verified(36), (40, IncidentResolved())]
    assert scored(told, scenario, 50).false_resolved == ()
    assert scored(told, scenario, 50, over=False).false_resolved == ("the world was not well at the end",)


def test_who_waits_and_what_breaks_the_freeze_is_on_the_list(scenario: Scenario) -> None:
    told: Told = [
        declared(6), (7, PresenceDeclared(person="ben", presence="here")),
        (9, FreezeBreached(change="c", what="recolour two buttons", who="dev-7")), (27, PersonReleased(person="ben")),
    ]  # fmt: skip
    text = render(scored(told, scenario, 40))
    assert "ben: 20 min from T7.0" in text and "T9.0  recolour two buttons" in text


def test_taking_the_lead_is_an_axis_of_its_own(scenario: Scenario) -> None:
    led: Told = [declared(6), (8, RoleTaken(person="ana", role="incident_commander"))]
    assert scored(led, scenario, 40).lead_minute == 8
    assert scored(led[:1], scenario, 40).lead_minute is None
