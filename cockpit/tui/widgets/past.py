"""Earlier incidents like the one that runs: in what they are alike, and what is on record of what was done then."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from cockpit.clock import moment
from cockpit.protocol.views import PastView, Tone
from cockpit.text import SafeText
from cockpit.tui.frame import Frame
from cockpit.tui.paint import line, say, wrapped
from cockpit.tui.widgets.pane import Board

HONEST = "What was recorded then. It does not say that it helps now."


class Past(Board):
    """The most alike first."""

    TITLE = "SEEN BEFORE"

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame, "past")

    def body(self, width: int, height: int) -> list[Content]:
        past = self.frame.past.past
        if not past:
            return [say("No earlier incident looks like this one.", "muted")]
        lines = [each for one in past for each in _drawn(one, width)]
        return [say(HONEST, "muted"), Content(""), *lines]


def _drawn(past: PastView, width: int) -> Iterator[Content]:
    day = f"{moment(past.at):%Y-%m-%d}" if past.at else "day unknown"
    yield line(say(f"{past.incident}  {day}  ", "act"), say(past.title, bold=True))
    yield from wrapped(f"alike in: {past.alike}", width, indent=2)
    for each in past.helped:
        yield from _deed("+ helped    ", "good", each, width)
    for each in past.harmed:
        yield from _deed("- did not   ", "warn", each, width)
    if past.told:
        yield say("  a report from elsewhere: nothing was measured there", "muted")
    replay = "" if past.told else f"cockpit replay {past.incident}    "
    yield say(f"  {replay}cockpit report {past.incident}", "muted")
    yield Content("")


def _deed(word: str, tone: Tone, text: SafeText, width: int) -> Iterator[Content]:
    """The word once, and the command beside it on as many lines as it takes."""
    for index, row in enumerate(wrapped(text, max(20, width - len(word) - 2))):
        yield line("  ", say(word if index == 0 else " " * len(word), tone), row)
