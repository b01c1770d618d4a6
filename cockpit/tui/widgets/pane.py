"""A pane drawn line by line: only lines that changed are painted again, so nothing moves that did not change."""

from __future__ import annotations

from abc import abstractmethod

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from cockpit.tui.calm import Calm
from cockpit.tui.frame import Frame
from cockpit.tui.paint import listed, say, spread

NOTHING = Content("")
PLENTY = 24
"""Lines of room from which on a body needs no more."""


class Pane(Calm, Widget):
    """Draws the frame; a subclass says how in `draw`, in lines of any number."""

    ALLOW_SELECT = False
    can_focus = False

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(id=ident)
        self.frame = frame
        self._lines: list[Content] = []
        self._strips: list[Strip] = []

    @abstractmethod
    def draw(self, width: int, height: int) -> list[Content]:
        """The lines to show in that much room."""

    def redraw(self) -> None:
        """Draw again, and repaint the lines that came out different."""
        width, height = self.size
        if not width or not height:
            return
        lines = self.draw(width, height)[:height]
        lines += [Content("")] * (height - len(lines))
        if len(self._lines) != height:
            self._lines, self._strips = lines, [self._strip(each, width) for each in lines]
            self.refresh()
            return
        changed = [y for y in range(height) if not lines[y].is_same(self._lines[y])]
        for y in changed:
            self._lines[y] = lines[y]
            self._strips[y] = self._strip(lines[y], width)
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def on_resize(self) -> None:
        self._lines = []
        self.redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._lines = []

    def render_line(self, y: int) -> Strip:
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.visual_style.rich_style)

    def _strip(self, content: Content, width: int) -> Strip:
        cut = content.truncate(width, ellipsis=True, pad=True)
        return Visual.to_strips(self, cut, width, 1, self.visual_style, pad=True)[0]


class Board(Pane):
    """A pane with a title that can be chosen and scrolled."""

    TITLE = ""

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(frame, ident)
        self.chosen = False
        self.top = 0
        self.moved = False

    def aside(self) -> Content:
        """What stands at the right of the title."""
        return Content("")

    def about(self) -> Content:
        """What stands beside the title."""
        return Content("")

    def start_line(self) -> int:
        """The line to start from until somebody scrolls."""
        return 0

    @abstractmethod
    def body(self, width: int, height: int) -> list[Content]:
        """The lines below the title."""

    def wants(self) -> int:
        """The lines it could use at this width."""
        return 1 + len(self.body(max(1, self.size.width - 2), PLENTY))

    def draw(self, width: int, height: int) -> list[Content]:
        inner = width - 2
        title = title_line(self.TITLE, self.aside(), self.chosen, inner, self.about())
        room = height - 1
        lines = self.body(inner, room)
        last = max(0, len(lines) - room)
        self.top = min(self.top if self.moved else self.start_line(), last)
        shown = lines[self.top : self.top + room]
        if shown and self.top < last:
            shown[-1] = say(f"  {len(lines) - self.top - room + 1} more below", "muted")
        return [each.pad_left(1) for each in (title, *shown)]

    def scroll_by(self, lines: int) -> None:
        """Show what is so many lines further down."""
        self.top = max(0, self.top + lines)
        self.moved = True
        self.redraw()

    def on_mouse_scroll_down(self) -> None:
        self.scroll_by(3)

    def on_mouse_scroll_up(self) -> None:
        self.scroll_by(-3)


def title_line(title: str, aside: Content, chosen: bool, width: int, about: Content = NOTHING) -> Content:
    """A pane's title, brighter for the pane that the keys move; it stays whole, whatever stands beside it."""
    aside = aside.truncate(max(0, width - len(title) - 2), ellipsis=True)
    return spread(listed([say(title, "plain" if chosen else "muted", bold=chosen), about]), aside, width)
