"""The services: every probe, the worst first, with the verdict on those that are not up."""

from __future__ import annotations

from textual.content import Content

from cockpit.protocol.views import ServiceView, Tone
from cockpit.tui.paint import column, line, listed, say, wrapped
from cockpit.tui.widgets.pane import Board
from cockpit.tui.words import milliseconds, percent, seconds_since, short, spark, state, tally

NAME_LIMIT = 24


class Services(Board):
    TITLE = "SERVICES"

    def aside(self) -> Content:
        return listed([say(words, tone) for words, tone in tally(self.frame.services.services)], "  ")

    def body(self, width: int, height: int) -> list[Content]:
        services = self.frame.services.services
        if not services:
            return [say("No probes yet.", "muted")]
        longest = min(NAME_LIMIT, max(len(service.probe) for service in services))
        lines: list[Content] = []
        for service in services:
            lines.append(self._row(service, longest, width))
            lines.extend(_reasons(service, width))
        return lines

    def _row(self, service: ServiceView, longest: int, width: int) -> Content:
        now = self.frame.clock.now()
        glyph, word, tone = state(service)
        bad = service.state in {"down", "degraded"}
        name: Tone = "plain" if bad or service.stale else "muted"
        cells = [
            column(glyph, 2, tone),
            column(word, 6, tone),
            column(service.probe, longest, name, bold=bad),
            column(_since(service, now), 11, "plain" if bad else "muted", right=True),
            column(percent(service.error_rate), 9, tone if bad else "muted", right=True),
        ]
        used = 28 + longest
        if width - used >= 34:
            cells.append(_figure("p50", service.p50_ms))
        if width - used >= 22:
            cells.append(_figure("p95", service.p95_ms))
        room = width - sum(cell.cell_length for cell in cells) - 2
        if room >= 6:
            cells.append(Content("  "))
            columns = spark(service.spark, min(room, 24), self.frame.plain)
            cells.extend(say(each, tone) for each, tone in columns)
        return line(*cells)


def _since(service: ServiceView, now: int) -> str:
    if service.stale:
        return short(seconds_since(service.checked, now)) if service.checked else ""
    return short(seconds_since(service.since, now)) if service.since else ""


def _figure(name: str, value: float | None) -> Content:
    if value is None:
        return Content(" " * 12)
    return line(column(name, 5, "muted", right=True), column(milliseconds(value), 7, right=True))


def _reasons(service: ServiceView, width: int) -> list[Content]:
    lines: list[Content] = []
    up = service.state == "up" and not service.stale
    if service.verdict and not up:
        lines.extend(wrapped(service.verdict.line, width, indent=2, most=2))
    if service.overlay:
        lines.extend(wrapped(service.overlay.line, width, "warn", indent=2, most=2))
    if service.suspect and not up:
        lines.extend(wrapped(service.suspect.line, width, "act", indent=2, most=2))
    return lines
