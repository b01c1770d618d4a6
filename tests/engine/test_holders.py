"""What is said of a holder, who must keep a lock, and from whom it may be taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.engine.circumstances import Refusal
from cockpit.engine.holders import needed, over, said
from cockpit.execution.locks import UNKNOWN, Holder
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import fold
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptUnknown,
    RunFinished,
    RunStarted,
    StepOutline,
)

ADA = Holder("ada", "web-1", "left", "run-1", "Roll back login", 1_760_000_000 * SECOND, 4711)
BO = replace(ADA, person="bo", run="run-2", profile="right", reason="ada sleeps")
STARTED = RunStarted(
    run="r", runbook="b", title="Mend it", digest="d", source="", path="p", lock="auth",
    steps=(StepOutline("one", "Restart auth", "command", "write", undo="start it"),),
)  # fmt: skip
INTENDED = AttemptIntended(run="r", step="one", attempt="a", command="c", digest="d")
ENDED = AttemptFinished(run="r", step="one", attempt="a", ok=True, exit_code=0)
LOST = AttemptUnknown(run="r", step="one", attempt="a", why="still running", pid=7)
SETTLED = AttemptSettled(run="r", step="one", attempt="a", verdict="took_effect", reason="I looked")
OVER = RunFinished(run="r", outcome="stopped")
UNDOING = msgspec.structs.replace(INTENDED, attempt="b", direction="rollback")


def test_a_holder_is_named_with_all_that_helps_to_find_them() -> None:
    assert said(None) == ""
    assert said(ADA) == "ada works on it since 08:53:20Z: Roll back login (profile left on web-1)"
    assert said(BO).endswith("(profile right on web-1); took it over: ada sleeps")
    assert said(UNKNOWN) == "nobody knows who works on it: its lock cannot be read"


@pytest.mark.parametrize(
    "reason, named, code",
    [("", said(ADA), "invalid"), (" ", said(ADA), "invalid"), ("mine", "", "stale"), ("mine", said(BO), "stale")],
)
def test_a_lock_is_taken_over_only_with_a_reason_and_from_the_one_who_was_shown(
    reason: str, named: str, code: str
) -> None:
    with pytest.raises(Refusal, match="ada works on it") as refused:
        over(ADA, reason, named)
    assert refused.value.code == code
    assert over(ADA, "she sleeps", said(ADA)) == ADA
    assert over(None, "", "") is None


@pytest.mark.parametrize(
    "bodies, incident_open, keeps",
    [
        ((STARTED,), True, True),
        ((STARTED,), False, False),
        ((STARTED, INTENDED, ENDED, OVER), True, False),
        ((STARTED, INTENDED, OVER), True, True),
        ((STARTED, INTENDED, LOST, OVER), True, True),
        ((STARTED, INTENDED, LOST, OVER), False, True),
        ((STARTED, INTENDED, LOST, SETTLED, OVER), True, False),
        ((STARTED, INTENDED, ENDED, OVER, UNDOING), True, True),
        ((msgspec.structs.replace(STARTED, lock=""),), True, False),
    ],
)
def test_a_lock_is_kept_while_something_may_be_at_work(
    bodies: Sequence[Body], incident_open: bool, keeps: bool
) -> None:
    events = (Event("INC-1", seq, seq, seq, "ada", "h", body) for seq, body in enumerate(bodies, 1))
    assert needed(fold(events).runs["r"], incident_open) == keeps
