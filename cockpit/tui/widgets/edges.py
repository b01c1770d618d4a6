"""The edges of the screen: the keys at the foot, the hint above them, and what is left where nothing fits."""

from __future__ import annotations

from textual.content import Content
from textual.timer import Timer

from cockpit.protocol.views import Tone
from cockpit.tui.frame import Frame
from cockpit.tui.hints import hint
from cockpit.tui.paint import badge, fitting, line, listed, say, spread, wrapped
from cockpit.tui.widgets.pane import Pane
from cockpit.tui.words import due, tally

READ_LEAST, READ_SPEED = 3.0, 15.0
"""Seconds a message stays, and the characters a reader takes in during each second beyond."""


class Rule(Pane):
    """One thin rule between panes."""

    def draw(self, width: int, height: int) -> list[Content]:
        return [Content.styled(("-" if self.frame.plain else "─") * width, "$rule")] * height


class Message(Rule):
    """A rule that says something in passing, without covering or moving anything."""

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(frame, ident)
        self._said = Content("")
        self._over: Timer | None = None

    def say(self, words: str, tone: Tone) -> bool:
        """Show this for as long as it takes to read; False when there is no room for all of it."""
        said = say(words, tone, bold=True)
        if said.cell_length > self.size.width - 5:
            return False
        self._said = said
        self.redraw()
        if self._over is not None:
            self._over.stop()
        self._over = self.set_timer(READ_LEAST + said.cell_length / READ_SPEED, self._fall_silent)
        return True

    def _fall_silent(self) -> None:
        self._said = Content("")
        self.redraw()

    def draw(self, width: int, height: int) -> list[Content]:
        rule = super().draw(width, height)
        if not self._said.plain:
            return rule
        return [line(rule[0][:1], " ", self._said, " ", rule[0][: width - self._said.cell_length - 3])]


class Keys(Pane):
    """The keys that matter now; or, while there is no engine, that."""

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(frame, ident)
        self.labels: tuple[tuple[str, str], ...] = ()

    def draw(self, width: int, height: int) -> list[Content]:
        if self.frame.lost:
            if self.frame.misfit:
                restart = listed([_key("E", "restart it, running steps go on"), _key("q", "detach")])
                return [line(" ", badge("the engine is of another version", "warn"), "   ", restart)]
            again = _key("E", "start it again") if self.frame.stopped and not self.frame.only_looks else Content("")
            keys = listed([again, _key("q", "detach")])
            said = badge(self.frame.adrift, "warn").pad_left(1)
            old = fitting([say("what you see may be old", "muted")], width - said.cell_length - keys.cell_length - 6)
            return [spread(listed([said, old]), keys.pad_right(1), width)]
        leave = "leave" if self.frame.replaying else "detach"
        always = listed([_key("?", "help"), _key("q", leave), Content("")])
        keys = fitting((_key(key, label) for key, label in self.labels), width - always.cell_length - 5)
        return [spread(keys.pad_left(1), always.pad_right(1), width)]


def _key(key: str, label: str) -> Content:
    return line(say(key, bold=True), say(f" {label}", "muted"))


class Hint(Pane):
    """What a good responder would do next."""

    def draw(self, width: int, height: int) -> list[Content]:
        lines = wrapped(hint(self.frame), width - 8, "act", most=height)
        return [line(say("       " if place else " next  ", "muted"), each) for place, each in enumerate(lines)]


class Small(Pane):
    """A window too small for panes still says what matters most."""

    def draw(self, width: int, height: int) -> list[Content]:
        frame, header = self.frame, self.frame.header
        words, tone = due(header.next_due, frame.clock.now())
        lines = [
            listed([badge(header.severity), say(header.title, bold=True)], " ")
            if header.title
            else say("No incident is open"),
            listed([say(words, tone) if header.open else Content(""), say(header.status)]),
            listed([say(words, tone) for words, tone in tally(frame.services.services)], "  "),
            say(frame.adrift, "warn"),
            Content(""),
            say("Please make the window larger:", "muted"),
            say(f"60x15 is enough, this is {width}x{height}.", "muted"),
        ]
        return [each for each in lines if each.plain or each is lines[4]]
