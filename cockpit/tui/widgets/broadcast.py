"""The broadcast: the card as readers see it, and how its delivery stands."""

from __future__ import annotations

from textual.content import Content

from cockpit.clock import hhmm
from cockpit.tui.paint import listed, say, wrapped
from cockpit.tui.widgets.pane import Board
from cockpit.tui.words import age, due


class Broadcast(Board):
    TITLE = "BROADCAST"

    def aside(self) -> Content:
        view = self.frame.broadcast
        counts = (
            say(f"posted {view.posted}", "muted"),
            say(f"queue {view.queued}", "warn" if view.queued else "muted"),
        )
        return listed([say(view.route, "muted"), *counts])

    def wants(self) -> int:
        return super().wants() + 1

    def draw(self, width: int, height: int) -> list[Content]:
        foot = self._foot().pad_left(1)
        drawn = super().draw(width, height - 1)
        return drawn + [Content("")] * (height - 1 - len(drawn)) + [foot]

    def body(self, width: int, height: int) -> list[Content]:
        view = self.frame.broadcast
        if not view.preview:
            return [say("Nothing has been told yet.", "muted")]
        return wrapped(view.preview, width)

    def _foot(self) -> Content:
        view, now = self.frame.broadcast, self.frame.clock.now()
        if not view.next_due:
            return say(_delivered(view.delivered_at, now), "muted")
        words, tone = due(view.next_due, now)
        promised = f"{words}, at {hhmm(view.next_due)}"
        return listed([say(promised, tone), say(_delivered(view.delivered_at, now), "muted")])


def _delivered(at: int, now: int) -> str:
    return f"delivered {age(at, now)}" if at else ""
