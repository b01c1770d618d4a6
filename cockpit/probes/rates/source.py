"""What all sources of error rates share: a question with its secrets in place, and no answer told without blame.

That a source cannot be asked says nothing about the service: each such sample is indeterminate, "no data".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import httpx

from cockpit.clock import Clock
from cockpit.config.rates import JsonRateConfig, OpenMetricsConfig, PrometheusConfig
from cockpit.probes.failures import FailureKind, ProbeFailure
from cockpit.probes.fetch import ask
from cockpit.probes.headers import redactor, revealed
from cockpit.probes.rates.judging import Judgement
from cockpit.probes.sample import Gap, Sample
from cockpit.probes.tools import Tools
from cockpit.text import SafeText
from cockpit.web import Reply

WORDS = 300
"""Characters kept of a verdict."""
EXCERPT = 120
"""Characters kept of what a source says beside its numbers."""
READ = 4096
"""Of what it says, as much is looked at for secrets before it is cut."""

Facts = Sequence[tuple[str, str]]
T = TypeVar("T")
Look = Callable[[int], Awaitable[Sample]]
"""One look at a source, begun at that moment; raises Unmeasured."""


class Unmeasured(Exception):
    """A source told no numbers; the text says why."""

    def __init__(
        self,
        words: str,
        gap: Gap = "no data",
        *,
        failure: FailureKind | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(words)
        self.gap: Gap = gap
        self.failure: FailureKind | None = failure
        self.status = status
        self.retry_after = retry_after


class Source:
    """Where a rate is asked. `called` is what people call it: `Prometheus`, `the metrics page`."""

    def __init__(
        self, config: PrometheusConfig | OpenMetricsConfig | JsonRateConfig, tools: Tools, called: str
    ) -> None:
        self._timeout = config.timeout
        self._transport = tools.transport
        self._clock: Clock = tools.clock
        self._headers, self._missing = revealed(config.headers, tools.env)
        self._redact = redactor(config.headers, tools.env)
        self.where = f"{called} at {_host(config.url)}"

    async def sample(self, look: Look) -> Sample:
        """One look; whatever happens becomes a sample."""
        at = self._clock.now()
        try:
            if self._missing:
                raise Unmeasured(self._missing)
            return await look(at)
        except Unmeasured as nothing:
            return Sample(
                at,
                "indeterminate",
                self.line(str(nothing)),
                status=nothing.status,
                failure=nothing.failure,
                gap=nothing.gap,
                retry_after=nothing.retry_after,
            )
        except Exception as error:
            # A defect of ours must neither end the probing nor blame the service.
            words = SafeText(f"the probe itself failed: {type(error).__name__}")
            return Sample(at, "indeterminate", words, gap="no data")

    async def ask(
        self, url: str, *, method: str = "GET", headers: Mapping[str, str] = {}, body: bytes | None = None, limit: int
    ) -> Reply:
        """The answer, whatever its status; raises Unmeasured where there is none, or more of it than `limit` bytes."""
        try:
            reply = await ask(
                self._transport,
                url,
                self._timeout,
                method=method,
                headers={**headers, **self._headers},
                body=body,
                limit=limit,
            )
        except httpx.HTTPError as error:
            kind: FailureKind = error.kind if isinstance(error, ProbeFailure) else "protocol"
            raise Unmeasured(f"{self.where} does not answer: {error}", failure=kind) from None
        if reply.cut:
            raise Unmeasured(f"{self.where} answers with more than {limit // 1024} KiB")
        return reply

    def refusal(self, reply: Reply, said: str) -> Unmeasured:
        """A status that is no answer to the question, and what the source said to it."""
        match reply.status:
            case 401 | 403:
                what = f"refuses our credentials (HTTP {reply.status})"
            case 429 | 503:
                what = f"cannot answer now (HTTP {reply.status})"
            case status if 300 <= status < 400:
                what = f"answers with a redirect (HTTP {status}), not followed"
            case status:
                what = f"answers HTTP {status}"
        asked = reply.headers.get("retry-after", "")
        return Unmeasured(
            f"{self.where} {what}{f': {said}' if said else ''}",
            status=reply.status,
            retry_after=float(asked) if asked.isdecimal() and asked.isascii() else None,
        )

    def judged(self, at: int, judgement: Judgement, *, data_at: int = 0, notes: str = "", facts: Facts = ()) -> Sample:
        """The sample of a judgement; `notes` is what else must be on its line."""
        return Sample(
            at=at,
            outcome=judgement.outcome,
            words=self.line(f"{judgement.words}; {notes}" if notes else judgement.words),
            error_rate=judgement.ratio,
            requests=judgement.requests,
            gap=judgement.gap,
            data_at=data_at,
            facts=tuple((self.line(label), self.line(value)) for label, value in facts),
        )

    def excerpt(self, said: str | bytes, most: int = EXCERPT) -> SafeText:
        """The beginning of what a source said, without a secret: one that was cut in two could not be told any more."""
        text = said[:READ].decode(errors="replace") if isinstance(said, bytes) else said[:READ]
        return SafeText(self._redact(text), most).line

    def line(self, words: str) -> SafeText:
        """Words as they may be shown: on one line, and without a secret."""
        return SafeText(self._redact(words), WORDS).line


async def together(*questions: Coroutine[Any, Any, T]) -> list[T]:
    """All answers, in order; the first failure ends the other questions and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


def _host(url: str) -> str:
    """The host and port only: a path or a query may hold what must not be shown."""
    return url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
