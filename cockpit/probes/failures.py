"""What can go wrong between asking and the last byte of the answer, told apart where it happens."""

from __future__ import annotations

import errno
import os
import socket
from typing import Literal

from cockpit.web import Unanswered

FailureKind = Literal[
    "refused", "unreachable", "dns", "connect_timeout", "tls", "read_timeout", "reset", "protocol", "local"
]
"""`local` is a fault of this host, which says nothing about the endpoint."""

_LOCAL = frozenset({
    errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL,
    errno.EADDRINUSE, errno.EACCES, errno.EPERM, errno.EAFNOSUPPORT,
})  # fmt: skip
_RESET = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ESHUTDOWN})
_NO_SUCH_NAME = frozenset(
    code for code in (getattr(socket, name, None) for name in ("EAI_NONAME", "EAI_NODATA")) if code is not None
)


class ProbeFailure(Unanswered):
    """No answer, or none that could be read: `kind` is for deciding, the text for people."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        super().__init__(reason)
        self.kind: FailureKind = kind


def from_os(error: OSError, *, connected: bool = False) -> ProbeFailure:
    """The failure that an error of a socket stands for; `connected` when it came after the connection was made."""
    # The event loop puts words of its own in place of the system's.
    reason = (os.strerror(error.errno) if error.errno else str(error) or type(error).__name__).lower()
    if error.errno == errno.ECONNREFUSED:
        return ProbeFailure("refused", reason)
    if error.errno in _LOCAL:
        return ProbeFailure("local", f"this host cannot connect: {reason}")
    if error.errno == errno.ETIMEDOUT:
        return ProbeFailure("read_timeout" if connected else "connect_timeout", reason)
    if error.errno in _RESET:
        return ProbeFailure("reset", reason)
    return ProbeFailure("unreachable", reason)


def from_lookup(error: OSError) -> ProbeFailure:
    """A name that does not exist is the endpoint's fault; a resolver without an answer may be ours."""
    if isinstance(error, socket.gaierror) and error.errno in _NO_SUCH_NAME:
        return ProbeFailure("dns", "the name does not exist")
    return ProbeFailure("local", f"the resolver gave no answer: {(error.strerror or str(error)).lower()}")
