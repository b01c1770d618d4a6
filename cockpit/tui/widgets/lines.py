"""The lines of the timeline: as many as an incident has, and only those in sight at hand."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from cockpit.clock import hhmm, hhmmss
from cockpit.protocol.messages import FetchRows, Rows
from cockpit.protocol.views import Row
from cockpit.tui.calm import Calm
from cockpit.tui.paint import column, line, say, spread
from cockpit.tui.rows import RowCache

WIDE = 66
"""From this width on, a row shows seconds and who acted."""
OF_STEPS = frozenset({"step", "verify", "wait", "decide"})
"""Kinds whose text starts with the id of a step."""
NEWS_WITHIN = 8
"""The newest rows among which the one line for small screens is looked for."""


class TimelineLines(Calm, ScrollView):
    """The rows. Follows the tail until somebody scrolls up, and again from when they are back at the end.

    One place among the lines is chosen; a filter leaves the matching ones of the rows at hand.
    """

    ALLOW_SELECT = False
    can_focus = False

    def __init__(self, ask: Callable[[FetchRows], None], ident: str) -> None:
        super().__init__(id=ident)
        self.following = True
        self.stream = ""
        self.head = 0
        self.words = ""
        self.lit = False
        self._place = 0
        self._matches: list[int] = []
        self._left_at = 0
        self._ask = ask
        self._rows = RowCache()

    @property
    def new_below(self) -> int:
        """Rows that came in since the reader left the tail."""
        return 0 if self.following else self.head - self._left_at

    @property
    def latest(self) -> Row | None:
        """The newest row at hand that is news: what is muted, such as that a message arrived, gives way."""
        newest = [self._rows.get(seq) for seq in range(self.head, max(0, self.head - NEWS_WITHIN), -1)]
        rows = [row for row in newest if row is not None]
        return next((row for row in rows if row.tone != "muted"), rows[0] if rows else None)

    @property
    def chosen_row(self) -> Row | None:
        """The row of the chosen line, once it is at hand."""
        return self._rows.get(self._seq(self._place)) if self._place < self._count else None

    @property
    def found(self) -> tuple[int, int]:
        """How many rows match, of how many at hand."""
        return len(self._matches), len(self._rows)

    @property
    def _count(self) -> int:
        return len(self._matches) if self.words else self.head

    def _seq(self, place: int) -> int:
        return self._matches[place] if self.words else place + 1

    def show(self, stream: str, head: int) -> None:
        """Show this stream up to its head."""
        if stream != self.stream:
            self._rows.clear()
            self.stream, self.head, self.words, self.following = stream, 0, "", True
            self._place = 0
        if head != self.head:
            at_end = self._place >= self._count - 1
            back = head < self.head
            self.head = head
            if back:
                self._wind_back()
            self._fit(at_end)
        if self.following:
            self._to_tail()
        self._ask_for_sight()

    def _wind_back(self) -> None:
        """A replay went back: what lies behind its place has not happened yet."""
        if self.words:
            self._matches = self._rows.matching(self.words, self.head)
        self._place = max(0, min(self._place, self._count - 1))
        self._left_at = min(self._left_at, self.head)

    def narrow(self, words: str) -> None:
        """Leave the rows at hand that say these words; none for all rows."""
        row = self.chosen_row
        self.words, self.following = words.strip(), True
        self._matches = self._rows.matching(self.words, self.head) if self.words else []
        self._fit(at_end=True)
        if row is not None and row.seq != self.head and not self.words:
            self._place, self._left_at, self.following = row.seq - 1, self.head, False
            self.scroll_to(y=max(0, self._place - self.size.height // 2), animate=False, force=True)
        else:
            self._to_tail()

    def _fit(self, at_end: bool) -> None:
        if at_end:
            self._place = max(0, self._count - 1)
        self.virtual_size = Size(self.scrollable_content_region.width, self._count)
        self.refresh()

    def take(self, rows: Rows) -> None:
        """Rows that were asked for, or that just happened."""
        if rows.stream != self.stream or not rows.rows:
            return
        self._rows.put(rows.rows)
        for row in rows.rows:
            self._ask_for_erased(row.erases)
        if self.words:
            at_end = self._place >= self._count - 1
            known = max(self.head, rows.rows[-1].seq) if rows.live else self.head
            self._matches = self._rows.matching(self.words, known)
            self._fit(at_end)
        self.refresh()
        if rows.live and rows.rows[-1].seq > self.head:
            self.show(self.stream, rows.rows[-1].seq)

    def _ask_for_erased(self, seq: int) -> None:
        """What was erased is shown no longer than it takes to ask for what is left of it."""
        row = self._rows.get(seq)
        if row is not None and row.kind != "erased":
            self._ask(FetchRows(self.stream, seq, seq))

    def ask_again(self) -> None:
        """What was asked of an engine that is gone is asked of the next one."""
        self._rows.forget_asked()
        self._ask_for_sight()

    def move(self, lines: int) -> None:
        """Scroll by so many lines; the chosen one goes along, and to the very ends where nothing scrolls."""
        self._place = max(0, min(self._place + lines, self._count - 1))
        self.scroll_to(y=self.scroll_y + lines, animate=False)
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        following = new_value >= self.max_scroll_y
        if self.following and not following and new_value < old_value:
            self._left_at = self.head
            self.following = False
        elif following:
            self.following = True
        top = int(new_value)
        self._place = max(top, min(self._place, top + max(1, self.size.height) - 1, max(0, self._count - 1)))
        self._ask_for_sight()

    def on_resize(self) -> None:
        if self.following:
            self._to_tail()
        self._ask_for_sight()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = self.scroll_offset.y + y
        content = Content("") if place >= self._count else self._drawn(self._seq(place), width)
        mark = say(">", "act", bold=True) if self.lit and place == self._place < self._count else Content(" ")
        cut = line(mark, content).truncate(width, ellipsis=True, pad=True)
        return Visual.to_strips(self, cut, width, 1, self.visual_style, pad=True)[0]

    def _drawn(self, seq: int, width: int) -> Content:
        row = self._rows.get(seq)
        return draw_row(row, width - 2) if row is not None else say(f"{seq:>5}  ...", "muted")

    def _to_tail(self) -> None:
        if self.scroll_y != self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def _ask_for_sight(self) -> None:
        if not self.stream or not self.head or self.words:
            return
        height = max(1, self.scrollable_content_region.height)
        top = self.head - height if self.following else self.scroll_offset.y
        first, last = max(1, top + 1 - height), min(self.head, top + 2 * height)
        wanted = self._rows.wanted(first, last, self.head)
        if wanted is not None:
            self._ask(FetchRows(self.stream, *wanted))


def draw_row(row: Row, width: int) -> Content:
    """When, what kind, what; who at the right where there is room."""
    wide = width >= WIDE
    when = column(hhmmss(row.at) if wide else hhmm(row.at), 10 if wide else 7, "muted")
    kind = column(row.kind.split(".")[0], 9, "muted")
    what, step = happened(row)
    left, who = line(when, kind, what), say(row.actor.line, "muted")
    if step.plain and left.cell_length + step.cell_length + 3 <= width:
        left = line(left, "   ", step)
    return spread(left, who, width) if wide and left.cell_length + who.cell_length + 3 <= width else left


def happened(row: Row) -> tuple[Content, Content]:
    """What happened, and the id of the step it happened to, which gives way where there is no room for all of it."""
    step, gap, what = row.text.line.partition("  ")
    if row.kind not in OF_STEPS or not gap:
        return say(row.text.line, row.tone), Content("")
    return say(what, row.tone), say(step, "muted")
