"""The services: every lane, the worst first, with the verdict on those that are not up."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cockpit.clock import SECOND, span
from cockpit.protocol.views import ServicesView, ServiceView, Tone
from cockpit.tui.frame import Frame
from cockpit.tui.paint import column, line, listed, say, spread, wrapped
from cockpit.tui.widgets.listing import Listing
from cockpit.tui.words import ago, big, milliseconds, percent, seconds_since, short, spark, state, tally

NAME_LIMIT, NAME_LEAST = 24, 8
AGO, FIGURE = 8, 11
SPARK_LEAST, SPARK_MOST = 6, 24
AGED = 3
"""Intervals after which a measurement is no longer fresh, although the lane is still asked."""
PLANNED = ("paused", "maintenance")
"""Overlays that somebody wanted; every other one casts doubt on the state."""


class Services(Listing):
    TITLE = "SERVICES"
    NOTHING = "No probes yet."

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(frame, ident)
        # A thousand lanes are looked through once for each view, not once for each key.
        self._known: ServicesView | None = None
        self._keys: list[str] = []
        self._measured: tuple[ServicesView, int, int] | None = None
        self._longest = NAME_LEAST
        self._rates = False
        self._roomy = True

    def aside(self) -> Content:
        return listed([say(words, tone) for words, tone in tally(self.frame.services.services)], "  ")

    @property
    def service(self) -> ServiceView | None:
        """The chosen lane."""
        place = self.place
        return None if place is None else self.frame.services.services[place]

    def keys(self) -> Sequence[str]:
        if self.frame.services is not self._known:
            self._known = self.frame.services
            self._keys = [service.probe for service in self._known.services]
        return self._keys

    def body(self, width: int, height: int) -> list[Content]:
        self._measure(width, height)
        return super().body(width, height)

    def wants(self) -> int:
        self._measure(self.size.width - 2, self.size.height)
        return super().wants()

    def _measure(self, width: int, height: int) -> None:
        """How wide the names are, whether there are requests to tell of, and whether every reason has room."""
        measured, before = (self.frame.services, width, height), self._measured
        if before is not None and measured[0] is before[0] and measured[1:] == before[1:]:
            return
        self._measured = measured
        services = self.frame.services.services
        self._rates = any(service.requests is not None for service in services)
        longest = max((len(service.probe) for service in services), default=0)
        self._longest = max(NAME_LEAST, min(longest, NAME_LIMIT, width - 35 - 8 * self._rates))
        self._roomy = len(services) + 3 * sum(not _up(service) for service in services) <= height

    def entry(self, place: int, width: int, room: int) -> list[Content]:
        service = self.frame.services.services[place]
        row, left_over = self._row(service, width)
        return [row, *_reasons(service, width, left_over, self._roomy)]

    def _row(self, service: ServiceView, width: int) -> tuple[Content, list[Content]]:
        """The row, and what qualifies the state but found no room in it."""
        now = self.frame.clock.now()
        glyph, word, tone = state(service)
        bad = service.state in {"down", "degraded"}
        cells = [
            column(glyph, 2, tone),
            column(word, 6, tone),
            lane(service, self._longest, "plain" if bad or service.stale else "muted", bold=bad),
            column(_since(service, now), 10, "plain" if bad else "muted", right=True),
            column(percent(service.error_rate), 8, tone if bad else "muted", right=True),
        ]
        if self._rates:
            cells.append(column(f" of {big(service.requests)}" if service.requests is not None else "", 8, "muted"))
        seen = column(ago(_measured(service), now), AGO, "warn" if _aged(service, now) else "muted", right=True)
        room = width - sum(cell.cell_length for cell in cells) - AGO - 1
        qualified = overlay_words(service, now)
        inline = _inline(qualified, room - 2)
        figures = [_figure("p50", service.p50_ms), _figure("p95", service.p95_ms)]
        figures = figures[2 - min(2, max(0, room - max(inline.cell_length, SPARK_LEAST) - 2) // FIGURE) :]
        cells.extend(figures)
        left = room - FIGURE * len(figures) - 2
        if inline.plain:
            cells.extend((Content("  "), inline))
        elif left >= SPARK_LEAST:
            columns = spark(service.spark, min(left, SPARK_MOST), self.frame.plain)
            cells.extend((Content("  "), *(say(each, tone) for each, tone in columns)))
        return spread(line(*cells), seen, width), [each for each in qualified if each.plain not in inline.plain]


def lane(service: ServiceView, width: int, tone: Tone, *, bold: bool) -> Content:
    """The lane's name; of one that is too long, the end of its instance tells it from its sisters."""
    name, _, instance = service.probe.line.partition("@")
    if not instance:
        return column(name, width, tone, bold=bold)
    if len(name) + 1 + len(instance) > width:
        tail = instance[-max(3, width - len(name) - 2) :]
        name = name[: width - len(tail) - 2]
        instance = f"…{tail}" if len(tail) < len(instance) else tail
    return column_of(line(say(name, tone, bold=bold), say(f"@{instance}", "muted" if not bold else tone)), width)


def column_of(content: Content, width: int) -> Content:
    """A cell of exactly that width."""
    return content.truncate(width, ellipsis=True).truncate(width, pad=True)


def overlay_words(service: ServiceView, now: int) -> list[Content]:
    """What qualifies the state, and when a lane that is asked less often is asked again."""
    planned = service.overlay.lower().startswith(PLANNED)
    left = (service.backoff_until - now) / SECOND
    waits = f"asks again in {span(left)}" if service.backoff_until and left > 0 else ""
    said = [say(service.overlay.line, "muted" if planned else "warn"), say(waits, "muted")]
    return [each for each in said if each.plain]


def _inline(qualified: Sequence[Content], room: int) -> Content:
    """As much of it as fits whole."""
    return next((said for end in (2, 1) if (said := listed(qualified[:end], "  ")).cell_length <= room), Content(""))


def _measured(service: ServiceView) -> int:
    return service.measured or service.checked


def _aged(service: ServiceView, now: int) -> bool:
    return service.stale or seconds_since(_measured(service), now) > max(AGED * service.interval, 15)


def _since(service: ServiceView, now: int) -> str:
    """How long it has been so; of a stale lane nobody knows."""
    return short(seconds_since(service.since, now)) if service.since and not service.stale else ""


def _figure(name: str, value: float | None) -> Content:
    if value is None:
        return Content(" " * FIGURE)
    return line(column(name, 4, "muted", right=True), column(milliseconds(value), 7, right=True))


def _up(service: ServiceView) -> bool:
    return service.state == "up" and not service.stale


def _reasons(service: ServiceView, width: int, qualified: Sequence[Content], roomy: bool) -> list[Content]:
    """What qualifies the state with the verdict, then what it means; what may have caused it where there is room, or
    nothing better to say."""
    lines: list[Content] = []
    if not _up(service) and service.verdict:
        # One text, so that it wraps as one: what qualifies the state comes first and in its own tone.
        said = [each for each in qualified if not service.verdict.startswith(each.plain)]
        whole = listed([*said, say(service.verdict.line)], "  ")
        wraps = whole.wrap(max(8, width - 2))
        most = 2 if roomy else 1
        lines = wraps[:most]
        if len(wraps) > most:
            lines[-1] = listed(wraps[most - 1 :], " ").truncate(width - 2, ellipsis=True)
        lines = [each.pad_left(2) for each in lines]
    elif qualified:
        lines = [listed(qualified, "  ").truncate(width - 2, ellipsis=True).pad_left(2)]
    if _up(service):
        return lines
    if service.diagnosis:
        lines.extend(wrapped(service.diagnosis.line, width, "act", indent=2, most=1))
    if service.suspect and (roomy or not service.diagnosis):
        lines.extend(wrapped(service.suspect.line, width, "act", indent=2, most=2 if roomy else 1))
    return lines
