"""Whether a step helped, judged by what its probe measured."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cockpit.clock import SECOND, span
from cockpit.incident.runs import Verdict
from cockpit.incident.vocabulary import Figures
from cockpit.runbooks.model.steps import Verify

ERROR_TOLERANCE = 0.02
"""Error rates this close together, or within a tenth of the one before, count as the same."""
LATENCY_TOLERANCE = 0.25
"""So do 95th percentiles within this part of the one before; they count only where hardly anything fails."""

STILL = "STILL UP"

_WORDS: dict[Verdict, str] = {
    "pass": "RECOVERED",
    "no_effect": "NO EFFECT",
    "better": "BETTER, NOT UP",
    "worse": "WORSE",
    "inconclusive": "INCONCLUSIVE",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a verification came to, in one word and in one line, and the seconds it took."""

    verdict: Verdict
    words: str
    seconds: float
    still: bool = False


def judge(
    verify: Verify, started_at: int, now: int, before: Figures, after: Figures, good_since: int | None, fresh: bool,
    *, began: int = 0,
) -> Judgement | None:  # fmt: skip
    """The judgement, or None while it is too early; times in microseconds.

    `good_since` is when the probe was first up in its present unbroken stretch, None while it is not;
    `fresh` says that its latest sample is recent enough to count. `began` is when the step was confirmed: a probe that
    was up before that and ever since is `still` up, which is no recovery.
    """
    deadline = started_at + int(verify.within * SECOND)
    seconds = (min(now, deadline) - started_at) / SECOND
    if fresh and good_since is not None:
        held = max(good_since, started_at + int(verify.settle * SECOND)) + int(verify.hold * SECOND)
        if held <= min(now, deadline):
            found = judgement("pass", before, after, seconds)
            return _still(found) if good_since <= began else found
    if now < deadline:
        return None
    if not fresh or not after.samples:
        return Judgement("inconclusive", f"{_WORDS['inconclusive']}  no fresh data after {span(seconds)}", seconds)
    return judgement(compare(before, after), before, after, seconds)


def compare(before: Figures, after: Figures) -> Verdict:
    """How the figures of a probe that is not up moved."""
    errors = _pair(before.error_rate, after.error_rate)
    latencies = _pair(before.p95_ms, after.p95_ms)
    if errors is not None:
        was, is_now = errors
        moved = _moved(was, is_now, max(ERROR_TOLERANCE, was / 10))
        if moved != "no_effect" or max(was, is_now) > ERROR_TOLERANCE or latencies is None:
            return moved
    if latencies is not None:
        return _moved(*latencies, latencies[0] * LATENCY_TOLERANCE)
    return "inconclusive"


def _moved(was: float, is_now: float, tolerance: float) -> Verdict:
    if is_now > was + tolerance:
        return "worse"
    return "better" if is_now < was - tolerance else "no_effect"


def _pair(was: float | None, is_now: float | None) -> tuple[float, float] | None:
    if was is None or is_now is None or not (math.isfinite(was) and math.isfinite(is_now)):
        return None
    return was, is_now


def judgement(verdict: Verdict, before: Figures, after: Figures, seconds: float) -> Judgement:
    """What a verdict reads like, with what was measured."""
    parts = [_WORDS[verdict], _measured(before, after), f"after {span(seconds)}"]
    return Judgement(verdict, f"{parts[0]}  {' '.join(part for part in parts[1:] if part)}", seconds)


def _still(found: Judgement) -> Judgement:
    return Judgement(found.verdict, found.words.replace(_WORDS["pass"], STILL, 1), found.seconds, still=True)


def _measured(before: Figures, after: Figures) -> str:
    if errors := _pair(before.error_rate, after.error_rate):
        return f"err {errors[0] * 100:.1f} -> {errors[1] * 100:.1f} %"
    if latencies := _pair(before.p95_ms, after.p95_ms):
        return f"p95 {latencies[0]:.0f} -> {latencies[1]:.0f} ms"
    return ""
