"""What a number of errors among a number of requests says, or why it says nothing. Pure."""

from __future__ import annotations

import math

import msgspec

from cockpit.config.rates import RateRules
from cockpit.probes.sample import Gap, Outcome

STALE_INTERVALS = 3
SKEW = 1.05
"""Errors may exceed the total by this much: the two are seldom counted at the very same moment."""


class Measured(msgspec.Struct, frozen=True):
    """What a source told of one window: counts, `None` where it had none, and the seconds since it was measured."""

    errors: float | None
    total: float | None
    age: float = 0.0


class Share(msgspec.Struct, frozen=True):
    """A ratio of errors from 0 to 1, and of how many requests; `beyond` when more errors than requests were told."""

    ratio: float
    requests: float
    beyond: bool = False


class Nothing(msgspec.Struct, frozen=True):
    """Why a window says nothing; `requests` where they are known."""

    gap: Gap
    words: str
    requests: float | None = None


class Judgement(msgspec.Struct, frozen=True):
    """What becomes of a sample: its outcome, why on one line, and the figures."""

    outcome: Outcome
    words: str
    gap: Gap = ""
    ratio: float | None = None
    requests: float | None = None


def oldest(rules: RateRules, window: float) -> float:
    """The age in seconds beyond which data says nothing about now."""
    return max(STALE_INTERVALS * rules.interval, window)


def share(measured: Measured, rules: RateRules, window: float) -> Share | Nothing:
    """The share of errors in a window of so many seconds, where it says anything.

    No errors told beside requests are none; no requests told are no data, and never nought.
    """
    errors, total, within = measured.errors, measured.total, f"in {length(window)}"
    if total is None:
        return Nothing("no data", f"no data: nothing is told of any requests {within}")
    if not math.isfinite(total) or total < 0:
        return Nothing("no data", f"no data: the total {within} is {number(total)}, not a number of requests")
    if measured.age > oldest(rules, window):
        return Nothing("stale", f"stale: the newest data is {length(measured.age)} old")
    if total == 0:
        return Nothing("no traffic", f"no traffic: no requests {within}", 0.0)
    if total < rules.min_requests:
        return Nothing("no traffic", f"{count(total)} {within}, too few to judge", total)
    if errors is not None and (not math.isfinite(errors) or errors < 0):
        return Nothing("no data", f"no data: the errors {within} are {number(errors)}, not a number", total)
    ratio = (errors or 0.0) / total
    return Share(min(ratio, 1.0), total, ratio > SKEW)


def judge(measured: Measured, rules: RateRules, window: float) -> Judgement:
    """The share of errors against `warn` and `crit`; `window` in seconds is what was measured."""
    found = share(measured, rules, window)
    if isinstance(found, Nothing):
        return unjudged(found)
    words = f"errors {percent(found.ratio)} of {count(found.requests)} in {length(window)}"
    outcome: Outcome = "good"
    if found.ratio >= rules.crit:
        outcome, words = "bad", f"{words}, critical from {rules.crit * 100:g} %"
    elif found.ratio >= rules.warn:
        outcome, words = "slow", f"{words}, degraded from {rules.warn * 100:g} %"
    if found.beyond:
        words += "; more errors than requests are told: are both of the same traffic?"
    return Judgement(outcome, words, "", found.ratio, found.requests)


def unjudged(nothing: Nothing) -> Judgement:
    """A sample that moves no counter: it ages to unknown, and is neither green nor 0 %."""
    return Judgement("indeterminate", nothing.words, nothing.gap, None, nothing.requests)


def percent(ratio: float) -> str:
    """A share as people read it: `12.3 %`, `0.04 %`, `0 %`."""
    shown = ratio * 100
    if shown == 0:
        return "0 %"
    return f"{shown:.1f} %" if shown >= 0.1 else f"{shown:.1g} %"


def count(requests: float) -> str:
    """So many requests: `4 requests`, `4.1k requests`, `2.3M requests`."""
    whole = round(requests)
    if whole == 1:
        return "1 request"
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if requests >= size:
            return f"{requests / size:.1f}{letter} requests"
    return f"{whole} requests"


def length(seconds: float) -> str:
    """A window as people say it: `45 s`, `5 min`, `90 min`, `6 h`, `3 days`."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return "1 day" if seconds == 86_400 else f"{seconds / size:.0f} {unit}"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min" if seconds >= 600 else f"{seconds:.0f} s"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def number(value: float) -> str:
    """A number as its source would write it: `NaN`, `+Inf`, `-3`."""
    if math.isnan(value):
        return "NaN"
    return ("+Inf" if value > 0 else "-Inf") if math.isinf(value) else f"{value:g}"
