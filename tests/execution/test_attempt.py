"""The directory of an attempt: whole or not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.execution import record, status
from cockpit.execution.attempt import AttemptDir, CommandSpec, Result
from cockpit.execution.status import Abandoned, Unclaimed

SPEC = CommandSpec(("a", "b c", "\udcff"), 1.5, 2.5, (0, 2), "/tmp", {"RELEASE": "v \udcff"}, pty=True)


def test_a_new_attempt_is_unclaimed_and_knows_its_command(new: Callable[[], AttemptDir]) -> None:
    attempt = new()
    attempt.create(SPEC)
    assert attempt.spec() == SPEC
    assert status.read(attempt) == Unclaimed()


def test_an_attempt_is_made_once(new: Callable[[], AttemptDir]) -> None:
    attempt = new()
    attempt.create(SPEC)
    with pytest.raises(OSError, match="exists|not empty"):
        attempt.create(SPEC)
    assert [path.name for path in attempt.path.parent.iterdir()] == [attempt.id]


def test_a_mark_that_a_full_disk_left_empty_still_abandons(new: Callable[[], AttemptDir]) -> None:
    attempt = new()
    attempt.path.mkdir(parents=True)
    (attempt.path / record.ABANDONED).touch()
    assert status.abandon(attempt)
    assert status.read(attempt) == Abandoned()


def test_success_is_an_accepted_code_that_the_command_chose_itself() -> None:
    assert SPEC.accepts(Result("itself", exit_code=2))
    assert not SPEC.accepts(Result("itself", exit_code=1))
    assert not SPEC.accepts(Result("itself", signal=9))
    assert not SPEC.accepts(Result("timeout", exit_code=0))
