"""The listener, told by real requests."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from pydantic import ValidationError

from cockpit.clock import SECOND
from cockpit.config.fields import EnvReference
from cockpit.config.intake import WebhookIntake
from cockpit.intake.make import proof
from cockpit.intake.proof import SIGNATURE, TIMESTAMP, signature
from cockpit.intake.source import Found
from cockpit.intake.webhook import AT_ONCE, BODY, CONNECTIONS, WITHIN, Deliver, Listener
from cockpit.tasks import TaskSet
from tests.intake.conftest import NOW, StillClock

SECRET = "swordfish"
BEARER = {"Authorization": f"Bearer {SECRET}"}


def delivery(status: str = "firing", **said: Any) -> bytes:
    alert = {
        "status": status, "fingerprint": "4f2a", "startsAt": "2025-11-20T10:40:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2025-11-20T10:46:00Z",
        "labels": {"alertname": "LoginErrors", "service": "auth"}, "annotations": {"summary": "Logins fail"},
        "generatorURL": "http://prom.test/graph",
    }  # fmt: skip
    document = {"version": "4", "groupKey": "{}:{}", "status": status, "receiver": "x", "alerts": [alert]}
    return json.dumps(document | said).encode()


def signed(body: bytes, at: int = NOW // SECOND, secret: str = SECRET) -> dict[str, str]:
    return {TIMESTAMP: str(at), SIGNATURE: "sha256=" + signature(secret.encode(), str(at), body)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def made(kind: str, again: float = 30.0, within: float = WITHIN) -> tuple[Listener, str]:
    port = free_port()
    config = WebhookIntake.model_validate(
        {"type": "webhook", "name": "hook", "listen": f"127.0.0.1:{port}", kind: {"env": "HOOK"}}
    )
    listener = Listener(config, proof(config, lambda value: SECRET), StillClock(), again, within)
    return listener, f"http://127.0.0.1:{port}/alerts"


@asynccontextmanager
async def hook(kind: str, deliver: Deliver, within: float = WITHIN) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    listener, url = made(kind, within=within)
    tasks = TaskSet()
    tasks.spawn(listener.run(deliver), "hook")
    try:
        async with asyncio.timeout(10), aiohttp.ClientSession() as session:
            await listener.listening.wait()
            yield session, url
    finally:
        await tasks.close()


async def test_what_is_delivered_is_handed_over_and_then_answered() -> None:
    taken: list[Found] = []
    async with hook("bearer", taken.append) as (session, url):
        for status in ("firing", "resolved"):
            async with session.post(url, data=delivery(status), headers=BEARER) as answer:
                assert answer.status == 200
    firing, resolved = taken
    (alert,) = firing.alerts
    assert (alert.alert, alert.title, alert.service, alert.state) == ("hook:4f2a", "Logins fail", "auth", "firing")
    assert not firing.whole and not resolved.alerts
    (over,) = resolved.ended
    assert (over.alert, over.title) == ("hook:4f2a", "Logins fail") and over.ended > alert.started


async def test_what_could_not_be_handed_over_is_not_answered_as_if_it_were() -> None:
    def full(found: Found) -> None:
        raise RuntimeError("no room")

    async with hook("hmac", full) as (session, url):
        for _ in range(2):
            async with session.post(url, data=delivery(), headers=signed(delivery())) as answer:
                assert answer.status == 500, "and the same signature is good for another try"


@pytest.mark.parametrize("presented", ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", f"Bearer {SECRET}x", SECRET])
async def test_a_wrong_bearer_is_turned_away(presented: str) -> None:
    taken: list[Found] = []
    async with hook("bearer", taken.append) as (session, url):
        async with session.post(url, data=delivery(), headers={"Authorization": presented}) as answer:
            assert answer.status == 401
            assert SECRET not in await answer.text()
    assert not taken


async def test_a_signature_is_good_once_and_within_its_window() -> None:
    taken: list[Found] = []
    body, now = delivery(), NOW // SECOND
    async with hook("hmac", taken.append) as (session, url):

        async def posted(headers: dict[str, str], data: bytes = body) -> tuple[int, str]:
            async with session.post(url, data=data, headers=headers) as answer:
                return answer.status, await answer.text()

        assert (await posted(signed(body)))[0] == 200
        assert await posted(signed(body)) == (401, "seen before\n")
        upper = signed(body)
        assert (await posted({**upper, SIGNATURE: upper[SIGNATURE].removeprefix("sha256=").upper()}))[0] == 401
        assert (await posted(signed(body, now - 299)))[0] == 200
        assert (await posted(signed(body, now - 301)))[0] == 401
        assert (await posted(signed(body, now + 301)))[0] == 401
        assert (await posted(signed(body, secret="another")))[0] == 401
        assert (await posted(signed(body), delivery("resolved")))[0] == 401
        assert (await posted({**signed(body), TIMESTAMP: str(now - 1)}))[0] == 401
        assert (await posted({}))[0] == 401
        assert (await posted(BEARER))[0] == 401
    assert len(taken) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not a delivery"),
        (b"{}", "missing required field `version`"),
        (delivery(version="3"), "version 3"),
        (delivery("pending"), "firing or resolved"),
        (delivery(alerts=[{"status": "firing"}]), "not a delivery"),
        (b'{"version": "\xff"}', "not a delivery"),
        (b'{"alerts": ' + b"[" * 100_000, "not a delivery"),
    ],
)
async def test_what_is_no_delivery_is_said_to_be_none(body: bytes, words: str) -> None:
    taken: list[Found] = []
    async with hook("bearer", taken.append) as (session, url):
        async with session.post(url, data=body, headers=BEARER) as answer:
            assert answer.status == 400
            assert words in await answer.text()
    assert not taken


async def test_a_body_without_end_is_not_read() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    async with hook("bearer", _never) as (session, url):
        async with session.post(url, data=io.BytesIO(b" " * (BODY + 1)), headers=BEARER) as answer:
            assert answer.status == 413
        try:
            async with session.post(url, data=endless(), headers=BEARER) as answer:
                assert answer.status == 413
        except aiohttp.ClientError:
            pass  # It hung up on us while we were still sending.


async def test_only_so_many_are_read_at_once() -> None:
    release = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield delivery()
        await release.wait()

    async def post(session: aiohttp.ClientSession, url: str) -> int:
        async with session.post(url, data=slow(), headers=BEARER) as answer:
            return answer.status

    taken: list[Found] = []
    async with hook("bearer", taken.append) as (session, url), asyncio.TaskGroup() as group:
        posts = [group.create_task(post(session, url)) for _ in range(AT_ONCE)]
        while True:
            async with session.post(url, data=delivery(), headers=BEARER) as answer:
                if answer.status == 503:
                    break
                assert answer.status == 200
        taken.clear()
        release.set()
        assert [await each for each in posts] == [200] * AT_ONCE
    assert len(taken) == AT_ONCE


async def _dial(url: str, said: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].partition("/")[0]))
    writer.write(said)
    return reader, writer


async def test_who_connects_and_says_nothing_whole_is_hung_up_on() -> None:
    async with hook("bearer", _never, within=0.1) as (_, url):
        for said in (b"", b"POST /alerts HTTP/1.1\r\nX-Slow: "):
            reader, writer = await _dial(url, said)
            await reader.read()
            assert reader.at_eof()
            writer.close()


async def test_no_more_connections_are_open_than_a_sender_needs() -> None:
    taken: list[Found] = []
    async with hook("bearer", taken.append) as (session, url):
        idle = [await _dial(url, b"") for _ in range(CONNECTIONS)]
        reader, one_too_many = await _dial(url, b"")
        assert await reader.read() == b""
        for _, writer in (*idle, (reader, one_too_many)):
            writer.close()
            await writer.wait_closed()
        async with session.post(url, data=delivery(), headers=BEARER) as answer:
            assert answer.status == 200


async def test_a_busy_port_is_said_and_tried_again() -> None:
    listener, url = made("bearer", again=0.02)
    port = int(url.split(":")[2].partition("/")[0])
    tasks = TaskSet()
    async with asyncio.timeout(10):
        with socket.socket() as holder:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", port))
            holder.listen()
            tasks.spawn(listener.run(_never), "hook")
            for _ in range(1_000):
                if listener.problem:
                    break
                await asyncio.sleep(0)
            assert listener.problem.startswith(f"cannot listen on 127.0.0.1:{port}: ")
        await listener.listening.wait()
        assert listener.problem == ""
        await tasks.close()


def test_a_listener_without_a_proof_is_refused() -> None:
    both = {"bearer": EnvReference(env="A"), "hmac": EnvReference(env="B")}
    for said in ({}, both):
        with pytest.raises(ValidationError, match="exactly one of bearer, hmac"):
            WebhookIntake.model_validate({"type": "webhook", "name": "hook", **said})
    assert WebhookIntake(type="webhook", name="hook", bearer=EnvReference(env="A")).listen.startswith("127.0.0.1:")


def _never(found: Found) -> None:
    raise AssertionError("nothing was to be handed over")
