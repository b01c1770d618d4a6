"""Asks other systems for their alarms, listens to those that tell, and asks them for what people want done."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from cockpit.clock import Clock, hhmm, wait
from cockpit.engine.circumstances import Refusal
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import AlertActed
from cockpit.intake.difference import difference
from cockpit.intake.source import Action, CannotAct, Found, Source
from cockpit.protocol.commands import ActOnAlert
from cockpit.tasks import TaskSet

if TYPE_CHECKING:
    from cockpit.intake.webhook import Listener

FIRST_WITHIN = 2.0
"""Incident seconds in which every source is asked for the first time."""
BACKOFF_AT_MOST = 60.0
"""Incident seconds between two looks at a source that does not answer, unless its own interval is longer."""
LONGEST_SNOOZE = 7 * 24 * 60.0
"""Minutes."""


class Intaking:
    """One task a source; what a look tells is compared with what is known within the turn that records it.

    A source that does not answer is said to be silent, and its alarms stay as they were.
    """

    def __init__(
        self, core: Core, recorder: Recorder, sources: Sequence[Source], listeners: Sequence[Listener], clock: Clock
    ) -> None:
        self._core = core
        self._recorder = recorder
        self._sources = {source.name: source for source in sources}
        self._listeners = listeners
        self._clock = clock
        self._silent: dict[str, tuple[int, str]] = {}
        self._again = {name: asyncio.Event() for name in self._sources}

    @property
    def alarms(self) -> tuple[str, ...]:
        """What is wrong with the intake, and since when; also alarms that nobody asks about any more."""
        silent = (f"alerts of {name}: {why}; since {hhmm(at)}Z" for name, (at, why) in self._silent.items())
        deaf = (f"alerts of {each.name}: {each.problem}" for each in self._listeners if each.problem)
        return (*silent, *deaf, *self._orphans())

    @property
    def silent_since(self) -> dict[str, int]:
        """The sources that do not answer, each with the moment of its first failed look."""
        return {name: at for name, (at, _) in self._silent.items()}

    def _orphans(self) -> tuple[str, ...]:
        known = {*self._sources, *(each.name for each in self._listeners)}
        lasting = [alert.seen.source for alert in self._core.watching.alerts.values() if not alert.ended]
        orphaned = sorted({source for source in lasting if source not in known})
        return tuple(f"alerts of {each}: nobody asks it any more, so they may be over" for each in orphaned)

    def start(self, tasks: TaskSet) -> None:
        """Begin asking and listening."""
        for source in self._sources.values():
            tasks.spawn(self._keep(source), f"alerts {source.name}")
        for listener in self._listeners:
            tasks.spawn(listener.run(partial(self._told, listener.name)), f"alerts {listener.name}")

    async def _keep(self, source: Source) -> None:
        again, failed = self._again[source.name], 0
        await self._clock.sleep(_share(source.name) * min(source.interval, FIRST_WITHIN))
        while True:
            again.clear()
            found = await source.look()
            self._told(source.name, found)
            failed = failed + 1 if found.problems else 0
            pause = max(found.pause, _backoff(source.interval, failed))
            await wait(again, self._clock, pause)

    def _told(self, name: str, found: Found) -> None:
        self._say(name, found)
        if difference(self._core.watching.alerts, found, name, self._clock.now()):
            self._recorder.post_decided(partial(self._news, name, found))

    def _say(self, name: str, found: Found) -> None:
        before = self._silent.pop(name, None)
        if found.problems:
            since = before[0] if before is not None else self._clock.now()
            self._silent[name] = (since, "; ".join(found.problems))
        if before != self._silent.get(name):
            self._core.wake()

    def _news(self, name: str, found: Found, _: State) -> Sequence[Draft]:
        # Not the stream's own alerts: those raised before an incident are in the other stream.
        bodies = difference(self._core.watching.alerts, found, name, self._clock.now())
        return [Draft(body=body, actor=name) for body in bodies]

    def actions_of(self, alert: str) -> tuple[Action, ...]:
        """What can be asked about the alarm now."""
        known = self._core.watching.alerts.get(alert)
        source = None if known is None else self._sources.get(known.seen.source)
        if known is None or source is None or known.ended:
            return ()
        done = "acknowledge" if known.seen.state == "acknowledged" else ""
        return tuple(action for action in source.actions if action != done)

    async def act(self, command: ActOnAlert, actor: str) -> tuple[AlertActed, str]:
        """Ask the other system; what came of it as an event to record, and in words. Refusal when it is not asked."""
        known = self._core.watching.alerts.get(command.alert)
        if known is None or known.ended:
            raise Refusal("stale", "this alert is over" if known else "there is no such alert")
        if command.action not in self.actions_of(command.alert):
            raise Refusal("not_offered", f"{known.seen.source} cannot {command.action} this alert now")
        if command.action == "snooze" and not 0 < command.minutes <= LONGEST_SNOOZE:
            raise Refusal("invalid", f"a snooze lasts from a minute to {LONGEST_SNOOZE:.0f}: say --minutes")
        source, title = self._sources[known.seen.source], known.seen.title
        asked = partial(AlertActed, alert=command.alert, title=title, action=command.action)
        try:
            done = await source.act(command.alert, command.action, command.minutes, actor)
        except CannotAct as why:
            return asked(ok=False, why=str(why)), f"{source.name} did not {command.action} it: {why}"
        # What it says of the alarm now is worth more than what was asked for.
        self._again[source.name].set()
        return asked(detail=done), f"{title}: {done}"


def _share(name: str) -> float:
    """Where in its first interval a source is asked, from 0 up to 1: not all at once."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) / 2**64


def _backoff(interval: float, failed: int) -> float:
    return interval if not failed else min(interval * 2 ** min(failed, 10), max(interval, BACKOFF_AT_MOST))
