"""httpx over the probes' transport, for whoever reads more than health: feeds, APIs, error rates.

What is asked and answered is httpx's own; the way there is the probes': own resolver, bounded bytes, typed failures.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import httpx

from cockpit.probes.asking import AGENT, asking
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.transport import ProbeTransport, Trace
from cockpit.web import Reply

SENDING = frozenset({"first_byte", "transfer"})
"""The phases that begin once the way is open, with the first byte of the request."""
# httpx would write every url into the log, and a webhook's url is its secret.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Bounded(httpx.AsyncBaseTransport):
    """The probes' transport as httpx wants one: a fresh connection for each request, its body up to `limit` bytes."""

    def __init__(self, transport: ProbeTransport, limit: int | None) -> None:
        self._transport = transport
        self._limit = limit
        self.trace = Trace()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, whole; raises ProbeFailure. Its extension `cut` says whether the body went on."""
        ask = asking(request.url, request.method, request.headers, await request.aread())
        received = await self._transport.send(ask, self.trace, self._limit)
        return httpx.Response(
            received.status, headers=received.headers, stream=httpx.ByteStream(received.body),
            extensions={"cut": received.cut}, request=request,
        )  # fmt: skip


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

    Raises ProbeFailure with the reason in words; no redirect is followed, and no proxy asked.
    """
    over = Bounded(transport, limit)
    try:
        return await _asked(over, url, within, method, headers, body)
    except ProbeFailure as failure:
        failure.sent = over.trace.watch.under_way in SENDING
        raise


async def _asked(
    over: Bounded, url: str, within: float, method: str, headers: Mapping[str, str], body: bytes | None
) -> Reply:
    own = {"user-agent": AGENT}
    try:
        async with (
            asyncio.timeout(within),
            httpx.AsyncClient(transport=over, headers=own, timeout=None, trust_env=False) as client,
            client.stream(method, url, headers=headers, content=body) as response,
        ):
            # As it came: nothing is unpacked, so that a few bytes stay a few.
            raw = b"".join([part async for part in response.aiter_raw()])
    except TimeoutError:
        raise ProbeFailure("read_timeout", f"no answer within {within:.1f} s") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise ProbeFailure("local", "the url cannot be read") from None
    except UnicodeError:
        raise ProbeFailure("local", "a header is not plain ASCII") from None
    return Reply(response.status_code, dict(response.headers), raw, response.extensions["cut"])


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
