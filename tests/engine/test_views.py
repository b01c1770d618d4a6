from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.engine import runview, views
from cockpit.engine.broadcastview import Dispatch
from cockpit.incident.broadcasts import UpdateDelivered
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.freezing import Freeze
from cockpit.incident.run import Run
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptStarted,
    AttemptUnknown,
    DecisionOpened,
    RunFinished,
    RunStarted,
    StepAnnounced,
    StepSkipped,
)
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.protocol.views import RunView
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.plan import plan
from cockpit.runbooks.values import Invocation
from cockpit.tui.offering import verb

NOW = 1_760_000_000 * SECOND
RUNBOOK = """\
version: 1
id: mend
title: Mend it
requires: {env: [TOKEN]}
steps:
  - id: one
    title: Turn it off
    effect: destructive
    command: {argv: [turn, "off now"]}
    rollback: {command: [turn, "on"]}
  - id: two
    title: Say so
    manual: say so
"""
PLAN = plan(parse(RUNBOOK, "mend.yaml", Runbook))
DECLARED = IncidentDeclared(title="It is \x1b[31mred", severity="SEV2", began=NOW - SECOND)
STARTED = RunStarted(
    run="r", runbook="mend", title="Mend it", digest="d", source=RUNBOOK, path="p", steps=PLAN.outlines
)
INTENDED = AttemptIntended(run="r", step="one", attempt="a", command="turn", digest="c")
UNDOING = AttemptIntended(run="r", step="one", attempt="b", command="turn on", digest="c", direction="rollback")
BEGUN = AttemptStarted(run="r", step="one", attempt="a", pid=7)
ENDED = AttemptFinished(run="r", step="one", attempt="a", ok=True, exit_code=0)
FAILED = AttemptFinished(run="r", step="one", attempt="a", ok=False, exit_code=1)
LOST = AttemptUnknown(run="r", step="one", attempt="a", why="its supervisor died")
GIVEN_UP = AttemptAbandoned(run="r", step="one", attempt="a", why="never ran")
UNDONE = AttemptFinished(run="r", step="one", attempt="b", ok=True, exit_code=0)
NOT_UNDONE = AttemptFinished(run="r", step="one", attempt="b", ok=False, exit_code=1)
UNDO_LOST = AttemptUnknown(run="r", step="one", attempt="b", why="its supervisor died")


def lacking(run: Run, command: Invocation) -> tuple[str, ...]:
    return ()


def state_after(*bodies: Body) -> State:
    return fold(Event("INC-1", seq, NOW, NOW, "ada", "h", body) for seq, body in enumerate(bodies, 1))


@pytest.mark.parametrize(
    "bodies, word, tone, offered",
    [
        ([], "to do", "muted", ["run", "skip", "end"]),
        ([INTENDED], "starting", "act", ["stop"]),
        ([INTENDED, BEGUN], "running", "act", ["stop"]),
        ([INTENDED, BEGUN, ENDED], "ok", "good", ["done", "skip", "undo", "end"]),
        ([INTENDED, BEGUN, FAILED], "FAILED", "bad", ["run", "skip", "undo", "end"]),
        ([INTENDED, LOST], "UNKNOWN", "bad", ["settle"]),
        ([INTENDED, GIVEN_UP], "to do", "muted", ["run", "skip", "end"]),
        ([INTENDED, ENDED, UNDOING], "undoing", "act", ["stop"]),
        ([INTENDED, ENDED, UNDOING, UNDONE], "undone", "warn", ["done", "skip", "end"]),
        ([INTENDED, ENDED, UNDOING, NOT_UNDONE], "UNDO FAILED", "bad", ["undo", "settle", "end"]),
        ([INTENDED, ENDED, UNDOING, UNDO_LOST], "UNDO UNKNOWN", "bad", ["settle"]),
        ([IncidentResolved()], "to do", "muted", []),
    ],
)
def test_a_step_says_how_it_stands_and_what_may_be_done(
    bodies: Sequence[Body], word: str, tone: str, offered: Sequence[str]
) -> None:
    shown = runview.run(state_after(DECLARED, STARTED, *bodies), {"r": PLAN}, lacking)
    assert (shown.steps[0].word, shown.steps[0].tone) == (word, tone)
    assert [offer.action for offer in shown.offers] == list(offered)


def test_a_run_that_has_ended_has_no_step_in_hand_though_it_can_be_undone() -> None:
    over = runview.run(
        state_after(DECLARED, STARTED, INTENDED, ENDED, RunFinished(run="r", outcome="stopped")), {"r": PLAN}, lacking
    )
    assert [offer.action for offer in over.offers] == ["undo"]
    assert not any(step.active for step in over.steps)


def test_a_decision_is_asked_in_the_words_of_the_runbook() -> None:
    text = """\
version: 1
id: fork
title: Fork
steps:
  - id: decide
    title: Fix or revert
    choose:
      question: Is the mend tested and out within 5 minutes?
      options: [{id: fix, title: Fix}, {id: revert, title: Revert}]
"""
    laid = plan(parse(text, "fork.yaml", Runbook))
    begun = RunStarted(run="r", runbook="fork", title="F", digest="d", source=text, path="p", steps=laid.outlines)
    opened = DecisionOpened(run="r", step="decide", until=NOW + 300 * SECOND)
    shown = runview.run(state_after(DECLARED, begun, opened), {"r": laid}, lacking)
    assert shown.steps[0].words == "Is the mend tested and out within 5 minutes?"
    assert shown.offers[0].said == "Is the mend tested and out within 5 minutes?"


def test_an_offer_says_all_there_is_to_know() -> None:
    run = runview.run(state_after(DECLARED, STARTED), {"r": PLAN}, lacking).offers[0]
    assert (run.step, run.command, run.typed, run.undo) == ("one", "turn 'off now'", "one", "turn on")
    assert "DESTROYS" in run.consequence
    assert run.digest
    assert {"PATH", "TOKEN"} <= set(run.env)
    undo = runview.run(state_after(DECLARED, STARTED, INTENDED, FAILED), {"r": PLAN}, lacking).offers[2]
    assert (undo.action, undo.command, undo.typed) == ("undo", "turn on", "")
    assert undo.digest != run.digest


def test_what_is_announced_or_running_is_shown_in_its_very_words() -> None:
    announced = StepAnnounced(
        run="r", step="one", attempt="b", command="turn on", digest="c", until=NOW + SECOND, direction="rollback"
    )
    for bodies in ([announced], [UNDOING], [UNDOING, NOT_UNDONE]):
        state = state_after(DECLARED, STARTED, INTENDED, BEGUN, ENDED, *bodies)
        assert runview.run(state, {"r": PLAN}, lacking).steps[0].command == "turn on", bodies


def test_output_belongs_to_the_step_that_printed_it() -> None:
    announced = StepAnnounced(run="r", step="two", attempt="x", command="say so", digest="c", until=NOW + SECOND)
    view = runview.run(state_after(DECLARED, STARTED, INTENDED, BEGUN, ENDED, announced), {"r": PLAN}, lacking)
    assert (view.attempt, view.printed) == ("a", "one")


def test_to_go_on_after_a_step_does_not_unmake_that_it_ran() -> None:
    skipped = StepSkipped(run="r", step="one", reason="try other")
    fresh = runview.run(state_after(DECLARED, STARTED), {"r": PLAN}, lacking)
    assert [each.began for each in fresh.offers if each.action == "skip"] == [False]
    failed = runview.run(state_after(DECLARED, STARTED, INTENDED, BEGUN, FAILED), {"r": PLAN}, lacking)
    assert [each.began for each in failed.offers if each.action == "skip"] == [True]
    for bodies, word in (([], "skipped"), ([INTENDED, BEGUN, FAILED], "ran, left so")):
        view = runview.run(state_after(DECLARED, STARTED, *bodies, skipped), {"r": PLAN}, lacking)
        assert (view.steps[0].word, "try other" in view.steps[0].words) == (word, True)


def test_a_yes_that_sends_a_message_says_so() -> None:
    steps = [{"id": "a", "title": "Tell", "escalate": {"whom": "team-web", "message": "It is drained"}}]
    source = json.dumps({"version": 1, "id": "x", "title": "X", "steps": steps})
    told = plan(parse(source, "x.yaml", Runbook))
    started = RunStarted(run="r", runbook="x", title="X", digest="d", source="", path="p", steps=told.outlines)
    (offer, *_) = runview.run(state_after(DECLARED, started), {"r": told}, lacking).offers
    assert (offer.action, offer.consequence, verb(offer)) == ("done", "calls team-web", "send")


def test_what_is_to_be_done_by_hand_is_told_whole() -> None:
    words = "\n".join(f"{number}. do this with care" for number in range(60))
    steps = [{"id": "a", "title": "A", "manual": words}]
    source = json.dumps({"version": 1, "id": "x", "title": "X", "steps": steps})
    by_hand = plan(parse(source, "x.yaml", Runbook))
    started = RunStarted(run="r", runbook="x", title="X", digest="d", source="", path="p", steps=by_hand.outlines)
    view = runview.run(state_after(DECLARED, started), {"r": by_hand}, lacking)
    assert view.offers[0].manual == words


def test_a_run_that_cannot_be_read_shows_its_steps_and_offers_nothing() -> None:
    shown = runview.run(state_after(DECLARED, STARTED, INTENDED), {}, lacking)
    assert [step.title for step in shown.steps] == ["Turn it off", "Say so"]
    assert (shown.offers, shown.attempt, shown.outcome) == ((), "a", runview.UNREAD)


def test_there_is_no_run_before_one_is_started() -> None:
    assert runview.run(state_after(DECLARED), {}, lacking) == RunView()


def test_the_header_says_what_it_is_about_and_how_word_travels() -> None:
    state = state_after(DECLARED, UpdateDelivered(update="u", destination="chat"))
    shown = views.header(
        state, profile="p", drill="", alarms=["", "disk"], dispatch=Dispatch(("chat",)), freeze=Freeze(), now=0
    )
    assert (shown.delivery, shown.delivery_tone) == ("chat ok", "good")
    assert (shown.stream, shown.head, shown.open, shown.severity) == ("INC-1", 2, True, "SEV2")
    assert shown.alarms == ("disk",)
    assert "\x1b" not in shown.title


def test_a_quiet_watch_has_no_severity_and_a_closed_incident_no_promise() -> None:
    quiet = views.header(
        State(stream="watch"), profile="p", drill="", alarms=(), dispatch=Dispatch(), freeze=Freeze(), now=0
    )
    assert (quiet.severity, quiet.status, quiet.open) == ("", "", False)
    closed = views.header(
        state_after(DECLARED, IncidentResolved()),
        profile="p",
        drill="d",
        alarms=(),
        dispatch=Dispatch(),
        freeze=Freeze(),
        now=0,
    )
    assert (closed.status, closed.open, closed.next_due, closed.ended, closed.drill) == ("resolved", False, 0, NOW, "d")
