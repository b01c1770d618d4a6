"""From samples to a state that people can trust: pure, and slow to change its mind in either direction.

Going down takes `failures` bad samples in a row, coming up `successes` good ones, and each as long as the rules say;
samples that are merely slow, mixed with bad or good ones, make it degraded. From `unknown` one good or slow sample is
enough: there is nothing to recover from. An indeterminate sample moves no counter, so that a fault of ours ages into
stale, never into down. While a probe flaps its turns are not told; when that ends, its state always is.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cockpit.clock import SECOND
from cockpit.config.watched import BaseProbe
from cockpit.incident.vocabulary import Figures, ProbeChanged, ProbeState
from cockpit.probes.flapping import Window
from cockpit.probes.sample import Sample
from cockpit.text import SafeText

STALE_INTERVALS = 3
STALE_AT_LEAST = 15.0
KEPT_INTERVALS = 10
KEPT_AT_LEAST = 600.0
"""Incident seconds, as are those at which a sample is stale: what was counted longer ago says nothing any more."""


class Streak(msgspec.Struct, frozen=True):
    """How many samples in a row were of one sort, when the first of them was taken, and for how long in all.

    `lasted` is in microseconds. A gap between two samples counts for no more than what makes a probe stale.
    """

    count: int = 0
    first: int = 0
    lasted: int = 0

    def after(self, belongs: bool, at: int, apart: int) -> Streak:
        """The streak one sample later; a clock set back never puts its start after the sample."""
        if not belongs:
            return Streak()
        if not self.count:
            return Streak(1, at)
        return Streak(self.count + 1, min(self.first, at), self.lasted + apart)

    def reached(self, count: int, seconds: float) -> bool:
        """Whether it is as long as that, in samples and in time."""
        return self.count >= count and self.lasted >= seconds * SECOND


class Track(msgspec.Struct, frozen=True):
    """One probe's state. `since` is the first sample of it, `checked` the last that said anything, 0 for never.

    `measured` is when the last counted sample's data were so: the same data count once. `poor` counts bad and slow
    samples, `fair` slow and good ones. `told` is the state that the last event told. `overlay` is how far it is to
    another state, or why its last sample says nothing.
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
    measured: int = 0
    window: Window = Window()
    told: ProbeState = "unknown"


def resume(state: ProbeState, since: int) -> Track:
    """The track of a probe whose state was remembered over a restart; stale until its first sample."""
    return Track(state=state, since=since, told=state)


def is_stale(checked: int, now: int, interval: float, pace: float = 0.0) -> bool:
    """Whether the last informative sample is too old to be believed.

    `interval` is what the config says and `pace` how far apart samples are on purpose, both in seconds.
    """
    late = max(pace, interval) + (STALE_INTERVALS - 1) * interval
    return now - checked > max(late, STALE_AT_LEAST) * SECOND


def anew(track: Track) -> Track:
    """The track with nothing counted towards another state, after samples that may have had another's fault."""
    return msgspec.structs.replace(track, bad=Streak(), poor=Streak(), fair=Streak(), good=Streak(), overlay="")


def doubted(track: Track) -> Track:
    """The track after a gap in time: stale until its next sample, whatever the clocks say, and counted anew."""
    return msgspec.structs.replace(anew(track), checked=0)


def observe(
    track: Track, sample: Sample, rules: BaseProbe, name: str, service: str, figures: Figures, apart: float = 0.0
) -> tuple[Track, ProbeChanged | None]:
    """The track after one more sample, and the event if there is something to tell. The same data count once.

    `apart` are the seconds it had to be away from the one before: left alone on purpose, or long in coming.
    """
    if sample.outcome == "indeterminate":
        return msgspec.structs.replace(track, overlay=sample.gap or "can't tell", verdict=sample.words), None
    if sample.measured_at == track.measured:
        # Nothing new, but the source still answers: it says itself when its data are too old.
        seen = msgspec.structs.replace(track, checked=sample.at, overlay=_overlay(track, rules), verdict=sample.words)
        return seen, None
    counted = _counted(track, sample, rules, apart)
    state, streak, needed = _judge(counted, rules)
    turned = state != track.state
    now = msgspec.structs.replace(counted, state=state, since=streak.first) if turned else counted
    words = f"{needed}/{needed} {sample.words}" if turned and needed > 1 else str(sample.words)
    verdict = _to_tell(track, now, words)
    now = msgspec.structs.replace(now, overlay=_overlay(now, rules), verdict=SafeText(verdict or words))
    if verdict is None:
        return now, None
    told = ProbeChanged(
        probe=name, service=service, state=state, previous=track.told, since=now.since, verdict=verdict,
        figures=figures,
    )  # fmt: skip
    return msgspec.structs.replace(now, told=state), told


def _counted(track: Track, sample: Sample, rules: BaseProbe, apart_on_purpose: float) -> Track:
    bad, good, at = sample.outcome == "bad", sample.outcome == "good", sample.at
    if track.checked and at - track.checked > kept_for(rules.interval) + int(apart_on_purpose * SECOND):
        track = anew(track)
    longest = int(max(STALE_INTERVALS * rules.interval, STALE_AT_LEAST) * SECOND)
    apart = min(max(0, at - track.checked), longest)
    return msgspec.structs.replace(
        track,
        checked=at,
        measured=sample.measured_at,
        bad=track.bad.after(bad, at, apart),
        poor=track.poor.after(not good, at, apart),
        fair=track.fair.after(not bad, at, apart),
        good=track.good.after(good, at, apart),
        window=track.window.after(sample.outcome),
    )


def _to_tell(before: Track, now: Track, words: str) -> str | None:
    """The verdict of the event that is due, None for none."""
    if now.window.flapping:
        return None if before.window.flapping else now.window.words
    if before.window.flapping:
        return f"no longer flapping: {words}"
    return words if now.state != before.state else None


def _judge(track: Track, rules: BaseProbe) -> tuple[ProbeState, Streak, int]:
    """The state its streaks call for, with the streak that decides and the length it needed."""
    fresh = track.state == "unknown"
    if track.bad.reached(rules.failures, rules.fires_after):
        return "down", track.bad, rules.failures
    successes, keeps_for = (1, 0.0) if fresh else (rules.successes, rules.keeps_for)
    if track.good.reached(successes, keeps_for):
        return "up", track.good, successes
    if track.state == "up" and track.poor.reached(rules.failures, rules.fires_after):
        return "degraded", track.poor, rules.failures
    if (fresh or track.state == "down") and track.fair.reached(successes, keeps_for):
        return "degraded", track.fair, successes
    return track.state, Streak(), 0


def _overlay(track: Track, rules: BaseProbe) -> str:
    if track.window.flapping:
        return "flapping"
    match track.state:
        case "up" if track.poor.count:
            return _far("pending", track.poor, rules.failures, rules.fires_after)
        case "degraded" | "unknown" if track.bad.count:
            return _far("pending", track.bad, rules.failures, rules.fires_after)
        case "degraded" if track.good.count:
            return _far("recovering", track.good, rules.successes, rules.keeps_for)
        case "down" if track.fair.count:
            return _far("recovering", track.fair, rules.successes, rules.keeps_for)
    return ""


def _far(what: str, streak: Streak, count: int, seconds: float) -> str:
    """How far it is in samples; in time, once there are samples enough."""
    if streak.count < count or not seconds:
        return f"{what} {streak.count}/{count}"
    return f"{what} {_short(streak.lasted / SECOND)}/{_short(seconds)}"


def _short(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    return f"{whole // 60}m{whole % 60:02d}s" if whole % 60 else f"{whole // 60}m"


# --- over a restart


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What of a track no event tells."""

    checked: int
    measured: int
    bad: Streak
    poor: Streak
    fair: Streak
    good: Streak
    window: Window


_PACKED = msgspec.msgpack.Decoder(dict[str, Kept])


def kept_for(interval: float) -> int:
    """Microseconds for which counted samples are worth anything; `interval` in seconds."""
    return int(max(KEPT_INTERVALS * interval, KEPT_AT_LEAST) * SECOND)


def freeze(tracks: Mapping[str, Track]) -> bytes:
    """The streaks by lane; of those that are up, and were all the while, there is nothing to keep."""
    return msgspec.msgpack.encode({
        name: Kept(track.checked, track.measured, track.bad, track.poor, track.fair, track.good, track.window)
        for name, track in tracks.items()
        if track.bad.count or track.poor.count or track.window.flapping or track.window.changes
    })  # fmt: skip


def thaw(raw: bytes) -> Mapping[str, Kept]:
    """What `freeze` kept; ValueError when these bytes are something else."""
    return _PACKED.decode(raw)


def take_up(track: Track, kept: Kept, now: int, interval: float) -> Track:
    """A resumed track with its streaks, unless those are too old; stale until its first sample all the same."""
    if not 0 <= now - kept.checked <= kept_for(interval):
        return track
    return msgspec.structs.replace(
        track,
        measured=kept.measured,
        bad=kept.bad,
        poor=kept.poor,
        fair=kept.fair,
        good=kept.good,
        window=kept.window,
    )
