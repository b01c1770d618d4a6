"""Carries out what people ask: once, on what is so, and with an answer that a resend gets again."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

import msgspec

from cockpit.changes.source import CannotCancel
from cockpit.clock import Clock
from cockpit.config.broadcasting import Cadence
from cockpit.engine import deciding
from cockpit.engine.board import Board
from cockpit.engine.circumstances import Circumstances, Offered, Refusal, RefusalCode
from cockpit.engine.core import Core
from cockpit.engine.environment import allowed
from cockpit.engine.grants import Grants
from cockpit.engine.locking import Locks
from cockpit.engine.plans import Plans, Shelf, Unreadable
from cockpit.engine.running import Runner
from cockpit.engine.secrecy import masked
from cockpit.engine.vault import Vault
from cockpit.incident.event import Draft
from cockpit.incident.fold import State
from cockpit.incident.run import Run
from cockpit.incident.runs import AttemptFinished, AttemptUnknown
from cockpit.incident.vocabulary import AlertActed, NoteAdded
from cockpit.journal.errors import Duplicate, JournalError, Missing, StorageFault
from cockpit.journal.store import Answered
from cockpit.protocol import commands
from cockpit.protocol.messages import Answer, Do
from cockpit.runbooks import player
from cockpit.runbooks.params import amiss_secrets
from cockpit.runbooks.plan import Plan
from cockpit.text import Redactor, SafeText

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hands:
    """What reaches out of the cockpit when a person asks for it, who is attached, and which updates still wait.

    `look_now` says whether there was anything to look at; `act_on_alert` raises Refusal when nothing was asked;
    `cancel_job` raises CannotCancel. `forget` lets go of what was read of earlier incidents: some of it was erased.
    """

    look_now: Callable[[str], bool]
    act_on_alert: Callable[[commands.ActOnAlert, str], Awaitable[tuple[AlertActed, str]]]
    cancel_job: Callable[[str, str], Awaitable[str]]
    present: Callable[[], frozenset[str]]
    waiting: Callable[[], Collection[str]]
    forget: Callable[[], None]


class Performer:
    """Turns commands into events. What a command means is decided in `deciding`; the order of things is kept here."""

    def __init__(
        self, core: Core, runner: Runner, board: Board, shelf: Shelf, plans: Plans, clock: Clock, hands: Hands,
        grants: Grants, vault: Vault, locks: Locks, *,
        cadence: Cadence, drill: str, redact: Redactor, destinations: Collection[str],
        people: Collection[str], objection: float,
    ) -> None:  # fmt: skip
        self._core = core
        self._hands = hands
        self._reaching: set[str] = set()
        self._runner = runner
        self._board = board
        self._shelf = shelf
        self._plans = plans
        self._clock = clock
        self._cadence = cadence
        self._drill = drill
        self._redact = redact
        self._grants = grants
        self._vault = vault
        self._locks = locks
        self._destinations = destinations
        self._people = people
        self._objection = objection

    async def perform(self, do: Do, actor: str) -> Answer:
        """Carry out a command; whatever goes wrong is in the answer."""
        # Before anything is said or kept: the answer repeats a person's words too.
        do = msgspec.structs.replace(do, command=masked(do.command, self._redact))
        try:
            return await self._known(do) or await self._performed(do, actor)
        except Refusal as refusal:
            # Sent twice at once: what the other one did may be why this one no longer fits.
            return await self._known(do) or self._refused(do, refusal.code, refusal.text)
        except Duplicate:
            return await self._known(do) or self._refused(do, "storage", "this was done; its answer is lost")
        except Missing as missing:
            return await self._known(do) or self._refused(do, "invalid", missing.message)
        except StorageFault as fault:
            words = f"it may or may not have been recorded: {fault.message} Look at the timeline before you repeat it."
            return self._refused(do, "storage", words)
        except JournalError as error:
            return self._refused(do, "storage", f"not recorded, so not done: {error.message}")
        except Exception as error:
            log.exception("a %s could not be carried out", type(do.command).__name__)
            return self._refused(do, "fault", f"not done, by a fault of the cockpit: {type(error).__name__}")

    async def _known(self, do: Do) -> Answer | None:
        kept = await self._core.journal.answer_to(do.id)
        return None if kept is None else self._answer(do, SafeText(kept.decode()))

    async def _performed(self, do: Do, actor: str) -> Answer:
        command = do.command
        if isinstance(command, commands.Redact):
            return await self._redacted(do, command, actor)
        if isinstance(command, commands.ProbeNow):
            return self._looked(do, command)
        if isinstance(command, commands.ActOnAlert | commands.CancelJob):
            return await self._reached_out(do, command, actor)
        if isinstance(command, commands.TakeOver):
            return await self._taken_over(do, command, actor)
        offered: Offered | None = None
        if isinstance(command, commands.StartRun):
            offered = await self._shelf.take(command.runbook, command.trust)
        new_id, words = uuid.uuid4().hex[:12], ""

        def declare(state: State) -> tuple[Sequence[Draft], Answered]:
            nonlocal words
            assert isinstance(command, commands.Declare)
            drafts, words = deciding.declare(state, command, self.around(actor, new_id, offered))
            return drafts, Answered(do.id, words.encode())

        def act(state: State) -> tuple[Sequence[Draft], Answered]:
            nonlocal words
            self._check_fresh(do, state, actor)
            around = self.around(actor, new_id, offered)
            bodies, words = deciding.decide(state, command, around)
            at = deciding.happened(command, around.now)
            return [Draft(body=body, actor=actor, occurred_at=at) for body in bodies], Answered(do.id, words.encode())

        async def record(held: Offered) -> None:
            nonlocal offered
            offered = held
            await self._core.act(act)

        if isinstance(command, commands.Declare):
            await self._core.declare(declare)
        elif isinstance(command, commands.Confirm):
            async with self._locks.held(self._run(command.run)):
                with self._grants.given(command.run, new_id, self._confirmed(command)):
                    await self._core.act(act)
        elif isinstance(command, commands.StartRun) and offered is not None:
            # Before a lock is taken for it, perhaps from somebody.
            act(self._core.shown)
            await self._locks.start(command, offered, new_id, actor, record)
        else:
            await self._core.act(act)
        return self._answer(do, SafeText(words))

    def _confirmed(self, command: commands.Confirm) -> dict[str, str]:
        """The environment that the confirmed command gets, with its secrets known from here on."""
        run = self._run(command.run)
        plan = self._plan(run)
        if problems := amiss_secrets(plan.params, command.secrets):
            raise Refusal("invalid", "; ".join(problems))
        environment = allowed(command.env, plan)
        self._vault.learn(run, plan, environment, command.secrets)
        for action in player.offers(plan, run):
            if action.step == command.step and action.command is not None:
                if lacking := self._vault.lacking(run, action.command):
                    raise Refusal("invalid", f"it needs {', '.join(lacking)}, which this engine does not have: give it")
        return environment

    def _check_fresh(self, do: Do, state: State, actor: str) -> None:
        if not do.stream:
            return
        if do.stream != state.stream:
            raise Refusal("stale", f"the screen showed {do.stream}, now it is {state.stream}: look again")
        since = [event for event in self._core.recent if event.stream == do.stream and event.seq > do.decided_on]
        missed = state.seq - do.decided_on - len(since)
        if words := deciding.stale(do.command, since, missed, actor):
            raise Refusal("stale", words)

    async def _redacted(self, do: Do, command: commands.Redact, actor: str) -> Answer:
        events = await self._core.journal.read(command.stream, after=command.seq - 1, limit=1)
        for event in events:
            deciding.check_erasable(self._core.shown, event)
            # What a command printed says at least as much as the event of its end.
            if isinstance(event.body, AttemptFinished | AttemptUnknown):
                await self._runner.erase(event.body.attempt)
        answer = Answered(do.id, b"erased")
        await self._core.redact(command.stream, command.seq, command.reason, actor, answer)
        self._hands.forget()
        return self._answer(do, SafeText("erased"))

    async def _taken_over(self, do: Do, command: commands.TakeOver, actor: str) -> Answer:
        run = self._run(command.run)
        if not self._core.incident_open:
            raise Refusal("invalid", "no incident is open: declare one first")
        words = f"{run.lock} is yours again"
        answer = Answered(do.id, words.encode())
        await self._locks.take_over(
            command, run, actor, lambda body: self._core.act(lambda _: ((Draft(body=body, actor=actor),), answer))
        )
        return self._answer(do, SafeText(words))

    def _looked(self, do: Do, command: commands.ProbeNow) -> Answer:
        if not self._hands.look_now(command.probe):
            why = f"{command.probe} is not asked now" if command.probe else "everything is well"
            raise Refusal("invalid", f"nothing to look at: {why}")
        return self._answer(do, SafeText(f"looking now at {command.probe or 'all that is not well'}"))

    async def _reached_out(self, do: Do, command: commands.ActOnAlert | commands.CancelJob, actor: str) -> Answer:
        if do.id in self._reaching:
            raise Refusal("invalid", "it is being asked for: wait for the answer to the first time")
        self._reaching.add(do.id)
        try:
            body, words = await self._asked(command, actor)
        finally:
            self._reaching.discard(do.id)
        # On record whether it was accepted or not: the other system may have heard of it all the same.
        await self._core.act(lambda _: ((Draft(body=body, actor=actor),), Answered(do.id, words.encode())))
        refused = isinstance(body, AlertActed) and not body.ok
        return self._refused(do, "fault", words) if refused else self._answer(do, SafeText(words))

    async def _asked(
        self, command: commands.ActOnAlert | commands.CancelJob, actor: str
    ) -> tuple[AlertActed | NoteAdded, str]:
        if isinstance(command, commands.ActOnAlert):
            return await self._hands.act_on_alert(command, actor)
        try:
            words = await self._hands.cancel_job(command.source, command.job)
        except CannotCancel as error:
            raise Refusal("invalid", str(error)) from error
        return NoteAdded(text=f"asked {command.source} to cancel job {command.job}", source="ci"), words

    def _run(self, run_id: str) -> Run:
        run = self._core.shown.runs.get(run_id)
        if run is None:
            raise Refusal("invalid", "there is no such run")
        return run

    def _plan(self, run: Run) -> Plan:
        try:
            return self._plans.of(run)
        except Unreadable as unreadable:
            raise Refusal("invalid", str(unreadable)) from unreadable

    def around(self, actor: str, new_id: str, offered: Offered | None = None) -> Circumstances:
        """As things are within the turn: what was recorded while the command waited for it counts too."""
        now = self._clock.now()
        moment = self._board.moment(now, ())
        return Circumstances(
            actor=actor, now=now, new_id=new_id, watching=self._core.watching,
            figures=moment.figures, cadence=self._cadence,
            plans=self._plans.all(self._core.shown.runs.values()), probes=self._board.states(now),
            names=self._board.names, recent=tuple(self._core.recent), drill=self._drill, offered=offered,
            destinations=self._destinations, waiting=self._hands.waiting(), people=self._people,
            present=self._hands.present(), objection=self._objection, whole=self._board.whole(now),
            steady=moment.steady,
        )  # fmt: skip

    def _answer(self, do: Do, text: SafeText) -> Answer:
        shown = self._core.shown
        return Answer(do.id, True, text, stream=shown.stream, seq=shown.seq)

    def _refused(self, do: Do, code: RefusalCode, text: str) -> Answer:
        shown = self._core.shown
        return Answer(do.id, False, SafeText(text), code, stream=shown.stream, seq=shown.seq)
