"""A look at something that goes on changing: it draws itself anew whenever the frame does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.types import CSSPathType

from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.messages import Fetch
from cockpit.protocol.views import LinkView
from cockpit.tui.attachment import Attachment
from cockpit.tui.calm import calmly
from cockpit.tui.paint import wrapped
from cockpit.tui.screens.menu import MenuScreen
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.widgets.edges import READ_LEAST, READ_SPEED
from cockpit.tui.widgets.pane import Board

AGAIN = 2.0
"""Real seconds after which a question is asked again, answered or not."""


class Live(Modal):
    """A subclass shows its pane, and asks what it needs; j and k move in it."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["modal.tcss", "live.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,ctrl+f", "move(10)", show=False),
        Binding("pageup,ctrl+b", "move(-10)", show=False),
        Binding("G,end", f"move({10**9})", show=False),
        Binding("g,home", f"move({-(10**9)})", show=False),
        Binding("o", "links", show=False),
    ]

    def __init__(self, desk: Attachment, foot: str, pane: Board) -> None:
        super().__init__(desk, "", f"{foot}   j k move   Esc back")
        self.pane = pane
        self.pane.chosen = True
        self._over: Timer | None = None

    def parts(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.set_interval(AGAIN, self.ask)
        self.ask()

    def question(self) -> Fetch | None:
        """What to ask of the engine; None when the frame has it all."""
        return None

    def links(self) -> Sequence[LinkView]:
        """Where to look further."""
        return ()

    def ask(self) -> None:
        """Ask, where there is something to ask."""
        if (question := self.question()) is not None:
            self.app.run_worker(calmly(self.app, self.desk.send(question)), exit_on_error=False)

    def follow(self) -> None:
        """The frame changed, or a second went by."""
        self.pane.redraw()

    def send(self, command: AnyCommand) -> None:
        """Send what needs no question; the answer is said in passing."""
        self.app.run_worker(calmly(self.app, self._sent(command)), exit_on_error=False)

    async def _sent(self, command: AnyCommand) -> None:
        try:
            answer = await self.desk.do(command, self.desk.frame.seen)
        except ConnectionError:
            words = "The engine is gone; nothing was done."
        else:
            words = answer.text or f"The engine refused: {answer.refusal}"
        if self.is_attached:
            self.said(words)

    def may_act(self) -> bool:
        """Whether this terminal may do more than look; says so when it may not."""
        why_not = self.desk.frame.only_looks
        if why_not:
            self.say(why_not)
        return not why_not

    def action_move(self, lines: int) -> None:
        self.pane.scroll_by(lines)

    def action_links(self) -> None:
        links = [link for link in self.links() if link.url]
        if not links:
            self.say("There is no link.")
        elif len(links) == 1:
            self._copy(links[0].url)
        else:
            entries = [(link.name.line, link.url.line) for link in links]
            self.app.push_screen(
                MenuScreen(self.desk, "Copy a link", entries, lambda place: self._copy(links[place].url))
            )

    def _copy(self, url: str) -> None:
        """Into the clipboard of whoever sits at the terminal, also over SSH; no browser is started."""
        self.app.copy_to_clipboard(url)
        self.say(f"Copied, where the terminal allows it: {url}")

    def said(self, words: str) -> None:
        """What came of a command: say it, and look at what it changed."""
        self.say(words)
        self.ask()

    def say(self, words: str) -> None:
        """Say something in passing, in the lines above the keys."""
        passing = self.query_one("#refusal", Words)
        passing.update(Content("\n").join(wrapped(words, max(20, self.pane.size.width - 2), most=4)))
        passing.display = True
        if self._over is not None:
            self._over.stop()
        self._over = self.set_timer(READ_LEAST + len(words) / READ_SPEED, self._fall_silent)

    def _fall_silent(self) -> None:
        for passing in self.query("#refusal"):
            passing.display = False
