"""The run: its steps, the current one's command and output, what undoes what, and what to do next."""

from __future__ import annotations

from textual.content import Content

from cockpit.protocol.views import RunView, StepView
from cockpit.tui.frame import Frame
from cockpit.tui.offering import caption, forward, offered, suggestion, urged
from cockpit.tui.paint import column, line, say, spread, wrapped
from cockpit.tui.widgets.pane import Board
from cockpit.tui.words import step_glyph, step_timer

WORD = 14
"""Cells of a step's word: `ok, can't tell` is the longest."""
OUTPUT_LEAST = 3
"""Lines of output kept on the screen however many steps there are."""


class Run(Board):
    TITLE = "RUN"

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(frame, ident)
        self._active = ""
        self._active_line = 0

    def start_line(self) -> int:
        return self._active_line

    def aside(self) -> Content:
        run = self.frame.run
        return say(undo_words(run.undo_depth) if run.run else "", "muted")

    def about(self) -> Content:
        return say(self.frame.run.title.line)

    def wants(self) -> int:
        return super().wants() + len(self._foot(self.size.width))

    def draw(self, width: int, height: int) -> list[Content]:
        foot = [each.pad_left(1) for each in self._foot(width - 2)]
        drawn = super().draw(width, height - len(foot))
        return drawn + [Content("")] * (height - len(foot) - len(drawn)) + foot

    def body(self, width: int, height: int) -> list[Content]:
        run = self.frame.run
        if not run.run:
            how = "r starts a runbook." if self.frame.header.open else "d declares an incident; r then starts one."
            return [say(f"No run. {how}", "muted")]
        printing, room = _printing(run.steps), max(OUTPUT_LEAST, height - _others(run.steps))
        lines: list[Content] = []
        printed_at = -height
        for step in run.steps:
            if step.active:
                self._stand_at(step, printed_at if len(lines) - printed_at < height - 3 else len(lines))
            lines.append(self._step(step, width))
            lines.extend(_said(step, width))
            if step is printing:
                printed_at = len(lines) - 1
                lines.extend(self._tail(room))
            if step.active and step.undo:
                lines.extend(wrapped(f"undo: {step.undo.line}", width, "muted", indent=6, most=1))
        if run.outcome:
            lines.extend(wrapped(run.outcome.line, width, most=2))
        return lines

    def _stand_at(self, step: StepView, place: int) -> None:
        """The current step stays in sight; when another one becomes it, a reader's scrolling is over."""
        self._active_line = place
        if step.id != self._active:
            self._active = step.id
            self.moved = False

    def _step(self, step: StepView, width: int) -> Content:
        timer = step_timer(step, self.frame.clock.now())
        tone = "act" if step.active and step.tone == "act" else step.tone
        right = line(say(f"{timer}  " if timer else "", "muted"), column(step.word, WORD, tone, bold=step.active))
        pending = not step.active and step.tone in {"plain", "muted"}
        left = line(
            column(step_glyph(step), 2, tone, bold=step.active),
            column(step.number, 4, "muted"),
            say(step.title, "muted" if pending else "plain", bold=step.active),
        )
        return spread(left, right, width)

    def _tail(self, room: int) -> list[Content]:
        output, run = self.frame.output, self.frame.run
        if output is None or output.attempt != run.attempt:
            return []
        printed = output.text.rstrip("\n").split("\n")[-room:]
        return [line(say("      | ", "muted"), say(each)) for each in printed if each or len(printed) > 1]

    def _foot(self, width: int) -> list[Content]:
        run = self.frame.run
        words, tone = suggestion(run, self.frame.clock.now())
        lines = [(say(words, tone, bold=tone == "act")), say(_rest(run), "muted")]
        return [each.truncate(width, ellipsis=True) for each in lines if each.plain]


def undo_words(depth: int) -> str:
    """How many steps could be undone."""
    return "nothing to undo" if not depth else f"undo stack {depth}"


def _rest(run: RunView) -> str:
    """What else can be done: the other way, and all of it."""
    ahead, undo = forward(run), offered(run, "undo")
    words = []
    if urged(run) is None and undo is not None:
        words.append(f"x  {caption(undo)}")
    elif undo is not None and ahead is not None:
        words.append(f"Enter  {caption(ahead)}")
    if len(run.offers) > 1:
        words.append(f"o  all {len(run.offers)} choices")
    return "    ".join(words)


def _said(step: StepView, width: int) -> list[Content]:
    """The current step's command, and what there is to say of any step."""
    lines: list[Content] = []
    if step.active and step.command:
        lines.extend(wrapped(f"$ {step.command.line}", width, indent=6, most=2))
    if step.words:
        lines.extend(wrapped(step.words.line, width, step.tone, indent=6, most=2 if step.active else 1))
    return lines


def _printing(steps: tuple[StepView, ...]) -> StepView | None:
    """The step that the latest output belongs to: it stays in sight while the next one is decided on."""
    tried = [step for step in steps if step.command and step.since and step.word != "skipped"]
    return max(tried, key=lambda step: step.since, default=None)


def _others(steps: tuple[StepView, ...]) -> int:
    """Lines that everything but the output takes."""
    return sum(1 + bool(step.words) + step.active * (bool(step.command) + bool(step.undo)) for step in steps)
