"""A host of its own for an engine: `unshare` gives it a network that only we can cut, and names that only we answer.

Run within the new namespaces: it makes the addresses, serves on them, hangs whoever asks it for a name, starts the
engine and then does as its standard input says. `cut` takes the addresses away, `lose` swallows every packet to them,
`mend` gives them back, `dead HOST` answers 500 there. Every order is answered with `done`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from cockpit.platform.places import Places
from cockpit.protocol.launch import launch_engine

HOSTS = ("10.9.8.1", "10.9.8.2", "10.9.8.3", "10.9.8.4")
PORT = 8080
NAMES = """\
127.0.0.1 localhost well.test
::1 two.test
127.0.0.1 two.test
"""
RESOLVER = "nameserver 127.0.0.53\noptions timeout:30 attempts:1\n"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def names(place: Path) -> None:
    """What this host knows of names, and whom it asks for the others."""
    for file, words in (("hosts", NAMES), ("resolv.conf", RESOLVER), ("nsswitch.conf", "hosts: files dns\n")):
        (place / file).write_text(words)
        subprocess.run(["mount", "--bind", place / file, f"/etc/{file}"], check=True, capture_output=True)


class Mute(asyncio.DatagramProtocol):
    """Hears questions for names and answers none; `heard` counts them."""

    def __init__(self) -> None:
        self.heard = 0

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard += 1


class Served:
    """Answers 200, or 500 on the addresses that are dead."""

    def __init__(self) -> None:
        self.dead: set[str] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            status = "500 Dead" if writer.get_extra_info("sockname")[0] in self.dead else "200 OK"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()


async def main(home: Path, config: Path) -> None:
    ip("link", "set", "lo", "up")
    for host in HOSTS:
        ip("address", "add", f"{host}/32", "dev", "lo")
    names(config.parent)
    loop, mute, served = asyncio.get_running_loop(), Mute(), Served()
    asked, _ = await loop.create_datagram_endpoint(lambda: mute, ("127.0.0.53", 53))
    server = await asyncio.start_server(served.answer, "0.0.0.0", PORT)
    places = Places(home)
    places.make()
    await launch_engine(places, profile="chaos", config=config)
    print("ready", flush=True)
    while order := await loop.run_in_executor(None, sys.stdin.readline):
        match order.split():
            case ["cut" | "lose" as how]:
                for host in HOSTS:
                    ip("address", "del", f"{host}/32", "dev", "lo")
                    if how == "lose":
                        ip("route", "add", f"{host}/32", "dev", "lo")
            case ["mend"]:
                for host in HOSTS:
                    # What has no address here and is routed here is dropped without a word.
                    with suppress(subprocess.CalledProcessError):
                        ip("route", "del", f"{host}/32", "dev", "lo")
                    ip("address", "add", f"{host}/32", "dev", "lo")
            case ["dead", host]:
                served.dead.add(host)
            case ["heard"]:
                print(mute.heard, end=" ")
        print("done", flush=True)
    asked.close()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
