"""The HTTP probe: asks, waits no longer than it may, and judges."""

from __future__ import annotations

import asyncio
import time

from cockpit.config.probes import HttpProbeConfig
from cockpit.probes import certificates, verdict
from cockpit.probes.asking import Ask
from cockpit.probes.conditions import Answer
from cockpit.probes.deadlines import fired
from cockpit.probes.exchange import Received
from cockpit.probes.facts import facts, of_answer, of_hop, of_way
from cockpit.probes.failures import FailureKind, ProbeFailure
from cockpit.probes.headers import redactor
from cockpit.probes.judging import judge, retry_after
from cockpit.probes.prepare import prepared
from cockpit.probes.redirects import Refused, followed
from cockpit.probes.sample import Certificate, Sample
from cockpit.probes.targets import Target
from cockpit.probes.telling import Fact, line, where
from cockpit.probes.tools import Tools
from cockpit.probes.transport import Trace
from cockpit.text import SafeText


class Look:
    """One look: what is being asked just now, how that goes, and the redirects that led there."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.trace = Trace()
        self.seen = [str(ask.url)]
        self.hops: list[tuple[str, str]] = []
        self.refused = ""

    def turn(self, ask: Ask, received: Received) -> None:
        """Another place is asked from here on."""
        self.hops.append(of_hop(self.ask, received, self.trace.dialled.address))
        self.seen.append(str(ask.url))
        self.ask, self.trace = ask, Trace()

    @property
    def oddities(self) -> str:
        """What is odd about the way there, in words; nothing when nothing is."""
        dialled, count = self.trace.dialled, len(self.hops)
        bad = f" ({len(dialled.bad)} of {len(dialled.addresses)} addresses bad)" if dialled.bad else ""
        kept = " over a kept connection" if self.trace.kept else ""
        after = f" after {count} redirect{'s' if count > 1 else ''}" if count else ""
        return f"{bad}{kept}{after}"


class HttpProbe:
    """Asks one endpoint, over a fresh connection each time unless the config says otherwise."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, HttpProbeConfig)
        self._config = target.config
        self._transport = tools.transport
        self._clock = tools.clock
        self._ask = prepared(target, self._config, tools.env, tools.base)
        self._redact = redactor(self._config.headers, tools.env)
        self._told: list[tuple[str, str]] = []
        self._facts: tuple[Fact, ...] = ()

    async def sample(self) -> Sample:
        """One look; whatever happens becomes a sample. The deadline is in real seconds, drill or not."""
        at = self._clock.now()
        if isinstance(self._ask, str):
            return Sample(at, "indeterminate", self._line(self._ask))
        look = Look(self._ask)
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._config.timeout):
                received = await self._answer(look)
            return self._judged(at, look, received, (time.monotonic() - start) * 1000)
        except ProbeFailure as failure:
            return self._unanswered(at, look, failure.kind, str(failure))
        except TimeoutError:
            return self._unanswered(at, look, *fired(self._config.timeout, time.monotonic() - start, look.trace.watch))
        except Exception as error:
            # A defect of ours must neither end the probing nor blame the endpoint.
            return Sample(at, "indeterminate", SafeText(f"the probe itself failed: {type(error).__name__}"))

    async def _answer(self, look: Look) -> Received:
        """The answer to judge: the last one, where redirects are followed."""
        while True:
            received = await self._transport.send(look.ask, look.trace)
            if not self._config.follow_redirects:
                return received
            try:
                following = followed(look.ask, received.status, received.headers.get("location", ""), look.seen)
            except Refused as refused:
                look.refused = str(refused)
                return received
            if following is None:
                return received
            look.turn(following, received)

    def _judged(self, at: int, look: Look, received: Received, latency_ms: float) -> Sample:
        certificate = _certificate(look.trace)
        answer = Answer(
            status=received.status,
            latency_ms=latency_ms,
            body=received.body,
            cut=received.cut,
            headers=received.headers,
            certificate_days=certificate.days_left(at) if certificate is not None else None,
        )
        judged = judge(self._config, answer, look.refused)
        address = look.trace.dialled.address
        told = [*look.hops, *of_way(look.trace), *of_answer(received, judged.health)]
        return Sample(
            at=at,
            outcome=judged.outcome,
            words=self._line(verdict.of_answer(answer, f"{address}{look.oddities}", judged.reasons)),
            latency_ms=latency_ms,
            status=answer.status,
            error_rate=judged.error_rate,
            phases=look.trace.watch.phases(),
            address=address,
            retry_after=retry_after(answer, at),
            certificate=certificate,
            facts=self._shown(told),
        )

    def _unanswered(self, at: int, look: Look, kind: FailureKind, reason: str) -> Sample:
        trace, phases = look.trace, look.trace.watch.phases()
        address = trace.dialled.address
        place = f"{where(address or look.ask.host, look.ask.port)}{look.oddities}"
        return Sample(
            at=at,
            outcome="indeterminate" if kind == "local" else "bad",
            words=self._line(verdict.of_failure(kind, reason, place, phases)),
            failure=kind,
            phases=phases,
            address=address,
            certificate=_certificate(trace),
            facts=self._shown([*look.hops, *of_way(trace)]),
        )

    def _shown(self, told: list[tuple[str, str]]) -> tuple[Fact, ...]:
        """Facts seldom change from sample to sample, and samples are kept: the same ones are made once."""
        if told != self._told:
            self._told, self._facts = told, facts(told, self._redact)
        return self._facts

    def _line(self, words: str) -> SafeText:
        return line(self._redact(words))


def _certificate(trace: Trace) -> Certificate | None:
    if trace.certificate is None:
        return None
    try:
        return certificates.from_der(trace.certificate)
    except ValueError:
        return None
