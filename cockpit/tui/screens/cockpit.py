"""The cockpit's one screen: where each pane stands at which size, and which one the keys move."""

from __future__ import annotations

import time
from typing import Literal

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from cockpit.protocol.client import Told
from cockpit.protocol.messages import FetchRows, Rows
from cockpit.tui.actions import BY_NAME, bindings, footer, keys_help
from cockpit.tui.attachment import Attachment
from cockpit.tui.calm import Calm, calmly, guarded
from cockpit.tui.layout import lower_half, shape_of
from cockpit.tui.screens.live import Live
from cockpit.tui.screens.modal import QUIET, Modal
from cockpit.tui.widgets.alarms import AlarmRule
from cockpit.tui.widgets.broadcast import Broadcast
from cockpit.tui.widgets.edges import Hint, Keys, Message, Rule, Small
from cockpit.tui.widgets.header import Header
from cockpit.tui.widgets.pane import Board, Pane
from cockpit.tui.widgets.people import People
from cockpit.tui.widgets.run import Run
from cockpit.tui.widgets.services import Services
from cockpit.tui.widgets.strips import PANES, Strips
from cockpit.tui.widgets.timeline import Timeline
from cockpit.tui.widgets.transport import Transport

GOODBYE = "Detached. The engine goes on; cockpit attaches again."
GOODBYE_DRILL = "Detached. A drill ends with the terminal that began it."
GOODBYE_REPLAY = "Nothing was changed by looking."
PAINT_GAP = 0.25
"""Real seconds between two repaints of the panes; the first change after a pause is painted at once."""


class CockpitScreen(Calm, Screen[None]):
    CSS_PATH = "cockpit.tcss"
    AUTO_FOCUS = ""
    BINDINGS = bindings()

    def __init__(self, desk: Attachment, *, hints: bool) -> None:
        super().__init__()
        self.desk = desk
        self.frame = frame = desk.frame
        self.main = "services"
        self.timeline = Timeline(frame, self._fetch, "timeline")
        self.services = Services(frame, "services")
        self.boards: dict[str, Board] = {
            "services": self.services,
            "run": Run(frame, "run"),
            "broadcast": Broadcast(frame, "broadcast"),
            "people": People(frame, "people"),
        }
        # Held, not looked up: a repaint may come while the screen is being taken apart.
        self.upper = Horizontal(self.services, self.timeline, id="upper")
        self.lower = Horizontal(*(self.boards[each] for each in ("run", "broadcast", "people")), id="lower")
        self.strips = Strips(frame, "strips")
        self.transport = Transport(frame, "transport")
        self.transport.display = False
        self.keys_line = Keys(frame, "keys")
        self.hint = Hint(frame, "hint")
        self.hint.display = hints
        self.message = Message(frame, "rule-foot")
        self._lower = ("", 0)
        self._painted_at = 0.0
        self._paint_due: Timer | None = None
        self._pressed: dict[str, float] = {}

    def compose(self) -> ComposeResult:
        yield Header(self.frame, "header")
        yield AlarmRule(self.frame, "rule-top")
        yield self.upper
        yield Rule(self.frame, "rule-middle")
        yield self.lower
        yield Rule(self.frame, "rule-strips")
        yield self.strips
        yield self.transport
        yield self.message
        yield self.hint
        yield self.keys_line
        yield Small(self.frame, "small")

    def on_mount(self) -> None:
        self.set_interval(1.0, self.paint)
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        shape = shape_of(*self.app.size)
        for each in ("rich", "compact", "small"):
            self.set_class(shape == each, each)
        self._lower = ("", 0)
        rich = shape == "rich"
        self.boards["people"].display = self.main == "people"
        self.boards["broadcast"].display = self.main != "people" if rich else self.main == "broadcast"
        self.boards["run"].display = rich or self.main == "run"
        self.boards["services"].display = rich or self.main == "services"
        self.timeline.display = rich or self.main == "timeline"
        upper = self.main in {"services", "timeline"}
        self.upper.display = rich or (shape == "compact" and upper)
        self.lower.display = rich or (shape == "compact" and not upper)
        self.lower.styles.height = "2fr" if rich else "1fr"
        self.strips.main = self.main
        for name, board in self.boards.items():
            board.chosen = name == self.main
        self.timeline.choose(self.main == "timeline")
        self.call_after_refresh(self.paint)

    def touch(self) -> None:
        """Something changed: paint at once after a pause, and otherwise when the gap is over."""
        if self._paint_due is None:
            wait = self._painted_at + PAINT_GAP - time.monotonic()
            self._paint_due = self.set_timer(max(0.001, wait), self.paint)

    def paint(self) -> None:
        """Draw every pane from the frame."""
        self._paint_due = None
        self._painted_at = time.monotonic()
        guarded(self.app, self._paint)

    def _paint(self) -> None:
        if self.has_class("rich"):
            self._share_out()
        self.frame.doubt()
        self.keys_line.labels = footer(self.frame)
        self.timeline.redraw()
        self.strips.latest = self.timeline.lines.latest
        for each in self.query():
            if isinstance(each, Pane):
                each.redraw()
        for screen in self.app.screen_stack:
            if isinstance(screen, Live):
                screen.follow()

    def _share_out(self) -> None:
        """Give the lower half the lines it needs; while one run goes on it only grows, so that nothing jumps."""
        upper, lower = self.upper, self.lower
        asked = [board.wants() for board in lower.children if isinstance(board, Board) and board.display]
        share = lower_half(
            upper.size.height + lower.size.height, self.boards["services"].wants(), max(asked, default=0)
        )
        run, before = self._lower
        now = (self.frame.run.run, max(share, before) if run == self.frame.run.run else share)
        if now != self._lower and lower.size.height:
            self._lower = now
            lower.styles.height = now[1]

    def take(self, told: Told) -> None:
        """Rows go to the timeline, everything else to the question that asked for it."""
        if isinstance(told, Rows):
            self.timeline.lines.take(told)
            return
        for screen in self.app.screen_stack:
            if isinstance(screen, Modal):
                screen.answered(told)

    def attached(self) -> None:
        """Another engine answers: ask it for what the last one did not bring."""
        self.transport.display = self.frame.replaying
        self.timeline.lines.ask_again()

    def _fetch(self, wanted: FetchRows) -> None:
        self.app.run_worker(calmly(self.app, self.desk.send(wanted)), exit_on_error=False)

    def action_act(self, name: str, replaying: str = "") -> None:
        """Do what that key is for, in a replay what it is for there."""
        action = BY_NAME.get(replaying if replaying and self.frame.replaying else name)
        if action is None:
            return
        why_not = action.why_not(self.frame)
        if why_not:
            self.tell(why_not, "warning")
        else:
            guarded(self.app, lambda: action.do(self))

    def rested(self, name: str) -> bool:
        """Whether the key of that action was let go since it was pressed last: one held down repeats faster."""
        now, before = self.desk.monotonic(), self._pressed.get(name)
        self._pressed[name] = now
        return before is None or now - before >= QUIET

    def ask(self, question: Modal) -> None:
        """Bring a question up."""
        self.app.push_screen(question)

    def tell(self, words: str, severity: Literal["information", "warning"] = "information") -> None:
        """Say something in passing, in the rule above the keys; what is too long for that comes up at the top."""
        if not self.message.say(words, "warn" if severity == "warning" else "plain"):
            self.app.notify(words, severity=severity, markup=False)

    def keys_help(self) -> tuple[tuple[str, str, str], ...]:
        return keys_help(self.frame)

    def detach(self) -> None:
        """Leave; the engine goes on, unless it is that of a drill."""
        drill = GOODBYE_DRILL if self.frame.header.drill else GOODBYE
        self.app.exit(message=GOODBYE_REPLAY if self.frame.replaying else drill)

    def show_pane(self, pane: str) -> None:
        """Give this pane the keys and, on a small screen, the room."""
        self.main = pane
        self._arrange()

    def turn(self, places: int) -> None:
        """Go on to another pane."""
        self.show_pane(PANES[(PANES.index(self.main) + places) % len(PANES)])

    def move(self, lines: int) -> None:
        """Scroll the chosen pane."""
        if self.main == "timeline":
            self.timeline.lines.move(lines)
        else:
            self.boards[self.main].scroll_by(lines)

    def on_click(self, event: events.Click) -> None:
        clicked = event.widget
        if clicked is self.strips:
            others = [pane for pane in PANES if pane != self.main]
            if 0 <= event.y - self.strips.region.y < len(others):
                self.show_pane(others[event.y - self.strips.region.y])
        elif isinstance(clicked, Widget):
            for node in clicked.ancestors_with_self:
                if node.id in PANES:
                    self.show_pane(node.id)
