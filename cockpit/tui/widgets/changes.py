"""What is about to change something, what was changed lately, and which sources do not answer."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cockpit.clock import hhmm
from cockpit.protocol.views import ChangesView, ChangeView, JobView, Tone
from cockpit.text import SafeText
from cockpit.tui.frame import Frame
from cockpit.tui.paint import badge, column, line, listed, say, spread, wrapped
from cockpit.tui.widgets.listing import Listing
from cockpit.tui.words import ago

WHEN, AGO = 8, 10
INDENT = 2 + WHEN + AGO
WIDE = 110
"""Cells from which on who, where and the like stand in columns."""
SIZES = (14, 12, 15, 12)
PROBLEMS = 3
"""Problems of the sources that are shown; the count tells of the others."""
REVIEWS: dict[bool | None, tuple[str, str, Tone]] = {
    True: ("+", "reviewed", "muted"),
    False: ("!", "NOT REVIEWED", "act"),
    None: ("?", "review unknown", "muted"),
}


class Changes(Listing):
    """The queue first: it can still be stopped."""

    TITLE = "CHANGES"

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame, "changes")
        self.view: ChangesView | None = None
        self._all: tuple[JobView | ChangeView, ...] = ()

    def show(self, view: ChangesView) -> None:
        """Draw this answer."""
        self.view = view
        self._all = (*view.jobs, *view.changes)
        self.redraw()

    def aside(self) -> Content:
        if self.view is None:
            return Content("")
        jobs, changes = len(self.view.jobs), len(self.view.changes)
        queue = say(f"{jobs} about to run" if jobs else "", "warn")
        return listed([queue, say(f"{changes} made", "muted")], "  ")

    @property
    def job(self) -> JobView | None:
        """The chosen job, when it is one."""
        chosen = self._chosen()
        return chosen if isinstance(chosen, JobView) else None

    @property
    def link(self) -> str:
        """Where the chosen entry is told of."""
        chosen = self._chosen()
        return "" if chosen is None else chosen.link

    def _chosen(self) -> JobView | ChangeView | None:
        place = self.place
        return None if place is None else self._all[place]

    def keys(self) -> Sequence[str]:
        return [f"job {each.source} {each.job}" if isinstance(each, JobView) else each.change for each in self._all]

    def draw(self, width: int, height: int) -> list[Content]:
        foot = self._problems(width - 2)
        drawn = super().draw(width, max(2, height - len(foot)))
        return [*drawn, *[Content("")] * (height - len(foot) - len(drawn)), *(each.pad_left(1) for each in foot)]

    def body(self, width: int, height: int) -> list[Content]:
        if self.view is None:
            self._places = []
            return [say(self.frame.lost or "Asking the engine ...", "muted")]
        if not self._all:
            self._places = []
            return [say("No source has told of a change. m marks one.", "muted")]
        return super().body(width, height)

    def _problems(self, width: int) -> list[Content]:
        problems = self.view.problems if self.view else ()
        lines = [say(f"! {problem.line}", "warn").truncate(width, ellipsis=True) for problem in problems[:PROBLEMS]]
        if len(problems) > PROBLEMS:
            lines.append(say(f"  {len(problems) - PROBLEMS} more sources with a problem", "warn"))
        return [Content(""), *lines] if lines else []

    def entry(self, place: int, width: int, room: int) -> list[Content]:
        each = self._all[place]
        return self._job(each, width) if isinstance(each, JobView) else self._change(each, width)

    def _job(self, job: JobView, width: int) -> list[Content]:
        running = job.state == "running"
        left = line(
            column("*" if running else ":", 2, "warn"),
            column("RUNNING" if running else "WAITING", WHEN, "warn", bold=running),
            column(ago(job.since, self.frame.clock.now()), AGO - 2, "muted", right=True),
            "  ",
            say(job.what.line),
        )
        lines = [spread(left, listed([say(job.who.line, "muted"), say(job.source, "muted")]), width)]
        lines.extend(_beneath(say(job.command.line), width))
        return [*lines, *_link(job.link, width)]

    def _change(self, change: ChangeView, width: int) -> list[Content]:
        glyph, word, tone = REVIEWS[change.reviewed]
        breach = badge("BREACH", "bad") if change.breach else Content("")
        left = line(
            column(glyph, 2, tone),
            column(hhmm(change.at) + "Z", WHEN, "plain"),
            column(ago(change.at, self.frame.clock.now()), AGO - 2, "muted", right=True),
            "  ",
        )
        what = listed([breach, say(change.what.line)], " ")
        about: list[tuple[str, Tone]] = [
            (change.service, "plain"), (change.who, "muted"), (word, tone), (change.source, "muted"),
        ]  # fmt: skip
        right = listed([say(*each) for each in about], "  ")
        if width >= WIDE:
            right = line(*(column(text, size, own) for (text, own), size in zip(about, SIZES, strict=True)))
        if left.cell_length + what.cell_length + right.cell_length + 1 <= width:
            lines = [spread(line(left, what), right, width)]
        else:
            # What was changed stays whole; who and where go below it.
            first, *more = what.wrap(width - INDENT)
            lines = [line(left, first), *(each.pad_left(INDENT) for each in more), *_beneath(right, width)]
        undo = say(f"undo: {change.undo.line}" if change.undo else "", "muted")
        lines.extend(_beneath(say(f"since then: {change.effect.line}" if change.effect else "", "act"), width))
        lines.extend(_beneath(undo, width))
        return [*lines, *_link(change.link, width)]


def _link(link: SafeText, width: int) -> list[Content]:
    """The address whole, on as many lines as it takes."""
    return wrapped(link.line, width, "muted", indent=INDENT) if link else []


def _beneath(content: Content, width: int) -> list[Content]:
    """Below what it belongs to; nothing when it says nothing."""
    return [content.truncate(width - INDENT, ellipsis=True).pad_left(INDENT)] if content.plain else []
