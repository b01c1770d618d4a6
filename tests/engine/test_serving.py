"""What one terminal is told when there is much to tell, or the journal cannot be read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from cockpit.clock import SystemClock
from cockpit.engine.rows import Rows as Reading
from cockpit.engine.serving import Server
from cockpit.engine.session import Show
from cockpit.journal.errors import Busy
from cockpit.journal.store import Journal
from cockpit.protocol.client import Client
from cockpit.protocol.commands import Update
from cockpit.protocol.messages import FRAME_LIMIT, SPOKEN, Answer, Do, FetchRows, Hello, Rows, Runbooks, Welcome, pack
from cockpit.protocol.views import (
    AlertsView,
    CardView,
    ChangesView,
    ClockView,
    FreezeView,
    OutputView,
    Pane,
    PreviewView,
    ReplayView,
    Row,
    SeenBeforeView,
)
from cockpit.text import Redactor, SafeText

Read = Callable[[str, int, int, bool], Awaitable[tuple[Row, ...]]]
HEAD = 40


def _row(seq: int) -> Row:
    """One whose event is so long that few of them fit a frame."""
    data = msgspec.Raw(msgspec.json.encode("x" * (FRAME_LIMIT // 10)))
    return Row(
        seq=seq, at=0, kind=SafeText("note"), text=SafeText("said"), tone="plain", actor=SafeText("ada"), data=data
    )


async def _rows(stream: str, first: int, last: int, data: bool) -> tuple[Row, ...]:
    return tuple(_row(seq) for seq in range(first, last + 1))


async def _no_rows(stream: str, first: int, last: int, data: bool) -> tuple[Row, ...]:
    return ()


async def _no_answer(do: Do, actor: str) -> Answer:
    raise AssertionError("nobody asks for anything")


async def _no_preview(update: Update | None, actor: str) -> PreviewView:
    return PreviewView()


async def _no_runbooks() -> Runbooks:
    return Runbooks(())


@asynccontextmanager
async def _served(
    path: Path, rows: Read, clock: Callable[[], ClockView] = lambda: ClockView(0, 1.0),
    panes: Callable[[], tuple[Pane, ...]] = tuple,
) -> AsyncIterator[tuple[Client, asyncio.Event]]:  # fmt: skip
    waker = asyncio.Event()
    show = Show(
        welcome=lambda version: Welcome(version, "1", 1, "test", "", "INC-1", HEAD, 0, 1.0),
        clock=clock, panes=panes, rows=rows, head=lambda: ("INC-1", HEAD), watch_head=lambda: 0, runbooks=_no_runbooks,
        card=lambda probe: CardView(SafeText(probe), SafeText(""), "unknown"), changes=ChangesView, freeze=FreezeView,
        preview=_no_preview, perform=_no_answer, waker=lambda: waker, forget=lambda _: None, shutdown=lambda _: None,
    )  # fmt: skip
    server = Server(path, show)
    await server.start()
    client = await Client.connect(path, actor="ada", after=0, data=True)
    async with asyncio.timeout(20):
        yield client, waker
    await client.close()
    await server.close()


async def _told(client: Client) -> list[int]:
    told: list[int] = []
    async for message in client.messages():
        assert isinstance(message, Rows)
        told += [row.seq for row in message.rows]
        if len(told) == HEAD:
            return told
    raise AssertionError(f"cut off after {len(told)} rows")


async def test_rows_that_fit_no_frame_come_in_several(tmp_path: Path) -> None:
    async with _served(tmp_path / "s", _rows) as (client, _):
        assert await _told(client) == list(range(1, HEAD + 1))


async def test_a_journal_that_cannot_be_read_for_a_moment_cuts_nobody_off(tmp_path: Path) -> None:
    failures = [Busy("somebody else has it")]
    failed = asyncio.Event()

    async def rows(stream: str, first: int, last: int, data: bool) -> tuple[Row, ...]:
        if failures:
            failed.set()
            raise failures.pop()
        return await _rows(stream, first, last, data)

    async with _served(tmp_path / "s", rows) as (client, waker):
        await failed.wait()
        waker.set()
        assert await _told(client) == list(range(1, HEAD + 1))


async def test_the_clock_of_a_drill_is_told_when_it_is_turned_and_an_older_terminal_is_spared(tmp_path: Path) -> None:
    clock, seen = [ClockView(0, 1.0)], 0

    def panes() -> tuple[Pane, ...]:
        return SeenBeforeView(), ReplayView(0, 0, 0, 0, 0, True, 1.0), OutputView("a", seen, SafeText("")), AlertsView()

    async def told(reader: asyncio.StreamReader, kind: str) -> list[str]:
        """Which panes come until the first one of that kind."""
        kinds = [""]
        while kinds[-1] != kind:
            message = msgspec.json.decode(await reader.readuntil())
            kinds.append(message["type"])
            if message["type"] == "clock":
                assert (message["now"], message["speed"]) == (clock[0].now, clock[0].speed)
        return kinds[1:]

    async with _served(tmp_path / "s", _no_rows, lambda: clock[0], panes) as (_, waker):
        both = []
        for version in (1, 2):
            reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
            writer.write(pack(Hello((version,), "bo")))
            both.append((reader, writer))
            await told(reader, "alerts")
        (old, _), (new, _) = both
        for speed, changed in ((0.0, ["clock"]), (0.0, []), (60.0, ["clock"])):
            clock[0], seen = ClockView(clock[0].now + 1, speed), seen + 1
            waker.set()
            assert await told(new, "output") == [*changed, "output"]
            assert await told(old, "output") == ["output"]
        for _, writer in both:
            writer.close()


HUGE = 1 << 70
HELLO = pack(Hello(SPOKEN, "ada", False, 0, False))


@pytest.mark.parametrize(
    "frames",
    [
        HELLO + pack(FetchRows("watch", HUGE, HUGE)),
        HELLO + b'{"type":"fetch_rows","stream":"\xff\xfe","first":1,"last":2}\n',
        b'{"type":"hello","actor":"\xff"}\n',
        b'{"type":' + b"[" * 100_000 + b"\n",
    ],
    ids=["a number out of range", "no UTF-8", "a greeting that is no UTF-8", "a greeting nested too deep"],
)
async def test_who_talks_nonsense_is_left_and_nobody_else_notices(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, frames: bytes
) -> None:
    journal = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    async with _served(tmp_path / "s", Reading(journal, Redactor([])).between) as (client, _):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s", limit=FRAME_LIMIT)
        writer.write(frames)
        writer.write_eof()
        await reader.read()
        writer.close()
        await client.send(FetchRows("watch", 1, 1))
        async for message in client.messages():
            assert message == Rows("watch", ())
            break
    await journal.close()
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
