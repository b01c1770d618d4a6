"""Is it us?"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.config.model import Config, SelfCheck
from cockpit.probes.failures import FailureKind
from cockpit.probes.sample import Outcome, Sample
from cockpit.probes.selfcheck import (
    Look,
    OwnNetwork,
    correlated,
    excused,
    host_of,
    is_loopback,
    look,
    may_be_ours,
)
from cockpit.probes.targets import targets
from cockpit.text import SafeText

NOW = 1_000 * SECOND


def lost(host: str, age: float = 1.0, failure: FailureKind = "connect_timeout", outcome: Outcome = "bad") -> Look:
    return look(host, Sample(NOW - int(age * SECOND), outcome, SafeText(), failure=failure), 10.0)


def well(host: str, age: float = 1.0) -> Look:
    return look(host, Sample(NOW - int(age * SECOND), "good", SafeText()), 10.0)


THREE = [lost("a"), lost("b", failure="unreachable"), lost("c", failure="dns")]


def test_nothing_anywhere_on_three_hosts_may_be_ours() -> None:
    assert correlated(THREE, NOW, 10.0) == "nothing answers on any of 3 hosts"
    assert correlated([*THREE, well("d", age=10.5)], NOW, 10.0), "a success of the interval before proves nothing"
    excused_before = lost("d", outcome="indeterminate")
    assert correlated([*THREE[:2], excused_before], NOW, 10.0), "what was excused is still lost"


def test_a_look_that_takes_as_long_as_its_interval_is_the_last_one_until_the_next_is_over() -> None:
    slow = [look(host, Sample(NOW - SECOND, "bad", SafeText(), failure="dns"), 0.3, 0.3) for host in "abc"]
    assert correlated(slow, NOW, 0.3)
    assert not correlated(slow, NOW + SECOND, 0.3)


@pytest.mark.parametrize(
    "looks",
    [
        THREE[:2],
        [*THREE[:2], lost("a", failure="dns")],
        [*THREE, well("d")],
        [*THREE, lost("d", failure="refused")],
        [*THREE, lost("d", failure="read_timeout")],
        [*THREE[:2], lost("c", age=21.0)],
        [*THREE[:2], lost("c", failure="local", outcome="indeterminate")],
        [],
    ],
)
def test_one_sign_of_life_or_too_few_hosts_and_it_is_theirs(looks: list[Look]) -> None:
    assert correlated(looks, NOW, 10.0) == ""


@pytest.mark.parametrize("failure", ["refused", "read_timeout", "tls", "reset", "protocol", None])
def test_what_came_from_over_there_is_never_ours(failure: FailureKind | None) -> None:
    assert not may_be_ours(Sample(NOW, "bad", SafeText(), failure=failure))
    assert may_be_ours(Sample(NOW, "bad", SafeText(), failure="connect_timeout"))
    assert not may_be_ours(Sample(NOW, "indeterminate", SafeText(), failure="connect_timeout"))


def test_an_excused_sample_says_why_and_accuses_nobody() -> None:
    sample = excused(Sample(NOW, "bad", SafeText("no connection to a:80"), failure="connect_timeout"), "none answers")
    assert sample.outcome == "indeterminate"
    assert sample.words == "our own network may be gone: none answers; no connection to a:80"


def test_hosts_and_loopback() -> None:
    config = parse(
        """\
version: 1
services:
  - name: s
    probes:
      - {name: a, url: "https://api.example:8443/x", instances: ["10.0.0.1:80", "[2001:db8::1]:80", "host-7"]}
      - {name: b, type: tcp, address: "[::1]:5432"}
      - {name: c, type: dns, query: x.example}
      - {name: d, type: dns, query: x.example, server: "10.0.0.2:53"}
      - {name: e, type: command, argv: ["true"]}
      - {name: f, url: "http://api.example/", ip_protocol: each}
""",
        "config.yaml",
        Config,
    )
    hosts = [host_of(target) for target in targets(config.services)]
    assert hosts == ["10.0.0.1", "2001:db8::1", "host-7", "::1", "", "10.0.0.2", "", "api.example", "api.example"]
    assert [is_loopback(host) for host in ("localhost", "127.3.2.1", "::1", "a.localhost", "10.0.0.1", "api", "")] == [
        True, True, True, True, False, False, False,
    ]  # fmt: skip


@contextmanager
def listening(backlog: int = 16) -> Iterator[tuple[socket.socket, str]]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(backlog)
        yield server, f"127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def hung() -> Iterator[str]:
    """An address whose backlog is full: nothing answers there."""
    with listening(0) as (_, address):
        host, _, port = address.partition(":")
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex((host, int(port)))
            waiting.append(client)
        yield address
        for client in waiting:
            client.close()


def check(*addresses: str, timeout: float = 0.3) -> OwnNetwork:
    return OwnNetwork(SelfCheck(targets=addresses, timeout=timeout))


async def test_one_address_that_answers_is_enough_and_nobody_waits_for_the_others() -> None:
    with hung() as dead, listening() as (_, alive):
        network = check(dead, alive, timeout=30.0)
        async with asyncio.timeout(10):
            assert await network.gone() == ""
        await network.close()


async def test_a_refusal_has_crossed_the_network_too() -> None:
    with listening() as (_, address):
        pass
    network = check(address)
    assert await network.gone() == ""
    await network.close()


async def test_with_no_answer_within_its_deadline_it_is_gone() -> None:
    with hung() as dead:
        network = check(dead)
        async with asyncio.timeout(10):
            assert await network.gone() == f"none of {dead} answers"
        await network.close()


async def test_all_who_ask_at_once_share_one_check_and_its_answer_holds_for_a_moment() -> None:
    with listening() as (server, address):
        network = check(address)
        assert set(await asyncio.gather(*(network.gone() for _ in range(50)))) == {""}
        assert await network.gone() == ""
        await network.close()
        server.setblocking(False)
        server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            server.accept()


async def test_who_stops_waiting_takes_no_answer_from_the_others() -> None:
    with hung() as dead:
        network = check(dead)
        async with asyncio.TaskGroup() as tasks:
            first, second = (tasks.create_task(_told(network)) for _ in range(2))
            await asyncio.sleep(0)
            first.cancel()
        assert second.result().startswith("none of") and first.cancelled()
        await network.close()


async def _told(network: Any) -> str:
    told: str = await network.gone()
    return told
