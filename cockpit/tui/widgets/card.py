"""The card of one lane: how it stands and why, what it may come from, whom to call, where to look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from cockpit.protocol.views import CardView, FactView, ServiceView, Tone
from cockpit.tui.frame import Frame
from cockpit.tui.paint import column, line, listed, say, wrapped
from cockpit.tui.widgets.pane import Board
from cockpit.tui.widgets.services import overlay_words
from cockpit.tui.words import age, seconds_since, short, state, weight

LABEL, FACT, FIGURE = 12, 14, 10
BAR = 24
"""Cells of the longest bar."""


class Card(Board):
    """Draws the answer it was given, and the lane as the frame has it."""

    def __init__(self, frame: Frame, probe: str) -> None:
        super().__init__(frame, "service-card")
        self.TITLE = self.probe = probe
        self.view: CardView | None = None

    @property
    def service(self) -> ServiceView | None:
        """The lane in the services pane; None once it is gone from there."""
        return next((each for each in self.frame.services.services if each.probe == self.probe), None)

    def about(self) -> Content:
        service, now = self.service, self.frame.clock.now()
        if service is None:
            return say("This lane is no longer watched.", "warn")
        glyph, word, tone = state(service)
        lasts = f"for {short(seconds_since(service.since, now))}" if service.since and not service.stale else ""
        return listed([say(f"{glyph} {word}", tone, bold=True), say(lasts), *overlay_words(service, now)])

    def aside(self) -> Content:
        service, now = self.service, self.frame.clock.now()
        if service is None:
            return Content("")
        measured = age(service.measured or service.checked, now)
        return say(f"measured {measured}" if measured else "not measured yet", "warn" if service.stale else "muted")

    def body(self, width: int, height: int) -> list[Content]:
        view = self.view
        if view is None:
            return [say(self.frame.lost or "Asking the engine ...", "muted")]
        parts: list[list[Content]] = [
            _section("Why", width, [view.verdict.line]),
            _section("Means", width, [view.diagnosis.line], "act"),
            _section("Suspects", width, _ranked(view.suspects), "act"),
            _section("Effects", width, view.effects),
            _labelled("Last look", _facts(view.facts, width - LABEL, self.frame.plain)),
            _section("Owner", width, [view.owner.line]),
            _section("Escalation", width, _ranked(view.escalation)),
            _labelled("Links", _links(view, width - LABEL)),
        ]
        spaced = _fits(parts, height)
        lines: list[Content] = []
        for part in parts:
            if part and spaced:
                lines.append(Content(""))
            lines.extend(part)
        return lines


def _fits(parts: Iterable[Sequence[Content]], height: int) -> bool:
    """Whether there is room for an empty line above each part."""
    return sum(len(part) + 1 for part in parts if part) <= height


def _ranked(texts: Sequence[str]) -> list[str]:
    return [f"{rank}  {text}" for rank, text in enumerate(texts, 1)]


def _section(label: str, width: int, texts: Sequence[str], tone: Tone = "plain") -> list[Content]:
    return _labelled(label, [part for text in texts if text for part in wrapped(text, width - LABEL, tone)])


def _labelled(label: str, lines: Sequence[Content]) -> list[Content]:
    """The lines with their label beside the first."""
    return [line(column("" if place else label, LABEL, "muted"), each) for place, each in enumerate(lines)]


def _facts(facts: Sequence[FactView], width: int, plain: bool) -> list[Content]:
    """One fact a line; what took time with a bar as long as its share of the longest."""
    weights = [weight(fact.text) for fact in facts]
    most = max((each for each in weights if each is not None), default=0.0)
    lines: list[Content] = []
    for fact, weighs in zip(facts, weights, strict=True):
        label = column(fact.label, FACT, "muted")
        if weighs is None or not most:
            lines.extend(line(Content(" " * FACT) if at else label, each) for at, each in enumerate(
                wrapped(fact.text, width - FACT, fact.tone)
            ))  # fmt: skip
            continue
        figure, _, rest = _split(fact.text)
        room = max(4, min(BAR, width - FACT - FIGURE - len(rest) - 4))
        bar = _bar(weighs / most, room, plain)
        tone: Tone = "muted" if fact.tone == "plain" else fact.tone
        cells = [label, column(figure, FIGURE, fact.tone, right=True), Content("  "), say(bar, tone)]
        lines.append(line(*cells, say(f"  {rest}" if rest else "", fact.tone)))
    return lines


def _split(text: str) -> tuple[str, str, str]:
    """The figure with its unit, and what is said after it."""
    number, _, rest = text.partition(" ")
    unit, gap, after = rest.partition(" ")
    return f"{number} {unit.rstrip(',;:')}", gap, after


def _bar(share: float, width: int, plain: bool) -> str:
    return ("#" if plain else "━") * max(1, round(share * width))


def _links(view: CardView, width: int) -> list[Content]:
    """Every address whole, on as many lines as it takes."""
    lines: list[Content] = []
    for link in view.links:
        for at, each in enumerate(wrapped(link.url, width - FACT)):
            lines.append(line(column("" if at else link.name, FACT, "muted"), each))
    return lines
