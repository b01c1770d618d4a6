"""Who is at the other end of a unix socket."""

from __future__ import annotations

import socket
import struct


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end; OSError when the system will not say."""
    linux = getattr(socket, "SO_PEERCRED", None)
    if linux is not None:
        raw = connection.getsockopt(socket.SOL_SOCKET, linux, struct.calcsize("3i"))
        return int(struct.unpack("3i", raw)[1])
    # Darwin and the BSDs: struct xucred { u_int version; uid_t uid; ... } by LOCAL_PEERCRED at level 0.
    raw = connection.getsockopt(0, 1, struct.calcsize("2I"))
    return int(struct.unpack("2I", raw)[1])
