"""Is it us? Before many endpoints are called down at once, whether our own network still carries anything."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Iterable

import httpx
import msgspec

from cockpit.clock import SECOND
from cockpit.config.fields import split_endpoint
from cockpit.config.model import SelfCheck
from cockpit.config.probes import (
    CommandProbeConfig,
    DnsProbeConfig,
    TcpProbeConfig,
    TlsProbeConfig,
)
from cockpit.probes.failures import FailureKind, ProbeFailure
from cockpit.probes.resolver import Resolver
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target
from cockpit.tasks import TaskSet
from cockpit.text import SafeText

NETWORK: frozenset[FailureKind] = frozenset({"connect_timeout", "unreachable", "dns"})
"""Failures that a dead network of ours makes too. A refusal, or silence after a connection, came from over there."""
HOSTS_AT_LEAST = 3
RECENT_INTERVALS = 2.0
REMEMBERED = 2.0
"""Real seconds for which an answer of the self check holds."""


class Look(msgspec.Struct, frozen=True):
    """The last sample of one lane: when it was asked for in microseconds, its interval in seconds, and how it failed.

    `answered` when anything came back over the network, be it a refusal. `timeout` are the seconds a look may take:
    while the next one waits for its answer, this one is still the last.
    """

    host: str
    at: int
    interval: float
    failure: FailureKind | None
    answered: bool
    timeout: float = 0.0


def look(host: str, sample: Sample, interval: float, timeout: float = 0.0) -> Look:
    """What a sample says about the way there."""
    answered = sample.failure not in NETWORK | {"local"} if sample.failure else sample.outcome != "indeterminate"
    return Look(host, sample.at, interval, sample.failure, answered, timeout)


def host_of(target: Target) -> str:
    """The host a lane's packets go to, empty when that is not known."""
    match target.config:
        case DnsProbeConfig(server=server):
            return split_endpoint(server)[0] if server else ""
        case CommandProbeConfig():
            return ""
        case TcpProbeConfig(address=address) | TlsProbeConfig(address=address):
            named = split_endpoint(address)[0]
        case config:
            named = httpx.URL(config.url).host
    if target.address:
        bracketed, _, rest = target.address.partition("]")
        return bracketed.removeprefix("[") if rest or "[" in target.address else target.address.partition(":")[0]
    return named


def is_loopback(host: str) -> bool:
    """Whether packets for this host never leave it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_be_ours(sample: Sample) -> bool:
    """Whether a sample is bad in a way that a dead network of ours explains as well."""
    return sample.outcome == "bad" and sample.failure in NETWORK


def excused(sample: Sample, why: str) -> Sample:
    """The sample as one that says nothing about its endpoint."""
    words = SafeText(f"our own network may be gone: {why}; {sample.words}").line
    return msgspec.structs.replace(sample, outcome="indeterminate", words=words)


def correlated(looks: Iterable[Look], now: int, interval: float) -> str:
    """Why the fault may be ours, judged by all lanes alike; empty when it is not.

    Every lane looked at lately fails on the way, on several hosts, and nothing was answered within `interval` seconds.
    Lanes on loopback are not to be among them.
    """
    lost: set[str] = set()
    for each in looks:
        age = now - each.at
        if each.answered and age <= interval * SECOND:
            return ""
        if each.failure in NETWORK and age <= RECENT_INTERVALS * (each.interval + each.timeout) * SECOND:
            lost.add(each.host)
    return f"nothing answers on any of {len(lost)} hosts" if len(lost) >= HOSTS_AT_LEAST else ""


class OwnNetwork:
    """Connects to the configured addresses, all at once and only once for all who ask meanwhile.

    An answer holds for a moment. Times are real seconds.
    """

    def __init__(self, config: SelfCheck) -> None:
        self.targets = config.targets
        self._timeout = config.timeout
        self._resolver = Resolver(deadline=config.timeout)
        self._tasks = TaskSet()
        self._under_way: asyncio.Future[str] | None = None
        self._known = ""
        self._known_at = -REMEMBERED

    async def gone(self) -> str:
        """Why the network seems to be gone, empty when one of the addresses answers."""
        if time.monotonic() - self._known_at < REMEMBERED:
            return self._known
        if self._under_way is None:
            self._under_way = asyncio.get_running_loop().create_future()
            self._tasks.spawn(self._look(self._under_way), "self check")
        return await asyncio.shield(self._under_way)

    async def close(self) -> None:
        """Let go of what is under way."""
        await self._tasks.close()
        self._resolver.close()

    async def _look(self, told: asyncio.Future[str]) -> None:
        try:
            self._known = "" if await self._any_answers() else f"none of {', '.join(self.targets)} answers"
            self._known_at = time.monotonic()
            told.set_result(self._known)
        finally:
            self._under_way = None
            if not told.done():
                told.set_result("")  # a check that came to nothing proves nothing

    async def _any_answers(self) -> bool:
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        left = len(self.targets)

        async def ask(target: str) -> None:
            nonlocal left
            answers = await self._answers(target)
            left -= 1
            if not told.done() and (answers or not left):
                told.set_result(answers)

        tasks = [self._tasks.spawn(ask(target), f"self check {target}") for target in self.targets]
        try:
            async with asyncio.timeout(self._timeout):
                return await told
        except TimeoutError:
            return False
        finally:
            for task in tasks:
                task.cancel()

    async def _answers(self, target: str) -> bool:
        """Whether anything comes back: a refusal has crossed the network too."""
        host, port = split_endpoint(target)
        try:
            for _, address, _ in await self._resolver.resolve(host, port):
                try:
                    _, writer = await asyncio.open_connection(address, port)
                except ConnectionRefusedError:
                    return True
                except OSError:
                    continue
                writer.transport.abort()
                return True
        except ProbeFailure:
            return False
        return False
