"""The TCP probe: whether a port takes a connection, and with `send` or `expect` whether somebody answers on it."""

from __future__ import annotations

import asyncio
import socket

from cockpit.config.probes import TcpProbeConfig
from cockpit.probes.conditions import took
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.journey import CHUNK, Journey, at_fault, endpoint
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target
from cockpit.probes.telling import Fact, facts, line
from cockpit.probes.tools import Tools
from cockpit.text import Redactor

HEARD = 64 * 1024
"""Bytes in which what is expected must be."""
SHOWN = 80
"""Bytes of an answer that are shown."""


class TcpProbe:
    """Asks one address over a connection of its own each time."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, TcpProbeConfig)
        self._config = target.config
        self._target = target
        self._tools = tools
        self._redact = Redactor()

    async def sample(self) -> Sample:
        """One look; whatever happens becomes a sample."""
        at = self._tools.clock.now()
        config = self._config
        heard = bytearray()
        try:
            host, port = endpoint(self._target, config.address)
            journey = Journey(host, port, self._target.family, config.timeouts)
            try:
                await journey.within(config.timeout, self._look(journey, heard))
            except ProbeFailure as failure:
                if failure.kind == "read_timeout" and heard:
                    return self._answered(at, journey, heard, f"within {config.timeout:.1f} s")
                return journey.failed(at, failure)
            return self._answered(at, journey, heard, "")
        except Exception as error:
            return at_fault(at, error)

    async def _look(self, journey: Journey, heard: bytearray) -> None:
        sock = await journey.connect(self._tools.transport.resolver)
        try:
            if self._config.send is not None or self._config.expect is not None:
                first = await journey.phase("first_byte", self._config.timeouts.first_byte, self._ask(sock))
                if not first:
                    raise ProbeFailure("reset", "hung up without an answer")
                heard += first
                await journey.phase("transfer", None, self._hear(sock, heard))
        finally:
            sock.close()

    async def _ask(self, sock: socket.socket) -> bytes:
        loop = asyncio.get_running_loop()
        if self._config.send is not None:
            await loop.sock_sendall(sock, self._config.send.encode())
        return await loop.sock_recv(sock, CHUNK)

    async def _hear(self, sock: socket.socket, heard: bytearray) -> None:
        """Until what is expected came, the other side hung up, or it is enough."""
        loop = asyncio.get_running_loop()
        while not self._satisfied(heard) and len(heard) < HEARD:
            chunk = await loop.sock_recv(sock, CHUNK)
            if not chunk:
                return
            heard += chunk

    def _satisfied(self, heard: bytearray) -> bool:
        expect = self._config.expect
        return expect is None or expect.encode() in heard

    def _answered(self, at: int, journey: Journey, heard: bytearray, within: str) -> Sample:
        phases = journey.watch.phases()
        latency = sum(filter(None, (phases.dns, phases.connect, phases.first_byte, phases.transfer)))
        words = f"connected in {took(phases.connect or 0)} to {journey.where}{journey.beside()}"
        if heard:
            words += f", answered in {took(phases.first_byte or 0)}"
        limit = self._config.degraded_response_time
        slow = limit is not None and latency > limit * 1000
        if not (satisfied := self._satisfied(heard)):
            until = within or ("before it hung up" if len(heard) < HEARD else f"in the first {HEARD // 1024} KiB")
            words += f': "{self._config.expect}" is not in what came {until}: {self._shown(heard)}'
        elif slow:
            words += f": {took(latency)} in all, slower than {took((limit or 0) * 1000)}"
        return Sample(
            at=at,
            outcome="bad" if not satisfied else "slow" if slow else "good",
            words=line(words),
            latency_ms=latency,
            phases=phases,
            address=journey.dialled.address,
            facts=(*self._facts(heard), *journey.facts()),
        )

    def _facts(self, heard: bytearray) -> tuple[Fact, ...]:
        return facts(("answer", self._shown(heard) if heard else ""), ("bytes heard", str(len(heard) or "")))

    def _shown(self, heard: bytearray) -> str:
        return self._redact(bytes(heard[:SHOWN]).decode(errors="replace").strip())
