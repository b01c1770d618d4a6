"""How far one look over a connection came: each phase timed, each with its deadline, whatever ends it told in words."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable
from typing import Literal, TypeVar

from cockpit.config.fields import split_endpoint
from cockpit.config.probes import PhaseTimeouts
from cockpit.probes import verdict
from cockpit.probes.deadlines import LATE
from cockpit.probes.dialing import Dialled, dial
from cockpit.probes.failures import FailureKind, ProbeFailure, from_os
from cockpit.probes.phases import Stopwatch
from cockpit.probes.resolver import Address, Resolver
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Family, Target
from cockpit.probes.telling import Fact, facts, line, where

CHUNK = 16 * 1024

Phase = Literal["dns", "connect", "tls", "first_byte", "transfer"]
Found = TypeVar("Found")

_CUT: dict[Phase, tuple[FailureKind, str]] = {
    "dns": ("local", "the resolver gave no answer within {0:.1f} s"),
    "connect": ("connect_timeout", "none within {0:.1f} s"),
    "tls": ("tls", "no handshake within {0:.1f} s"),
    "first_byte": ("read_timeout", "read timeout after {0:.1f} s"),
    "transfer": ("read_timeout", "the rest did not come within {0:.1f} s"),
}
_FAMILIES = {"ip4": socket.AF_INET, "ip6": socket.AF_INET6}
_VERSIONS = {"ip4": "IPv4", "ip6": "IPv6"}


class Journey:
    """One look. It owns no socket: whoever is given one closes it. Deadlines are in real seconds."""

    def __init__(self, host: str, port: int, family: Family, timeouts: PhaseTimeouts) -> None:
        self._host = host
        self._port = port
        self._family = family
        self._timeouts = timeouts
        self._doing: Phase = "dns"
        self.watch = Stopwatch()
        self.dialled = Dialled()

    @property
    def where(self) -> str:
        """The address connected to, or tried, with its port; the host before there is one."""
        return where(self.dialled.address or self._host, self._port)

    async def within(self, limit: float, work: Awaitable[Found]) -> Found:
        """What the work finds, all its phases within `limit`; raises ProbeFailure, or what a handshake refused."""
        try:
            return await self._deadline(limit, work)
        except ssl.SSLCertVerificationError:
            raise
        except OSError as error:
            raise from_os(error) from error

    async def phase(self, name: Phase, limit: float | None, work: Awaitable[Found]) -> Found:
        """What the work finds, timed as this phase; raises ProbeFailure when it takes longer than `limit`."""
        self._doing = name
        found = await self._deadline(limit, work)
        self.watch.lap(name)
        return found

    async def connect(self, resolver: Resolver) -> socket.socket:
        """A connected socket, now the caller's to close; raises ProbeFailure."""
        found = await self.phase("dns", self._timeouts.dns, resolver.resolve(self._host, self._port))
        wanted = self._wanted(found)
        return await self.phase("connect", self._timeouts.connect, dial(wanted, self.dialled))

    async def handshake(self, sock: socket.socket, context: ssl.SSLContext, name: str) -> ssl.SSLObject:
        """The TLS session over this socket; raises ssl.SSLCertVerificationError as it is, else ProbeFailure."""
        return await self.phase("tls", self._timeouts.tls, _shake_hands(sock, context, name))

    def failed(self, at: int, failure: ProbeFailure, *more: Fact) -> Sample:
        """The sample of a look that was ended by this failure."""
        phases = self.watch.phases()
        return Sample(
            at=at,
            outcome="indeterminate" if failure.kind == "local" else "bad",
            words=line(verdict.of_failure(failure.kind, str(failure), self.where, phases)),
            failure=failure.kind,
            phases=phases,
            address=self.dialled.address,
            facts=(*more, *self.facts()),
        )

    def facts(self) -> tuple[Fact, ...]:
        """The addresses that did not answer."""
        return facts(*(("address that failed", f"{address}: {reason}") for address, reason in self.dialled.bad))

    def beside(self) -> str:
        """How many addresses did not answer while this one did, in brackets; nothing when none."""
        bad, all_ = len(self.dialled.bad), len(self.dialled.addresses)
        return f" ({bad} of {all_} addresses bad)" if bad else ""

    def _wanted(self, found: tuple[Address, ...]) -> tuple[Address, ...]:
        if self._family == "auto":
            return found
        wanted = tuple(address for address in found if address[0] == _FAMILIES[self._family])
        if not wanted:
            raise ProbeFailure("dns", f"the name has no {_VERSIONS[self._family]} address")
        return wanted

    async def _deadline(self, limit: float | None, work: Awaitable[Found]) -> Found:
        start = time.monotonic()
        try:
            async with asyncio.timeout(limit) as deadline:
                return await work
        except TimeoutError:
            # The kernel has a TimeoutError of its own.
            if limit is None or not deadline.expired():
                raise
            waited = time.monotonic() - start
        if waited > limit + LATE:
            raise held_up(waited)
        kind, reason = _CUT[self._doing]
        raise ProbeFailure(kind, reason.format(limit))


def held_up(waited: float) -> ProbeFailure:
    """The failure of a look that this process itself was too busy for; `waited` in real seconds."""
    return ProbeFailure("local", f"the cockpit was held up: {waited:.1f} s in one probe")


def at_fault(at: int, error: Exception) -> Sample:
    """The sample when the probe itself broke: that must neither end the probing nor blame the endpoint."""
    return Sample(at, "indeterminate", line(f"the probe itself failed: {type(error).__name__}"))


def endpoint(target: Target, address: str) -> tuple[str, int]:
    """The host and port of a target's lane: those of the instance, where it names its own."""
    host, port = split_endpoint(address)
    instance = target.address
    if not instance:
        return host, port
    if ":" in instance.rpartition("]")[2]:
        return split_endpoint(instance)
    return instance.removeprefix("[").removesuffix("]"), port


async def _shake_hands(sock: socket.socket, context: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """Over the bare socket: asyncio's own TLS would keep the certificate of a refused one to itself, and the socket."""
    loop = asyncio.get_running_loop()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        while not _shaken(session):
            await loop.sock_sendall(sock, outgoing.read())
            chunk = await loop.sock_recv(sock, CHUNK)
            if not chunk:
                raise ProbeFailure("tls", "hung up during the handshake")
            incoming.write(chunk)
        await loop.sock_sendall(sock, outgoing.read())
        return session
    except ssl.SSLCertVerificationError:
        raise
    except ssl.SSLError as error:
        raise ProbeFailure("tls", (error.reason or str(error)).replace("_", " ").lower()) from error
    except ConnectionError as error:
        raise ProbeFailure("tls", "hung up during the handshake") from error


def _shaken(session: ssl.SSLObject) -> bool:
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
