"""Names to addresses, off the loop and off its common threads: a name that hangs holds up nobody else."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from cockpit.probes.failures import ProbeFailure, from_lookup

Address = tuple[socket.AddressFamily, str, int]
"""Family, numeric address, port."""
Look = Callable[[str, int], tuple[Address, ...]]

THREADS = 512
"""At most, and only as many as names hang at once: with fewer, names that hang would keep the others waiting."""
DEADLINE = 2.0
"""Real seconds one caller waits for a name."""


def look_up(host: str, port: int) -> tuple[Address, ...]:
    """Ask the system's resolver; blocks, raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple((family, str(address[0]), port) for family, _, _, _, address in found)


class Resolver:
    """Looks names up in threads of its own, each name at most once at a time.

    A thread cannot be cancelled: callers of a name that hangs join the one lookup that is under way.
    """

    def __init__(self, look: Look = look_up, deadline: float = DEADLINE) -> None:
        self._look = look
        self._deadline = deadline
        self._threads = ThreadPoolExecutor(THREADS, "resolver")
        self._under_way: dict[tuple[str, int], asyncio.Future[tuple[Address, ...] | OSError]] = {}

    async def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """The addresses of a host in the order to try them; raises ProbeFailure."""
        if literal := _literal(host, port):
            return (literal,)
        key = host, port
        if (lookup := self._under_way.get(key)) is None:
            lookup = asyncio.get_running_loop().run_in_executor(self._threads, self._answer, host, port)
            self._under_way[key] = lookup
            lookup.add_done_callback(lambda _: self._under_way.pop(key, None))
        try:
            async with asyncio.timeout(self._deadline):
                answer = await asyncio.shield(lookup)
        except TimeoutError:
            raise ProbeFailure("local", f"the resolver gave no answer within {self._deadline:.1f} s") from None
        if isinstance(answer, OSError):
            raise from_lookup(answer)
        return answer

    def _answer(self, host: str, port: int) -> tuple[Address, ...] | OSError:
        """An error is an answer too: nobody may be left to catch it."""
        try:
            return self._look(host, port)
        except OSError as error:
            return error
        except UnicodeError:
            return socket.gaierror(socket.EAI_NONAME, "not a host name")

    def close(self) -> None:
        """Start no more lookups; does not wait for those that hang."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@lru_cache(4096)
def _literal(host: str, port: int) -> Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return (socket.AF_INET if address.version == 4 else socket.AF_INET6), host, port
