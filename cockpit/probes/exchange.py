"""One question and its answer over a connection, parsed and bounded."""

from __future__ import annotations

from collections.abc import Mapping

import h11
import msgspec

from cockpit.probes.deadlines import within
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.phases import Stopwatch
from cockpit.probes.wire import Wire

HEADER_LIMIT = 16 * 1024
OVERHEAD = 256 * 1024
"""Bytes read beside the body, for headers, the framing of chunks and TLS: what is longer has no end."""

PROMISES = 20
"""Interim answers (100, 103) that may come before the real one."""


class Received(msgspec.Struct, frozen=True):
    """An answer with its body as it came, encoded or not, up to a limit; `cut` when there was more.

    Header names are in lower case; `keeps` says that the connection is fit for another question.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool
    http: str
    keeps: bool


async def exchange(
    wire: Wire, request: h11.Request, body: bytes, limit: int, watch: Stopwatch, patience: float | None = None
) -> Received:
    """The answer, its body up to `limit` bytes; raises ProbeFailure.

    Its only deadline is `patience`, real seconds for the first byte.
    """
    watch.begin("first_byte")
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADER_LIMIT)
    try:
        message = connection.send(request) or b""
        if body:
            message += connection.send(h11.Data(data=body)) or b""
        message += connection.send(h11.EndOfMessage()) or b""
        # TLS counts its own bytes too, and every chunk its length.
        wire.allow(4 * limit + OVERHEAD)
        await wire.send(message)
        connection.receive_data(await within(patience, _first(wire, watch), watch))
        return await _receive(connection, wire, limit, watch)
    except h11.RemoteProtocolError as error:
        raise ProbeFailure("protocol", str(error)) from error


async def _first(wire: Wire, watch: Stopwatch) -> bytes:
    data = await wire.receive()
    if not data:
        raise ProbeFailure("reset", "hung up without an answer")
    watch.lap("first_byte")
    watch.begin("transfer")
    return data


async def _receive(connection: h11.Connection, wire: Wire, limit: int, watch: Stopwatch) -> Received:
    head: h11.Response | None = None
    parts: list[bytes] = []
    size, promises = 0, 0
    while not isinstance(event := connection.next_event(), h11.EndOfMessage | h11.ConnectionClosed):
        if event is h11.NEED_DATA:
            data = await wire.receive()
            if not data and head is None:
                raise ProbeFailure("protocol", "hung up within the headers")
            connection.receive_data(data)
        elif event is h11.PAUSED:
            raise ProbeFailure("protocol", "it changed to another protocol")
        elif isinstance(event, h11.InformationalResponse):
            promises += 1
            if promises > PROMISES:
                raise ProbeFailure("protocol", "the answer is announced again and again, and never comes")
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            parts.append(event.data)
            size += len(event.data)
            if size > limit:
                break
    assert head is not None, "h11 gives the end of an answer only after its head"
    watch.lap("transfer")
    keeps = connection.their_state is h11.DONE and connection.our_state is h11.DONE and not connection.trailing_data[0]
    return Received(
        status=head.status_code,
        headers=_headers(head),
        body=b"".join(parts)[:limit],
        cut=size > limit,
        http=f"HTTP/{head.http_version.decode()}",
        keeps=keeps,
    )


def _headers(head: h11.Response) -> dict[str, str]:
    """By name; a header that came more than once is one list."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
