from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.drills.debrief import Debrief, axis, debrief
from cockpit.drills.debrieftext import WIDTH, render
from cockpit.drills.hidden import Hidden
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.modifiers import modified
from cockpit.drills.score import score
from cockpit.drills.state import Deed, SideEffect
from cockpit.incident.attendance import PersonReleased, PresenceDeclared, RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import fold
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    OptionChosen,
    RepeatEnded,
    RunStarted,
    StepOutline,
    Verdict,
    VerifyFinished,
    VerifyStarted,
)
from cockpit.incident.vocabulary import (
    ChangeSeen,
    Figures,
    FreezeSet,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
)
from cockpit.review.build import build

T0 = 1_800_000_000 * SECOND
MINUTE = 60 * SECOND
Told = list[tuple[float, Body]]
DECLARED: Told = [
    (6, IncidentDeclared(title="Logins fail", severity="SEV1", impact="4 of 5")),
    (6, RoleTaken(person="ana", role="incident_commander")),
    (7, ImpactChanged(impact="4 of 5", unaffected=("checkout",))),
    (7, UpdatePosted(update="u", reason="update", headline="x", next_due=T0 + 300 * MINUTE)),
    (8, RunStarted(
        run="r", runbook="b", title="t", digest="d", source="", path="p", steps=(
            StepOutline(id="one", title="One", kind="command", effect="write", undo="u"),
            StepOutline(id="two", title="Two", kind="command", effect="write", undo="u"),
            StepOutline(id="look", title="Look", kind="command"),
        ),
    )),
]  # fmt: skip
"""A beginning that nobody would find fault with."""


def act(minute: float, step: str, attempt: str, ok: bool = True) -> Told:
    return [
        (minute, AttemptIntended(run="r", step=step, attempt=attempt, command=f"do {step}", digest="d")),
        (minute + 1, AttemptFinished(run="r", step=step, attempt=attempt, ok=ok, exit_code=0 if ok else 1)),
    ]


def looked(minute: float, step: str, verdict: Verdict) -> Told:
    return [
        (minute, VerifyStarted(run="r", step=step, probe="p", before=Figures(), until=0)),
        (minute + 2, VerifyFinished(
            run="r", step=step, probe="p", verdict=verdict, before=Figures(), after=Figures(), words="",
        )),
    ]  # fmt: skip


def document(
    told: Told, scenario: Scenario, minute: float = 30, deeds: Sequence[Deed] = (), harm: Sequence[SideEffect] = ()
) -> Debrief:
    now = T0 + int(minute * MINUTE)
    events = tuple(
        Event("INC-1", seq, T0 + int(at * MINUTE), T0 + int(at * MINUTE), "ana", "host", body)
        for seq, (at, body) in enumerate(sorted(told, key=lambda each: each[0]), 1)
    )
    report = build(events, fold(events), now)
    hidden = Hidden(minute, {}, harm=False, deeds=tuple(deeds), side_effects=tuple(harm), over=True)
    return debrief(events, report, score(events, report, scenario, T0, now, hidden), scenario, T0, hidden)


def habits(told: Told, scenario: Scenario, minute: float = 20, deeds: Sequence[Deed] = ()) -> set[str]:
    return {one.name for one in document([*DECLARED, *told], scenario, minute, deeds).findings}


def test_a_beginning_nobody_finds_fault_with_shows_no_habit(scenario: Scenario) -> None:
    assert habits([*act(9, "one", "a"), *looked(10, "one", "pass")], scenario) == set()


@pytest.mark.parametrize(
    ("name", "told", "minute"),
    [
        ("An exit code is taken for an effect", act(9, "one", "a"), 20),
        (
            "An exit code is taken for an effect",
            [*act(9, "one", "a"), *looked(10, "one", "no_effect"), (14, IncidentResolved())], 20,
        ),
        ("Several changes at once", [*act(9, "one", "a"), *looked(10, "one", "pass"), *act(11, "two", "b")], 20),
        ("The same once more", [*act(9, "one", "a"), *looked(10, "one", "no_effect"), *act(13, "one", "b")], 20),
        ("Others go on changing things", [(9, ChangeSeen(change="c", source="feed", what="recolour buttons"))], 20),
        ("A hole in the record", [(9, NoteAdded(text="looking")), (29, NoteAdded(text="still looking"))], 30),
        ("The timebox is forgotten", [
            (19, OptionChosen(run="r", step="one", option="x", title="X", seconds=660, late=True)),
        ], 20),
        ("An audience on the call", [
            (9, PresenceDeclared(person="ben", presence="here")), (19, PersonReleased(person="ben")),
        ], 20),
        ("Silence towards everybody else", [], 400),
        ("Nobody relieves the lead", [], 247),
        ("Called over too early", [(10, IncidentResolved())], 12),
    ],
)  # fmt: skip
def test_each_habit_is_found_with_what_shows_it(name: str, told: Told, minute: float, scenario: Scenario) -> None:
    found = {one.name: one for one in document([*DECLARED, *told], scenario, minute).findings}
    assert name in found and found[name].evidence and found[name].instead
    assert all(one.minute >= 0 and one.text for one in found[name].evidence)


def test_each_habit_has_its_opposite_that_is_not_found(scenario: Scenario) -> None:
    told = [*act(9, "one", "a"), *looked(10, "one", "no_effect"), *act(13, "two", "b"), *looked(14, "two", "pass")]
    assert habits(told, scenario) == set()
    frozen: Told = [
        (8.5, FreezeSet(scope=("ci",), reason="")), (9, ChangeSeen(change="c", source="feed", what="recolour")),
    ]  # fmt: skip
    assert "Others go on changing things" not in habits(frozen, scenario)


def test_who_is_relieved_in_time_led_for_as_long_as_was_agreed(scenario: Scenario) -> None:
    """Four hours where a scenario says nothing else."""
    relieved: Told = [
        (100, RoleTaken(person="ana", role="incident_commander")),
        (245, RoleTaken(person="ben", role="incident_commander", previous="ana")),
        (300, PersonReleased(person="ben")),
    ]
    assert "Nobody relieves the lead" not in habits(relieved, scenario, 600)
    short = scenario.model_copy(update={"relief": 3600.0})
    (found,) = [
        one for one in document([*DECLARED, *relieved], short, 320).findings if one.name.startswith("Nobody rel")
    ]
    assert [(each.minute, each.text) for each in found.evidence] == [
        (66, "ana led from T6.0 for 239 minutes, where 60 were agreed")
    ]


def test_who_declares_and_leads_late_or_never_is_told(scenario: Scenario) -> None:
    late: Told = [DECLARED[0], (13, RoleTaken(person="ana", role="incident_commander"))]
    (found,) = [one for one in document(late, scenario).findings if one.name == "Nobody leads"]
    assert found.evidence[0].text == "declared, and led from T13.0"
    (found,) = [one for one in document(DECLARED[:1], scenario).findings if one.name == "Nobody leads"]
    assert found.evidence[0].text == "declared, and nobody took the lead"


def test_what_was_not_due_when_the_drill_was_left_is_no_habit(scenario: Scenario) -> None:
    declared: Told = [(6, IncidentDeclared(title="Logins", severity="SEV1", began=T0 + 3 * MINUTE))]
    assert {one.name for one in document(declared, scenario, 6.5).findings} == set()
    late = {one.name for one in document(declared, scenario, 30).findings}
    assert {"Nobody leads", "Nobody says what still works"} <= late


def test_what_was_typed_by_hand_is_a_move_and_a_habit(scenario: Scenario) -> None:
    told = [*DECLARED, *act(9, "one", "a"), *looked(10, "one", "pass")]
    deeds = [Deed(600, ("do", "one"), 0), Deed(660, ("svcctl", "setenv"), 0)]
    found = document(told, scenario, 20, deeds)
    (habit,) = [one for one in found.findings if one.name == "Round the cockpit"]
    assert [one.text.split(",")[0] for one in habit.evidence] == ["svcctl setenv"]
    assert [(move.minute, move.text) for move in found.yours if "by hand" in move.text] == [
        (11, "by hand  svcctl setenv")
    ]


def test_what_a_run_looked_at_by_itself_was_not_typed_by_hand(scenario: Scenario) -> None:
    looks = AttemptIntended(
        run="r", step="one", attempt="a-1", command="show one", digest="d", purpose="before", under="a"
    )
    told: Told = [*DECLARED, *act(9, "one", "a"), (9.2, looks), *looked(10, "one", "pass")]
    found = document(told, scenario, 20, [Deed(560, ("show", "one"), 0), Deed(600, ("do", "one"), 0)])
    assert "Round the cockpit" not in {one.name for one in found.findings}


def series(reached: bool) -> Told:
    """Three batches, confirmed once."""
    told = act(9, "one", "a")
    for minute, attempt in ((11, "a-1"), (13, "a-2")):
        told += act(minute, "one", attempt)
        told[-2] = minute, msgspec.structs.replace(told[-2][1], under="a")
    return [*told, (15, RepeatEnded(run="r", step="one", reached=reached, batches=3, words=""))]


def test_batches_whose_end_a_probe_has_measured_are_no_habit_and_verified(scenario: Scenario) -> None:
    found = document([*DECLARED, *series(reached=True)], scenario, 20)
    assert found.findings == () and found.score.unverified == ()
    once: Told = [*act(9, "one", "a"), (15, RepeatEnded(run="r", step="one", reached=True, batches=1, words=""))]
    assert "An exit code is taken for an effect" not in habits([*once, (16, IncidentResolved())], scenario)


def test_batches_that_reached_nothing_are_one_try_that_nothing_verified(scenario: Scenario) -> None:
    found = document([*DECLARED, *series(reached=False)], scenario, 20)
    assert "The same once more" not in {one.name for one in found.findings}
    assert found.score.unverified == ("one (do one)",)


def test_what_made_it_harder_is_told(scenario: Scenario) -> None:
    harder = modified(scenario, ("slack-down",))
    found = document(DECLARED, harder)
    assert found.modifiers == ("slack-down",)
    assert "slack-down: the first channel refuses every post" in render(found)


def test_both_teams_stand_on_one_axis_in_order_and_nothing_is_lost(scenario: Scenario) -> None:
    found = document([*DECLARED, *act(9, "one", "a")], scenario)
    lines = axis(found)
    for before, line in pairwise(lines):
        # Only moves that share a line may be half a minute out of order.
        assert line.minute >= before.minute - 0.5
    assert [line.yours for line in lines if line.yours] == [move.text for move in found.yours]
    assert [line.theirs for line in lines if line.theirs] == [beat.text for beat in scenario.story]


def test_it_is_no_wider_than_a_small_screen_and_never_a_grade(scenario: Scenario) -> None:
    text = render(document([*DECLARED, *act(9, "one", "a")], scenario))
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    assert "Side by side" in text and "Habits to lose" in text and "On one scale" in text
    assert not any(word in text.lower() for word in ("grade", "points", "total", "average"))


def test_a_world_that_was_harmed_says_what_did_it(scenario: Scenario) -> None:
    harm = [SideEffect(11.5, "an unlaunched feature shown to everyone", "svcctl setenv")]
    (habit,) = [one for one in document(DECLARED, scenario, harm=harm).findings if one.name == "Harm beside the mend"]
    assert "svcctl setenv" in habit.evidence[0].text
