"""The timeline: newest at the bottom, with a filter over what is at hand."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from cockpit.protocol.messages import FetchRows
from cockpit.tui.calm import Calm
from cockpit.tui.frame import Frame
from cockpit.tui.paint import line, say
from cockpit.tui.widgets.lines import TimelineLines
from cockpit.tui.widgets.pane import Pane, title_line


class TimelineTitle(Pane):
    """The title, and how much has come in below while the reader looks further up, or what the filter leaves."""

    def __init__(self, frame: Frame, lines: TimelineLines, ident: str) -> None:
        super().__init__(frame, ident)
        self.lines = lines
        self.chosen = False

    def draw(self, width: int, height: int) -> list[Content]:
        return [title_line("TIMELINE", self._aside(), self.chosen, width - 2).pad_left(1)]

    def _aside(self) -> Content:
        lines = self.lines
        if lines.words:
            matching, loaded = lines.found
            filtered = say(f"{matching} of {loaded} loaded rows say {lines.words}", "act")
            return line(filtered, say("   Esc ends", "muted"))
        if lines.following:
            return say(f"{lines.head} events" if lines.head else "", "muted")
        new = lines.new_below
        words = f"{new} new below" if new else "scrolled up"
        return line(say(words, "act" if new else "muted"), say("   G follows", "muted"))


class Timeline(Calm, Vertical):
    """Title, rows, and below them the filter while one is typed."""

    def __init__(self, frame: Frame, ask: Callable[[FetchRows], None], ident: str) -> None:
        super().__init__(id=ident)
        self.lines = TimelineLines(ask, "timeline-lines")
        self.heading = TimelineTitle(frame, self.lines, "timeline-title")
        self.filter = Input(id="timeline-filter", placeholder="words to look for; Enter keeps, Esc ends", compact=True)
        self.filter.display = False
        self._frame = frame

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.lines
        yield self.filter

    def redraw(self) -> None:
        """Follow the frame's stream and head."""
        header = self._frame.header
        if header.stream:
            # Rows may be told ahead of the header; only a replay goes back.
            told = 0 if self._frame.replaying else self.lines.head * (header.stream == self.lines.stream)
            self.lines.show(header.stream, max(header.head, told))
        self.heading.redraw()

    def choose(self, chosen: bool) -> None:
        """Show which line is chosen, or no longer."""
        self.heading.chosen = self.lines.lit = chosen
        self.lines.refresh()

    def open_filter(self) -> None:
        """Ask for words to look for."""
        self.filter.display = True
        self.filter.focus()

    def close_filter(self) -> None:
        """Show every row again."""
        self.filter.value = ""
        self._put_away()
        self.lines.narrow("")

    def _put_away(self) -> None:
        self.filter.display = False
        self.screen.set_focus(None)
        self.heading.redraw()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.lines.narrow(event.value)
        self.heading.redraw()

    def on_input_submitted(self) -> None:
        self._put_away()
