"""The services as the record has them: how each probe stood, and what was kept of its samples. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from cockpit.broadcast.measured import Live
from cockpit.clock import SECOND, hhmm
from cockpit.incident.saying import percent
from cockpit.incident.vocabulary import Figures
from cockpit.incident.watching import Watched, Watching
from cockpit.probes.ring import LEVELS_MS
from cockpit.probes.rollup import MINUTE, Minute
from cockpit.protocol.views import EMPTY, FAILED, MISSING, CardView, FactView, ServicesView, ServiceView, Tone
from cockpit.text import SafeText

SPARK = 24
"""Minutes that a sparkline shows."""
UNRECORDED = "samples not recorded"
WORDS = 300
_FRESH = 3 * MINUTE
"""After so long without a minute that was kept, nothing says what was measured."""
_WORST_FIRST = {"down": 0, "unknown": 1, "degraded": 2, "up": 3}


class Minutes:
    """What was kept of the samples, by lane."""

    def __init__(self, minutes: Iterable[Minute] = ()) -> None:
        self._of: dict[str, list[Minute]] = {}
        for minute in minutes:
            self._of.setdefault(minute.probe, []).append(minute)

    def latest(self, probe: str, now: int) -> Minute | None:
        """The last minute that was over then, if it was not over for long."""
        known = self._of.get(probe, [])
        place = bisect_right(known, now - MINUTE, key=lambda minute: minute.start)
        found = known[place - 1] if place else None
        return found if found is not None and now - found.start <= MINUTE + _FRESH else None

    def spark(self, probe: str, now: int) -> tuple[int, ...]:
        """A level for each of the last minutes that were over then."""
        first = (now // MINUTE - SPARK) * MINUTE
        known = self._of.get(probe, [])
        start = bisect_left(known, first, key=lambda minute: minute.start)
        end = bisect_right(known, now - MINUTE, key=lambda minute: minute.start)
        levels = [MISSING] * SPARK
        for minute in known[start:end]:
            levels[min(SPARK - 1, (minute.start - first) // MINUTE)] = _level(minute)
        return tuple(levels)


def live(minutes: Minutes, watching: Watching, now: int) -> Live:
    """The figures that were the latest then, of each probe that has any."""
    latest = {probe: minutes.latest(probe, now) for probe in watching.probes}
    return {
        probe: Figures(
            error_rate=_rate(minute), samples=minute.samples, at=minute.start + MINUTE, requests=minute.requests,
            since=minute.start,
        )
        for probe, minute in latest.items()
        if minute is not None
    }  # fmt: skip


def services(watching: Watching, minutes: Minutes, now: int) -> ServicesView:
    """Every probe that the record names, the worst first."""
    views = [_service(probe, watching, minutes, now) for probe in watching.probes.values()]
    return ServicesView(tuple(sorted(views, key=lambda view: _WORST_FIRST[view.state])))


def card(probe: str, watching: Watching, minutes: Minutes, now: int) -> CardView:
    """All that the record has of a probe."""
    known = watching.probes.get(probe)
    if known is None:
        return CardView(SafeText(probe), EMPTY, "unknown", verdict=SafeText("the record names no such probe"))
    view, minute = _service(known, watching, minutes, now), minutes.latest(probe, now)
    facts: list[tuple[str, str, Tone]] = [
        ("turned", f"{known.previous} to {known.state} at {hhmm(known.turned)}Z", "plain"),
        ("its samples", UNRECORDED if minute is None else _measured(minute), "muted" if minute is None else "plain"),
        ("each phase", "not recorded", "muted"),
    ]
    return CardView(
        probe=view.probe, service=view.service, state=view.state, verdict=view.verdict,
        facts=tuple(FactView(SafeText(label), SafeText(text, WORDS).line, tone) for label, text, tone in facts),
        suspects=(view.suspect,) if view.suspect else (),
    )  # fmt: skip


def _service(probe: Watched, watching: Watching, minutes: Minutes, now: int) -> ServiceView:
    minute, figures = minutes.latest(probe.probe, now), probe.figures
    pause = watching.paused.get(probe.probe)
    paused = pause is not None and pause.until > now
    measured = figures.at or probe.turned
    return ServiceView(
        probe=SafeText(probe.probe),
        service=SafeText(probe.service),
        state="unknown" if paused else probe.state,
        since=probe.since,
        checked=measured if minute is None else minute.start + MINUTE,
        # So far apart are the words that the record has of it: their age is no fault of the probe.
        interval=max(now - measured, MINUTE) / SECOND,
        stale=False,
        verdict=SafeText(probe.verdict, WORDS).line,
        overlay=_overlay(pause.until if paused and pause is not None else 0, minute),
        suspect=SafeText(probe.suspect, WORDS).line if probe.state in {"down", "degraded"} else EMPTY,
        error_rate=figures.error_rate if minute is None else _rate(minute),
        p50_ms=figures.p50_ms if minute is None else None,
        p95_ms=figures.p95_ms if minute is None else None,
        spark=minutes.spark(probe.probe, now),
        measured=measured if minute is None else minute.start + MINUTE,
        requests=figures.requests if minute is None else minute.requests,
    )


def _overlay(paused_until: int, minute: Minute | None) -> SafeText:
    if paused_until:
        return SafeText(f"paused until {hhmm(paused_until)}Z")
    return EMPTY if minute is not None else SafeText(UNRECORDED)


def _rate(minute: Minute) -> float | None:
    if minute.error_rate is not None:
        return minute.error_rate
    return minute.bad / minute.samples if minute.samples else None


def _level(minute: Minute) -> int:
    if minute.bad > minute.good + minute.slow:
        return FAILED
    return MISSING if minute.mean_ms is None else bisect_right(LEVELS_MS, minute.mean_ms)


def _measured(minute: Minute) -> str:
    rate = _rate(minute)
    failed = "" if rate is None else f", {percent(rate)} failed"
    took = "" if minute.mean_ms is None else f", {minute.mean_ms:.0f} ms on average"
    most = "" if minute.max_ms is None else f", {minute.max_ms:.0f} ms at most"
    return f"{minute.samples} in the minute from {hhmm(minute.start)}Z{failed}{took}{most}"
