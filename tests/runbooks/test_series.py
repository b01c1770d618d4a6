from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.clock import SECOND
from cockpit.incident.runs import AttemptFinished, AttemptIntended, AttemptStarted, RepeatEnded
from cockpit.incident.vocabulary import Figures
from tests.runbooks.conftest import Played

DRAIN = """\
version: 1
id: drain
title: Drain
steps:
  - id: drain
    title: Work it off
    repeat:
      command: {argv: [drain]}
      until: {probe: depth, hold: 30s}
      at_most: 3
      pause: 10s
    effect: write
    irreversible: What was worked off was delivered.
"""


@pytest.fixture
def played(start: Callable[[str], Played]) -> Played:
    made = start(DRAIN)
    made.run_step("drain")
    return made


def batch(played: Played) -> None:
    """The batch that was intended by itself runs and ends."""
    attempt = list(played.run.attempts)[-1]
    played.take(AttemptStarted(run="r", step="drain", attempt=attempt, pid=7))
    played.take(AttemptFinished(run="r", step="drain", attempt=attempt, ok=True, exit_code=0))
    played.follow()


def up(played: Played) -> None:
    played.steady["depth"] = played.now
    played.figures["depth"] = Figures(at=played.now)


def later(played: Played, seconds: int) -> tuple[type, ...]:
    """What follows after so long."""
    played.now += seconds * SECOND
    return tuple(type(each) for each in played.follow())


def test_no_batch_is_begun_while_the_probe_holds_even_where_it_has_to_hold_longer_than_the_pause(
    played: Played,
) -> None:
    up(played)
    assert later(played, 11) == ()
    assert RepeatEnded in later(played, 25)
    assert len(played.run.attempts) == 1 and played.status("drain") == "done"


def test_a_probe_that_does_not_hold_is_worked_on(played: Played) -> None:
    up(played)
    assert later(played, 11) == ()
    played.steady.clear()
    assert later(played, 1) == (AttemptIntended,)


def test_as_many_as_allowed_may_still_come_to_hold(played: Played) -> None:
    for _ in range(2):
        assert later(played, 11) == (AttemptIntended,)
        batch(played)
    up(played)
    assert later(played, 11) == ()
    played.steady.clear()
    assert RepeatEnded in later(played, 1)
    assert "is not up after 3 batches" in played.run.step("drain").words
