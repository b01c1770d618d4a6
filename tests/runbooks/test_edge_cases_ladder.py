"""What an expert tries on a ladder over releases, each by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cockpit.incident import running
from cockpit.incident.event import Event
from cockpit.incident.run import Runs
from cockpit.incident.runs import LadderPinned, RunStarted, Target
from cockpit.protocol.commands import Accept, Approve, Confirm, Skip
from cockpit.runbooks import player
from cockpit.runbooks.ladder import find, tried
from cockpit.runbooks.taking import NotThere

TEXT = """\
version: 1
id: b
title: B
steps:
  - id: back
    title: Back
    ladder:
      verify: {probe: p, within: 1m, hold: 5s}
      releases:
        current: {argv: [current]}
        list: {argv: [list]}
        apply: {argv: [apply, {target: id}]}
        at_least: 1
        at_most: 3
  - {id: tell, title: Tell, manual: tell}
"""
Start = Callable[[str], Any]


@pytest.fixture
def descending(start: Start) -> Any:
    """A ladder whose releases were found: v5 serves, v4, v3 and v2 are older."""
    played = start(TEXT)
    played.intend("back.current")
    played.ends("v5")
    played.ends("v5\nv4\nv3\nv2\nv1")
    return played


def serving(played: Any, before: str, after: str, step: str) -> None:
    """Take a rung down: what serves before, and after."""
    played.intend(step)
    played.ends(before)
    played.ends()
    played.ends(after)


def ids(text: str, original: str = "v5", tried: frozenset[str] = frozenset(), at_least: int = 1) -> list[str]:
    return [target.id for target in find(text, original, tried, at_least=at_least, at_most=3).targets]


def test_fewer_targets_than_asked_for_is_a_failure_and_none_is_one_too(start: Start) -> None:
    played = start(TEXT)
    played.intend("back.current")
    played.ends("v5")
    played.ends("v5\n")
    assert played.run.step("back.list").words == (
        "found 0 releases to go back to, needs at least 1 (v5: it serves now)"
    )
    assert played.offered()[0] == "run back.list"
    with pytest.raises(NotThere, match="found 1 releases to go back to, needs at least 2"):
        ids("v5\nv4", at_least=2)


def test_fewer_targets_than_rungs_leave_the_rest_out_and_say_so(start: Start) -> None:
    played = start(TEXT)
    played.intend("back.current")
    played.ends("v5")
    played.ends("v5\nv4")
    assert [played.status(f"back.{number}") for number in (1, 2, 3)] == ["pending", "skipped", "skipped"]
    assert played.run.step("back.2").words == "there is no further release to go back to"


def test_a_history_that_is_pruned_between_two_rungs_changes_no_target(descending: Any) -> None:
    serving(descending, "v5", "v4", "back.1")
    descending.verified("back.1", "no_effect")
    # Somebody's clean-up has removed v3 meanwhile: applying it fails, and the next one is still v2.
    descending.intend("back.2")
    descending.ends("v4")
    descending.ends("no such release", code=1)
    assert descending.offered()[0] == "run back.3"
    assert descending.offers()[0].command.argv == ("apply", "v2")
    descending.intend("back.3")
    descending.ends("v4")
    assert descending.open().purpose == "act"


def test_two_ids_of_one_digest_are_one_target() -> None:
    listed = '{"id": "v5", "digest": "d5"}\n{"id": "v4", "digest": "d4"}\n{"id": "v3", "digest": "d4"}\n{"id": "v2"}'
    assert ids(listed) == ["v4", "v2"]


def test_what_is_the_same_as_what_serves_or_failed_or_was_tried_is_no_target_wherever_it_stands() -> None:
    listed = (
        '{"id": "v5", "digest": "d5"}\n{"id": "v4", "digest": "d3"}\n{"id": "v3", "digest": "d3"}\n'
        '{"id": "v2b", "digest": "d2"}\n{"id": "v2", "digest": "d2", "failed": true}\n'
        '{"id": "v1", "digest": "d5"}\n{"id": "v0"}'
    )
    assert ids(listed, tried=frozenset({"v3"})) == ["v0"]


def test_what_is_newer_than_what_serves_is_not_gone_back_to() -> None:
    # Somebody went back from v6 by hand already: going "back" to it would restore the outage.
    assert ids("v6\nv5\nv4\nv3") == ["v4", "v3"]


def test_a_second_run_does_not_toggle_back_to_what_the_first_one_left(start: Start) -> None:
    first = RunStarted(run="1", runbook="b", title="B", digest="", source="", path="", steps=start(TEXT).plan.outlines)
    pinned = LadderPinned(run="1", ladder="back", original="v5", targets=(Target("v4"), Target("v3")))
    runs: Runs = {}
    for body in (first, pinned):
        runs = running.reduce(runs, Event("s", 1, 1, 1, "ann", "h", body))
    assert "v5" in tried(runs.values(), "b")


def test_a_rung_that_timed_out_and_lands_later_is_nobody_elses_deploy(descending: Any) -> None:
    descending.intend("back.1")
    descending.ends("v5")
    descending.ends(code=1, ended_by="timeout")
    assert descending.status("back.1") == "failed"
    assert descending.offered()[0] == "run back.2"
    descending.intend("back.2")
    # Meanwhile v4 has landed after all: it is ours, so the descent goes on from it.
    descending.ends("v4")
    assert (descending.open().step, descending.open().purpose) == ("back.2", "act")


def test_apply_exits_with_0_and_the_same_release_serves_as_before(descending: Any) -> None:
    serving(descending, "v5", "v5", "back.1")
    assert descending.status("back.1") == "failed"
    assert descending.run.step("back.1").words == "exit 0, but v5 serves, not v4"
    # It was not verified, and nobody is accused of a deploy when the next rung is taken.
    assert descending.run.step("back.1").verdict is None
    descending.intend("back.2")
    descending.ends("v5")
    assert descending.open().purpose == "act"


def test_a_rung_that_makes_things_worse_is_undone_first(descending: Any) -> None:
    serving(descending, "v5", "v4", "back.1")
    descending.verified("back.1", "worse")
    undo, following = descending.offers()[:2]
    assert (undo.kind, undo.step, undo.command.argv) == ("undo", "back.1", ("apply", "v5"))
    assert (following.kind, following.step) == ("run", "back.2")


def test_a_redeploy_behind_ones_back_holds_until_a_person_accepts_it(descending: Any) -> None:
    serving(descending, "v5", "v4", "back.1")
    descending.verified("back.1", "no_effect")
    descending.intend("back.2")
    descending.ends("v6")
    assert descending.run.step("back.2").words == "v6 serves, not v4: somebody else has deployed meanwhile"
    assert not any(attempt.open for attempt in descending.run.attempts.values())
    assert descending.offered()[:2] == ["accept back.2", "run back.2"]
    accept = Accept(run="r", step="back.2", reason="the release train, it is known")
    descending.decide(player.accept(descending.plan, descending.run, accept))
    descending.intend("back.2")
    descending.ends("v6")
    assert descending.open().purpose == "act"


def test_a_second_redeploy_is_accepted_anew(descending: Any) -> None:
    descending.intend("back.1")
    descending.ends("v6")
    descending.decide(player.accept(descending.plan, descending.run, Accept(run="r", step="back.1", reason="known")))
    descending.intend("back.1")
    descending.ends("v7")
    assert descending.offered()[0] == "accept back.1"
    descending.decide(player.accept(descending.plan, descending.run, Accept(run="r", step="back.1", reason="again")))
    assert descending.run.accepted == {"back": "v7"}


def test_what_was_accepted_no_longer_serves_once_a_rung_was_undone(descending: Any) -> None:
    serving(descending, "v5", "v4", "back.1")
    descending.verified("back.1", "no_effect")
    descending.intend("back.2")
    descending.ends("v6")
    descending.decide(player.accept(descending.plan, descending.run, Accept(run="r", step="back.2", reason="known")))
    descending.intend("back.1", undo=True)
    for printed in ("v6", ""):
        descending.ends(printed)
    descending.intend("back.2")
    descending.ends("v5")
    assert descending.open().purpose == "act"


@pytest.mark.parametrize(
    "serves, words",
    [("v6", "v6 serves, not v4: somebody else has deployed meanwhile"), ("v5", "v5 serves already: there is nothing")],
)
def test_a_rung_is_not_undone_over_what_somebody_else_has_deployed(descending: Any, serves: str, words: str) -> None:
    serving(descending, "v5", "v4", "back.1")
    descending.verified("back.1", "no_effect")
    descending.intend("back.1", undo=True)
    descending.ends(serves)
    assert words in descending.run.step("back.1").words
    assert all(not attempt.open for attempt in descending.run.attempts.values())
    assert "settle back.1" in descending.offered()


def test_releases_that_nobody_knows_are_not_said_to_have_run_out(start: Start) -> None:
    played = start(TEXT)
    for step in ("back.current", "back.list"):
        played.decide(player.skip(played.plan, played.run, Skip(run="r", step=step, reason="it hangs")))
    assert played.run.step("back.1").words == "nobody knows the releases to go back to"


def test_a_barrier_stops_the_descent_until_somebody_says_why(start: Start) -> None:
    played = start(TEXT)
    played.intend("back.current")
    played.ends("v5")
    played.ends('{"id": "v5"}\n{"id": "v4", "barrier": "the orders table was migrated"}\n{"id": "v3"}')
    approve = next(offer for offer in played.offers() if offer.kind == "approve")
    assert "v4: the orders table was migrated" in approve.said
    confirm = player.Confirming("a9", "ann", played.now)
    exact = Confirm(run="r", step="back.1", digest=approve.digest)
    refused = player.confirm(played.plan, played.run, exact, confirm)
    assert isinstance(refused, player.Refused)
    yes = Approve(run="r", step="back.1", digest=approve.digest, reason="restored from the backup of 3:00")
    played.decide(player.approve(played.plan, played.run, yes, played.now, frozenset()))
    assert not isinstance(player.confirm(played.plan, played.run, exact, confirm), player.Refused)


@pytest.mark.parametrize("printed", ["v5\nDone in 3 s", "-rf", "[redacted]-5"])
def test_what_is_no_release_is_not_taken_for_what_serves(start: Start, printed: str) -> None:
    played = start(TEXT)
    played.intend("back.current")
    played.ends(printed)
    assert played.status("back.current") == "failed"
    assert played.run.step("back.current").words


def test_a_look_before_a_rung_that_ends_with_noise_holds_it(descending: Any) -> None:
    descending.intend("back.1")
    descending.ends("v5\nDone in 3 s")
    assert descending.status("back.1") == "pending"
    assert descending.run.step("back.1").words == "the last line that it printed is no id of a release"


@pytest.mark.parametrize("line", ["[redacted]-4", '{"id": "[redacted]-4"}'])
def test_a_release_of_which_a_part_was_masked_is_never_restored(line: str) -> None:
    with pytest.raises(NotThere, match="a part of it is a secret"):
        ids(f"v5\n{line}\nv3")
