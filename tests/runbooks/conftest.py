"""A run played by hand: every body is folded as the journal would have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.incident import running
from cockpit.incident.event import Body, Event
from cockpit.incident.run import Attempt, Run, Runs
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptStarted,
    AttemptUnknown,
    RunStarted,
    StepAnnounced,
    Verdict,
    VerifyFinished,
)
from cockpit.incident.vocabulary import Figures
from cockpit.protocol.commands import Confirm
from cockpit.runbooks import player
from cockpit.runbooks.accepting import accept
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.plan import Plan, plan
from cockpit.runbooks.player import Refused

EndedBy = Literal["itself", "timeout", "person", "not_found"]


class Played:
    """One run, its plan and the moment."""

    def __init__(self, text: str) -> None:
        self.plan: Plan = plan(parse(text, "played.yaml", Runbook))
        self.now = 1_000 * SECOND
        self.runs: Runs = {}
        self.took: list[Body] = []
        self.attempts = 0
        self.holding = True
        self.figures: dict[str, Figures] = {}
        self.steady: dict[str, int] = {}
        self.take(
            RunStarted(
                run="r", runbook="b", title="B", digest="", source=text, path="", steps=self.plan.outlines
            )
        )  # fmt: skip

    @property
    def run(self) -> Run:
        return self.runs["r"]

    def take(self, *bodies: Body) -> None:
        """Record these."""
        for body in bodies:
            self.now += SECOND
            self.runs = running.reduce(self.runs, Event("s", len(self.took) + 1, self.now, self.now, "ann", "h", body))
            self.took.append(body)

    def moment(self) -> Moment:
        """Now, with every confirmation held, and probes that are up as `steady` says."""
        held = {attempt.root for attempt in self.run.attempts.values()} if self.holding else set()
        return Moment(self.now, self.figures, self.steady, held)

    def follow(self) -> tuple[Body, ...]:
        """Record what follows by itself."""
        bodies = player.consequences(self.plan, self.run, self.moment())
        self.take(*bodies)
        return bodies

    def decide(self, decision: player.Decision) -> None:
        """Record a decision, and what follows from it."""
        assert not isinstance(decision, Refused), decision
        self.take(*decision)
        self.follow()

    def intend(self, step: str, *, undo: bool = False, typed: str = "") -> str:
        """Confirm a command as it is offered; the id of the attempt."""
        wanted = "undo" if undo else "run"
        action = next(each for each in self.offers() if (each.kind, each.step) == (wanted, step))
        self.attempts += 1
        attempt = f"a{self.attempts}"
        command = Confirm(run="r", step=step, digest=action.digest, undo=undo, typed=typed)
        body = player.confirm(self.plan, self.run, command, player.Confirming(attempt, "ann", self.now))
        assert not isinstance(body, StepAnnounced)
        assert not isinstance(body, Refused), body
        self.take(body)
        return attempt

    def run_step(self, step: str, *, ok: bool = True, undo: bool = False, verdict: Verdict | None = None) -> str:
        """Confirm, start and end a command; with a verdict, the verification too."""
        attempt = self.intend(step, undo=undo)
        self.take(AttemptStarted(run="r", step=step, attempt=attempt, pid=7))
        self.take(AttemptFinished(run="r", step=step, attempt=attempt, ok=ok, exit_code=0 if ok else 1))
        self.follow()
        if verdict is not None:
            self.verified(step, verdict)
        return attempt

    def open(self) -> Attempt:
        """The attempt that is under way."""
        return next(attempt for attempt in self.run.attempts.values() if attempt.open)

    def ends(self, text: str = "", code: int = 0, ended_by: EndedBy = "itself") -> None:
        """What is under way ends with this code, having printed this; then follows what follows."""
        attempt = self.open()
        ok = code == 0 and ended_by == "itself"
        found = accept(self.plan, self.run, self.runs.values(), attempt, ok, text)
        self.take(
            AttemptFinished(
                run="r", step=attempt.step, attempt=attempt.id, ok=found.ok, exit_code=code, ended_by=ended_by,
                outputs=found.outputs, why=found.why,
            )
        )  # fmt: skip
        self.follow()

    def lost(self) -> None:
        """Nobody will know what became of what is under way."""
        attempt = self.open()
        self.take(AttemptUnknown(run="r", step=attempt.step, attempt=attempt.id, why="its supervisor died"))
        self.follow()

    def pass_by(self, seconds: float) -> None:
        """Let time pass, and follow what follows."""
        self.now += int(seconds * SECOND)
        self.follow()

    def verified(self, step: str, verdict: Verdict) -> None:
        """End a verification."""
        words = verdict.upper().replace("_", " ")
        self.take(
            VerifyFinished(
                run="r", step=step, probe="p", verdict=verdict, before=Figures(), after=Figures(), words=words
            )
        )  # fmt: skip
        self.follow()

    def offers(self) -> tuple[player.Action, ...]:
        return player.offers(self.plan, self.run)

    def offered(self) -> list[str]:
        """The offers in short: `run restore.revert`."""
        return [f"{action.kind} {action.step}".strip() for action in self.offers()]

    def status(self, step: str) -> str:
        return self.run.step(step).status


@pytest.fixture
def start() -> Callable[[str], Played]:
    """Starts a run of a runbook's text."""
    return Played


@pytest.fixture
def login_flag() -> str:
    """A small runbook with a ladder of two rungs."""
    return (Path(__file__).parent / "restore.yaml").read_text()
