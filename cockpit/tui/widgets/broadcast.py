"""The broadcast: how each destination stands, what waits, and the card as readers see it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from cockpit.clock import hhmm
from cockpit.protocol.views import BroadcastView, Tone, WaitingView
from cockpit.tui.paint import badge, column, fitting, line, listed, say, wrapped
from cockpit.tui.widgets.pane import Board
from cockpit.tui.words import age, ago, due

NAME, WORD = 16, 14
"""Cells of a destination's name at most, and of its word."""
FEW = 2
"""Updates that wait and are shown: the next ones to go."""
_GLYPHS: dict[Tone, str] = {"good": "o", "warn": "~", "bad": "v"}


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
        foot = self._foot(width - 2).pad_left(1)
        drawn = super().draw(width, height - 1)
        return drawn + [Content("")] * (height - 1 - len(drawn)) + [foot]

    def body(self, width: int, height: int) -> list[Content]:
        view, now = self.frame.broadcast, self.frame.clock.now()
        standing = [
            *_by_hand(view),
            *destinations(view, now),
            *held(view, now),
            *_waiting(view, now),
        ]
        card = wrapped(view.preview, width) if view.preview else [say("Nothing has been told yet.", "muted")]
        return [*standing, Content(""), *card] if standing else card

    def _foot(self, width: int) -> Content:
        view, now = self.frame.broadcast, self.frame.clock.now()
        delivered = say(_delivered(view.delivered_at, now), "muted")
        if not view.next_due:
            return delivered
        words, tone = due(view.next_due, now)
        promised = f"{words}, at {hhmm(view.next_due)}"
        return fitting([say(promised, tone), delivered, estimate(view), silence(view)], width)


def destinations(view: BroadcastView, now: int) -> Iterator[Content]:
    """Each destination on a line: shape, name, word, when it took something last, what waits, where it goes instead."""
    name = min(NAME, max((len(each.name.line) for each in view.destinations), default=0) + 2)
    for each in view.destinations:
        yield listed(
            [
                line(
                    column(_GLYPHS.get(each.tone, "?"), 2, each.tone),
                    column(each.name, name),
                    column(each.word, WORD, each.tone, bold=each.tone == "bad"),
                    say(f"told {ago(each.delivered_at, now)}" if each.delivered_at else "never told", "muted"),
                ),
                say(f"{each.queued} wait" if each.queued else "", "warn"),
                say(f"to {each.instead}" if each.instead else "", "act"),
                say(each.why, "muted"),
            ]
        )


def held(view: BroadcastView, now: int) -> Iterator[Content]:
    """That somebody holds what waits, and until when."""
    if view.held_until > now:
        words = badge(f"HELD until {hhmm(view.held_until)} UTC", "warn")
        yield line(words, say("  h or N lets it go", "muted"))


def estimate(view: BroadcastView) -> Content:
    """When somebody expects the end, and who."""
    return say(f"{view.eta_by.line or 'somebody'} estimates {hhmm(view.eta)}" if view.eta else "", "muted")


def _by_hand(view: BroadcastView) -> Iterator[Content]:
    if view.copy_text and view.destinations:
        yield line(badge("NOBODY CAN BE TOLD", "bad"), say("  Y shows the text to paste by hand", "bad"))


def _waiting(view: BroadcastView, now: int) -> Iterator[Content]:
    more = len(view.waiting) - FEW
    for place, each in enumerate(view.waiting[:FEW]):
        rest = f"and {more} more" if more > 0 and place == FEW - 1 else ""
        yield listed([line(column("WAITS", 7, "warn"), say(each.headline)), say(_when(each, now), "warn"), say(rest)])
    if view.waiting:
        yield say("       e edits the last one, N sends at once, h holds", "muted")


def _when(update: WaitingView, now: int) -> str:
    return f"until {hhmm(update.at)}" if update.at > now else ""


def _delivered(at: int, now: int) -> str:
    return f"delivered {age(at, now)}" if at else ""


def silence(view: BroadcastView) -> Content:
    """When the chat itself says that the cockpit has fallen silent."""
    return say(f"chat says silent at {hhmm(view.silent_at)}" if view.silent_at else "", "muted")
