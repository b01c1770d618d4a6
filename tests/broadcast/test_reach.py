"""How a destination stands after what it answered."""

from __future__ import annotations

import pytest

from cockpit.broadcast.breaker import FAILURES
from cockpit.broadcast.reach import PATIENCE, REFUSED_PROBE, Reach, left
from cockpit.broadcast.sender import Absent, Ambiguous, Refused, Sent, Unsearchable

SILENT = Refused("connection refused")


def test_it_is_out_of_reach_after_failures_in_a_row_and_back_with_an_answer() -> None:
    reach = Reach()
    for _ in range(FAILURES - 1):
        reach = reach.after(SILENT, 10.0)
    assert reach.state == "ok" and reach.after(Sent(), 10.0).after(SILENT, 10.0).state == "ok"
    reach = reach.after(Ambiguous("no answer"), 10.0)
    assert (reach.state, reach.why, reach.allows(10.0)) == ("unreachable", "no answer", False)
    assert reach.after(Absent(), 20.0) == Reach()


def test_patience_that_is_asked_for_is_no_failure_until_it_is_too_much() -> None:
    asked = Reach().after(Refused("ratelimited", fault="wait", wait=PATIENCE - 1), 0.0)
    assert (asked.state, asked.allows(PATIENCE - 2), asked.allows(PATIENCE)) == ("ok", False, True)
    assert asked.after(Ambiguous("ratelimited", wait=2.0), PATIENCE).state == "unreachable"
    assert asked.after(Sent(), PATIENCE).after(Refused("ratelimited", fault="wait", wait=2.0), PATIENCE).state == "ok"


def test_a_wrong_config_shuts_it_and_a_channel_is_tried_again_later() -> None:
    paused = Reach().after(Refused("invalid_auth", fault="configuration"), 0.0)
    assert paused.state == "paused" and not paused.allows(1e9)
    refused = Reach().after(Refused("is_archived", fault="channel"), 0.0)
    assert refused.state == "refused" and not refused.allows(REFUSED_PROBE - 1) and refused.allows(REFUSED_PROBE)


def test_what_was_settled_without_asking_tells_nothing() -> None:
    refused = Reach().after(Refused("is_archived", fault="channel"), 0.0)
    assert refused.after(Refused("nobody of that name", final=True, fault="payload"), 1.0) == refused


@pytest.mark.parametrize("finding", [Absent(certain=True), Unsearchable("a webhook cannot be asked")])
def test_a_letter_that_nobody_was_asked_about_is_no_answer(finding: Absent | Unsearchable) -> None:
    # A webhook that answers 503 for ever was never out of reach: each look for the letter in doubt took it for back.
    reach = Reach()
    for second in range(3):
        reach = reach.after(Ambiguous("HTTP 503"), float(second)).after(finding, float(second))
    assert reach.state == "unreachable"


@pytest.mark.parametrize("before", [Reach(), Reach().after(Refused("invalid_auth", fault="configuration"), 0.0)])
def test_a_fault_of_ours_ends_with_what_was_so_before(before: Reach) -> None:
    fallen = before.fallen("a fault").fallen("another")
    assert (fallen.state, fallen.why) == ("unreachable", "another")
    assert fallen.risen() == before and before.risen() is before


def test_as_an_engine_left_it_one_try_tells() -> None:
    assert left("ok", "") == Reach()
    gone = left("unreachable", "no answer")
    assert gone.allows(0.0) and not gone.after(SILENT, 0.0).allows(1.0)
