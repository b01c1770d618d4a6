"""Asks the sources what was changed lately and what is about to change something."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial

import msgspec

from cockpit.changes.breach import breach
from cockpit.changes.make import make
from cockpit.changes.source import CannotCancel, Job, Looked, Source
from cockpit.changes.source import Tools as Given
from cockpit.clock import SECOND, Clock
from cockpit.config.sources import ChangeSource
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.probes.fetch import ask
from cockpit.probes.make import Tools
from cockpit.tasks import TaskSet
from cockpit.text import Redactor, SafeText

AHEAD = 3600
"""Seconds by which another clock may be ahead: a change of a later moment would be the newest of all until then."""
SPREAD = 5.0
"""Incident seconds over which the first looks are spread, so that sources are not all asked at once for ever after."""
SLOWEST = 300.0
"""Incident seconds between two looks at most, however often a source failed, unless its interval is longer."""


class Changing:
    """One task a source; a change is recorded once, however often a source tells of it."""

    def __init__(
        self, core: Core, recorder: Recorder, configs: Sequence[ChangeSource], clock: Clock, redact: Redactor
    ) -> None:
        self._core = core
        self._recorder = recorder
        self._configs = configs
        self._clock = clock
        self._redact = redact
        self._sources: dict[str, Source] = {}
        self._latest: dict[str, Looked] = {}

    @property
    def alarms(self) -> tuple[str, ...]:
        """What is wrong with sources, one line each, as of when they were last asked."""
        return tuple(f"changes: {looked.problems[0]}" for looked in self._latest.values() if looked.problems)

    @property
    def problems(self) -> tuple[SafeText, ...]:
        """All that is wrong with the sources."""
        return tuple(problem for looked in self._latest.values() for problem in looked.problems)

    def jobs(self) -> tuple[tuple[str, Job], ...]:
        """What waits or runs in the CI systems, each with the name of its source."""
        return tuple((name, job) for name, looked in self._latest.items() for job in looked.jobs)

    def start(self, tools: Tools, tasks: TaskSet) -> None:
        """Begin asking every source."""
        given = Given(ask=partial(ask, tools.transport), clock=tools.clock, env=tools.env, base=tools.base)
        for config in self._configs:
            source = self._sources[config.name] = make(config, given)
            tasks.spawn(self._keep(source, config.type), f"changes {config.name}")

    async def cancel(self, source: str, job: str) -> str:
        """Ask a CI system to cancel a job of its queue; its answer in words. Raises CannotCancel."""
        known = self._sources.get(source)
        if known is None:
            raise CannotCancel(f"there is no change source {source}")
        try:
            return self._redact(await known.cancel(job))
        except CannotCancel as refused:
            raise CannotCancel(self._redact(str(refused))) from None

    async def _keep(self, source: Source, source_type: str) -> None:
        failures = 0
        await self._clock.sleep(offset(source.name, source.interval))
        while True:
            looked = _masked(timely(await source.look(), source.name, self._clock.now()), self._redact)
            if looked != self._latest.get(source.name, Looked()):
                self._latest[source.name] = looked
                self._core.wake()
            failures = 0 if looked.answered else failures + 1
            self._record(source.name, source_type, looked)
            await self._clock.sleep(max(rest(source.interval, failures), looked.pause))

    def _record(self, name: str, source_type: str, looked: Looked) -> None:
        # A source may list a change twice; the first of them is as good as the other.
        fresh = {
            seen.change: Draft(body=seen, actor=seen.who or name, occurred_at=at)
            for at, seen in reversed(looked.changes)
            if not self._core.watching.knows(seen.change, at)
        }
        if fresh:
            drafts = tuple(reversed(fresh.values()))
            self._recorder.post_decided(partial(self._unknown, drafts, source_type))

    def _unknown(self, drafts: Sequence[Draft], source_type: str, _: State) -> Sequence[Draft]:
        """What nobody has told of by now, each with the breach of the freeze that it is."""
        watching = self._core.watching
        told: list[Draft] = []
        for draft in drafts:
            seen = draft.body
            if not isinstance(seen, ChangeSeen) or watching.knows(seen.change, draft.occurred_at):
                continue
            told.append(draft)
            if (broken := breach(watching.freeze, draft.occurred_at, seen, source_type)) is not None:
                told.append(Draft(body=broken, actor=draft.actor, occurred_at=draft.occurred_at))
        return told


def offset(name: str, interval: float) -> float:
    """Seconds that the first look waits: the same for a name each time, another for other names."""
    return zlib.crc32(name.encode()) / 2**32 * min(interval, SPREAD)


def rest(interval: float, failures: int) -> float:
    """Seconds until the next look, after so many looks without an answer."""
    return max(interval, min(SLOWEST, interval * 2.0 ** min(failures, 20)))


def timely(looked: Looked, name: str, now: int) -> Looked:
    """Without changes of the future, which are counted among the problems. Pure."""
    kept = tuple(change for change in looked.changes if change[0] <= now + AHEAD * SECOND)
    if not (left := len(looked.changes) - len(kept)):
        return looked
    problem = SafeText(f"{name}: {left} of its changes are of the future and left out: one of the clocks is wrong")
    return msgspec.structs.replace(looked, changes=kept, problems=(*looked.problems, problem))


def _masked(looked: Looked, redact: Redactor) -> Looked:
    """Without secrets: what is shown of jobs and problems passes through no journal."""

    def clean(text: SafeText) -> SafeText:
        return SafeText(redact(text))

    jobs = tuple(
        msgspec.structs.replace(job, what=clean(job.what), who=clean(job.who), link=clean(job.link))
        for job in looked.jobs
    )
    return msgspec.structs.replace(looked, jobs=jobs, problems=tuple(map(clean, looked.problems)))
