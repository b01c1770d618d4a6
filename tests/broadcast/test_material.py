"""Which events are told by themselves, and when the next word is due."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.broadcast.due import next_due, silence, standing_due
from cockpit.broadcast.material import automatic
from cockpit.clock import SECOND
from cockpit.config.broadcasting import Cadence
from cockpit.incident.attendance import PersonNeeded, PersonReleased
from cockpit.incident.broadcasts import CadenceSet, UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptStarted,
    AttemptUnknown,
    RunStarted,
    StepOutline,
    Verdict,
    VerifyFinished,
    WaitFinished,
)
from cockpit.incident.vocabulary import (
    Figures,
    FreezeBreached,
    FreezeLifted,
    FreezeSet,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    Severity,
    SeverityChanged,
    StatusChanged,
)

Events = Callable[..., tuple[Event, ...]]
At = Callable[[float], int]
Story = tuple[tuple[float, Body], ...]
CADENCE = Cadence()
BAD, WORSE, GOOD = Figures(error_rate=0.796), Figures(error_rate=0.9), Figures(error_rate=0.0)


def verified(verdict: Verdict, after: Figures) -> VerifyFinished:
    return VerifyFinished(
        run="r1", step="restore.revert", probe="p", verdict=verdict, before=BAD, after=after, words=""
    )


@pytest.mark.parametrize(
    ("body", "reason", "headline"),
    [
        (IncidentDeclared(title="Again", severity="SEV2"), "opened", "SEV2 declared: Again"),
        (SeverityChanged(severity="SEV2", why="fewer hit"), "severity", "severity SEV1 -> SEV2, fewer hit"),
        (StatusChanged(status="identified"), "status", "status identified"),
        (CadenceSet(seconds=3600, why="we only watch"), "cadence",
         "updates come every 1 h 00 m from now on, we only watch"),
        (FreezeSet(scope=("ci", "flags"), reason="until it is over"), "freeze",
         "FREEZE: nobody changes ci, flags, until it is over"),
        (FreezeLifted(reason="over"), "freeze", "the freeze is over, over"),
        (FreezeBreached(change="c", what="deploy web 2.1"), "freeze", "changed within the freeze: deploy web 2.1"),
        (PersonNeeded(person="bo", reason="network"), "needed", "bo is needed for network"),
        (PersonReleased(person="ops-2"), "released", "ops-2 is no longer needed"),
        (verified("no_effect", BAD), "step", "Revert config 4711: NO EFFECT, err 79.6 -> 79.6 %"),
        (verified("worse", WORSE), "step", "Revert config 4711: it got WORSE, err 79.6 -> 90.0 %"),
        (verified("pass", GOOD), "verified", "Revert config 4711: it helped, err 79.6 -> 0.0 %"),
        (
            AttemptFinished(run="r1", step="restore.revert", attempt="a1", ok=False),
            "step", "Revert config 4711: FAILED",
        ),
        (
            AttemptUnknown(run="r1", step="restore.revert", attempt="a1", why="no record"),
            "step", "Revert config 4711: UNKNOWN whether it took effect, no record",
        ),
        (WaitFinished(run="r1", step="restore.revert"), "step", "Revert config 4711: done"),
        (
            WaitFinished(run="r1", step="restore.revert", watched=("login",)),
            "verified", "Revert config 4711: done",
        ),
        (IncidentResolved(note="flag off"), "resolved", "resolved after 10 m 00 s, flag off"),
    ],
)  # fmt: skip
def test_news(story: Story, state: State, events: Events, body: Body, reason: str, headline: str) -> None:
    batch = events(*story, (10, body))[-1:]
    news = automatic(state, fold(batch, state), batch)
    assert news is not None
    assert (news.reason, news.headline) == (reason, headline)


@pytest.mark.parametrize(
    "body",
    [
        NoteAdded(text="hm"),
        StatusChanged(status="investigating"),
        SeverityChanged(severity="SEV1"),
        AttemptFinished(run="r1", step="restore.revert", attempt="a1", ok=True),
        verified("better", GOOD),
        ProbeChanged(probe="p", service="s", state="down", previous="up", since=1, verdict=""),
    ],
)
def test_no_news(story: Story, state: State, events: Events, body: Body) -> None:
    batch = events(*story, (10, body))[-1:]
    assert automatic(state, fold(batch, state), batch) is None


def test_a_worse_severity_is_louder_than_a_lesser_one(story: Story, state: State, events: Events) -> None:
    lesser = events(*story, (9, SeverityChanged(severity="SEV3")), (10, SeverityChanged(severity="SEV2")))
    up = automatic(fold(lesser[:-1]), fold(lesser), lesser[-1:])
    down = automatic(state, fold(lesser[:-1]), lesser[-2:-1])
    assert up is not None and (up.reason, up.headline) == ("severity_up", "severity SEV3 -> SEV2")
    assert down is not None and down.reason == "severity"


def test_a_batch_is_one_update_with_the_most_urgent_first(story: Story, state: State, events: Events) -> None:
    batch = events(*story, (9, StatusChanged(status="mitigating")), (9, verified("no_effect", BAD)),
                   (9, PersonNeeded(person="bo")))[-3:]  # fmt: skip
    news = automatic(state, fold(batch, state), batch)
    assert news is not None
    assert news.reason == "needed"
    assert news.headline == "bo is needed; Revert config 4711: NO EFFECT, err 79.6 -> 79.6 %; status mitigating"
    assert news.know.startswith("79.6 % of login-synthetic fail since 10:00 UTC (data 8 m 00 s old")


def test_a_person_who_tells_it_is_not_echoed(story: Story, state: State, events: Events) -> None:
    said = UpdatePosted(update="u", reason="update", headline="h")
    batch = events(*story, (9, StatusChanged(status="mitigating")), (9, said))[-2:]
    assert automatic(state, fold(batch, state), batch) is None


def test_nothing_is_told_while_no_incident_is_open(events: Events) -> None:
    batch = events((0, PersonNeeded(person="bo")))
    assert automatic(State(), fold(batch), batch) is None
    assert automatic(State(), State(), ()) is None


@pytest.mark.parametrize(("severity", "minutes"), [("SEV1", 20), ("SEV2", 30), ("SEV3", 60), ("SEV4", 60)])
def test_the_next_word_is_due_by_severity(events: Events, at: At, severity: Severity, minutes: int) -> None:
    declared = IncidentDeclared(title="t", severity=severity)
    said = UpdatePosted(update="u", reason="update", headline="h", next_due=at(1 + minutes))
    assert silence(severity, CADENCE) == minutes * 60
    assert next_due(fold(events((0, declared))), at(0), CADENCE) == at(5)
    assert next_due(fold(events((0, declared))), at(6), CADENCE) == at(6 + minutes)
    assert next_due(fold(events((0, declared), (1, said))), at(2), CADENCE) == at(2 + minutes)


def test_an_automatic_word_keeps_the_promise_and_renews_a_broken_one(events: Events, at: At) -> None:
    declared = IncidentDeclared(title="t", severity="SEV3")
    told = events((0, declared), (0, UpdatePosted(update="u", reason="opened", headline="h", next_due=at(5))))
    assert standing_due(fold(told), at(2), CADENCE) == at(5)
    assert standing_due(fold(told), at(7), CADENCE) == at(67)
    worse = events((0, declared), (1, UpdatePosted(update="u", reason="", headline="", next_due=at(61))),
                   (2, SeverityChanged(severity="SEV1")))  # fmt: skip
    assert standing_due(fold(worse), at(2), CADENCE) == at(22)


def test_nothing_is_due_when_no_incident_is_open(events: Events, at: At) -> None:
    closed = fold(events((0, IncidentDeclared(title="t", severity="SEV1")), (9, IncidentResolved())))
    for nothing in (State(), closed):
        assert next_due(nothing, at(9), CADENCE) == standing_due(nothing, at(9) + SECOND, CADENCE) == 0


def told_by_attempts(events: Events, outline: StepOutline, times: int) -> list[str]:
    """What is told by itself as so many attempts of a step end well, one after the other."""
    story: list[tuple[float, Body]] = [
        (1, IncidentDeclared(title="Orders wait", severity="SEV2")),
        (2, RunStarted(run="r", runbook="b", title="Drain", digest="", source="", path="", steps=(outline,))),
    ]
    headlines = []
    for number in range(times):
        attempt = f"a{number}"
        story += [
            (3, AttemptIntended(run="r", step=outline.id, attempt=attempt, command="x", digest="")),
            (3, AttemptStarted(run="r", step=outline.id, attempt=attempt, pid=9)),
        ]
        before = fold(events(*story))
        story.append((4, AttemptFinished(run="r", step=outline.id, attempt=attempt, ok=True)))
        last = events(*story)
        posted = automatic(before, fold(last), last[-1:])
        headlines += [posted.headline] if posted is not None else []
    return headlines


def test_what_a_runbook_tells_everybody_is_told_once_and_not_of_a_look(events: Events) -> None:
    batches = StepOutline("drain", "Work it off", "repeat", "write", broadcast="Working it off")
    assert told_by_attempts(events, batches, 3) == ["Working it off"]
    look = StepOutline("go.list", "Find the releases", "command", "read", ladder="go", broadcast="Going back")
    rung = StepOutline("go.1", "The first", "command", "write", ladder="go", rung=1, broadcast="Going back")
    assert told_by_attempts(events, look, 1) == [] and told_by_attempts(events, rung, 1) == ["Going back"]
