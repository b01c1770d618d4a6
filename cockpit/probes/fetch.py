"""A document over the probes' transport, for whoever reads more than health: feeds, APIs, error rates."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from cockpit.probes.asking import asking
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.transport import ProbeTransport, Trace


class Reply(msgspec.Struct, frozen=True):
    """An answer, whatever its status; header names are in lower case. `cut` when the body went on beyond the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


async def ask(
    transport: ProbeTransport,
    url: str,
    within: float,
    *,
    method: str = "GET",
    headers: Mapping[str, str] = {},
    body: bytes | None = None,
    limit: int | None = None,
) -> Reply:
    """The answer within `within` real seconds, its body up to `limit` bytes, else the transport's own limit.

    Raises httpx.HTTPError with the reason in words; no redirect is followed.
    """
    request = asking(url, method, headers, body or b"")
    try:
        async with asyncio.timeout(within):
            received = await transport.send(request, Trace(), limit)
    except TimeoutError:
        raise ProbeFailure("read_timeout", f"no answer within {within:.1f} s") from None
    return Reply(received.status, received.headers, received.body, received.cut)


async def fetch(
    transport: ProbeTransport,
    url: str,
    within: float,
    *,
    method: str = "GET",
    headers: Mapping[str, str] = {},
    body: bytes | None = None,
    limit: int | None = None,
) -> bytes:
    """The whole body of a 200 answer, asked for as `ask` does; raises httpx.HTTPError with the reason in words."""
    reply = await ask(transport, url, within, method=method, headers=headers, body=body, limit=limit)
    if reply.status != 200:
        raise ProbeFailure("protocol", f"HTTP {reply.status}")
    if reply.cut:
        raise ProbeFailure("protocol", f"the answer is longer than {len(reply.body) // 1024} KiB")
    return reply.body
