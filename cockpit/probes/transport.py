"""HTTP for probes and feeds: every phase timed, every failure typed, every byte bounded.

A fresh connection lives inside one call: whatever ends it, a cancellation too, the socket is closed before it returns.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from cockpit.probes import trust
from cockpit.probes.asking import Ask
from cockpit.probes.deadlines import within
from cockpit.probes.dialing import Dialled, dial
from cockpit.probes.exchange import Received, exchange
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.phases import Stopwatch
from cockpit.probes.resolver import Address, Resolver
from cockpit.probes.reuse import Kept
from cockpit.probes.targets import Family
from cockpit.probes.wire import TlsWire, Wire

BODY_LIMIT = 64 * 1024

Dial = Callable[[Sequence[Address], Dialled], Coroutine[Any, Any, socket.socket]]
"""Makes the connection; `cockpit.probes.dialing.dial` is the one over the network."""


class Trace:
    """How one request went, filled in while it is under way, so that it can be read after a failure too."""

    def __init__(self) -> None:
        self.watch = Stopwatch()
        self.dialled = Dialled()
        self.certificate: bytes | None = None
        self.tls = ""
        self.kept = False


class ProbeTransport:
    """Shared by all probes and feeds. It knows no proxies, follows no redirects and unpacks nothing."""

    def __init__(
        self, context: ssl.SSLContext | None = None, resolver: Resolver | None = None, body_limit: int = BODY_LIMIT,
        dialing: Dial = dial,
    ) -> None:  # fmt: skip
        self._context = context
        self._resolver = resolver or Resolver()
        self._body_limit = body_limit
        self._dial = dialing
        self._kept = Kept()

    @property
    def resolver(self) -> Resolver:
        """The one that every kind of probe shares: its threads are few."""
        return self._resolver

    async def send(self, ask: Ask, trace: Trace, limit: int | None = None) -> Received:
        """The answer, its body up to `limit` bytes, else 64 KiB; raises ProbeFailure.

        Phases have the deadlines the route tells, the whole has none: put `asyncio.timeout` around it.
        """
        size = self._body_limit if limit is None else limit
        key = ask.route.keep
        if key and (wire := self._kept.take(key)) is not None:
            trace.kept = True
            try:
                return await self._exchange(wire, ask, trace, size)
            except ProbeFailure as failure:
                # A server may close what is idle at any moment; it has not seen the question then.
                if failure.kind != "reset" or trace.watch.under_way != "first_byte" or ask.method == "POST":
                    raise
            trace.watch, trace.kept = Stopwatch(), False
        return await self._exchange(await self._open(ask, trace), ask, trace, size)

    async def aclose(self) -> None:
        """Close what is kept, and the resolver's threads."""
        self._kept.close()
        self._resolver.close()

    async def _open(self, ask: Ask, trace: Trace) -> Wire:
        watch, limits = trace.watch, ask.route.limits
        found = await within(limits.dns, self._resolver.resolve(ask.host, ask.port), watch)
        addresses = _of_family(found, ask.route.family)
        watch.lap("dns")
        watch.begin("connect")
        sock = await within(limits.connect, self._dial(addresses, trace.dialled), watch)
        watch.lap("connect")
        if not ask.secure:
            return Wire(sock, trace.dialled.address)
        watch.begin("tls")
        try:
            context = ask.route.context or self._context or trust.system()
            wire = TlsWire(sock, trace.dialled.address, context, ask.server_name)
            await within(limits.tls, wire.handshake(), watch)
        except BaseException:
            sock.close()
            raise
        watch.lap("tls")
        return wire

    async def _exchange(self, wire: Wire, ask: Ask, trace: Trace, limit: int) -> Received:
        fit = False
        trace.dialled.address, trace.certificate, trace.tls = wire.address, wire.certificate, wire.tls
        try:
            received = await exchange(wire, ask.event, ask.body, limit, trace.watch, ask.route.limits.first_byte)
            fit = received.keeps
            return received
        finally:
            if fit and ask.route.keep:
                self._kept.put(ask.route.keep, wire)
            else:
                wire.close()


def _of_family(addresses: tuple[Address, ...], family: Family) -> tuple[Address, ...]:
    if family == "auto":
        return addresses
    wanted, called = (socket.AF_INET, "IPv4") if family == "ip4" else (socket.AF_INET6, "IPv6")
    if not (found := tuple(address for address in addresses if address[0] == wanted)):
        raise ProbeFailure("dns", f"there is no {called} address")
    return found
