"""Bytes to and from one connected socket, plain or over TLS.

No transport of the event loop lies between: what is not read is not buffered, and `close` closes at once, so nothing is
left to a later turn of the loop when a request is cancelled. Much less CPU, too.
"""

from __future__ import annotations

import asyncio
import socket
import ssl

from cockpit.probes.failures import ProbeFailure, from_os

CHUNK = 16 * 1024
HANDSHAKE = 256 * 1024
"""Bytes a peer may send before it was asked anything."""


class Wire:
    """A plain connection. `opened` is when, in monotonic seconds; `address` is the numeric one it leads to."""

    certificate: bytes | None = None
    tls = ""

    def __init__(self, sock: socket.socket, address: str) -> None:
        self.address = address
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._left = HANDSHAKE
        self.opened = self._loop.time()

    def allow(self, size: int) -> None:
        """Read no more than so many bytes from now on: data that is always there would never let the loop turn."""
        self._left = size

    async def send(self, data: bytes) -> None:
        """All of it; a peer that does not listen any more may still have answered, so that is left to `receive`."""
        try:
            await self._loop.sock_sendall(self._sock, data)
        except ConnectionError:
            pass
        except OSError as error:
            raise from_os(error, connected=True) from error

    async def receive(self) -> bytes:
        """What came next; nothing when the peer hung up. Raises ProbeFailure."""
        try:
            data = await self._loop.sock_recv(self._sock, CHUNK)
        except OSError as error:
            raise from_os(error, connected=True) from error
        self._left -= len(data)
        if self._left < 0:
            raise ProbeFailure("protocol", "the answer has no end")
        return data

    def idle(self) -> bool:
        """Whether it is still open with nothing to read, as a kept connection must be between requests."""
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Now; a reader that still waits was cancelled before."""
        self._sock.close()


class TlsWire(Wire):
    """A connection under TLS; `certificate` is the peer's as DER after the handshake, `tls` the version."""

    def __init__(self, sock: socket.socket, address: str, context: ssl.SSLContext, server_name: str) -> None:
        super().__init__(sock, address)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=server_name)

    async def handshake(self) -> None:
        """Agree and verify; raises ProbeFailure."""
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush()
            except ssl.SSLError as error:
                # The peer is told why we turn away.
                await self._flush()
                raise ProbeFailure("tls", reason(error)) from error
            try:
                data = await super().receive()
            except ProbeFailure as failure:
                if failure.kind != "reset":
                    raise
                data = b""
            if not data:
                raise ProbeFailure("tls", "hung up during the handshake")
            self._in.write(data)
        await self._flush()
        self.certificate = self._tls.getpeercert(binary_form=True)
        self.tls = self._tls.version() or ""

    async def send(self, data: bytes) -> None:
        """As for a plain connection."""
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            raise ProbeFailure("protocol", f"TLS broke: {reason(error)}") from error
        await self._flush()

    async def receive(self) -> bytes:
        """As for a plain connection; an end without a word of goodbye is an end."""
        while True:
            try:
                return self._tls.read(CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLError as error:
                raise ProbeFailure("protocol", f"TLS broke: {reason(error)}") from error
            if data := await super().receive():
                self._in.write(data)
            else:
                self._in.write_eof()

    async def _flush(self) -> None:
        if self._out.pending:
            await super().send(self._out.read())


def reason(error: ssl.SSLError) -> str:
    """What TLS complains of, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.lower()
    if error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"}:
        return "no TLS is spoken there"
    return (error.reason or str(error)).replace("_", " ").lower()
