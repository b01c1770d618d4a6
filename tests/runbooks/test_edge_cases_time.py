"""What an expert tries with crashes, restarts and clocks, each by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.incident.broadcasts import UpdateDelivered, UpdateUndelivered
from cockpit.incident.runs import AttemptAbandoned, AttemptIntended, AttemptSettled, StepAnnounced, StepRecalled
from cockpit.protocol.commands import Confirm, FinishStep, Settle, Skip
from cockpit.runbooks import player
from cockpit.runbooks.moment import Moment

TEXT = """\
version: 1
id: b
title: B
steps:
  - id: scale
    title: Scale
    effect: write
    idempotent: true
    retries: {times: 2, pause: 10s}
    command: {argv: [scale]}
    check: {argv: [scaled]}
    irreversible: it is scaled
    on_failure: continue
"""
SERIES = """\
version: 1
id: b
title: B
steps:
  - id: drain
    title: Drain
    effect: write
    idempotent: true
    retries: {times: 1, pause: 1s}
    repeat: {command: {argv: [drain]}, until: {probe: p}, at_most: 9, pause: 2s}
    check: {argv: [drained]}
    irreversible: it is drained
"""
CALL = """\
version: 1
id: b
title: B
steps:
  - {id: call, title: Call, escalate: {whom: the owner, message: help}}
  - {id: tell, title: Tell, manual: tell}
"""
Start = Callable[[str], Any]


def acts(played: Any) -> list[str]:
    return [each.attempt for each in played.took if isinstance(each, AttemptIntended) and each.purpose == "act"]


@pytest.mark.parametrize("code, verdict, status", [(0, "took_effect", "done"), (1, "no_effect", "pending")])
def test_a_crash_between_exit_and_its_record_is_settled_by_the_steps_check(
    start: Start, code: int, verdict: str, status: str
) -> None:
    played = start(TEXT)
    played.intend("scale")
    played.lost()
    assert played.open().purpose == "check"
    played.ends(code=code)
    settled = next(each for each in played.took if isinstance(each, AttemptSettled))
    assert (settled.verdict, played.status("scale")) == (verdict, status)
    assert len(acts(played)) == 1


@pytest.mark.parametrize(
    "code, ended_by", [(0, "timeout"), (1, "timeout"), (1, "person"), (2, "itself"), (255, "itself")]
)
def test_a_check_that_cannot_tell_leaves_it_to_a_person(start: Start, code: int, ended_by: Any) -> None:
    played = start(TEXT)
    played.intend("scale")
    played.lost()
    played.ends(code=code, ended_by=ended_by)
    assert played.status("scale") == "unknown"
    assert {offer.kind for offer in played.offers()} == {"run", "settle"}


def test_after_a_restart_nothing_is_checked_or_tried_again_without_a_person(start: Start) -> None:
    for ending in ("lost", "failed"):
        played = start(TEXT)
        played.intend("scale")
        played.holding = False
        if ending == "lost":
            played.lost()
        else:
            played.ends(code=1)
        played.pass_by(60)
        assert len(played.run.attempts) == 1


def test_a_crash_between_the_intent_and_the_start_leaves_it_to_confirm_anew(start: Start) -> None:
    played = start(TEXT)
    attempt = played.intend("scale")
    played.holding = False
    played.take(AttemptAbandoned(run="r", step="scale", attempt=attempt, why="the engine stopped first"))
    assert played.follow() == ()
    assert played.offered()[0] == "run scale"


def test_a_run_does_not_end_before_the_last_try(start: Start) -> None:
    played = start(TEXT)
    played.intend("scale")
    played.ends(code=1)
    assert played.offered()[-1] == "end"
    played.pass_by(10)
    played.ends(code=1)
    played.pass_by(10)
    played.ends()
    assert (len(acts(played)), played.run.outcome) == (3, "done")


def test_a_run_whose_tries_are_over_goes_on_where_a_failure_is_no_end(start: Start) -> None:
    played = start(TEXT)
    played.intend("scale")
    for _ in range(3):
        played.ends(code=1)
        played.pass_by(10)
    assert (len(acts(played)), played.run.outcome) == (3, "done")


def test_each_batch_of_a_series_has_its_own_tries(start: Start) -> None:
    played = start(SERIES)
    played.intend("drain")
    for code in (0, 0, 1, 0, 1, 0):
        played.ends(code=code)
        played.pass_by(3)
    assert len(acts(played)) == 7


@pytest.mark.parametrize("by_check", [True, False])
def test_a_batch_that_took_effect_after_a_crash_is_not_the_whole_series(start: Start, by_check: bool) -> None:
    played = start(SERIES)
    attempt = played.intend("drain")
    played.holding = by_check
    played.lost()
    if by_check:
        played.ends()
    else:
        settle = Settle(run="r", attempt=attempt, verdict="took_effect", reason="I looked")
        played.decide(player.settle(played.plan, played.run, settle))
    assert played.run.outcome is None
    assert played.offered()[0] == "run drain"


@pytest.mark.parametrize("slept", [False, True])
def test_a_sleep_voids_what_was_announced(start: Start, slept: bool) -> None:
    played = start(TEXT)
    command = Confirm(run="r", step="scale", digest=played.offers()[0].digest)
    by = player.Confirming("a", "ann", played.now, window=60 * SECOND)
    told = player.confirm(played.plan, played.run, command, by)
    assert isinstance(told, StepAnnounced)
    played.take(told)
    later = Moment(played.now + 3600 * SECOND, held=() if slept else {"a"})
    (body,) = player.consequences(played.plan, played.run, later)
    assert isinstance(body, StepRecalled if slept else AttemptIntended)


def test_a_call_that_one_destination_refuses_and_another_takes_has_arrived(start: Start) -> None:
    for order in ((False, True), (True, False)):
        played = start(CALL)
        played.decide(player.finish(played.plan, played.run, FinishStep(run="r", step="call"), played.now, "u1"))
        for arrives in order:
            body = UpdateDelivered(update="u1", destination="slack") if arrives else UpdateUndelivered(
                update="u1", destination="mail", why="no such channel", final=True
            )  # fmt: skip
            played.take(body)
        assert played.status("call") == "done"


def test_a_chat_that_is_down_does_not_hold_up_the_run(start: Start) -> None:
    played = start(CALL)
    played.decide(player.finish(played.plan, played.run, FinishStep(run="r", step="call"), played.now, "u1"))
    played.take(UpdateUndelivered(update="u1", destination="slack", why="no answer"))
    played.decide(player.skip(played.plan, played.run, Skip(run="r", step="call", reason="I have rung them up")))
    assert played.offered()[0] == "done tell"


def test_a_parameter_is_that_of_the_start_whatever_the_file_says_by_now(start: Start) -> None:
    text = """\
version: 1
id: b
title: B
params: {region: {default: eu}}
steps:
  - {id: go, title: Go, effect: write, command: {argv: [go, {param: region}]}, irreversible: it is gone}
"""
    played, now = start(text), start(text.replace("eu", "us"))
    played.runs["r"] = msgspec.structs.replace(played.run, params={"region": "eu"})
    shown = played.offers()[0]
    assert shown.command.argv == ("go", "eu")
    # Another text would make another command, and what was confirmed is not that one.
    now.runs["r"] = msgspec.structs.replace(now.run, params={"region": "us"})
    exact = Confirm(run="r", step="go", digest=shown.digest)
    refused = player.confirm(now.plan, now.run, exact, player.Confirming("a", "ann", now.now))
    assert isinstance(refused, player.Refused) and refused.code == "stale"
