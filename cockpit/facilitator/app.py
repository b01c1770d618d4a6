"""The facilitator's screen: the drill from behind, and keys to lead it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import Static

from cockpit.drills.script import Coming
from cockpit.drills.stage import DrillFailed
from cockpit.facilitator import drawing, words
from cockpit.facilitator.backstage import Backstage
from cockpit.facilitator.dialogs import Keys, Leaving, Own, Saying, Which
from cockpit.facilitator.scene import Scene
from cockpit.platform.drillclock import ClockBroken
from cockpit.tui.calm import Calm, calmly
from cockpit.tui.frame import plain_glyphs
from cockpit.tui.paint import THEME, say
from cockpit.tui.plain import PLAIN

SPEEDS = (0.5, 1.0, 2.0, 6.0, 12.0, 30.0, 60.0)
LOOK_EVERY = 0.25
"""Real seconds between two looks behind the scene."""
FOOT = "space pause   + - speed   n next now   s skip it   i say   ? help   q leave"
OVER = "The drill is over: its simulator is gone. What you see was its end. q leaves."


class FacilitatorApp(Calm, App[str]):
    """Leads one drill; its result is what to say after it was left."""

    CSS_PATH = "facilitator.tcss"
    TITLE = "cockpit drill"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("space", "pause", show=False),
        Binding("plus,equals_sign", "pace(1)", show=False),
        Binding("minus", "pace(-1)", show=False),
        Binding("n", "next", show=False),
        Binding("s", "skip", show=False),
        Binding("i", "say", show=False),
        Binding("question_mark", "keys", show=False),
        Binding("q", "leave", show=False),
        Binding("ctrl+q", "leave", show=False, priority=True),
        Binding("ctrl+c", "hint", show=False, system=True),
    ]

    def __init__(self, stage: Backstage, scene: Scene) -> None:
        super().__init__()
        self.register_theme(THEME)
        self.theme = THEME.name
        self.stage = stage
        self.scene = scene
        self.gone = False

    def compose(self) -> ComposeResult:
        yield Static(id="top", markup=False)
        with Horizontal(id="body"):
            yield Static(id="hidden", markup=False)
            yield Static(id="story", markup=False)
        yield Static(id="said", markup=False)
        yield Static(FOOT, id="foot", markup=False)

    def on_mount(self) -> None:
        self.run_worker(calmly(self, self._watch()), exit_on_error=False, name="look")

    async def _watch(self) -> None:
        while not self.gone:
            try:
                self.scene = await self.stage.look()
            except DrillFailed:
                self.gone = True
                self._tell(OVER, warn=True)
            self._draw()
            await asyncio.sleep(LOOK_EVERY)

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        board = self.screen_stack[0]
        if not self.size.width or not board.is_mounted:
            return
        self._show("#top", drawing.top(self.scene, self.size.width - 2))
        for name, draw in (("#hidden", drawing.hidden), ("#story", drawing.story)):
            room = board.query_one(name, Static).content_size
            if room.width > 0:
                self._show(name, draw(self.scene, room.width, room.height))

    def _show(self, name: str, rows: Sequence[Content]) -> None:
        self.screen_stack[0].query_one(name, Static).update(Content("\n").join(rows), layout=False)

    def _tell(self, text: str, *, warn: bool = False) -> None:
        """One line about what was just done."""
        self.screen_stack[0].query_one("#said", Static).update(say(text, "warn" if warn else "act"), layout=False)

    def _do(self, work: Awaitable[None], done: str) -> None:
        async def doing() -> None:
            try:
                await work
            except DrillFailed as failed:
                self._tell(f"{failed}", warn=True)
            else:
                self._tell(done)

        self.run_worker(calmly(self, doing()), exit_on_error=False)

    def _turn(self, turn: Callable[[], float]) -> None:
        if self.gone:
            self._tell(OVER, warn=True)
            return
        try:
            speed = turn()
        except ClockBroken as broken:
            self._tell(f"{broken}", warn=True)
            return
        self._tell(f"The drill runs at {words.pace(speed)}." if speed else "Paused: everything stands still.")

    def action_pause(self) -> None:
        self._turn(lambda: self.stage.turn(0.0) if self.stage.speed else self.stage.resume())

    def action_pace(self, by: Literal[1, -1]) -> None:
        now = self.stage.speed
        if not now:
            self._tell("The drill is paused; space has it go on.", warn=True)
            return
        faster = [each for each in SPEEDS if each > now]
        slower = [each for each in SPEEDS if each < now]
        wanted = faster[:1] if by > 0 else slower[-1:]
        self._turn(lambda: self.stage.turn(wanted[0] if wanted else now))

    def action_next(self) -> None:
        if (word := self._next()) is not None:
            self._do(self.stage.say_now(word), self._said(words.coming(word)))

    def action_skip(self) -> None:
        if (word := self._next()) is not None:
            self._do(self.stage.skip(word), f"Left out: {words.coming(word)}")

    def _next(self) -> Coming | None:
        word = next(iter(self.scene.words), None)
        if word is None:
            self._tell("The scenario has no more words; i says your own.", warn=True)
        return word

    def _said(self, what: str) -> str:
        # A narrow terminal cuts what stands last.
        return f"{'Said' if self.stage.speed else 'Comes when the drill goes on'}: {what}"

    def action_say(self) -> None:
        def chosen(word: Coming | Literal["own"] | None) -> None:
            if word == "own":
                self.push_screen(Saying(), said)
            elif isinstance(word, Coming):
                self._do(self.stage.say_now(word), self._said(words.coming(word)))

        def said(own: Own | None) -> None:
            if own is not None:
                text, source, who = own
                self._do(self.stage.say(text, source, who), self._said(f"{source}  {text}"))

        self.push_screen(Which(self.scene.words), chosen)

    def action_keys(self) -> None:
        self.push_screen(Keys())

    def action_hint(self) -> None:
        self._tell("q leaves; the drill goes on.")

    def action_leave(self) -> None:
        def answered(answer: Literal["resume", "leave"] | None) -> None:
            if answer == "resume":
                self.stage.resume()
                self.exit("Left. The drill goes on.")
            elif answer == "leave":
                self.exit("Left. The drill is paused: `cockpit drill facilitate --resume` has it go on.")

        if self.gone:
            self.exit("The drill is over.")
        elif self.stage.speed:
            self.exit("Left. The drill goes on.")
        elif not isinstance(self.screen, Leaving):
            self.push_screen(Leaving(), answered)

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        return [*filters, PLAIN] if plain_glyphs(os.environ) else filters
