"""A pane of entries, one of them chosen. However many there are, only those in sight are drawn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content

from cockpit.tui.frame import Frame
from cockpit.tui.paint import line, say
from cockpit.tui.widgets.pane import PLENTY, Board, title_line

Draw = Callable[[int], list[Content]]


class Listing(Board):
    """A subclass says which entries there are and draws one; the chosen one is followed by its key when they move.

    Until somebody chooses, the first is the chosen one, whichever that is.
    """

    NOTHING = ""

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(frame, ident)
        self._key = ""
        self._place = 0
        self._places: list[int] = []

    @abstractmethod
    def keys(self) -> Sequence[str]:
        """What tells the entries apart, in their order."""

    @abstractmethod
    def entry(self, place: int, width: int, room: int) -> list[Content]:
        """The lines of one entry, the first of which names it; `room` is the whole pane's."""

    @property
    def place(self) -> int | None:
        """The place of the chosen entry, None when there is none at all."""
        keys = self.keys()
        if not keys:
            return None
        if self._key and (self._place >= len(keys) or keys[self._place] != self._key):
            self._place = keys.index(self._key) if self._key in keys else min(self._place, len(keys) - 1)
        return self._place if self._key else 0

    def choose(self, place: int) -> None:
        """Choose the entry at this place, or the nearest there is."""
        keys = self.keys()
        if keys:
            self._place = max(0, min(place, len(keys) - 1))
            self._key = keys[self._place]
            self.redraw()

    def scroll_by(self, lines: int) -> None:
        self.choose((self.place or 0) + lines)

    def on_click(self, event: events.Click) -> None:
        place = event.y - 1
        if 0 <= place < len(self._places):
            self.choose(self._places[place])

    def wants(self) -> int:
        width, total = max(1, self.size.width - 2), 1
        for place in range(len(self.keys())):
            total += len(self.entry(place, width, PLENTY))
            if total > PLENTY:
                break
        return max(2, total)

    def body(self, width: int, height: int) -> list[Content]:
        chosen, count = self.place, len(self.keys())
        self._places = []
        if chosen is None:
            return [say(self.NOTHING, "muted")]
        self.top, blocks = in_sight(lambda place: self.entry(place, width, height), count, self.top, chosen, height)
        lines: list[Content] = []
        for place, block in enumerate(blocks, self.top):
            lines.extend(block)
            self._places.extend([place] * len(block))
        rest = count - self.top - len(blocks)
        if rest or len(lines) > height:
            # What is cut off at the foot is counted, so that nobody takes the end of the pane for the end of the list.
            hidden = rest + len(set(self._places[height - 1 :]) - set(self._places[: height - 1]))
            lines[height - 1 :] = [say(f"  {hidden} more below" if hidden else "  ...", "muted")]
        return lines

    def draw(self, width: int, height: int) -> list[Content]:
        inner = width - 2
        title = title_line(self.TITLE, self.aside(), self.chosen, inner, self.about())
        lines = [title.pad_left(1)]
        body = self.body(inner, height - 1)
        place = self.place if self.chosen else None
        lit = self._places.index(place) if place is not None and place in self._places else -1
        lines.extend(_lit(each, width) if at == lit else each.pad_left(1) for at, each in enumerate(body))
        return lines


def in_sight(draw: Draw, count: int, top: int, chosen: int, room: int) -> tuple[int, list[list[Content]]]:
    """The first entry to show and the lines of each from there on, so that the chosen one is whole above the last
    line. It draws as many entries as fit and no more; the last may go beyond the room."""
    top = max(0, min(top, chosen, count - 1))
    blocks, used = _down(draw, top, count, room)
    before_chosen = sum(len(block) for block in blocks[: chosen - top + 1])
    foot = top + len(blocks) < count or used > room
    if chosen < top + len(blocks) and before_chosen <= room - foot:
        if used < room and top:
            return _up_from(draw, count - 1, count, room, foot=False)
        return top, blocks
    return _up_from(draw, chosen, count, room, foot=chosen < count - 1)


def _down(draw: Draw, top: int, count: int, room: int) -> tuple[list[list[Content]], int]:
    blocks: list[list[Content]] = []
    used = 0
    while top + len(blocks) < count and used < room:
        blocks.append(draw(top + len(blocks)))
        used += len(blocks[-1])
    return blocks, used


def _up_from(draw: Draw, last: int, count: int, room: int, *, foot: bool) -> tuple[int, list[list[Content]]]:
    """As many entries as fit with this one at the end, then what fits below it."""
    blocks = [draw(last)]
    used, top = len(blocks[0]), last
    while top and used < room - foot:
        block = draw(top - 1)
        if used + len(block) > room - foot:
            break
        blocks.insert(0, block)
        used += len(block)
        top -= 1
    below, _ = _down(draw, last + 1, count, room - used)
    return top, blocks + below


def _lit(content: Content, width: int) -> Content:
    whole = line(say(">", "act", bold=True), content).truncate(width - 1, ellipsis=True, pad=True)
    return whole.stylize_before("on $panel")
