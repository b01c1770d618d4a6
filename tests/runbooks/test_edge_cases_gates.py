"""What an expert tries on confirmations, each by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.incident.runs import AttemptIntended, LockLost, LockTaken, StepAnnounced, StepRecalled
from cockpit.protocol.commands import Approve, Confirm, EndRun, StopAttempt
from cockpit.runbooks import player
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.player import Refused

TEXT = """\
version: 1
id: b
title: B
steps:
  - id: find
    title: Find
    effect: read
    command: {argv: [find]}
    outputs: {release: {line: last}}
    on_failure: continue
  - id: wipe
    title: Wipe
    effect: destructive
    command: {argv: [wipe, {output: find.release}]}
    irreversible: it is gone
    approve: {people: 1, expires: 60s}
    check: {argv: [wiped]}
  - id: drain
    title: Drain
    effect: write
    repeat: {command: {argv: [drain]}, until: {probe: p}, at_most: 9, pause: 2s}
    check: {argv: [drained]}
    irreversible: it is drained
  - {id: last, title: Last, effect: write, command: {argv: [last]}, irreversible: it is done}
"""
Start = Callable[[str], Any]


@pytest.fixture
def found(start: Start) -> Any:
    """Before the destructive step."""
    played = start(TEXT)
    played.intend("find")
    played.ends("v1")
    return played


def exact(played: Any, step: str, typed: str = "") -> Confirm:
    digest = next(each.digest for each in played.offers() if (each.kind, each.step) == ("run", step))
    return Confirm(run="r", step=step, digest=digest, typed=typed)


def confirm(played: Any, command: Confirm, who: str = "ann", window: int = 0, attempt: str = "a9") -> Any:
    return player.confirm(played.plan, played.run, command, player.Confirming(attempt, who, played.now, None, window))


def approve(played: Any) -> None:
    digest = exact(played, "wipe").digest
    yes = Approve(run="r", step="wipe", digest=digest)
    played.decide(player.approve(played.plan, played.run, yes, played.now, frozenset()))


def test_a_pasted_confirmation_may_have_white_space_around_it_and_nothing_else(found: Any) -> None:
    approve(found)
    for typed in ("", "\n", "wip e", "WIPE", "wipe;", "wi\u200bpe"):
        refused = confirm(found, exact(found, "wipe", typed), "bob")
        assert isinstance(refused, Refused) and refused.text == "type wipe to run it"
    assert isinstance(confirm(found, exact(found, "wipe", " \twipe\r\n"), "bob"), AttemptIntended)


def test_once_enough_have_approved_running_it_is_what_comes_next(found: Any) -> None:
    def offered() -> list[str]:
        return [each.kind for each in found.offers() if each.kind in {"approve", "run"}]

    assert offered() == ["approve", "run"]
    approve(found)
    assert offered() == ["run", "approve"], "another approval is possible: the first one may expire"


def test_enter_held_down_runs_one_command_once_and_nothing_destructive(found: Any) -> None:
    start = exact(found, "wipe")
    # The same key again and again: the same command, with nothing typed.
    assert all(isinstance(confirm(found, start, "bob"), Refused) for _ in range(5))
    approve(found)
    once = exact(found, "wipe", "wipe")
    made = confirm(found, once, "bob", attempt="b1")
    found.take(made)
    repeated = [confirm(found, once, "bob", attempt=f"b{number}") for number in range(1, 6)]
    assert all(isinstance(refused, Refused) for refused in repeated)


def test_a_target_that_changed_between_preview_and_confirm_is_shown_again(start: Start) -> None:
    played = start(TEXT)
    played.intend("find")
    played.ends("v1")
    approve(played)
    seen = exact(played, "wipe", "wipe")
    # The step before it is taken again by somebody else, and finds another release.
    played.runs["r"] = _found_anew(played, "v2")
    refused = confirm(played, seen, "bob")
    assert isinstance(refused, Refused) and refused.code == "stale"
    # And what was approved was the old command.
    assert isinstance(confirm(played, exact(played, "wipe", "wipe"), "bob"), Refused)


def _found_anew(played: Any, release: str) -> Any:
    attempt, *_ = played.run.attempts.values()
    finished = msgspec.structs.replace(attempt.finished, outputs={"release": release})
    attempts = played.run.attempts.having(msgspec.structs.replace(attempt, finished=finished))
    return msgspec.structs.replace(played.run, attempts=attempts)


def test_an_approval_that_expires_on_screen_approves_nothing(found: Any) -> None:
    approve(found)
    command = exact(found, "wipe", "wipe")
    found.now += 61 * SECOND
    refused = confirm(found, command, "bob")
    assert isinstance(refused, Refused) and "may have expired" in refused.text
    assert found.follow() == ()


def test_who_approved_it_is_told_that_somebody_else_runs_it(found: Any) -> None:
    approve(found)
    actor = found.run.step("wipe").approvals[0].person
    refused = confirm(found, exact(found, "wipe", "wipe"), actor)
    assert isinstance(refused, Refused) and "you approved it, so that somebody else runs it" in refused.text


def test_who_runs_it_does_not_approve_it(found: Any) -> None:
    approve(found)
    command = exact(found, "wipe", "wipe")
    assert isinstance(confirm(found, command, "ann"), Refused)
    assert isinstance(confirm(found, command, "bob"), AttemptIntended)


def draining(found: Any) -> str:
    """A series between two batches."""
    approve(found)
    found.take(confirm(found, exact(found, "wipe", "wipe"), "bob", attempt="w"))
    found.ends()
    attempt: str = found.intend("drain")
    found.ends()
    return attempt


def test_cancelling_between_two_batches_runs_neither_the_next_one_nor_the_next_step(found: Any) -> None:
    attempt = draining(found)
    assert found.status("drain") == "repeating"
    found.decide(player.stop(found.plan, found.run, StopAttempt(run="r", attempt=attempt)))
    before = len(found.run.attempts)
    found.pass_by(60)
    assert (found.status("drain"), len(found.run.attempts)) == ("failed", before)


def test_ending_a_run_between_two_batches_runs_nothing_more(found: Any) -> None:
    draining(found)
    found.decide(player.end(found.plan, found.run, EndRun(run="r")))
    before = len(found.run.attempts)
    found.pass_by(60)
    assert len(found.run.attempts) == before


def announced(found: Any) -> StepAnnounced:
    approve(found)
    told = confirm(found, exact(found, "wipe", "wipe"), "bob", window=60 * SECOND, attempt="w")
    assert isinstance(told, StepAnnounced)
    found.take(told)
    return told


def test_an_announced_command_does_not_run_once_the_lock_is_lost(found: Any) -> None:
    announced(found)
    found.take(LockLost(run="r", lock="shop", words="eve has it"))
    bodies = player.consequences(found.plan, found.run, Moment(found.now + 61 * SECOND, held={"w"}))
    assert bodies == (StepRecalled(run="r", step="wipe", reason="eve has it"),)


def test_a_series_does_not_go_on_by_itself_when_the_lock_is_had_again(found: Any) -> None:
    draining(found)
    found.take(LockLost(run="r", lock="shop", words="eve has it"))
    found.follow()
    assert found.status("drain") == "failed"
    found.take(LockTaken(run="r", lock="shop", words="it names this run again"))
    before = len(found.run.attempts)
    found.pass_by(60)
    assert len(found.run.attempts) == before
    assert found.offered()[0] == "run drain"


def test_a_check_is_run_at_once_although_others_might_object(found: Any) -> None:
    announced(found)
    found.take(*player.consequences(found.plan, found.run, Moment(found.now + 61 * SECOND, held={"w"})))
    found.holding = False
    found.lost()
    check = next(each for each in found.offers() if each.purpose == "check")
    command = Confirm(run="r", step="wipe", digest=check.digest)
    made = confirm(found, command, "bob", window=60 * SECOND, attempt="c")
    assert isinstance(made, AttemptIntended) and made.purpose == "check"
