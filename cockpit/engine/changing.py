"""Asks the change feeds what was changed lately."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cockpit.changes.feed import poll
from cockpit.clock import Clock
from cockpit.config.sources import FeedSource
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.probes.fetch import fetch
from cockpit.probes.transport import ProbeTransport
from cockpit.tasks import TaskSet
from cockpit.text import SafeText


class Changing:
    """One task a feed; a change is recorded once, however often the feed tells of it."""

    def __init__(self, core: Core, recorder: Recorder, sources: Sequence[FeedSource], clock: Clock) -> None:
        self._core = core
        self._recorder = recorder
        self._sources = sources
        self._clock = clock
        self._problems: dict[str, SafeText] = {}

    @property
    def alarms(self) -> tuple[str, ...]:
        """What is wrong with feeds that did not answer when last asked."""
        return tuple(f"changes: {problem}" for problem in self._problems.values())

    def start(self, transport: ProbeTransport, tasks: TaskSet) -> None:
        """Begin asking every feed."""
        for source in self._sources:
            tasks.spawn(self._keep(source, transport), f"changes {source.name}")

    async def _keep(self, source: FeedSource, transport: ProbeTransport) -> None:
        while True:
            problems: list[SafeText] = []
            found = await poll(source, lambda url, timeout: fetch(transport, url, timeout), problems.append)
            self._problems = {name: words for name, words in self._problems.items() if name != source.name}
            if problems:
                self._problems[source.name] = problems[0]
            fresh = [(at, seen) for at, seen in found if not self._core.watching.knows(seen.change, at)]
            if fresh:
                drafts = [Draft(body=seen, actor=seen.who or source.name, occurred_at=at) for at, seen in fresh]
                self._recorder.post_decided(partial(_unknown, drafts))
            await self._clock.sleep(source.interval)


def _unknown(drafts: Sequence[Draft], state: State) -> Sequence[Draft]:
    return [
        draft
        for draft in drafts
        if not (isinstance(draft.body, ChangeSeen) and state.watching.knows(draft.body.change, draft.occurred_at))
    ]
