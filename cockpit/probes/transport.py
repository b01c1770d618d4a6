"""One HTTP request over one fresh connection, every phase timed, every failure typed.

The connection lives inside one function: whatever ends it, a cancellation too, the socket is closed before it returns.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator

import h11
import httpx

from cockpit.probes.failures import ProbeFailure, from_os
from cockpit.probes.phases import Stopwatch
from cockpit.probes.resolver import Address, Resolver

HEADER_LIMIT = 16 * 1024
BODY_LIMIT = 64 * 1024
CHUNK = 16 * 1024
PATIENCE = 1.0
"""Real seconds given to each address of a host but the last, so that a dead one does not hide a live one."""


class CappedBody(httpx.AsyncByteStream):
    """The body as it came, encoded or not, up to the limit; `cut` when there was more."""

    def __init__(self, data: bytes, cut: bool) -> None:
        self.data = data
        self.cut = cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.data


class ProbeTransport(httpx.AsyncBaseTransport):
    """For probes and feeds; shared by all of them, and holds no connection between requests.

    They call it directly: the same request through an `httpx.AsyncClient` costs 1.4 times the CPU.

    It has no deadline of its own: put `asyncio.timeout` around it. The request's `extensions` tell `stopwatch` and
    `address` while it is under way; the response's tell `phases`, `address` and `cut`.
    """

    def __init__(
        self, context: ssl.SSLContext | None = None, resolver: Resolver | None = None, body_limit: int = BODY_LIMIT
    ) -> None:
        self._context = context or ssl.create_default_context()
        self._resolver = resolver or Resolver()
        self._body_limit = body_limit

    @property
    def resolver(self) -> Resolver:
        """The one that every kind of probe shares: its threads are few."""
        return self._resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, body included; raises ProbeFailure."""
        watch = Stopwatch()
        request.extensions["stopwatch"] = watch
        try:
            return await self._exchange(request, watch)
        except ssl.SSLError as error:
            raise ProbeFailure("protocol", f"TLS broke: {_reason(error)}") from error
        except OSError as error:
            raise from_os(error) from error
        except h11.RemoteProtocolError as error:
            raise ProbeFailure("protocol", str(error)) from error
        except h11.LocalProtocolError:
            # The text of the error quotes the header, and a header may be a secret.
            raise ProbeFailure("local", "the request is not valid HTTP: see its method, url and headers") from None

    async def aclose(self) -> None:
        """Nothing is open between requests but the resolver's threads."""
        self._resolver.close()

    async def _exchange(self, request: httpx.Request, watch: Stopwatch) -> httpx.Response:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADER_LIMIT)
        message = _message(connection, request)
        url = request.url
        host = url.raw_host.decode("ascii")
        secure = url.scheme == "https"
        addresses = await self._resolver.resolve(host, url.port or (443 if secure else 80))
        watch.lap("dns")
        sock = await _connect(addresses, request)
        watch.lap("connect")
        reader, writer = await self._open(sock, host if secure else None)
        try:
            if secure:
                watch.lap("tls")
            writer.write(message)
            await writer.drain()
            return await self._receive(connection, reader, request, watch)
        finally:
            writer.transport.abort()

    async def _open(
        self, sock: socket.socket, server_name: str | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """From here on the loop owns the socket, and closes it when this fails: closing it twice would hit another."""
        try:
            if server_name is None:
                return await asyncio.open_connection(sock=sock, limit=CHUNK)
            return await asyncio.open_connection(sock=sock, limit=CHUNK, ssl=self._context, server_hostname=server_name)
        except ssl.SSLError as error:
            raise ProbeFailure("tls", _reason(error)) from error
        except ConnectionError as error:
            raise ProbeFailure("tls", "hung up during the handshake") from error

    async def _receive(
        self, connection: h11.Connection, reader: asyncio.StreamReader, request: httpx.Request, watch: Stopwatch
    ) -> httpx.Response:
        head: h11.Response | None = None
        body = bytearray()
        first = True
        limit: int = request.extensions.get("limit", self._body_limit)
        while not isinstance(event := connection.next_event(), h11.EndOfMessage | h11.ConnectionClosed):
            if event is h11.NEED_DATA:
                chunk = await reader.read(CHUNK)
                if not chunk and head is None:
                    raise ProbeFailure("reset", "hung up without an answer")
                if first:
                    first = False
                    watch.lap("first_byte")
                connection.receive_data(chunk)
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > limit:
                    break
        assert head is not None, "h11 gives the end of an answer only after its head"
        watch.lap("transfer")
        cut = len(body) > limit
        return httpx.Response(
            head.status_code,
            headers=list(head.headers),
            stream=CappedBody(bytes(body[:limit]), cut),
            extensions={"phases": watch.phases(), "address": request.extensions["address"], "cut": cut},
            request=request,
        )


async def _connect(addresses: tuple[Address, ...], request: httpx.Request) -> socket.socket:
    """A socket connected to the first address that answers, else the last one's failure."""
    *others, last = addresses
    for address in others:
        try:
            async with asyncio.timeout(PATIENCE):
                return await _connect_one(address, request)
        except OSError:
            continue
    return await _connect_one(last, request)


async def _connect_one(address: Address, request: httpx.Request) -> socket.socket:
    family, host, port = address
    request.extensions["address"] = host
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (host, port))
    except BaseException:
        sock.close()
        raise
    return sock


_OURS = frozenset({b"accept-encoding", b"connection", b"upgrade"})
"""Headers that are not the config's to set: after an upgrade h11 has nothing more to say."""


def _message(connection: h11.Connection, request: httpx.Request) -> bytes:
    """The request's bytes: whole, asking for a plain body and for the connection to end with it."""
    headers = [(name, value) for name, value in request.headers.raw if name.lower() not in _OURS]
    headers += [(b"accept-encoding", b"identity"), (b"connection", b"close")]
    asked = h11.Request(method=request.method, target=request.url.raw_path, headers=headers)
    parts = [connection.send(asked)]
    if request.content:
        parts.append(connection.send(h11.Data(data=request.content)))
    parts.append(connection.send(h11.EndOfMessage()))
    return b"".join(part for part in parts if part)


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.lower()
    return (error.reason or str(error)).replace("_", " ").lower()
