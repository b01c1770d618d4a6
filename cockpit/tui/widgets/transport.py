"""Where a replay is, on one line; there is none in a session that goes on."""

from __future__ import annotations

from textual.content import Content

from cockpit.clock import SECOND, span
from cockpit.protocol.views import ReplayView
from cockpit.tui.paint import badge, fitting, line, say
from cockpit.tui.widgets.pane import Pane
from cockpit.tui.words import stopwatch

AHEAD_LEAST = 20
"""Cells below which a change ahead says nothing."""


class Transport(Pane):
    """What plays, how far it is, and what comes next; that it is not what was recorded goes before all."""

    def draw(self, width: int, height: int) -> list[Content]:
        view = self.frame.replay
        if view is None:
            return [say(" REPLAY", "muted")]
        inner = width - 2
        facts = fitting(self._facts(view), inner)
        room = inner - facts.cell_length - 3
        ahead = _ahead(view, self._at(view)).truncate(room, ellipsis=True) if room >= AHEAD_LEAST else Content("")
        return [line(facts, "   " if ahead.plain else "", ahead).pad_left(1)]

    def _facts(self, view: ReplayView) -> list[Content]:
        playing = "> PLAYING" if self.frame.plain else "▶ PLAYING"
        paused = "|| PAUSED" if self.frame.plain else "❚❚ PAUSED"
        place = stopwatch((self._at(view) - view.start) / SECOND)
        return [
            badge("NOT AS RECORDED", "bad") if view.diverged else Content(""),
            badge("NOT VERIFIED", "warn") if view.doubt else Content(""),
            say(playing if view.playing else paused, "good" if view.playing else "act", bold=True),
            say(f"{place} of {stopwatch((view.end - view.start) / SECOND)}", bold=True),
            say(f"event {view.seq} of {view.last}"),
            say(f"{view.speed:g}x"),
        ]

    def _at(self, view: ReplayView) -> int:
        return max(view.start, min(self.frame.clock.now(), view.end))


def _ahead(view: ReplayView, now: int) -> Content:
    if view.diverged:
        return say(view.diverged.line, "bad")
    if view.doubt:
        return say(view.doubt.line, "warn")
    if not view.ahead:
        return say("no more changes" if view.seq < view.last else "the end", "muted")
    return say(f"in {span((view.ahead_at - now) / SECOND)}  {view.ahead.line}", "muted")
