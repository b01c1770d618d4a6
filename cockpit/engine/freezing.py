"""Keeps the published freeze true: at every place, after every change, and again before anybody stops believing it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from cockpit.clock import SECOND, Clock
from cockpit.config.fields import EnvReference
from cockpit.config.freezing import FreezeConfig, Publish, PublishFile, PublishGit, PublishPut
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.freeze.document import Document, Override
from cockpit.freeze.publishers.file import FilePublisher
from cockpit.freeze.publishers.git import GitPublisher
from cockpit.freeze.publishers.publisher import Publisher, Unpublished
from cockpit.freeze.publishers.put import PutPublisher
from cockpit.freeze.signing import SHORTEST_KEY, encoded
from cockpit.incident.event import Draft
from cockpit.incident.fold import State
from cockpit.incident.freezing import Freeze
from cockpit.incident.vocabulary import FreezeLifted
from cockpit.protocol.views import BreachView, FreezeView, OutletView, OverrideView
from cockpit.text import Redactor, SafeText
from cockpit.web import Ask

log = logging.getLogger(__name__)

LONGEST_NAP = 1.0
"""Real seconds between two looks when nothing else wakes us."""
FIRST_RETRY = 2.0
LONGEST_RETRY = 60.0
"""Incident seconds between tries at a place that does not take the document."""
WORDS = 300


class Outlet:
    """One place, what it was last given, and why it did not take the last one."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.given: Document | None = None
        self.problem = ""
        self._said: Freeze | None = None
        self._state = ""
        self._at = 0.0
        self._pause = 0.0

    def due(self, wanted: Document, said: Freeze, every: float, monotonic: float) -> bool:
        """Whether the place is to be given what is so now: news at once, the rest in time."""
        if said != self._said or wanted.state != self._state:
            return True
        if self.problem:
            return monotonic - self._at >= self._pause
        # The wall clock too: the other one stands still while the host sleeps, and the readers' do not.
        age = abs(wanted.published_at - self.given.published_at) / SECOND if self.given else every
        return age >= every or monotonic - self._at >= every

    def tried(self, wanted: Document, said: Freeze, problem: str, monotonic: float) -> None:
        """Keep what came of giving it."""
        news = said != self._said or wanted.state != self._state
        self._said, self._state, self._at, self.problem = said, wanted.state, monotonic, problem
        if problem:
            self._pause = FIRST_RETRY if news or not self._pause else min(self._pause * 2, LONGEST_RETRY)
        else:
            self._pause, self.given = 0.0, wanted


class Freezing:
    """One task a place, so that one that hangs holds up none of the others; and the end of a freeze, on record."""

    def __init__(
        self, core: Core, recorder: Recorder, config: FreezeConfig, clock: Clock, env: Mapping[str, str], base: Path,
        ask: Ask, *, profile: str,
    ) -> None:  # fmt: skip
        """`base` is where relative paths of the config start; `env` holds the key and the tokens by their names."""
        self._core = core
        self._recorder = recorder
        self._config = config
        self._clock = clock
        self._profile = profile
        self._key = env.get(config.key.env, "").strip() if config.key is not None else ""
        self._redact = Redactor([self._key, *(env.get(name, "") for name in _variables(config.publish))])
        self._outlets = tuple(Outlet(_publisher(each, env, base, ask)) for each in config.publish)
        self._ended = 0

    @property
    def alarms(self) -> tuple[str, ...]:
        """What pipelines do not see as it is, in words; a document that is not signed too."""
        failed = [f"freeze: {each.publisher.name}: {each.problem}" for each in self._outlets if each.problem]
        return (*failed, *([self._doubt()] if self._outlets and self._doubt() else []))

    def view(self) -> FreezeView:
        """The freeze in detail, for whoever asks."""
        return view(self._core.watching.freeze, self._clock.now(), self._config.scopes, self._outlets)

    async def run(self) -> None:
        """Publish for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_the_end(), name="freeze end")
            for outlet in self._outlets:
                tasks.create_task(self._keep(outlet), name=outlet.publisher.name)

    def _doubt(self) -> str:
        if self._config.key is None:
            return "pipelines refuse the freeze: not signed, there is no key in the config"
        if not self._key:
            return f"pipelines refuse the freeze: not signed, {self._config.key.env} is not set"
        if len(self._key) < SHORTEST_KEY:
            return f"freeze: {self._config.key.env} is shorter than {SHORTEST_KEY} characters: it could be guessed"
        return ""

    async def _keep(self, outlet: Outlet) -> None:
        waker = self._core.waker()
        try:
            while True:
                waker.clear()
                # Looked at anew each time: what was said while a place hung is not owed to it, only what is so.
                said = self._core.watching.freeze
                wanted = statement(said, self._clock.now(), self._config.valid_for, self._profile)
                if outlet.due(wanted, said, self._config.every, self._clock.monotonic()):
                    await self._give(outlet, wanted, said)
                else:
                    await _woken(waker)
        finally:
            self._core.forget(waker)

    async def _give(self, outlet: Outlet, wanted: Document, said: Freeze) -> None:
        problem = ""
        try:
            await outlet.publisher.publish(encoded(wanted, self._key))
        except Unpublished as error:
            problem = SafeText(self._redact(str(error)), WORDS).line or "it failed"
        told = outlet.problem
        outlet.tried(wanted, said, problem, self._clock.monotonic())
        if problem != told:
            log.warning("freeze: %s: %s", outlet.publisher.name, problem or "published again")
            self._core.wake()

    async def _watch_the_end(self) -> None:
        waker = self._core.waker()
        try:
            while True:
                waker.clear()
                freeze = self._core.watching.freeze
                if _over(freeze, self._clock.now()) and self._ended != freeze.at:
                    self._ended = freeze.at
                    self._recorder.post_decided(self._end)
                await _woken(waker)
        finally:
            self._core.forget(waker)

    def _end(self, state: State) -> Sequence[Draft]:
        # Within the turn: a person may have prolonged it in the meantime. What was seen is of both streams.
        freeze = self._core.watching.freeze
        if not _over(freeze, self._clock.now()):
            return ()
        return (Draft(body=FreezeLifted(expired=True), actor="cockpit", occurred_at=freeze.until),)


def statement(freeze: Freeze, now: int, valid_for: float, profile: str) -> Document:
    """What is to be published at that moment, believed for `valid_for` incident seconds. Pure."""
    holds = freeze.holds(now)
    return Document(
        profile=profile,
        state="frozen" if holds else "open",
        scope=freeze.scope if holds else (),
        reason=freeze.reason,
        by=freeze.by,
        until=freeze.until if holds else 0,
        serial=freeze.at,
        published_at=now,
        valid_until=now + int(valid_for * SECOND),
        overrides=tuple(Override(each.what, each.reason) for each in freeze.overrides) if holds else (),
    )


def view(freeze: Freeze, now: int, scopes: Sequence[str], outlets: Sequence[Outlet] = ()) -> FreezeView:
    """The freeze in detail. Pure."""
    holds = freeze.holds(now)
    return FreezeView(
        frozen=holds,
        scope=tuple(SafeText(word) for word in freeze.scope) if holds else (),
        reason=SafeText(freeze.reason, WORDS).line,
        by=SafeText(freeze.by),
        since=freeze.at,
        until=freeze.until if holds else 0,
        overrides=tuple(
            OverrideView(SafeText(each.what, WORDS).line, SafeText(each.reason, WORDS).line)
            for each in freeze.overrides
        ),
        breaches=tuple(
            BreachView(each.change, SafeText(each.what, WORDS).line, SafeText(each.who)) for each in freeze.breaches
        ),
        outlets=tuple(
            OutletView(
                SafeText(each.publisher.name, WORDS).line,
                each.given.published_at if each.given else 0,
                SafeText(each.problem, WORDS).line,
            )
            for each in outlets
        ),
        scopes=tuple(SafeText(word) for word in scopes),
        now=now,
    )


def _over(freeze: Freeze, now: int) -> bool:
    return bool(freeze.scope) and not freeze.holds(now)


async def _woken(waker: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LONGEST_NAP):
            await waker.wait()
    except TimeoutError:
        pass


def _variables(publish: Sequence[Publish]) -> list[str]:
    puts = [each for each in publish if isinstance(each, PublishPut)]
    return [value.env for each in puts for value in each.headers.values() if isinstance(value, EnvReference)]


def _publisher(config: Publish, env: Mapping[str, str], base: Path, ask: Ask) -> Publisher:
    match config:
        case PublishFile(path=path):
            return FilePublisher(base / Path(path).expanduser())
        case PublishPut(url=url, headers=headers, timeout=timeout):
            revealed = {name: env.get(each.env, "").strip() if isinstance(each, EnvReference) else each
                        for name, each in headers.items()}  # fmt: skip
            return PutPublisher(url, revealed, timeout, ask)
        case PublishGit():
            return GitPublisher(
                base / Path(config.path).expanduser(), config.branch, config.file, config.remote, config.timeout, env
            )
