"""The terminal: attached to an engine, disposable, deciding nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.filter import LineFilter

from cockpit.text import SafeText
from cockpit.tui.actions import actions
from cockpit.tui.attachment import Attachment, Connect, Restart, asleep, by_hand
from cockpit.tui.calm import Calm, calmly, report
from cockpit.tui.clockface import Clockface
from cockpit.tui.frame import Frame, plain_glyphs
from cockpit.tui.paint import THEME
from cockpit.tui.plain import PLAIN
from cockpit.tui.screens.cockpit import CockpitScreen
from cockpit.tui.screens.live import Live
from cockpit.tui.screens.modal import Modal
from cockpit.tui.widgets.choice import Secret

SIGNALS = (signal.SIGTERM, signal.SIGHUP)
FAULTS_AT_MOST = 20
"""A screen that stumbles more often than this is beyond help, and ends with the fault in full."""


class Palette(Provider):
    """Every action, found by name."""

    async def discover(self) -> Hits:
        for title, run in self._entries():
            yield DiscoveryHit(title, run)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, run in self._entries():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), run)

    def _entries(self) -> list[tuple[str, Callable[[], None]]]:
        board = self.screen
        if not isinstance(board, CockpitScreen):
            return []
        return [(action.title, partial(board.action_act, action.name)) for action in actions(board.frame)]


class CockpitApp(Calm, App[None]):
    """`connect` makes one connection to an engine; it is called again whenever that is lost.

    Where it starts an engine, `find` does not: it is called in its place once somebody has stopped the engine.
    `hints` adds a line that says what a good responder would do next. With `read_only` nothing is ever sent that
    would change something. `asleep` are the seconds that the host has slept so far.
    """

    CSS_PATH = "app.tcss"
    TITLE = "cockpit"
    COMMANDS = {Palette}
    BINDINGS = [
        Binding("ctrl+q", "detach", show=False, priority=True),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("ctrl+z", "suspend_process", show=False),
    ]

    def __init__(
        self,
        connect: Connect,
        *,
        find: Connect | None = None,
        actor: str,
        hints: bool = False,
        restart: Restart = by_hand,
        read_only: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        asleep: Callable[[], float] = asleep,
    ) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = THEME.name
        self.actor = actor
        self.frame = Frame(clock=Clockface(monotonic), plain=plain_glyphs(os.environ), read_only=read_only)
        self.desk = Attachment(
            connect,
            self.frame,
            find=find,
            attached=lambda: self.board.attached(),
            changed=lambda: self.board.touch(),
            told=lambda told: self.board.take(told),
            restart=restart,
            monotonic=monotonic,
            asleep=asleep,
        )
        self.board = CockpitScreen(self.desk, hints=hints)
        self._faults = 0

    def on_mount(self) -> None:
        self.push_screen(self.board)
        loop = asyncio.get_running_loop()
        for each in SIGNALS:
            loop.add_signal_handler(each, self.action_detach)
        self.run_worker(calmly(self, self.desk.run()), exit_on_error=False, name="attachment")

    async def on_unmount(self) -> None:
        loop = asyncio.get_running_loop()
        for each in SIGNALS:
            loop.remove_signal_handler(each)
        await self.desk.close()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste) and not isinstance(self.focused, Secret):
            event = events.Paste(SafeText(event.text))
        await super().on_event(event)

    def action_detach(self) -> None:
        self.board.detach()

    def action_help_quit(self) -> None:
        self._say("q detaches.")

    def on_modal_said(self, said: Modal.Said) -> None:
        top = self.screen
        if isinstance(top, Live):
            top.said(said.words)
        else:
            self.board.tell(said.words, said.severity)

    def _say(self, words: str) -> None:
        if self.screen is self.board:
            self.board.tell(words)
        else:
            self.notify(words, markup=False)

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        return [*filters, PLAIN] if self.frame.plain else filters

    def _handle_exception(self, error: Exception) -> None:
        self._faults += 1
        if self.is_running and self._faults <= FAULTS_AT_MOST:
            report(self, error)
        else:
            super()._handle_exception(error)
