"""A document over the probes' transport, for feeds."""

from __future__ import annotations

import asyncio

import httpx

from cockpit.probes.failures import ProbeFailure


async def fetch(transport: httpx.AsyncBaseTransport, url: str, within: float) -> bytes:
    """The body of a 200 answer within `within` real seconds; raises httpx.HTTPError with the reason in words."""
    try:
        request = httpx.Request("GET", url, headers={"user-agent": "incident-cockpit"})
    except httpx.InvalidURL:
        raise ProbeFailure("local", "the url cannot be read") from None
    try:
        async with asyncio.timeout(within):
            response = await transport.handle_async_request(request)
            body = b"".join([part async for part in response.aiter_raw()])
    except TimeoutError:
        raise ProbeFailure("read_timeout", f"no answer within {within:.1f} s") from None
    if response.status_code != 200:
        raise ProbeFailure("protocol", f"HTTP {response.status_code}")
    if response.extensions["cut"]:
        raise ProbeFailure("protocol", f"the answer is longer than {len(body) // 1024} KiB")
    return body
