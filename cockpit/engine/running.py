"""Carries every intended attempt to its end, and takes up those that an earlier engine left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from cockpit.clock import passed
from cockpit.engine.bounds import TookTooLong, bounded
from cockpit.engine.core import Core
from cockpit.engine.grants import Grants
from cockpit.engine.plans import Unreadable
from cockpit.engine.preparing import nobody_knows, prepare
from cockpit.engine.recording import Recorder
from cockpit.engine.vault import Vault
from cockpit.execution import spool
from cockpit.execution.attempt import KEPT as SPOOLED
from cockpit.execution.attempt import AttemptDir, Result
from cockpit.execution.follow import Grown, Unstoppable, follow
from cockpit.execution.launch import LaunchFailed
from cockpit.execution.status import Abandoned, Finished, Lost, Running, Unclaimed, abandon, cancel, read
from cockpit.incident.event import Body, Draft
from cockpit.incident.fold import State
from cockpit.incident.run import Attempt, Run
from cockpit.incident.runs import AttemptAbandoned, AttemptFinished, AttemptStarted, AttemptUnknown, SurvivorGone
from cockpit.incident.vocabulary import NoteAdded
from cockpit.runbooks.accepting import Accepted, accept
from cockpit.runbooks.invoking import of_attempt
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.standing import IN_FLIGHT
from cockpit.runbooks.values import Invocation
from cockpit.tasks import TaskSet
from cockpit.text import Redactor, SafeText

log = logging.getLogger(__name__)

Launch = Callable[[AttemptDir, Mapping[str, str]], Awaitable[None]]
"""Has the attempt in its directory run with this environment; LaunchFailed when nothing was started."""

SHOWN_BYTES = 16 * 1024
KEPT = 2_000
"""Characters of a command's last output that are kept in the event of its end."""
SEARCHED_BYTES = 256 * 1024
"""Of what a command printed, first and last: where its values are looked for."""
TOO_LONG = "Its pattern does not come to an end over what was printed."
DROPPED = "The disk was full: not all that it printed was kept."
SURVIVOR_EVERY = 1.0
"""Real seconds between two looks at what was left running."""
RETRY = 5.0
"""Real seconds before an attempt that could not be followed is taken up again."""


class Runner:
    """One task per attempt that has not ended. What it learns becomes events; it decides nothing.

    The environment of an attempt comes from the confirmation it stands under, which is kept in memory only: an
    attempt that is found without one was confirmed to an engine that has died, and is taken up by what its directory
    says.
    """

    def __init__(
        self, core: Core, recorder: Recorder, attempts: Path, plans: Callable[[Run], Plan], redact: Redactor,
        grants: Grants, vault: Vault, launch: Launch,
    ) -> None:  # fmt: skip
        self._core = core
        self._recorder = recorder
        self._attempts = attempts
        self._plans = plans
        self._redact = redact
        self._start = launch
        self._grants = grants
        self._vault = vault
        self._carried: set[str] = set()
        self._tasks = TaskSet(self._failed)
        self.output: tuple[str, int, SafeText] | None = None

    async def erase(self, attempt: str) -> None:
        """Remove what a command printed."""
        await asyncio.to_thread(spool.erase, self._directory(attempt))
        if self.output is not None and self.output[0] == attempt:
            self.output = None

    async def run(self) -> None:
        """Look after attempts for ever."""
        waker = self._core.waker()
        try:
            while True:
                waker.clear()
                self._take_up(self._core.shown)
                await waker.wait()
        finally:
            self._core.forget(waker)
            await self._tasks.close()

    def _take_up(self, state: State) -> None:
        for run in state.runs.values():
            for step in run.steps:
                if step.status not in IN_FLIGHT:
                    continue
                attempt = run.attempts[step.attempt]
                if attempt.stop_asked:
                    # Where it is only being made ready, at the next look.
                    with suppress(OSError):
                        cancel(self._directory(attempt.id))
                if attempt.id not in self._carried:
                    self._carried.add(attempt.id)
                    self._tasks.spawn(self._carry(run, attempt), f"attempt {attempt.id}")

            for attempt in run.attempts.values():
                if attempt.unknown and attempt.pid and (watched := f"survivor of {attempt.id}") not in self._carried:
                    self._carried.add(watched)
                    self._tasks.spawn(self._outlive(run, attempt), watched)

    async def _outlive(self, run: Run, attempt: Attempt) -> None:
        """Wait until nothing of an unknown attempt runs any more: only then does a look at the world tell its end."""
        directory = self._directory(attempt.id)
        while True:
            seen = await asyncio.to_thread(read, directory)
            if not isinstance(seen, Lost):
                return
            if not seen.survivor:
                break
            await asyncio.sleep(SURVIVOR_EVERY)
        why = f"{seen.why}; nothing of it runs any more"
        self._tell(SurvivorGone(run=run.id, step=attempt.step, attempt=attempt.id, why=why))

    async def _carry(self, run: Run, attempt: Attempt) -> None:
        directory = self._directory(attempt.id)
        environment = self._grants.environment(attempt)
        if environment is not None:
            await self._launch(run, attempt, directory, environment)
        elif attempt.started_at and await asyncio.to_thread(_vanished, directory):
            why = "the directory of this attempt is gone, and with it all that was known"
            self._tell(AttemptUnknown(run=run.id, step=attempt.step, attempt=attempt.id, why=why))
            return
        elif not attempt.started_at and await asyncio.to_thread(abandon, directory):
            why = "the engine stopped before the command was started"
            self._tell(AttemptAbandoned(run=run.id, step=attempt.step, attempt=attempt.id, why=why))
            return
        async for seen in follow(directory):
            match seen:
                case Running(pid=pid):
                    if not attempt.started_at:
                        self._tell(AttemptStarted(run=run.id, step=attempt.step, attempt=attempt.id, pid=pid))
                case Grown():
                    await self._show(run, attempt)
                case Finished(result=result):
                    await self._show(run, attempt)
                    self._tell(await self._ended(run, attempt, result))
                case Lost(why=why, survivor=pid):
                    self._tell(AttemptUnknown(run=run.id, step=attempt.step, attempt=attempt.id, why=why, pid=pid))
                case Unstoppable(words=words):
                    self._tell(NoteAdded(text=f"{attempt.step}: {words}", source="cockpit"))
                case Abandoned():
                    why = "it was given up before it started"
                    self._tell(AttemptAbandoned(run=run.id, step=attempt.step, attempt=attempt.id, why=why))

    async def _launch(self, run: Run, attempt: Attempt, directory: AttemptDir, environment: Mapping[str, str]) -> None:
        command = self._command(run, attempt)
        prepared = prepare(command)
        try:
            await asyncio.to_thread(directory.create, prepared)
            await self._start(directory, {**environment, **self._vault.variables(run, command)})
        except (LaunchFailed, OSError) as error:
            log.error("attempt %s could not be started: %s", attempt.id, error)
            # The claim decides: won here, the command can never run; lost, it runs and is followed.
            await asyncio.to_thread(abandon, directory)

    def _command(self, run: Run, attempt: Attempt) -> Invocation:
        command = of_attempt(self._plans(run), self._now(run), attempt)
        if command is None:
            raise RuntimeError(f"step {attempt.step} has no such command")
        return command

    def _now(self, run: Run) -> Run:
        """The run as it is by now; the one that was seen when the incident is not shown any more."""
        return self._core.shown.runs.get(run.id, run)

    async def _ended(self, run: Run, attempt: Attempt, result: Result) -> Body:
        directory = self._directory(attempt.id)
        try:
            command = self._command(run, attempt)
        except Unreadable as unreadable:
            # Its own directory says what counts as success: a result is not lost for want of the runbook.
            spec = await asyncio.to_thread(directory.spec)
            return self._finished(run, attempt, result, Accepted(spec.accepts(result), why=str(unreadable)))
        if nobody_knows(command, result) and run.step(attempt.step).outline.effect != "read":
            why = "the request was sent and no whole answer came: it may have taken effect"
            return AttemptUnknown(run=run.id, step=attempt.step, attempt=attempt.id, why=why)
        accepted = Accepted(prepare(command).accepts(result))
        unseen = self._vault.withheld(run, self._plans(run), command) or _lost(result)
        if accepted.ok:
            printed = "" if unseen else self._redact(await asyncio.to_thread(_printed, directory))
            # The status comes before what the server said.
            printed = printed.partition("\n")[2] if command.call is not None else printed
            runs = self._core.shown.runs.values()
            try:
                with bounded():
                    accepted = accept(self._plans(run), self._now(run), runs, attempt, True, printed)
            except TookTooLong:
                accepted, unseen = Accepted(False), TOO_LONG
            if unseen and not accepted.ok:
                accepted = Accepted(False, why=f"exit {result.exit_code}, but its values cannot be taken. {unseen}")
        return self._finished(run, attempt, result, accepted)

    def _finished(self, run: Run, attempt: Attempt, result: Result, accepted: Accepted) -> AttemptFinished:
        shown = self.output[2] if self.output is not None and self.output[0] == attempt.id else SafeText("")
        return AttemptFinished(
            run=run.id, step=attempt.step, attempt=attempt.id, ok=accepted.ok,
            exit_code=result.exit_code, signal=result.signal, ended_by=result.ended_by,
            seconds=passed(self._core.clock, result.seconds),
            output_bytes=result.output_bytes, tail=shown[-KEPT:], outputs=accepted.outputs, why=accepted.why,
        )  # fmt: skip

    async def _show(self, run: Run, attempt: Attempt) -> None:
        total, raw = await asyncio.to_thread(spool.tail, self._directory(attempt.id), SHOWN_BYTES)
        try:
            withheld = self._vault.withheld(run, self._plans(run), self._command(run, attempt))
        except Unreadable as unreadable:
            withheld = f"Withheld: {unreadable}, so nobody knows which secrets it may hold."
        printed = withheld or self._redact.after_cut(raw.decode(errors="replace"))
        # Made visible it may be four times as long, and the end is what counts.
        text = SafeText(printed, 4 * SHOWN_BYTES)
        self.output = (attempt.id, total, SafeText(text[-SHOWN_BYTES:], SHOWN_BYTES))
        self._core.wake()

    def _tell(self, body: Body) -> None:
        self._recorder.post(Draft(body=body, actor="cockpit"))

    def _directory(self, attempt: str) -> AttemptDir:
        return AttemptDir(self._attempts / attempt, attempt)

    def _failed(self, name: str, error: BaseException) -> None:
        log.error("%s could not be followed", name, exc_info=error)
        asyncio.get_running_loop().call_later(RETRY, self._carried.discard, name.removeprefix("attempt "))


def _printed(directory: AttemptDir) -> str:
    """What values are looked for in: the beginning, and the end where there is more.

    Of the lines where the two are cut apart nothing is taken: half a release is another one, half a secret is not
    known for one.
    """
    head = spool.head(directory, SEARCHED_BYTES)
    total, tail = spool.tail(directory, SEARCHED_BYTES)
    left = total - len(head)
    if left > len(tail):
        whole = head[: head.rfind(b"\n") + 1] + tail.partition(b"\n")[2]
    else:
        whole = head + tail[len(tail) - left :]
    return whole.decode(errors="replace")


def _lost(result: Result) -> str:
    """Why the end of what a command printed may be missing; nothing where only the middle of very much was let go."""
    return DROPPED if result.dropped_bytes > max(0, result.output_bytes - SPOOLED) else ""


def _vanished(directory: AttemptDir) -> bool:
    return isinstance(read(directory), Unclaimed)
