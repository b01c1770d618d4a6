"""The run: its steps, the current one's command and output, what undoes what, and what to do next."""

from __future__ import annotations

from textual.content import Content

from cockpit.protocol.views import RunView, StepView
from cockpit.tui.frame import Frame
from cockpit.tui.offering import active, caption, forward, offered, to_do, urged
from cockpit.tui.paint import column, line, listed, say, spread, wrapped
from cockpit.tui.widgets.pane import Board
from cockpit.tui.words import deadline, step_glyph, step_timer

WORD = 14
"""Cells of a step's word: `ok, can't tell` is the longest."""
INDENT = 6
"""Cells before what belongs to a step: below its title."""
OUTPUT_LEAST = 3
"""Lines of output kept on the screen however many steps there are."""
SKIPPED = "skipped"
"""The engine's word for a step that was passed over."""
ABOVE = 2
"""Lines above the current step that stay in sight where there is room: what was done just before."""


class Run(Board):
    TITLE = "RUN"

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(frame, ident)
        self._active = ""
        self._top = 0

    def start_line(self) -> int:
        return self._top

    def aside(self) -> Content:
        run = self.frame.run
        if not run.run:
            return Content("")
        step = active(run)
        place = f"step {step.number} of {len(run.steps)}" if step is not None else ""
        return listed([say(place, "muted"), say(undo_words(run.undo_depth), "muted")])

    def about(self) -> Content:
        return say(self.frame.run.title.line)

    def wants(self) -> int:
        # One more, so that what is true of the whole run stands apart from its last step.
        return super().wants() + 1 + len(self._foot(self.size.width))

    def draw(self, width: int, height: int) -> list[Content]:
        foot = [each.pad_left(1) for each in self._foot(width - 2)]
        drawn = super().draw(width, height - len(foot))
        return drawn + [Content("")] * (height - len(foot) - len(drawn)) + foot

    def body(self, width: int, height: int) -> list[Content]:
        run = self.frame.run
        if not run.run:
            how = "r starts a runbook." if self.frame.header.open else "d declares an incident; r then starts one."
            return [say("No run." if self.frame.read_only else f"No run. {how}", "muted")]
        room = max(OUTPUT_LEAST, height - self._others(run.steps, width))
        lines: list[Content] = []
        printed_at, section = 0, ""
        at: tuple[StepView, int, int] | None = None
        for step in run.steps:
            if step.section != section:
                section = step.section
                lines.append(say(section.upper(), "muted"))
            start = len(lines)
            lines.append(self._step(step, width))
            lines.extend(self._said(step, width))
            if step.id == run.printed:
                printed_at = start
                lines.extend(self._tail(room))
            if step.active:
                lines.extend(_undo(step, width))
                at = step, start, len(lines)
        if at is not None:
            step, start, end = at
            self._stand_at(step, [printed_at - ABOVE, printed_at, start - ABOVE], start, end, height)
        if run.outcome:
            lines.extend(wrapped(run.outcome.line, width, most=2))
        return lines

    def _stand_at(self, step: StepView, wanted: list[int], start: int, end: int, height: int) -> None:
        """The current step stays in sight from its first line, and from further above as far as there is room: from
        what was printed last, from what came just before. When another one becomes it, a reader's scrolling is over.
        """
        room = height - 1
        self._top = max(0, next((top for top in wanted if top <= start and end - top <= room), start))
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
            column(step.number, INDENT - 2, "muted"),
            say(step.title, "muted" if pending else "plain", bold=step.active),
        )
        beside = say(f"  {step.words if _passed_over(step, width) else step.role}", "muted")
        # A role cut short says nothing.
        fits = left.cell_length + beside.cell_length < width - right.cell_length
        return spread(line(left, beside) if fits else left, right, width)

    def _said(self, step: StepView, width: int) -> list[Content]:
        """The current step's command and its deadline, and what there is to say of any step."""
        lines: list[Content] = []
        if step.active and step.command:
            lines.extend(wrapped(f"$ {step.command.line}", width, indent=INDENT, most=2))
        if step.words and not _passed_over(step, width):
            lines.extend(wrapped(step.words.line, width, step.tone, indent=INDENT, most=2 if step.active else 1))
        words, tone = deadline(step, self.frame.clock.now())
        if words:
            lines.append(say(words, tone, bold=True).pad_left(INDENT))
        return lines

    def _tail(self, room: int) -> list[Content]:
        output, run = self.frame.output, self.frame.run
        if output is None or output.attempt != run.attempt:
            return []
        printed = output.text.rstrip("\n").split("\n")[-room:]
        return [line(say("      | ", "muted"), say(each)) for each in printed if each or len(printed) > 1]

    def _others(self, steps: tuple[StepView, ...], width: int) -> int:
        """Lines that everything but the output takes."""
        headings = sum(step.section != before for step, before in zip(steps, ["", *_sections(steps)], strict=False))
        return headings + sum(
            1 + len(self._said(step, width)) + (len(_undo(step, width)) if step.active else 0) for step in steps
        )

    def _foot(self, width: int) -> list[Content]:
        """What is true of the whole run, what to do next, and what else there is."""
        run = self.frame.run
        words, tone = to_do(self.frame)
        lines = [
            say(f"LOCK LOST  {run.lock.line}" if run.lock else "", "bad", bold=True),
            # Which rollback is ready stands at its end, so what is worse may take a second line.
            *wrapped(run.health.line, width, run.health_tone, most=2 if run.health_tone in {"bad", "warn"} else 1),
            say(words, tone, bold=tone == "act"),
            say("" if self.frame.read_only else _rest(run), "muted"),
        ]
        return [each.truncate(width, ellipsis=True) for each in lines if each.plain]


def _passed_over(step: StepView, width: int) -> bool:
    """Whether it was passed over, and why fits beside its title."""
    words = INDENT + say(step.title).cell_length + 2 + say(step.words).cell_length
    return step.word == SKIPPED and bool(step.words) and words < width - WORD


def _sections(steps: tuple[StepView, ...]) -> list[str]:
    return [step.section for step in steps]


def undo_words(depth: int) -> str:
    """How many steps could be undone."""
    return "nothing to undo" if not depth else f"undo stack {depth}"


_FINAL = "cannot be undone"
"""How the engine begins what it says of a step that nothing undoes."""


def _undo(step: StepView, width: int) -> list[Content]:
    if not step.undo:
        return []
    final = step.undo.startswith(_FINAL)
    words = step.undo.line if final else f"undo: {step.undo.line}"
    return wrapped(words, width, "warn" if final else "muted", indent=INDENT, most=1)


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
