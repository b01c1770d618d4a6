"""A change feed, well and badly written."""

from __future__ import annotations

import asyncio
import functools
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.changes.feed import poll
from cockpit.clock import SECOND
from cockpit.config.sources import FeedSource
from cockpit.incident.event import encode
from cockpit.incident.vocabulary import ChangeSeen, decode
from cockpit.probes.fetch import fetch
from cockpit.probes.transport import ProbeTransport
from cockpit.text import SafeText

SOURCE = FeedSource(name="configs", url="http://127.0.0.1/changes")
AT = 1_763_635_620 * SECOND


async def read(body: bytes) -> tuple[tuple[tuple[int, ChangeSeen], ...], list[SafeText]]:
    async def fetched(url: str, within: float) -> bytes:
        return body

    problems: list[SafeText] = []
    return await poll(SOURCE, fetched, problems.append), problems


def document(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"changes": entries}).encode()


async def test_changes_come_oldest_first_with_everything_said_of_them() -> None:
    whole = {
        "id": "4711", "at": "2025-11-20T10:47:00Z", "kind": "config", "what": "features.onboarding_revamp",
        "service": "auth", "who": "jo", "reviewed": False, "link": "http://x/4711", "undo": "configctl revert 4711",
    }  # fmt: skip
    later = {"id": "v12", "at": AT + SECOND, "kind": "deploy", "what": "web v12", "note": "not known to us"}
    changes, problems = await read(document(later, whole))
    assert not problems
    assert changes == (
        (AT, ChangeSeen(
            change="configs:4711", source="configs", what="config #4711 features.onboarding_revamp", service="auth",
            who="jo", reviewed=False, link="http://x/4711", undo="configctl revert 4711",
        )),
        (AT + SECOND, ChangeSeen(change="configs:v12", source="configs", what="deploy web v12")),
    )  # fmt: skip
    assert decode("change.seen", encode(changes[0][1])) == changes[0][1]


async def test_a_number_already_in_the_words_is_not_said_twice() -> None:
    changes, _ = await read(document({"id": 4711, "at": AT, "kind": "config", "what": "#4711 features.x"}))
    assert changes[0][1].what == "config #4711 features.x"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"at": AT, "what": "x"}, "entry 1: Object missing required field `id`"),
        ({"id": "1", "at": "2025-11-20T10:47:00", "what": "x"}, "at needs its zone"),
        ({"id": "1", "at": 1_763_635_620, "what": "x"}, "at must be RFC 3339 or microseconds"),
        ({"id": "1", "at": "yesterday", "what": "x"}, "Invalid RFC3339"),
        ({"id": "1", "at": AT, "what": ["x"]}, "$.what"),
        ({"id": "1", "at": AT, "what": "x", "reviewed": "no"}, "$.reviewed"),
    ],
)
async def test_a_bad_entry_is_told_and_spoils_no_other(entry: dict[str, Any], words: str) -> None:
    changes, problems = await read(document(entry, {"id": "2", "at": AT, "what": "fine"}))
    assert [seen.what for _, seen in changes] == ["#2 fine"]
    assert len(problems) == 1 and problems[0].startswith("configs: entry 1: ") and words in problems[0]


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"changes": {}}', b"\xff", b"[" * 60_000])
async def test_a_bad_document_is_told(body: bytes) -> None:
    changes, problems = await read(body)
    assert changes == () and len(problems) == 1 and "not a list of changes" in problems[0]


@given(st.binary(max_size=200))
def test_no_bytes_raise(noise: bytes) -> None:
    for body in (noise, b'{"changes": [' + noise + b"]}", b'{"changes": [{"id": "' + noise + b'"}]}'):
        changes, problems = asyncio.run(read(body))
        assert changes or problems or not noise.strip()


async def test_hostile_text_is_made_safe() -> None:
    entry = {"id": "1", "at": AT, "what": "a\x1b[31mb\nc\u202e", "who": "x" * 5_000}
    changes, _ = await read(document(entry))
    assert changes[0][1].what.startswith("#1 ab c") and len(changes[0][1].who) <= 300
    assert type(changes[0][1].what) is str


async def test_over_the_probes_transport() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = document({"id": "1", "at": AT, "what": "x"})
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    transport, problems = ProbeTransport(), list[SafeText]()
    get = functools.partial(fetch, transport)
    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        source = FeedSource(name="configs", url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/changes")
        assert len(await poll(source, get, problems.append)) == 1 and not problems
    assert await poll(source, get, problems.append) == ()
    assert len(problems) == 1 and problems[0].startswith("configs: ")
    await transport.aclose()


async def test_a_feed_that_cannot_be_fetched_is_told() -> None:
    async def unreachable(url: str, within: float) -> bytes:
        raise httpx.ConnectError("refused")

    problems: list[SafeText] = []
    assert await poll(SOURCE, unreachable, problems.append) == ()
    assert problems == ["configs: refused"]
