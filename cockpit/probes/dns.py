"""The DNS probe: whether a name resolves to what it should, asked of a server, not of caches between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import dns.asyncquery
import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.reversename
import msgspec

from cockpit.config.fields import split_endpoint
from cockpit.config.probes import DnsProbeConfig
from cockpit.probes.conditions import took
from cockpit.probes.deadlines import LATE
from cockpit.probes.failures import FailureKind, ProbeFailure, from_os
from cockpit.probes.journey import at_fault, held_up
from cockpit.probes.phases import Phases
from cockpit.probes.sample import Outcome, Sample
from cockpit.probes.targets import Target
from cockpit.probes.telling import facts, line, listed, where
from cockpit.probes.tools import Tools

TRIES = 2
"""Times each server is asked: a datagram may be lost on its way."""

Server = tuple[str, int]
"""Numeric address and port."""


class Answered(msgspec.Struct, frozen=True):
    """What a server said: the records of the type asked for, as text, and the names it led through."""

    server: str
    code: str
    records: tuple[str, ...] = ()
    ttl: int | None = None
    aliases: tuple[str, ...] = ()
    by: str = "udp"


class DnsProbe:
    """Asks the server named in the config, else those of this host in turn."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, DnsProbeConfig)
        self._config = target.config
        self._tools = tools

    async def sample(self) -> Sample:
        """One look; whatever happens becomes a sample."""
        at = self._tools.clock.now()
        start = time.monotonic()
        try:
            try:
                async with asyncio.timeout(self._config.timeout) as deadline:
                    answered = await self._ask()
            except TimeoutError:
                waited = time.monotonic() - start
                if not deadline.expired():
                    raise
                if waited > self._config.timeout + LATE:
                    return self._unanswered(at, held_up(waited))
                return self._unanswered(at, self._silence(self._config.server or "the resolver of this host"))
            return self._judged(at, answered, (time.monotonic() - start) * 1000)
        except ProbeFailure as failure:
            return self._unanswered(at, failure)
        except Exception as error:
            return at_fault(at, error)

    async def _ask(self) -> Answered:
        question = dns.message.make_query(_name(self._config), self._config.record)
        servers = await self._servers()
        share = self._config.timeout / len(servers) / TRIES
        last = self._silence(where(*servers[-1]))
        for server in (server for server in servers for _ in range(TRIES)):
            try:
                return await self._ask_one(question, server, share)
            except ProbeFailure as failure:
                last = failure
        raise last

    async def _servers(self) -> Sequence[Server]:
        if self._config.server is not None:
            found = await self._tools.transport.resolver.resolve(*split_endpoint(self._config.server))
            return [(host, port) for _, host, port in found[:1]]
        try:
            own = dns.resolver.Resolver()
        except (dns.exception.DNSException, OSError):
            raise ProbeFailure("local", "this host names no resolver, see /etc/resolv.conf") from None
        return [(str(server), own.port) for server in own.nameservers if dns.inet.is_address(str(server))]

    async def _ask_one(self, question: dns.message.QueryMessage, server: Server, within: float) -> Answered:
        host, port = server
        try:
            if self._config.transport == "tcp":
                reply, by_tcp = await dns.asyncquery.tcp(question, host, timeout=within, port=port), True
            else:
                reply, by_tcp = await dns.asyncquery.udp_with_fallback(
                    question, host, timeout=within, port=port, ignore_unexpected=True, ignore_errors=True
                )
        except dns.exception.Timeout:
            raise self._silence(where(host, port)) from None
        except dns.exception.DNSException as error:
            raise ProbeFailure("protocol", f"{where(host, port)} gave no DNS answer: {error}") from error
        except (OSError, EOFError) as error:
            raise self._broken(error, where(host, port)) from error
        return _read(reply, self._config.record, where(host, port), "tcp" if by_tcp else "udp")

    def _silence(self, server: str) -> ProbeFailure:
        """A server that was named is what is watched; this host's own may be silent for reasons of our own."""
        reason = f"{server} gave no answer within {self._config.timeout:.1f} s"
        return ProbeFailure("read_timeout" if self._config.server else "local", reason)

    def _broken(self, error: OSError | EOFError, server: str) -> ProbeFailure:
        if isinstance(error, EOFError):
            return ProbeFailure(self._kind("reset"), f"{server} hung up without an answer")
        failure = from_os(error)
        return ProbeFailure(self._kind(failure.kind), f"{server}: {failure}")

    def _kind(self, kind: FailureKind) -> FailureKind:
        return kind if self._config.server else "local"

    def _judged(self, at: int, answered: Answered, latency_ms: float) -> Sample:
        config = self._config
        outcome, what = _verdict(answered, config)
        limit = config.degraded_response_time
        if outcome == "good" and limit is not None and latency_ms > limit * 1000:
            outcome, what = "slow", f"{what}, slower than {took(limit * 1000)}"
        return Sample(
            at=at,
            outcome=outcome,
            words=line(f"{config.query} {config.record}: {what}, {took(latency_ms)} from {answered.server}"),
            latency_ms=latency_ms,
            failure="dns" if answered.code != "NOERROR" and outcome == "bad" else None,
            phases=Phases(dns=round(latency_ms, 3)),
            address=split_endpoint(answered.server)[0],
            facts=facts(
                ("answer", listed(answered.records)),
                ("TTL", f"{answered.ttl} s" if answered.ttl is not None else ""),
                ("alias of", " > ".join(answered.aliases)),
                ("code", answered.code),
                ("server", f"{answered.server} over {answered.by}"),
            ),
        )

    def _unanswered(self, at: int, failure: ProbeFailure) -> Sample:
        return Sample(
            at=at,
            outcome="indeterminate" if failure.kind == "local" else "bad",
            words=line(f"{self._config.query} {self._config.record}: {failure}"),
            failure=failure.kind,
        )


def _name(config: DnsProbeConfig) -> dns.name.Name:
    """The name asked for; an address is turned into the name its PTR record has."""
    if config.record == "PTR" and dns.inet.is_address(config.query):
        return dns.reversename.from_address(config.query)
    try:
        return dns.name.from_text(config.query)
    except dns.exception.DNSException:
        raise ProbeFailure("local", "that is no name: see the query of this probe") from None


def _read(reply: dns.message.Message, record: str, server: str, by: str) -> Answered:
    code = dns.rcode.to_text(reply.rcode())
    if reply.rcode() != dns.rcode.NOERROR or not isinstance(reply, dns.message.QueryMessage):
        return Answered(server, code, by=by)
    try:
        led = reply.resolve_chaining()
    except dns.exception.DNSException as error:
        raise ProbeFailure("protocol", f"{server} answered what cannot be: {error}") from error
    aliases = tuple(_plain(rrset[0].to_text()) for rrset in led.cnames)
    if led.answer is None:
        return Answered(server, code, aliases=aliases, by=by)
    records = tuple(sorted(_plain(data.to_text()) for data in led.answer))
    return Answered(server, code, records, led.answer.ttl, aliases, by)


def _verdict(answered: Answered, config: DnsProbeConfig) -> tuple[Outcome, str]:
    match answered.code:
        case "NOERROR":
            return _verdict_on_records(answered, config)
        case "NXDOMAIN":
            return "bad", "the name does not exist (NXDOMAIN)"
        case "SERVFAIL":
            return "bad", "the servers of the name fail or contradict themselves (SERVFAIL)"
        case "REFUSED" if config.server is None:
            return "indeterminate", "the resolver of this host refuses us (REFUSED)"
        case "REFUSED":
            return "bad", "the server does not answer for this name, or not to us (REFUSED)"
    return "bad", f"the server answers {answered.code}"


def _verdict_on_records(answered: Answered, config: DnsProbeConfig) -> tuple[Outcome, str]:
    if not answered.records:
        return "bad", f"there is no {config.record} record"
    said = {form for record in answered.records for form in _forms(record)}
    missing = [wanted for wanted in config.expect if _plain(wanted).lower() not in said]
    if missing:
        return "bad", f"not {listed(missing)} but {listed(answered.records)}"
    return "good", listed(answered.records)


def _forms(record: str) -> tuple[str, str]:
    """A record whole, and its last part: of a mail server or a service the host alone may be expected."""
    whole = record.lower()
    return whole, whole.rpartition(" ")[2]


def _plain(text: str) -> str:
    """A record without the dot at its end; a text without its quotes."""
    if text.startswith('"'):
        return text[1:-1].replace('" "', "").replace('\\"', '"')
    return text.removesuffix(".") or text
