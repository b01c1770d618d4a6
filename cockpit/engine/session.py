"""One terminal's session: what it is told, what it may ask, and never waiting for a slow one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator

import msgspec

from cockpit.engine.peopleview import shown_to
from cockpit.incident.event import WATCH
from cockpit.journal.errors import JournalError
from cockpit.protocol.commands import Update
from cockpit.protocol.messages import (
    FRAME_LIMIT,
    Answer,
    Do,
    FetchCard,
    FetchChanges,
    FetchFreeze,
    FetchPreview,
    FetchRows,
    FetchRunbooks,
    FromClient,
    FromEngine,
    Hello,
    Rows,
    Runbooks,
    Shutdown,
    Welcome,
    Wind,
    pack,
    unpack_from_client,
)
from cockpit.protocol.older import READ_ONLY, known, told
from cockpit.protocol.views import (
    CardView,
    ChangesView,
    ClockView,
    FreezeView,
    Pane,
    PeopleView,
    PreviewView,
    Row,
    RunView,
)
from cockpit.text import SafeText

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 500
PANE_INTERVAL = 0.1
"""Real seconds between two sends of panes to one terminal: what changed in between is sent once."""


def _unwound(said: Wind) -> None:
    """What happens now cannot be wound."""


class Show:
    """What a session needs of the engine: what there is to see, and the doors to change it."""

    def __init__(
        self,
        *,
        welcome: Callable[[int], Welcome],
        clock: Callable[[], ClockView],
        panes: Callable[[], tuple[Pane, ...]],
        rows: Callable[[str, int, int, bool], Awaitable[tuple[Row, ...]]],
        head: Callable[[], tuple[str, int]],
        watch_head: Callable[[], int],
        runbooks: Callable[[], Awaitable[Runbooks]],
        card: Callable[[str], CardView],
        changes: Callable[[], ChangesView],
        freeze: Callable[[], FreezeView],
        preview: Callable[[Update | None, str], Awaitable[PreviewView]],
        perform: Callable[[Do, str], Awaitable[Answer]],
        waker: Callable[[], asyncio.Event],
        forget: Callable[[asyncio.Event], None],
        shutdown: Callable[[str], None],
        wind: Callable[[Wind], None] = _unwound,
    ) -> None:
        self.welcome = welcome
        self.clock = clock
        self.panes = panes
        self.rows = rows
        self.head = head
        self.watch_head = watch_head
        self.runbooks = runbooks
        self.card = card
        self.changes = changes
        self.freeze = freeze
        self.preview = preview
        self.perform = perform
        self.waker = waker
        self.forget = forget
        self.shutdown = shutdown
        self.wind = wind


class Session:
    """One terminal. It is sent the latest of what it has not seen, whenever its socket takes more.

    Nothing queues up for a terminal that does not read: panes are replaced, rows stay in the journal.
    """

    def __init__(self, show: Show, hello: Hello, version: int, writer: asyncio.StreamWriter) -> None:
        """`version` is what both sides speak."""
        self._show = show
        self._hello = hello
        self._version = version
        self._writer = writer
        self._sent: dict[type, Pane] = {}
        self._speed = show.clock().speed
        stream, head = show.head()
        self._stream = stream
        self._told = {WATCH: show.watch_head()}
        self._told[stream] = head if hello.after < 0 else min(hello.after, head)

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Answer what the terminal asks, until it leaves."""
        while True:
            try:
                frame = await reader.readuntil()
            except asyncio.IncompleteReadError:
                return
            await self._answer(unpack_from_client(frame))

    async def _answer(self, message: FromClient) -> None:
        match message:
            case Do() if self._hello.read_only:
                stream, head = self._show.head()
                await self._send(Answer(message.id, False, SafeText(READ_ONLY), "invalid", stream=stream, seq=head))
            case Do():
                await self._send(await self._show.perform(message, self._hello.actor))
            case FetchRows(stream=stream, first=first, last=last):
                last = min(last, first + 999)
                with _journal_may_fail():
                    await self._send_rows(Rows(stream, await self._show.rows(stream, first, last, self._hello.data)))
            case FetchRunbooks():
                await self._send(await self._show.runbooks())
            case FetchCard(probe=probe):
                await self._send(self._show.card(probe))
            case FetchChanges():
                await self._send(self._show.changes())
            case FetchFreeze():
                await self._send(self._show.freeze())
            case FetchPreview(update=update):
                with _journal_may_fail():
                    await self._send(await self._show.preview(update, self._hello.actor))
            case Wind():
                self._show.wind(message)
            case Shutdown(actor=actor) if not self._hello.read_only:
                self._show.shutdown(actor or self._hello.actor)
            case Hello() | Shutdown():
                pass

    async def tell(self) -> None:
        """Send what is new, for ever."""
        waker = self._show.waker()
        try:
            while True:
                waker.clear()
                with _journal_may_fail():
                    await self._tell_rows()
                if self._hello.panes:
                    await self._tell_panes()
                await waker.wait()
                await asyncio.sleep(0 if self._behind() else PANE_INTERVAL)
        finally:
            self._show.forget(waker)

    def _behind(self) -> bool:
        stream, head = self._show.head()
        return self._told.get(stream, 0) < head

    async def _tell_rows(self) -> None:
        stream, head = self._show.head()
        if stream != self._stream:
            # Its last words first: they were recorded before the other stream was shown.
            while await self._told_more(self._stream, sys.maxsize):
                pass
            self._stream = stream
        while self._told.get(stream, 0) < head and await self._told_more(stream, head):
            pass

    async def _told_more(self, stream: str, head: int) -> bool:
        first = self._told.get(stream, 0) + 1
        rows = await self._show.rows(stream, first, min(head, first + ROWS_AT_ONCE - 1), self._hello.data)
        if rows:
            await self._send_rows(Rows(stream, rows, live=True))
            self._told[stream] = rows[-1].seq
        return bool(rows)

    async def _tell_panes(self) -> None:
        # Told when it runs otherwise than this terminal knows, and with the time of this very moment.
        if (clock := self._show.clock()).speed != self._speed and known(clock, self._version):
            self._speed = clock.speed
            await self._send(clock)
        for drawn in self._show.panes():
            if not known(drawn, self._version):
                continue
            pane = shown_to(drawn, self._hello.actor) if isinstance(drawn, PeopleView) else drawn
            if self._sent.get(type(pane)) != pane:
                self._sent[type(pane)] = pane
                await self._send(pane)

    async def _send_rows(self, rows: Rows) -> None:
        frame, middle = pack(rows), len(rows.rows) // 2
        if len(frame) < FRAME_LIMIT or not middle:
            await self._write(frame)
            return
        for part in (rows.rows[:middle], rows.rows[middle:]):
            await self._send_rows(msgspec.structs.replace(rows, rows=part))

    async def _send(self, message: FromEngine) -> None:
        await self._write(pack(told(message, self._version) if isinstance(message, RunView) else message))

    async def _write(self, frame: bytes) -> None:
        self._writer.write(frame)
        await self._writer.drain()


@contextlib.contextmanager
def _journal_may_fail() -> Iterator[None]:
    """A terminal that was to be told rows is told them at the next look, or asks again."""
    try:
        yield
    except JournalError as error:
        log.warning("rows could not be read: %s", error.message)
