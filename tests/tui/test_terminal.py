"""The real program in a real pty, over a real socket, against an engine that means harm."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pyte
import pytest

from cockpit.protocol.messages import (
    Do,
    FetchCard,
    FetchChanges,
    FetchRows,
    FetchRunbooks,
    FromClient,
    Hello,
    Rows,
    Runbooks,
    Welcome,
    pack,
    unpack_from_client,
)
from cockpit.text import SafeText

HARM = (
    "[@click=app.quit]x[/] [/x] [bold]y "
    "\x1b]52;c;cHduZWQ=\x07\x1b]0;owned\x07\x1b[3;33;7;99t\x1bP1;2|harm\x1b\\\x9b3;44;7;99t\u202eevil\u2066\x07\x08\x1bc"
)
SHOWN = "[@click=app.quit]x[/] [/x] [bold]y"
TERMINAL = """
import asyncio, sys
from pathlib import Path
from cockpit.protocol.client import Client
from cockpit.tui.app import CockpitApp
app = CockpitApp(lambda: Client.connect(Path(sys.argv[1]), actor="ada"), actor="ada", hints=True)
app.run()
sys.exit(app.return_code)
"""


def poisoned(value: Any) -> Any:
    """The same message with every free text led by harm, as an engine that never cleans would send it."""
    if isinstance(value, tuple):
        return tuple(poisoned(each) for each in value)
    if isinstance(value, msgspec.Struct):
        hints = get_type_hints(type(value))
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        return type(value)(**{
            name: each if _worded(hints[name]) else poisoned(each) for name, each in fields.items()
        })  # fmt: skip
    return HARM + value if isinstance(value, str) else value


def _worded(hint: Any) -> bool:
    """Whether only words of the protocol's own can stand there: others never get past the decoder."""
    return get_origin(hint) is Literal or any(get_origin(each) is Literal for each in get_args(hint))


def unchanged(value: Any) -> Any:
    """The same message."""
    return value


class HostileEngine:
    """Speaks the frames by hand, so that nothing is cleaned on its side."""

    def __init__(
        self,
        answers: tuple[Any, Any],
        views: tuple[Any, ...],
        rows: tuple[Any, ...],
        welcome: Welcome,
        runbooks: Runbooks,
    ) -> None:
        self.views, self.rows, self.welcome, self.runbooks = views, rows, welcome, runbooks
        self.card, self.changes = answers
        self.changed: Callable[[Any], Any] = poisoned
        self.heard: list[FromClient] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                message = unpack_from_client(await reader.readuntil())
                self.heard.append(message)
                for answer in self._answers(message):
                    writer.write(pack(answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answers(self, message: FromClient) -> tuple[Any, ...]:
        match message:
            case Hello():
                return (self.welcome, *map(self.changed, self.views))
            case FetchRows():
                return (Rows(message.stream, self.changed(self.rows)),)
            case FetchRunbooks():
                return (self.changed(self.runbooks),)
            case FetchCard():
                return (msgspec.structs.replace(self.changed(self.card), probe=SafeText(message.probe)),)
            case FetchChanges():
                return (self.changed(self.changes),)
        return ()


class Tube:
    """A pty with the program at one end and a terminal emulator at the other."""

    def __init__(self, master: int, process: subprocess.Popen[bytes], columns: int, lines: int) -> None:
        self.master, self.process = master, process
        self.raw = bytearray()
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)

    def read(self) -> None:
        try:
            data = os.read(self.master, 65_536)
        except (BlockingIOError, OSError):
            return
        self.raw += data
        # What pyte does not know it would print: private modes and queries of the keyboard and of colours.
        known = re.sub(r"\x1b\[[<>=?][0-9;]*[a-zA-Z$]p?", "", data.decode(errors="replace"))
        self._stream.feed(known)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    async def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(2000):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"it never came to that; the screen:\n{self.text}")

    def shows(self, words: str) -> bool:
        return words in self.text

    async def press(self, keys: str, then: str) -> None:
        os.write(self.master, keys.encode())
        await self.until(lambda: then in self.text)

    async def escape(self) -> None:
        os.write(self.master, b"\x1b")
        await self.until(lambda: "Esc back" not in self.text)


def start(socket: Path, slave: int, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """The program, with the pty for its terminal."""
    argv = [sys.executable, "-c", TERMINAL, os.fspath(socket)]
    return subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True)


@asynccontextmanager
async def program(socket: Path, columns: int, lines: int, **more: str) -> AsyncIterator[Tube]:
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    environ = {**inherited, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **more}
    process = start(socket, slave, environ)
    os.close(slave)
    os.set_blocking(master, False)
    tube = Tube(master, process, columns, lines)
    asyncio.get_running_loop().add_reader(master, tube.read)
    try:
        yield tube
    finally:
        asyncio.get_running_loop().remove_reader(master)
        process.kill()
        process.wait()
        os.close(master)


@pytest.fixture
async def hostile(
    tmp_path: Path, mid_incident: Any, world_parts: Any, answers: Any
) -> AsyncIterator[tuple[HostileEngine, Path]]:
    engine = HostileEngine(answers, mid_incident(), *world_parts)
    socket = tmp_path / "s"
    async with await asyncio.start_unix_server(engine.serve, socket):
        yield engine, socket


def foreign(raw: bytes) -> list[bytes]:
    """What of the harm reached the terminal as a sequence; as plain characters it may be read."""
    csi, control = (b"\x1b[3;33;7;99t", b"\x9b3;44;7;99t"), (b"\x1b]52", b"\x1b]0;owned", b"\x1bP1", b"\x1bc")
    unseen = ("\u009b".encode(), "\u202e".encode(), "\u2066".encode())
    return [sign for sign in (*csi, *control, *unseen) if sign in raw]


@pytest.mark.parametrize(("columns", "lines"), [(200, 60), (80, 24), (40, 10)])
async def test_no_text_from_outside_can_speak_to_the_terminal(
    hostile: tuple[HostileEngine, Path], columns: int, lines: int
) -> None:
    engine, socket = hostile
    async with program(socket, columns, lines) as tube:
        await tube.until(lambda: SHOWN[:15] in tube.text)
        if columns >= 80:
            await tube.until(lambda: "TIMELINE" in tube.text)
            for keys, then in (("1", "SERVICES"), ("2", SHOWN[:9]), ("3", "RUN"), ("4", "BROADCAST"), ("5", "PEOPLE")):
                await tube.press(keys, then)
            for keys in ("\r", "o", "r", "u", "s", "R", "a", "c", "i"):
                await tube.press(keys, "Esc back")
                if keys in "aci":
                    await tube.until(lambda: tube.text.count(SHOWN[:9]) >= 2 and "Asking the" not in tube.text)
                await tube.escape()
            await tube.press("n", "Note for the timeline")
            await tube.press(f"\x1b[200~{HARM}\x1b[201~", "|harm")
        os.write(tube.master, b"\x11")
        await tube.until(lambda: tube.process.poll() is not None)
        assert tube.process.returncode == 0
        assert not foreign(bytes(tube.raw))
        assert not [message for message in engine.heard if isinstance(message, Do)]
        assert "stumbled" not in tube.raw.decode(errors="replace")


async def test_every_pane_shows_the_brackets_as_they_are(hostile: tuple[HostileEngine, Path]) -> None:
    async with program(hostile[1], 200, 60) as tube:
        await tube.until(lambda: tube.text.count(SHOWN) >= 15)


@pytest.mark.parametrize(("columns", "lines"), [(160, 45), (80, 24)])
async def test_without_colours_and_with_ascii_alone_nothing_is_lost(
    hostile: tuple[HostileEngine, Path], columns: int, lines: int
) -> None:
    engine, socket = hostile
    engine.changed = unchanged
    async with program(socket, columns, lines, NO_COLOR="1", TERM="xterm", LANG="C", LC_ALL="C") as tube:
        signs = {"SEV1", "DRILL", "v DOWN", "~ DEGR", "? STALE", "o UP", "next update in", "Enter  run", "q detach"}
        await tube.until(lambda: all(sign in tube.text for sign in signs))
        await tube.press("2", "configctl envdiff staging prod")
        await tube.press("/", "words to look for")
        await tube.press("err", "loaded rows say err")
        os.write(tube.master, b"\x1b")
        await tube.until(lambda: "Esc ends" not in tube.text)
        for keys, then in (("\r", ""), ("r", ""), ("u", ""), ("a", "! FIRING"), ("c", "* RUNNING"), ("i", "#####")):
            await tube.press(keys, "Esc back")
            await tube.until(partial(tube.shows, then))
            assert tube.text.isascii()
            await tube.escape()
        os.write(tube.master, b"q")
        await tube.until(lambda: tube.process.poll() is not None)
        assert tube.raw.decode().isascii()
        painted = {tuple(map(int, each)) for each in re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", tube.raw)}
        assert all(red == green == blue for red, green, blue in painted)
        assert not re.search(rb"\x1b\[[0-9;]*\b(3[1-6]|4[1-6]|9[1-6])m", tube.raw)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_gives_the_terminal_back(hostile: tuple[HostileEngine, Path], number: signal.Signals) -> None:
    async with program(hostile[1], 80, 24) as tube:
        await tube.until(lambda: SHOWN in tube.text and "SERVICES" in tube.text)
        tube.process.send_signal(number)
        await tube.until(lambda: tube.process.poll() is not None)
        await tube.until(lambda: b"\x1b[?1049l" in tube.raw and b"\x1b[?1000l" in tube.raw)
        assert "Detached." in tube.raw.decode(errors="replace")


def test_a_terminal_loads_nothing_of_the_engine_s() -> None:
    heavy = "pydantic sqlalchemy httpx aiohttp yaml cockpit.engine cockpit.journal cockpit.incident cockpit.config"
    code = f"import sys, cockpit.tui.app; print([name for name in {heavy.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_harm_is_harmful_until_it_is_cleaned() -> None:
    assert len(foreign(HARM.encode())) == 9
    assert not foreign(SafeText(HARM).encode())
