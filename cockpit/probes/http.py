"""The HTTP probe: asks, waits no longer than it may, and judges."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import httpx
import msgspec

from cockpit.config.fields import EnvReference
from cockpit.config.probes import HttpProbeConfig
from cockpit.probes import verdict
from cockpit.probes.conditions import Answer, error_rate, failed, percent, status_expected, took
from cockpit.probes.failures import FailureKind, ProbeFailure
from cockpit.probes.phases import Phases
from cockpit.probes.sample import Outcome, Sample
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools
from cockpit.text import Redactor, SafeText

WORDS = 300
"""Characters kept of a verdict."""
LATE = 1.0
"""Real seconds: a deadline that fires later than this was held up by this process, which proves nothing."""


class Prepared(msgspec.Struct, frozen=True):
    """All of a request that stays the same from sample to sample."""

    url: httpx.URL
    headers: httpx.Headers
    body: bytes | None


class HttpProbe:
    """Asks one endpoint over a fresh connection each time."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, HttpProbeConfig)
        self._config = config = target.config
        self._transport = tools.transport
        self._clock = tools.clock
        env = tools.env
        self._prepared = _prepare(config, env)
        references = [value.env for value in config.headers.values() if isinstance(value, EnvReference)]
        self._redact = Redactor(env[name] for name in references if name in env)

    async def sample(self) -> Sample:
        """One look; whatever happens becomes a sample. The deadline is in real seconds, drill or not."""
        at = self._clock.now()
        if isinstance(self._prepared, str):
            return Sample(at, "indeterminate", SafeText(self._prepared, WORDS).line)
        request = httpx.Request(
            self._config.method, self._prepared.url, headers=self._prepared.headers, content=self._prepared.body
        )
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._config.timeout):
                response = await self._transport.handle_async_request(request)
                body = b"".join([part async for part in response.aiter_raw()])
            return self._judged(at, response, body, (time.monotonic() - start) * 1000)
        except ProbeFailure as failure:
            return self._unanswered(at, request, failure.kind, str(failure))
        except TimeoutError:
            return self._timed_out(at, request, time.monotonic() - start)
        except Exception as error:
            # A defect of ours must neither end the probing nor blame the endpoint.
            return Sample(at, "indeterminate", SafeText(f"the probe itself failed: {type(error).__name__}"))

    def _judged(self, at: int, response: httpx.Response, body: bytes, latency_ms: float) -> Sample:
        config = self._config
        answer = Answer(
            status=response.status_code,
            latency_ms=latency_ms,
            body=body,
            cut=response.extensions["cut"],
            headers=response.headers,
        )
        expected = status_expected(config.valid_status_codes, answer.status)
        reasons: tuple[str, ...] = () if expected else (f"status {answer.status}",)
        reasons += failed(config.conditions, config.error_rate, answer)
        rate = error_rate(config.error_rate, answer)
        outcome: Outcome = "bad" if reasons else "good"
        if not reasons and (doubts := self._doubts(answer, rate)):
            outcome, reasons = "slow", doubts
        address = response.extensions["address"]
        words = verdict.of_answer(answer, address, reasons, expected)
        return Sample(
            at=at,
            outcome=outcome,
            words=self._line(words),
            latency_ms=latency_ms,
            status=answer.status,
            error_rate=rate,
            phases=response.extensions["phases"],
            address=address,
        )

    def _doubts(self, answer: Answer, rate: float | None) -> tuple[str, ...]:
        """What makes a good answer a degraded one."""
        config = self._config
        doubts: list[str] = []
        if config.degraded_response_time is not None and answer.latency_ms > config.degraded_response_time * 1000:
            doubts.append(f"slower than {took(config.degraded_response_time * 1000)}")
        if config.error_rate is not None and rate is not None and rate >= config.error_rate.warn:
            doubts.append(f"{percent(rate)} errors, degraded from {percent(config.error_rate.warn)}")
        return tuple(doubts)

    def _timed_out(self, at: int, request: httpx.Request, waited: float) -> Sample:
        if waited > self._config.timeout + LATE:
            return self._unanswered(at, request, "local", f"the cockpit was held up: {waited:.1f} s in one probe")
        kind, reason = verdict.of_timeout(self._config.timeout, request.url.scheme == "https", _phases(request))
        return self._unanswered(at, request, kind, reason)

    def _unanswered(self, at: int, request: httpx.Request, kind: FailureKind, reason: str) -> Sample:
        phases = _phases(request)
        address: str = request.extensions.get("address", "")
        where = _where(address or request.url.host, request.url)
        return Sample(
            at=at,
            outcome="indeterminate" if kind == "local" else "bad",
            words=self._line(verdict.of_failure(kind, reason, where, phases)),
            failure=kind,
            phases=phases,
            address=address,
        )

    def _line(self, words: str) -> SafeText:
        return SafeText(self._redact(words), WORDS).line


def _prepare(config: HttpProbeConfig, env: Mapping[str, str]) -> Prepared | str:
    """The request, or in words why there can be none."""
    values: dict[str, str] = {"user-agent": "incident-cockpit"}
    for name, value in config.headers.items():
        if isinstance(value, EnvReference):
            if value.env not in env:
                return f"not asked: the environment variable {value.env} (header {name}) is not set"
            values[name.lower()] = env[value.env].strip()
        else:
            values[name.lower()] = value
    try:
        body = config.body.encode() if config.body is not None else None
        return Prepared(httpx.URL(config.url), httpx.Headers(values), body)
    except httpx.InvalidURL:
        return "not asked: the url of this probe cannot be read"
    except UnicodeError:
        return "not asked: a header of this probe is not plain ASCII"


def _phases(request: httpx.Request) -> Phases:
    watch = request.extensions.get("stopwatch")
    return watch.phases() if watch is not None else Phases()


def _where(host: str, url: httpx.URL) -> str:
    port = url.port or (443 if url.scheme == "https" else 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
