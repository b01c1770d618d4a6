from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.config.broadcasting import Cadence
from cockpit.engine import deciding
from cockpit.engine.circumstances import Circumstances, Refusal
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Draft, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.runs import AttemptIntended, AttemptStarted, OptionChosen, RunStarted
from cockpit.incident.vocabulary import (
    ChangeSeen,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    ProbeState,
    SeverityChanged,
    StatusChanged,
)
from cockpit.incident.watching import Watching
from cockpit.protocol import commands

NOW = 1_760_000_000 * SECOND
HOUR = 3600 * SECOND
RED = ProbeChanged(
    probe="login", service="auth", state="down", previous="up", since=NOW - 300 * SECOND, verdict="errors 79 %"
)


def stream(*bodies: Body, name: str = "INC-1") -> tuple[Event, ...]:
    return tuple(Event(name, seq, NOW - HOUR + seq, NOW, "ada", "h", body) for seq, body in enumerate(bodies, 1))


DECLARED = IncidentDeclared(title="Logins fail", severity="SEV2")
OPEN = fold(stream(DECLARED))
QUIET = State(stream="watch")
CLOSED = fold(stream(DECLARED, IncidentResolved(note="over")))


def around(watching: Watching = OPEN.watching, **probes: ProbeState) -> Circumstances:
    return Circumstances(
        actor="ada", now=NOW, new_id="id", watching=watching, figures={}, cadence=Cadence(), plans={}, probes=probes
    )


@pytest.mark.parametrize(
    "command, made",
    [
        (commands.Note(text=" hm "), [NoteAdded(text="hm")]),
        (commands.TakeRole(), [RoleTaken(person="ada", role="incident_commander")]),
        (commands.TakeRole(role="operations", person=" bo "), [RoleTaken(person="bo", role="operations")]),
        (commands.Need(person="bo", reason="db"), [PersonNeeded(person="bo", reason="db")]),
        (commands.SetStatus(status="identified"), [StatusChanged(status="identified")]),
        (commands.SetSeverity(severity="SEV1", why="all"), [SeverityChanged(severity="SEV1", why="all")]),
        (commands.SetImpact(impact="all", unaffected=("shop",)), [ImpactChanged(impact="all", unaffected=("shop",))]),
        (commands.Resolve(note=" mended "), [IncidentResolved(note="mended")]),
        (
            commands.MarkChange(kind="deploy", what="web 4"),
            [ChangeSeen(change="mark-id", source="mark", what="deploy web 4", who="ada")],
        ),
    ],
)
def test_what_a_command_means_in_an_open_incident(command: commands.AnyCommand, made: Sequence[Body]) -> None:
    bodies, words = deciding.decide(OPEN, command, around())
    assert list(bodies) == list(made)
    assert words


def test_an_update_promises_the_next_and_may_change_the_status() -> None:
    told = commands.Update(know="it is the flag", status="identified")
    bodies, _ = deciding.decide(OPEN, told, around())
    status, update = bodies
    assert status == StatusChanged(status="identified")
    assert isinstance(update, UpdatePosted)
    assert (update.headline, update.automatic) == ("status identified: it is the flag", False)
    assert update.next_due > NOW


@pytest.mark.parametrize(
    "state, command, says",
    [
        (OPEN, commands.Note(text=" "), "needs some words"),
        (OPEN, commands.Update(), "needs some words"),
        (OPEN, commands.Need(person=""), "needs some words"),
        (OPEN, commands.Release(person="bo"), "not on the roster"),
        (OPEN, commands.MarkChange(kind="flag", what=""), "needs some words"),
        (OPEN, commands.StartRun(runbook="none"), "no such runbook"),
        (OPEN, commands.EndRun(run="none"), "no such run"),
        (OPEN, commands.Confirm(run="none", step="s", digest=""), "no such run"),
        (QUIET, commands.SetStatus(status="identified"), "declare one first"),
        (QUIET, commands.Resolve(), "declare one first"),
        (CLOSED, commands.Update(know="x"), "declare one first"),
    ],
)
def test_what_means_nothing_is_refused_in_words(state: State, command: commands.AnyCommand, says: str) -> None:
    with pytest.raises(Refusal, match=says) as refused:
        deciding.decide(state, command, around())
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("state", [QUIET, CLOSED])
def test_a_note_is_always_taken(state: State) -> None:
    assert deciding.decide(state, commands.Note(text="seen"), around())[0] == (NoteAdded(text="seen"),)


def test_somebody_on_the_roster_may_leave() -> None:
    needed = fold(stream(DECLARED, PersonNeeded(person="bo")))
    assert deciding.decide(needed, commands.Release(person="bo"), around())[0] == (PersonReleased(person="bo"),)


def test_resolving_against_what_is_measured_needs_a_reason() -> None:
    red = fold(stream(DECLARED, RED))
    with pytest.raises(Refusal, match="login is DOWN") as refused:
        deciding.decide(red, commands.Resolve(), around(login="down"))
    assert refused.value.code == "unmet"
    (body,), _ = deciding.decide(red, commands.Resolve(override="the probe is wrong"), around(login="down"))
    assert isinstance(body, IncidentResolved)
    assert body.override == "the probe is wrong"
    assert body.unmet


def test_what_an_open_incident_is_worked_on_by_cannot_be_erased() -> None:
    intended = AttemptIntended(run="r", step="s", attempt="a", command="c", digest="d")
    declared, needed, note = stream(DECLARED, intended, NoteAdded(text="x"))
    with pytest.raises(Refusal, match="INC-1 is worked on by what this says"):
        deciding.check_erasable(OPEN, needed)
    for state, event in ((CLOSED, needed), (fold([], State(stream="INC-2")), needed), (OPEN, declared), (OPEN, note)):
        deciding.check_erasable(state, event)


@pytest.mark.parametrize("seen", [RED, msgspec.structs.replace(RED, state="up")])
def test_a_probe_that_is_silent_stands_against_resolving_and_one_that_is_gone_does_not(seen: ProbeChanged) -> None:
    seen_then = fold(stream(DECLARED, seen))
    with pytest.raises(Refusal, match="^not yet: login is UNKNOWN: no fresh data$"):
        deciding.decide(seen_then, commands.Resolve(), around(login="unknown", shop="up"))
    assert deciding.decide(seen_then, commands.Resolve(), around(shop="up"))[0] == (IncidentResolved(),)


def test_a_declaration_tells_what_led_up_to_it_in_order() -> None:
    early, late = (ChangeSeen(change=name, source="ci", what=name) for name in ("early", "late"))
    watch = fold(
        [
            Event("watch", 1, NOW - 2 * HOUR, NOW, "ci", "h", early),
            Event("watch", 2, NOW - HOUR // 2, NOW, "ci", "h", late),
            Event("watch", 3, RED.since, NOW, "cockpit", "h", RED),
        ]
    )
    asked = commands.Declare(title=" Logins fail ", severity="SEV1")
    drafts, words = deciding.declare(watch, asked, around(watch.watching))
    assert [type(draft.body) for draft in drafts] == [ChangeSeen, ProbeChanged, IncidentDeclared]
    declared = drafts[-1].body
    assert isinstance(declared, IncidentDeclared)
    assert (declared.title, declared.began, len(declared.seen)) == ("Logins fail", RED.since, 1)
    assert words == "declared SEV1: Logins fail"
    assert drafts[0] == Draft(body=late, actor="ci", occurred_at=NOW - HOUR // 2)


@pytest.mark.parametrize("state, title", [(OPEN, "another"), (QUIET, " ")])
def test_a_declaration_needs_a_title_and_a_quiet_moment(state: State, title: str) -> None:
    with pytest.raises(Refusal):
        deciding.declare(state, commands.Declare(title=title, severity="SEV3"), around())


STARTED = AttemptStarted(run="r", step="s", attempt="a", pid=1)
AGAIN = OptionChosen(run="r", step="again", option="yes", title="Once more", goto="s")
CONFIRM = commands.Confirm(run="r", step="s", digest="d")


@pytest.mark.parametrize(
    "command, since, missed, fits",
    [
        (CONFIRM, [], 0, True),
        (CONFIRM, [NoteAdded(text="hm"), RED], 0, True),
        (CONFIRM, [NoteAdded(text="hm"), STARTED], 0, False),
        (CONFIRM, [], 1, False),
        (commands.Resolve(), [RED], 0, False),
        (commands.Resolve(), [NoteAdded(text="hm")], 0, True),
        (commands.StartRun(runbook="b"), [STARTED], 0, True),
        (commands.FinishStep(run="r", step="s"), [NoteAdded(text="hm"), RED], 0, True),
        (commands.FinishStep(run="r", step="s"), [AGAIN], 0, False),
        (commands.Choose(run="r", step="s", option="a"), [AGAIN], 0, False),
        (commands.Skip(run="r", step="s", reason="no"), [STARTED], 0, False),
        (commands.Object(run="r", step="s", reason="no"), [STARTED, AGAIN], 5, True),
        (commands.Note(text="hm"), [STARTED, IncidentResolved()], 5, True),
    ],
)
def test_only_what_matters_makes_a_command_stale(
    command: commands.AnyCommand, since: Sequence[Body], missed: int, fits: bool
) -> None:
    assert (deciding.stale(command, stream(*since), missed) == "") == fits


@pytest.mark.parametrize(
    "command, at",
    [
        (commands.Note(text="x"), 0),
        (commands.Note(text="x", occurred_at=NOW - HOUR), NOW - HOUR),
        (commands.MarkChange(kind="flag", what="x", occurred_at=NOW), NOW),
        (commands.Resolve(), 0),
    ],
)
def test_a_person_may_say_when_it_happened(command: commands.AnyCommand, at: int) -> None:
    assert deciding.happened(command, NOW) == at


@pytest.mark.parametrize("at", [-1, NOW + HOUR, 1 << 62])
def test_what_has_not_happened_yet_is_refused(at: int) -> None:
    with pytest.raises(Refusal, match="cannot have happened then"):
        deciding.happened(commands.Note(text="x", occurred_at=at), NOW)


def test_nothing_is_done_with_a_run_that_cannot_be_read() -> None:
    started = RunStarted(run="r", runbook="b", title="Mend it", digest="d", source="?", path="p", steps=())
    with pytest.raises(Refusal, match="cannot read the runbook of Mend it"):
        deciding.decide(fold(stream(DECLARED, started)), commands.EndRun(run="r"), around())
