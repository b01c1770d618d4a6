"""From what is so to what there is to see. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cockpit.engine.board import UNREACHABLE, Lane
from cockpit.engine.broadcastview import Dispatch, delivery
from cockpit.incident.fold import State
from cockpit.incident.freezing import Freeze
from cockpit.incident.watching import Watching
from cockpit.protocol.views import (
    EMPTY,
    HeaderView,
    PastView,
    SeenBeforeView,
    ServicesView,
    ServiceView,
)
from cockpit.review.brought import named
from cockpit.text import SafeText

SPARK = 24
_WORST_FIRST = {"down": 0, "unknown": 1, "degraded": 2, "up": 3}


def header(
    state: State, *, profile: str, drill: str, alarms: Sequence[str], dispatch: Dispatch, freeze: Freeze, now: int
) -> HeaderView:
    """The line that must always be true."""
    life = state.lifecycle
    words, tone = delivery(state, dispatch, now)
    return HeaderView(
        stream=state.stream,
        head=state.seq,
        open=life.open,
        profile=SafeText(profile),
        title=SafeText(life.title, 200).line,
        severity=life.severity if life.declared else "",
        status=life.status if life.declared else "",
        lead=SafeText(state.roster.lead, 60),
        began=life.began,
        ended=life.resolved,
        next_due=state.telling.next_due if life.open else 0,
        delivery=SafeText(words),
        delivery_tone=tone,
        drill=SafeText(drill),
        alarms=tuple(SafeText(alarm, 300) for alarm in alarms if alarm),
        freeze=SafeText(", ".join(freeze.scope), 80).line if freeze.holds(now) else EMPTY,
        freeze_until=freeze.until if freeze.holds(now) else 0,
    )


def services(lanes: Mapping[str, Lane], watching: Watching, now: int) -> ServicesView:
    """Every probe, the worst first, then as the config orders them."""
    views = [_service(lane, watching, now) for lane in lanes.values()]
    return ServicesView(tuple(sorted(views, key=lambda view: _WORST_FIRST["unknown" if view.stale else view.state])))


def seen_before(state: State) -> SeenBeforeView:
    """The earlier incidents like this one, as they were put on record."""
    return SeenBeforeView(
        tuple(
            PastView(
                incident=past.incident, title=SafeText(past.title, 200).line, at=past.declared,
                alike=SafeText(past.why, 300).line,
                helped=tuple(SafeText(each, 300).line for each in past.helped),
                harmed=tuple(SafeText(each, 300).line for each in past.harmed),
                told=named(past.incident),
            )
            for past in state.lifecycle.recalled
        )
    )  # fmt: skip


def _service(lane: Lane, watching: Watching, now: int) -> ServiceView:
    figures = lane.figures(now)
    track = lane.track
    stale = lane.stale(now)
    latest = lane.latest
    bad = track.state in {"down", "degraded"}
    # Its last good word is from before its parent fell: green would be a guess.
    unheard = track.state == "up" and lane.diagnosis.startswith(UNREACHABLE)
    words = lane.latest.words if lane.latest else "not asked yet"
    return ServiceView(
        probe=SafeText(lane.target.name),
        service=SafeText(lane.service.title or lane.service.name),
        state="unknown" if lane.away(now) or unheard else track.state,
        since=0 if unheard else track.since,
        checked=track.checked,
        interval=lane.target.config.interval,
        stale=stale,
        verdict=SafeText(words, 300).line,
        overlay=SafeText(lane.overlay(now)),
        suspect=SafeText(_suspect(lane, watching), 300).line if bad else EMPTY,
        error_rate=figures.error_rate,
        p50_ms=figures.p50_ms,
        p95_ms=figures.p95_ms,
        spark=lane.ring.spark(SPARK),
        instance=SafeText(lane.target.instance),
        diagnosis=SafeText("" if words.startswith(lane.diagnosis) else lane.diagnosis),
        measured=latest.measured_at if latest else 0,
        requests=figures.requests,
        backoff_until=lane.backoff_until,
    )


def _suspect(lane: Lane, watching: Watching) -> str:
    """The change to point at, also one that was told only after the probe turned; none where nobody saw it turn."""
    known = watching.probes.get(lane.target.name)
    return lane.suspect(watching.changes) if known is not None and known.seen_turning else ""
