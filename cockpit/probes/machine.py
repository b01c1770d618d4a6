"""From samples to a state that people can trust: pure, and slow to change its mind in either direction.

Going down takes `failures` bad samples in a row, coming up `successes` good ones; samples that are merely slow, mixed
with bad or good ones, make it degraded. From `unknown` one good or slow sample is enough: there is nothing to recover
from. An indeterminate sample moves no counter, so that a fault of ours ages into stale, never into down.
"""

from __future__ import annotations

import msgspec

from cockpit.clock import SECOND
from cockpit.config.watched import BaseProbe
from cockpit.incident.vocabulary import Figures, ProbeChanged, ProbeState
from cockpit.probes.sample import Sample
from cockpit.text import SafeText

STALE_INTERVALS = 3
STALE_AT_LEAST = 15.0
"""Incident seconds."""


class Streak(msgspec.Struct, frozen=True):
    """How many samples in a row were of one sort, and when the first of them was taken."""

    count: int = 0
    first: int = 0

    def after(self, belongs: bool, at: int) -> Streak:
        """The streak one sample later; a clock set back never puts its start after the sample."""
        if not belongs:
            return Streak()
        return Streak(self.count + 1, min(self.first, at) if self.count else at)


class Track(msgspec.Struct, frozen=True):
    """One probe's state. `since` is the first sample of it, `checked` the last that said anything, 0 for never.

    `poor` counts bad and slow samples, `fair` slow and good ones. `overlay` is how far it is to another state.
    """

    state: ProbeState = "unknown"
    since: int = 0
    checked: int = 0
    bad: Streak = Streak()
    poor: Streak = Streak()
    fair: Streak = Streak()
    good: Streak = Streak()
    overlay: str = ""
    verdict: SafeText = SafeText("")


def resume(state: ProbeState, since: int) -> Track:
    """The track of a probe whose state was remembered over a restart; stale until its first sample."""
    return Track(state=state, since=since)


def is_stale(checked: int, now: int, interval: float) -> bool:
    """Whether the last informative sample is too old to be believed; `interval` in seconds."""
    return now - checked > max(STALE_INTERVALS * interval, STALE_AT_LEAST) * SECOND


def observe(
    track: Track, sample: Sample, rules: BaseProbe, name: str, service: str, figures: Figures
) -> tuple[Track, ProbeChanged | None]:
    """The track after one more sample, and the event if it turned. The same sample twice counts once."""
    if sample.outcome == "indeterminate":
        return msgspec.structs.replace(track, verdict=sample.words), None
    if sample.at == track.checked:
        return track, None
    bad, good, at = sample.outcome == "bad", sample.outcome == "good", sample.at
    counted = msgspec.structs.replace(
        track,
        checked=at,
        bad=track.bad.after(bad, at),
        poor=track.poor.after(not good, at),
        fair=track.fair.after(not bad, at),
        good=track.good.after(good, at),
    )
    state, streak, needed = _judge(counted, rules)
    turned = state != track.state
    now = msgspec.structs.replace(counted, state=state, since=streak.first) if turned else counted
    overlay = _overlay(now, rules)
    verdict = SafeText(f"{needed}/{needed} {sample.words}") if turned and needed > 1 else sample.words
    now = msgspec.structs.replace(now, overlay=overlay, verdict=verdict)
    if not turned:
        return now, None
    return now, ProbeChanged(
        probe=name,
        service=service,
        state=state,
        previous=track.state,
        since=now.since,
        verdict=str(verdict),
        figures=figures,
    )


def _judge(track: Track, rules: BaseProbe) -> tuple[ProbeState, Streak, int]:
    """The state its streaks call for, with the streak that decides and the length it needed."""
    fresh = track.state == "unknown"
    if track.bad.count >= rules.failures:
        return "down", track.bad, rules.failures
    successes = 1 if fresh else rules.successes
    if track.good.count >= successes:
        return "up", track.good, successes
    if track.state == "up" and track.poor.count >= rules.failures:
        return "degraded", track.poor, rules.failures
    if (fresh or track.state == "down") and track.fair.count >= successes:
        return "degraded", track.fair, successes
    return track.state, Streak(), 0


def _overlay(track: Track, rules: BaseProbe) -> str:
    match track.state:
        case "up" if track.poor.count:
            return f"pending {track.poor.count}/{rules.failures}"
        case "degraded" | "unknown" if track.bad.count:
            return f"pending {track.bad.count}/{rules.failures}"
        case "degraded" if track.good.count:
            return f"recovering {track.good.count}/{rules.successes}"
        case "down" if track.fair.count:
            return f"recovering {track.fair.count}/{rules.successes}"
    return ""
