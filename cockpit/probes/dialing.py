"""One connection to a host of several addresses, the way of RFC 8305: a dead address must not hide a live one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from itertools import chain, zip_longest

import msgspec

from cockpit.probes.failures import FailureKind, ProbeFailure, from_os
from cockpit.probes.resolver import Address

STAGGER = 0.25
"""Real seconds an address has to itself before the next one is tried beside it."""
_TELLING: tuple[FailureKind, ...] = ("refused", "reset", "unreachable", "connect_timeout", "local")
"""Which failure is told when every address failed in a way of its own: a fault of ours only when there is no other."""


class Dialled(msgspec.Struct):
    """What became of each address: filled in while dialling, so that it can be read after a deadline too.

    `address` is the one connected to, or the last one tried; `bad` are those that failed, or were still silent when
    one with a later start had answered, each with the reason.
    """

    addresses: tuple[Address, ...] = ()
    address: str = ""
    bad: tuple[tuple[str, str], ...] = ()


def interleaved(addresses: Sequence[Address]) -> tuple[Address, ...]:
    """The same addresses, families taking turns, beginning with that of the first."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    other = [address for address in addresses if address[0] != addresses[0][0]]
    return tuple(address for address in chain(*zip_longest(first, other)) if address is not None)


async def dial(addresses: Sequence[Address], dialled: Dialled, stagger: float = STAGGER) -> socket.socket:
    """A connected socket, not blocking, to the first address that answers; raises ProbeFailure when none does.

    It has no deadline of its own. Whatever ends it, a cancellation too, no other socket stays open.
    """
    dialled.addresses = order = interleaved(addresses)
    if len(order) == 1:
        dialled.address = order[0][1]
        try:
            return await _connected(order[0])
        except OSError as error:
            raise from_os(error) from error
    return await _race(order, dialled, stagger)


async def _race(order: tuple[Address, ...], dialled: Dialled, stagger: float) -> socket.socket:
    running: dict[asyncio.Task[OSError | None], str] = {}
    connected: dict[str, socket.socket] = {}
    started: list[str] = []
    failures: list[ProbeFailure] = []
    won: socket.socket | None = None
    try:
        async with asyncio.TaskGroup() as group:
            while not connected and len(failures) < len(order):
                if len(started) < len(order):
                    address = order[len(started)]
                    dialled.address = address[1]
                    started.append(address[1])
                    running[group.create_task(_try(address, connected))] = address[1]
                patience = stagger if len(started) < len(order) else None
                done, _ = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    host, error = running.pop(task), task.result()
                    if error is not None:
                        failures.append(failure := from_os(error))
                        # A family this host cannot speak is no fault of the address.
                        if failure.kind != "local":
                            dialled.bad += ((host, str(failure)),)
            for task in running:
                task.cancel()
        if not connected:
            raise min(failures, key=lambda failure: _TELLING.index(failure.kind))
        dialled.address, won = next(iter(connected.items()))
        earlier = started[: started.index(dialled.address)]
        silent = [host for host in earlier if host in running.values() and host not in connected]
        dialled.bad += tuple((host, f"silent for {stagger * 1000:.0f} ms") for host in silent)
        return won
    except asyncio.CancelledError:
        dialled.bad += tuple((host, "silent") for host in running.values())
        raise
    finally:
        # Two may have answered in the same turn of the loop.
        for sock in connected.values():
            if sock is not won:
                sock.close()


async def _try(address: Address, connected: dict[str, socket.socket]) -> OSError | None:
    try:
        connected[address[1]] = await _connected(address)
    except OSError as error:
        return error
    return None


async def _connected(address: Address) -> socket.socket:
    family, host, port = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (host, port))
    except BaseException:
        sock.close()
        raise
    return sock
