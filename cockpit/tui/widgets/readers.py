"""The card and the thread as readers have them, one below the other."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from cockpit.clock import hhmm
from cockpit.protocol.views import BroadcastView, PreviewView, ToldView
from cockpit.tui.frame import Frame
from cockpit.tui.paint import line, listed, say, wrapped
from cockpit.tui.widgets.broadcast import destinations, estimate, held, silence
from cockpit.tui.widgets.pane import Board

_FATES = {"good": "o", "bad": "v", "muted": "-"}


class Readers(Board):
    """Draws what the engine answered; before that the card as the frame has it."""

    TITLE = "WHAT READERS SEE"

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame, "readers")
        self.view: PreviewView | None = None
        self._thread: tuple[ToldView, ...] | None = None

    def take(self, view: PreviewView) -> None:
        """An answer of the engine."""
        self.view = view
        self._thread = view.thread

    def aside(self) -> Content:
        return say(self.frame.broadcast.route, "muted")

    def body(self, width: int, height: int) -> list[Content]:
        return list(self._drawn(self.frame.broadcast, width))

    def _drawn(self, view: BroadcastView, width: int) -> Iterator[Content]:
        now = self.frame.clock.now()
        yield from destinations(view, now)
        yield from held(view, now)
        if (promised := listed([estimate(view), silence(view)])).plain:
            yield promised
        yield Content("")
        yield say("CARD  kept true at the top", "act")
        yield from wrapped(view.preview, width) if view.preview else [say("Nothing has been told yet.", "muted")]
        yield Content("")
        if self._thread is None:
            yield say("THREAD  not known to this engine" if self.frame.older else "THREAD  asking ...", "muted")
            return
        yield say("THREAD  below it, in this order" if self._thread else "THREAD  empty", "act")
        for told in self._thread:
            glyph = _FATES.get(told.tone, "~")
            yield listed([line(say(f"{hhmm(told.at)} UTC  ", "muted"), say(f"{glyph} {told.word.line}", told.tone))])
            yield from wrapped(told.text, width, indent=2)
