from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cockpit.broadcast.message import Card, Direct, Post, Switch
from cockpit.broadcast.sender import Kind, unpack
from cockpit.clock import SECOND
from cockpit.config.broadcasting import Cadence
from cockpit.config.load import parse
from cockpit.config.templates import CardTemplate, Templates
from cockpit.engine.following import Publishing, Surroundings, follow, restated
from cockpit.incident.attendance import PersonNeeded, RoleTaken, TimerSet
from cockpit.incident.broadcasts import (
    BroadcastHeld,
    BroadcastReleased,
    DestinationTurned,
    UpdatePosted,
    UpdateUndelivered,
)
from cockpit.incident.event import Body, Draft, Event, kind_of
from cockpit.incident.fold import State, fold
from cockpit.incident.runs import AttemptFinished, AttemptIntended, AttemptUnknown, RunStarted, StepAnnounced, StepDone
from cockpit.incident.vocabulary import (
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    SeverityChanged,
    StatusChanged,
)
from cockpit.runbooks.model.commands import Command
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.plan import plan
from cockpit.runbooks.values import Known, fill
from cockpit.text import Redactor

NOW = 1_760_000_000 * SECOND
RUNBOOK = """\
version: 1
id: mend
title: Mend it
steps:
  - id: one
    title: Turn it off
    effect: write
    command: {argv: ["true"]}
    verify: {probe: web, within: 60s, hold: 5s}
    irreversible: it is off
  - id: two
    title: Say so
    manual: say so
"""
PLAN = plan(parse(RUNBOOK, "mend.yaml", Runbook))
DECLARED = IncidentDeclared(title="It is red", severity="SEV2")
STARTED = RunStarted(
    run="r", runbook="mend", title="Mend it", digest="d", source=RUNBOOK, path="p", steps=PLAN.outlines
)
DIGEST = fill(Command(argv=("true",)), Known({}, {})).digest
INTENDED = AttemptIntended(run="r", step="one", attempt="a", command="true", digest="c")
ENDED = AttemptFinished(run="r", step="one", attempt="a", ok=True, exit_code=0)
FAILED = AttemptFinished(run="r", step="one", attempt="a", ok=False, exit_code=1)
UNKNOWN = AttemptUnknown(run="r", step="one", attempt="a", why="its supervisor died")
TOLD = UpdatePosted(update="u", reason="update", headline="the token is hunter2", next_due=NOW + 1)


def state_after(*bodies: Body, stream: str = "INC-1") -> State:
    return fold(Event(stream, seq, NOW, NOW, "ada", "h", body) for seq, body in enumerate(bodies, 1))


def around(*destinations: str) -> Surroundings:
    return Surroundings(
        moment=Moment(NOW), new_id="new", plans={"r": PLAN}, cadence=Cadence(),
        publishing=Publishing(dict.fromkeys(destinations, frozenset({"card", "thread"})), destinations, 300.0),
        redact=Redactor(["hunter2"]),
    )  # fmt: skip


def drafts(*bodies: Body) -> list[Draft]:
    return [Draft(body=body, actor="ada") for body in bodies]


@pytest.mark.parametrize(
    "before, happened, follows",
    [
        ([], DECLARED, ["update.posted"]),
        ([DECLARED], NoteAdded(text="hm"), []),
        ([DECLARED], RoleTaken(person="bo", role="operations"), []),
        ([DECLARED], PersonNeeded(person="bo"), ["update.posted"]),
        ([DECLARED], StatusChanged(status="identified"), ["update.posted"]),
        ([DECLARED], StatusChanged(status="investigating"), []),
        ([DECLARED], SeverityChanged(severity="SEV1"), ["update.posted"]),
        ([DECLARED], TOLD, []),
        ([DECLARED], IncidentResolved(), ["update.posted"]),
        ([DECLARED], STARTED, []),
        ([DECLARED, STARTED, INTENDED], ENDED, ["verify.started"]),
        ([DECLARED, STARTED, INTENDED], FAILED, ["update.posted"]),
        ([DECLARED, STARTED, INTENDED], UNKNOWN, ["update.posted"]),
        ([DECLARED, STARTED, StepDone(run="r", step="one")], NoteAdded(text="hm"), ["verify.started"]),
    ],
)
def test_what_follows_by_itself(before: Sequence[Body], happened: Body, follows: Sequence[str]) -> None:
    state = state_after(*before) if before else State(stream="INC-1")
    whole, letters = follow(state, drafts(happened), around())
    assert whole[0] == Draft(body=happened, actor="ada")
    assert [kind_of(draft.body) for draft in whole[1:]] == list(follows)
    assert {draft.actor for draft in whole[1:]} <= {"cockpit"}
    assert letters == ()


def test_what_was_announced_or_tried_again_starts_nothing_once_the_incident_is_over() -> None:
    announced = StepAnnounced(run="r", step="one", attempt="a", command="true", digest=DIGEST, until=NOW)
    held = replace(around(), moment=Moment(NOW, held=("a",)))
    on, _ = follow(state_after(DECLARED, STARTED, announced), drafts(NoteAdded(text="hm")), held)
    assert [kind_of(draft.body) for draft in on[1:]] == ["attempt.intended"]
    over = drafts(IncidentResolved(override="it is late"))
    for before, happened in (((), over), (tuple(draft.body for draft in over), drafts(NoteAdded(text="hm")))):
        whole, _ = follow(state_after(DECLARED, STARTED, announced, *before), happened, held)
        assert not [draft for draft in whole if isinstance(draft.body, AttemptIntended)]


def test_what_happened_is_recorded_though_a_rule_fails_over_it(caplog: pytest.LogCaptureFixture) -> None:
    broken = replace(around(), plans={"r": replace(PLAN, steps={})})
    whole, _ = follow(state_after(DECLARED, STARTED, INTENDED), drafts(ENDED), broken)
    assert [draft.body for draft in whole] == [ENDED]
    assert "cannot be told" in caplog.text


def test_nothing_follows_while_nothing_is_declared() -> None:
    red = ProbeChanged(probe="web", service="web", state="down", previous="up", since=NOW, verdict="refused")
    watch = State(stream="watch")
    assert follow(watch, drafts(red), around("chat")) == (tuple(drafts(red)), ())
    assert follow(state_after(DECLARED), [], around("chat")) == ((), ())


def test_what_is_told_is_told_everywhere_without_secrets() -> None:
    _, letters = follow(state_after(DECLARED), drafts(TOLD), around("chat", "mail"))
    assert [(letter.destination, letter.kind, letter.update) for letter in letters] == [
        ("chat", "card", "u"), ("chat", "thread", "u"), ("mail", "card", "u"), ("mail", "thread", "u"),
    ]  # fmt: skip
    assert len({letter.key for letter in letters}) == 4
    for letter in letters:
        outgoing = unpack(letter.payload)
        assert outgoing.key == letter.key
        assert "hunter2" not in outgoing.text
    assert "the token is" in unpack(letters[1].payload).text


def test_what_is_told_is_in_the_teams_own_words_and_those_keep_no_secret_either() -> None:
    words = Templates(card=(CardTemplate(lines=("Ask hunter2.",)),))
    publishing = Publishing({"chat": frozenset({"card"})}, ("chat",), 300.0, templates=words)
    _, (letter,) = follow(state_after(DECLARED), drafts(TOLD), replace(around(), publishing=publishing))
    assert "Ask [redacted]." in unpack(letter.payload).text.splitlines()


def test_an_automatic_word_keeps_the_promise_a_person_made() -> None:
    first, _ = follow(State(stream="INC-1"), drafts(DECLARED), around())
    promised = first[-1].body
    assert isinstance(promised, UpdatePosted) and promised.next_due == NOW + int(Cadence().first * SECOND)
    soon = TOLD.next_due
    later, _ = follow(state_after(DECLARED, TOLD), drafts(SeverityChanged(severity="SEV3")), around())
    repeated = later[-1].body
    assert isinstance(repeated, UpdatePosted)
    assert (repeated.automatic, repeated.next_due) == (True, soon)


SLACK: frozenset[Kind] = frozenset({"card", "thread", "switch", "direct"})


def published(state: State, happened: Body, publishing: Publishing) -> list[tuple[str, str]]:
    _, letters = follow(state, drafts(happened), replace(around(), publishing=publishing))
    return [(letter.destination, letter.kind) for letter in letters]


@pytest.mark.parametrize(
    "happened, kinds",
    [
        (RoleTaken(person="bo", role="incident_commander"), ["card"]),
        (TimerSet(timer="t", what="database latency", who="bo", until=NOW + SECOND), ["card"]),
        (ImpactChanged(impact="logins in Europe"), ["card"]),
        (NoteAdded(text="hm"), []),
        (StatusChanged(status="identified"), ["card", "thread", "switch"]),
        (IncidentResolved(), ["card", "thread", "switch"]),
    ],
)
def test_the_card_is_edited_for_everything_and_the_thread_gets_what_is_material(
    happened: Body, kinds: Sequence[str]
) -> None:
    publishing = Publishing({"slack": SLACK}, ("slack",), 300.0)
    assert published(state_after(DECLARED), happened, publishing) == [("slack", kind) for kind in kinds]


def test_each_update_winds_the_switch_up_anew_and_the_end_takes_it_down() -> None:
    publishing = Publishing({"slack": frozenset({"switch"})}, ("slack",), 300.0)
    set_ = replace(around(), publishing=publishing)
    _, (wound,) = follow(state_after(DECLARED), drafts(TOLD), set_)
    message = unpack(wound.payload).message
    assert isinstance(message, Switch) and message.at == TOLD.next_due + 300 * SECOND
    assert "the cockpit has been silent since" in message.text and message.text.endswith("Ask whoever is on call.")
    _, (down,) = follow(state_after(DECLARED, TOLD), drafts(IncidentResolved()), set_)
    assert unpack(down.payload).message == Switch(0, "")


def test_the_link_of_the_call_reaches_only_those_who_are_needed() -> None:
    publishing = Publishing({"slack": SLACK}, ("slack",), 300.0, "https://meet.example/7", ("bo",))
    _, letters = follow(
        state_after(DECLARED), drafts(PersonNeeded(person="bo", reason="network")),
        replace(around(), publishing=publishing),
    )  # fmt: skip
    told = {letter.kind: unpack(letter.payload) for letter in letters}
    assert isinstance(told["direct"].message, Direct) and told["direct"].message.person == "bo"
    assert [kind for kind, outgoing in told.items() if "meet.example" in outgoing.text] == ["direct"]
    assert ("slack", "direct") not in published(state_after(DECLARED), PersonNeeded(person="cy"), publishing)


def test_who_is_needed_is_told_once_by_a_channel_that_can_be_reached() -> None:
    takes = {"ops": SLACK, "execs": SLACK, "spare": SLACK}
    publishing = Publishing(takes, ("ops", "execs"), 300.0, "https://meet.example/7", ("bo",))

    def tell(*turned: Body) -> list[str]:
        told = published(state_after(DECLARED, *turned), PersonNeeded(person="bo"), publishing)
        return [place for place, kind in told if kind == "direct"]

    down = DestinationTurned(destination="ops", state="unreachable", instead="spare")
    assert tell() == ["ops"]
    assert tell(down) == ["execs"]
    assert tell(down, DestinationTurned(destination="execs", state="paused")) == ["spare"]
    both = [DestinationTurned(destination=name, state="unreachable") for name in ("ops", "execs")]
    assert tell(*both) == ["ops"], "it waits there, as nobody else takes it"


def test_what_cannot_be_reached_is_stood_in_for_until_it_can() -> None:
    takes = {"slack": SLACK, "hook": frozenset[Kind]({"thread"}), "file": frozenset[Kind]({"card"})}
    publishing = Publishing(takes, ("slack", "file"), 300.0)
    down = DestinationTurned(destination="slack", state="unreachable", instead="hook")
    names = ["slack", "slack", "slack", "file"]
    assert [place for place, _ in published(state_after(DECLARED), TOLD, publishing)] == names
    assert [place for place, _ in published(state_after(DECLARED, down), TOLD, publishing)] == [*names, "hook"]
    again = DestinationTurned(destination="slack", state="ok")
    assert [place for place, _ in published(state_after(DECLARED, down, again), TOLD, publishing)] == names
    gone = DestinationTurned(destination="slack", state="unreachable", instead="no more in the config")
    assert [place for place, _ in published(state_after(DECLARED, gone), TOLD, publishing)] == names


def test_a_stand_in_that_is_done_keeps_its_card_true_is_silent_and_learns_of_the_end() -> None:
    takes = {"slack": SLACK, "spare": SLACK}
    publishing = Publishing(takes, ("slack",), 300.0)
    down = DestinationTurned(destination="slack", state="unreachable", instead="spare")
    again = DestinationTurned(destination="slack", state="ok")
    state = state_after(DECLARED, down, again)
    set_ = replace(around(), publishing=publishing)
    _, letters = follow(state, drafts(TOLD), set_)
    there = {letter.kind: unpack(letter.payload).message for letter in letters if letter.destination == "spare"}
    assert there.keys() == {"card", "switch"} and there["switch"] == Switch(0, "")
    assert isinstance(there["card"], Card) and there["card"].next_due == TOLD.next_due
    ended = published(state, IncidentResolved(), publishing)
    assert [kind for place, kind in ended if place == "spare"] == ["card", "thread", "switch"]
    kept = [(letter.destination, unpack(letter.payload).message) for letter in restated(state, set_)]
    assert all(unpack(letter.payload).anew for letter in restated(state, set_))
    assert [message for place, message in kept if place == "spare" and isinstance(message, Switch)] == [Switch(0, "")]


def test_whoever_holds_what_waits_is_not_called_silent() -> None:
    set_ = replace(around(), publishing=Publishing({"slack": frozenset({"switch"})}, ("slack",), 300.0))
    until = TOLD.next_due + 1800 * SECOND
    held = BroadcastHeld(until=until)
    _, (wound,) = follow(state_after(DECLARED, TOLD), drafts(held), set_)
    message = unpack(wound.payload).message
    assert isinstance(message, Switch) and message.at == until + 300 * SECOND
    _, (wound,) = follow(state_after(DECLARED, TOLD, held), drafts(BroadcastReleased()), set_)
    message = unpack(wound.payload).message
    assert isinstance(message, Switch) and message.at == TOLD.next_due + 300 * SECOND


def test_what_happened_is_recorded_though_nothing_can_be_composed_of_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> Post:
        raise ValueError("no such word")

    monkeypatch.setattr("cockpit.engine.following.post", fails)
    whole, letters = follow(state_after(DECLARED), drafts(TOLD), around("chat"))
    assert [letter.kind for letter in letters] == ["card"]
    assert whole[0].body == TOLD
    lost = whole[-1].body
    assert isinstance(lost, UpdateUndelivered) and lost.final and (lost.update, lost.destination) == ("u", "chat")
    assert "cannot be composed" in caplog.text
