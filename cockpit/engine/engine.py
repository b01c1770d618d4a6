"""Puts the rooms together: what the engine is made of, and in which order it starts and stops."""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from cockpit import __version__
from cockpit.broadcast.senders.make import make as make_senders
from cockpit.broadcast.slack.ears import ears
from cockpit.clock import Clock
from cockpit.config.model import Config
from cockpit.config.secrets import resolve
from cockpit.engine.aftermath import Aftermath, Grounds, expectations
from cockpit.engine.board import Board
from cockpit.engine.broadcastview import Dispatch
from cockpit.engine.carrying import Pace
from cockpit.engine.changing import Changing
from cockpit.engine.core import RECENT, Core
from cockpit.engine.drawing import Drawing
from cockpit.engine.following import Publishing, Surroundings, follow, restated
from cockpit.engine.freezing import Freezing
from cockpit.engine.grants import Grants
from cockpit.engine.intaking import Intaking
from cockpit.engine.judging import Judge
from cockpit.engine.keeping import Keeper
from cockpit.engine.listening import Listening
from cockpit.engine.locking import Locks
from cockpit.engine.performing import Hands, Performer
from cockpit.engine.plans import Plans, Shelf
from cockpit.engine.posting import Poster
from cockpit.engine.previewing import Previewing
from cockpit.engine.probing import Probing
from cockpit.engine.recalling import earlier, latest_incident
from cockpit.engine.recollecting import Recollecting
from cockpit.engine.recording import Recorder
from cockpit.engine.remembering import Memory, remembered
from cockpit.engine.reminding import Reminder
from cockpit.engine.rows import Rows
from cockpit.engine.running import Launch, Runner
from cockpit.engine.secrecy import masked
from cockpit.engine.serving import Server
from cockpit.engine.session import Show
from cockpit.engine.vault import Vault
from cockpit.engine.waiting import waiting
from cockpit.engine.waking import Waking
from cockpit.engine.wording import wording
from cockpit.execution.launch import Launcher
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.runs import AttemptFinished
from cockpit.incident.vocabulary import ChangeSeen, EngineStarted
from cockpit.incident.watching import Watching
from cockpit.intake.make import make as make_intakes
from cockpit.journal.errors import JournalError
from cockpit.journal.store import Journal, Letter
from cockpit.journal.telemetry import Telemetry
from cockpit.platform.places import Places
from cockpit.probes.fetch import ask
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport
from cockpit.protocol.messages import Welcome
from cockpit.protocol.views import ClockView
from cockpit.tasks import TaskSet
from cockpit.text import Redactor

log = logging.getLogger(__name__)

SAMPLES_SHOWN_EVERY = 0.5
"""Real seconds between two looks at figures that make no event."""
CHECKPOINT_EVERY = 60.0
"""Real seconds between two checkpoints."""


@dataclass(frozen=True)
class Ways:
    """The ways out into the world: how endpoints are asked, and how commands are started."""

    transport: ProbeTransport = field(default_factory=ProbeTransport)
    launch: Launch = field(default_factory=lambda: Launcher().launch)


class Engine:
    """Everything that goes on without a terminal."""

    def __init__(
        self, places: Places, config: Config, clock: Clock, journal: Journal, watch: State, latest: State | None,
        before: Watching, ways: Ways, *, profile: str, config_path: str, drill: str, shutdown: Callable[[], None],
    ) -> None:  # fmt: skip
        self._places = places
        self._config = config
        self._clock = clock
        self._profile = profile
        self._config_path = config_path
        self._drill = drill
        self._shutdown = shutdown
        self._stopped_by = ""
        self._tasks = TaskSet(self._failed)
        self._faults: dict[str, str] = {}
        self._journal = journal
        self._plans = Plans()
        secrets = resolve(config, os.environ, config_path)
        self._warnings = tuple(str(problem) for problem in secrets.problems)
        self._redact = Redactor(secrets.values.values())
        self._core = Core(journal, clock, self._follow, watch, latest, before, self._restate)
        self._board = Board(config, self._core.watching, remembered(places.home), clock.now())
        self._memory = Memory(places.home, self._board)
        self._recorder = Recorder(self._core)
        self._transport = ways.transport
        asking = partial(ask, self._transport)
        self._probing = Probing(self._core, self._board, self._recorder, clock, config.self_check)
        intakes = make_intakes(config.intake, asking, secrets.reveal, clock)
        self._intaking = Intaking(self._core, self._recorder, intakes.sources, intakes.listeners, clock)
        self._changing = Changing(self._core, self._recorder, config.changes, clock, self._redact)
        base = Path(config_path).parent if config_path else places.home
        self._tools = Tools(self._transport, clock, os.environ, base)
        self._freezing = Freezing(
            self._core, self._recorder, config.freeze, clock, os.environ, base, asking, profile=profile
        )
        self._senders = make_senders(
            config.broadcast.destinations, secrets.reveal, base, asking, config.broadcast.people
        )
        words, wrong = wording(config.broadcast.templates, base)
        self._warnings += wrong
        self._publishing = Publishing(
            {name: sender.takes for name, sender in self._senders.items()}, config.broadcast.routes,
            config.broadcast.grace, config.broadcast.call or "", config.broadcast.people, words,
        )  # fmt: skip
        told = config.broadcast
        self._poster = Poster(
            self._core, self._senders, clock, Pace(told.floor, told.late_arrival),
            {each.name: each.fallback for each in told.destinations}, self._redact,
        )  # fmt: skip
        self._listening = Listening(
            self._core, self._recorder, ears(told.destinations, secrets.reveal, os.environ, clock), told.people,
            self._board.figures, clock, self._redact, words,
        )  # fmt: skip
        self._grants = Grants()
        self._vault = Vault(self._redact)
        self._runner = Runner(
            self._core, self._recorder, places.attempts, self._plans.of, self._redact, self._grants, self._vault,
            ways.launch,
        )  # fmt: skip
        self._judge = Judge(self._core, self._board, clock, self._plans.all, self._probing.now, self._grants)
        self._reminder = Reminder(self._core, self._board, clock, config.broadcast.cadence)
        self._recollecting = Recollecting(self._core, self._recorder, places)
        self._aftermath = Aftermath(self._core, self._board, clock)
        self._keeper = Keeper(Telemetry(places.telemetry), clock, config.telemetry.keep)
        self._probing.on_sample.append(lambda lane, sample: self._keeper.take(lane.target.name, sample))
        self._waking = Waking(self._recorder, self._after_a_gap)
        # What a drill works on is a world of its own.
        locks = places.home / "locks" if drill else places.service_locks
        self._locks = Locks(self._core, clock, locks, profile=profile, host=os.uname().nodename)
        self._shelf = Shelf(
            [base / directory for directory in config.runbooks], places.trust, self._board.names, self._locks.holder,
            config.bundled,
        )  # fmt: skip
        self._performer = Performer(
            self._core, self._runner, self._board, self._shelf, self._plans, clock,
            Hands(
                self._probing.now, self._intaking.act, self._changing.cancel, lambda: self._server.present,
                lambda: tuple(each.update for each in self._dispatch().waiting),
                self._recollecting.forget,
            ),
            self._grants, self._vault, self._locks,
            cadence=config.broadcast.cadence, drill=drill, redact=self._redact, destinations=tuple(self._senders),
            people=told.people, objection=config.gates.objection,
        )  # fmt: skip
        self._drawing = Drawing(
            self._core, self._board, self._runner, self._dispatch, self._plans, self._changing, self._intaking, clock,
            self._vault.lacking, alarms=self._alarms, profile=profile, drill=drill,
            call=config.broadcast.call or "", relief_after=config.broadcast.relief,
            templates=words,
        )  # fmt: skip
        self._previewing = Previewing(self._core, self._performer.around, self._surroundings, self._redact)
        self._rows = Rows(journal, self._redact)
        self._server = Server(places.socket, self._show())

    @classmethod
    async def open(
        cls, places: Places, config: Config, clock: Clock, *,
        profile: str, config_path: str, drill: str, shutdown: Callable[[], None], ways: Ways | None = None,
    ) -> Engine:  # fmt: skip
        """An engine on the journal in these places, with the state it left; JournalError when there is none to have."""
        journal = await Journal.open(places.journal, clock=clock, host=os.uname().nodename)
        try:
            watch = await journal.load(WATCH)
            latest = await latest_incident(journal)
            engine = cls(
                places, config, clock, journal, watch, latest, await earlier(journal, latest), ways or Ways(),
                profile=profile, config_path=config_path, drill=drill, shutdown=shutdown,
            )  # fmt: skip
            engine._core.recent.extend(await journal.read(WATCH, after=max(0, watch.seq - RECENT), limit=RECENT))
            return engine
        except BaseException:
            await journal.close()
            raise

    async def start(self) -> None:
        """Record the start, take up what was left, probe, and answer terminals."""
        # A clean end takes the socket away.
        unclean = self._places.socket.exists()
        started = EngineStarted(program=__version__, pid=os.getpid(), unclean=unclean)
        self._recorder.post(Draft(body=started, actor="cockpit"))
        self._tasks.spawn(self._recorder.run(), "recorder")
        self._tasks.spawn(self._runner.run(), "runner")
        self._tasks.spawn(self._poster.run(), "poster")
        self._tasks.spawn(self._judge.run(), "judge")
        self._tasks.spawn(self._reminder.run(), "reminder")
        self._tasks.spawn(self._locks.run(), "locks")
        self._tasks.spawn(self._waking.run(), "waking")
        self._tasks.spawn(self._aftermath.run(), "aftermath")
        self._tasks.spawn(self._recollecting.run(), "seen before")
        self._tasks.spawn(self._keeper.run(), "telemetry")
        self._tasks.spawn(self._memory.run(), "memory")
        self._tasks.spawn(self._freezing.run(), "freeze")
        self._tasks.spawn(self._show_samples(), "samples")
        self._tasks.spawn(self._checkpoints(), "checkpoints")
        self._probing.start(self._tools, self._tasks)
        self._changing.start(self._tools, self._tasks)
        self._intaking.start(self._tasks)
        self._listening.start(self._tasks)
        await self._server.start()

    async def close(self) -> None:
        """Let go of everything; running commands go on under their supervisors."""
        await self._server.close(self._stopped_by)
        await self._tasks.close()
        await self._memory.write()
        await self._keeper.close()
        await self._probing.close()
        await self._transport.aclose()
        await self._journal.close()

    def _follow(self, state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
        drafts = [msgspec.structs.replace(draft, body=masked(draft.body, self._redact)) for draft in drafts]
        drafts = [*drafts, *self._expected(state, drafts)]
        if state.stream == WATCH:
            # Nothing else follows there, and looking at every probe for each turn of one would be felt.
            return drafts, ()
        return follow(state, drafts, self._surroundings(state))

    def _restate(self, state: State) -> Sequence[Letter]:
        return restated(state, self._surroundings(state))

    def _surroundings(self, state: State) -> Surroundings:
        return Surroundings(
            moment=self._board.moment(self._clock.now(), self._grants.held), new_id=uuid.uuid4().hex[:12],
            plans=self._plans.all(state.runs.values()), cadence=self._config.broadcast.cadence,
            publishing=self._publishing, redact=self._redact,
        )  # fmt: skip

    def _dispatch(self) -> Dispatch:
        routes, senders = self._config.broadcast.routes, self._senders
        switched = any("switch" in senders[route].takes for route in routes)
        return Dispatch(
            routes=routes, spares=tuple(name for name in senders if name not in routes),
            queued=Counter(letter.letter.destination for letter in self._poster.queue),
            waiting=waiting(self._poster.queue, self._core.shown, self._clock.now()),
            grace=self._config.broadcast.grace if switched else None,
        )  # fmt: skip

    def _after_a_gap(self) -> None:
        # A confirmation given before the host slept is not one given now.
        self._grants.void()
        self._probing.restagger()

    def _expected(self, state: State, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
        if not any(isinstance(draft.body, ChangeSeen | AttemptFinished) for draft in drafts):
            return ()
        grounds = Grounds(
            self._board.lanes, self._plans.all(state.runs.values()), self._clock.now(),
            self._config.telemetry.deploy_watch, self._core.watching.effects,
        )  # fmt: skip
        return expectations(drafts, state.runs, grounds)

    def _show(self) -> Show:
        core = self._core
        return Show(
            welcome=self._welcome,
            clock=lambda: ClockView(self._clock.now(), self._clock.speed),
            panes=self._drawing.panes,
            rows=self._rows.between,
            head=lambda: (core.shown.stream, core.shown.seq),
            watch_head=lambda: core.watch_head,
            runbooks=self._shelf.listing,
            card=self._drawing.card,
            changes=self._drawing.changes,
            freeze=self._freezing.view,
            preview=self._previewing.view,
            perform=self._performer.perform,
            waker=core.waker,
            forget=core.forget,
            shutdown=self._stop,
        )

    def _stop(self, by: str) -> None:
        self._stopped_by = by
        self._shutdown()

    def _welcome(self, version: int) -> Welcome:
        shown = self._core.shown
        return Welcome(
            version=version, program=__version__, pid=os.getpid(), profile=self._profile, config=self._config_path,
            stream=shown.stream, head=shown.seq, now=self._clock.now(), speed=self._clock.speed,
        )  # fmt: skip

    def _alarms(self) -> tuple[str, ...]:
        tight = "the disk is almost full" if self._journal.tight else ""
        return (
            self._places.notice,
            tight,
            *self._warnings,
            self._recorder.alarm,
            self._recorder.lost,
            self._keeper.alarm,
            *self._plans.alarms(self._core.shown.runs.values()),
            self._memory.alarm,
            *self._changing.alarms,
            *(self._redact(alarm) for alarm in self._poster.alarms),
            *self._freezing.alarms,
            *(self._redact(alarm) for alarm in self._intaking.alarms),
            *(self._redact(alarm) for alarm in self._listening.alarms),
            *self._faults.values(),
        )

    async def _show_samples(self) -> None:
        while True:
            await asyncio.sleep(SAMPLES_SHOWN_EVERY)
            self._core.wake()

    async def _checkpoints(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY)
            try:
                await self._core.checkpoint()
            except JournalError as error:
                log.warning("no checkpoint this time: %s", error.message)

    def _failed(self, name: str, error: BaseException) -> None:
        # What failed stays off and is said so on every screen: a part that dies silently looks like good news.
        log.error("%s failed", name, exc_info=error)
        self._faults[name] = f"{name} stopped by a fault of the cockpit: {type(error).__name__}; see {self._places.log}"
        self._core.wake()
