"""How fast an error budget burns, over several windows at once. Pure.

Windows and factors are those of "The Site Reliability Workbook" (Beyer et al., O'Reilly 2018), chapter 5, "Alerting on
SLOs": recommended parameters for an alert over a budget of 30 days.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from cockpit.config.rates import RateRules
from cockpit.probes.rates.judging import Judgement, Measured, Nothing, Share, length, share, unjudged
from cockpit.probes.sample import Outcome

PERIOD = 30 * 86_400.0
"""Seconds for which a budget must last."""


class Pair(msgspec.Struct, frozen=True):
    """Two windows in seconds that must both burn faster than `rate`: the long one for weight, the short one for now."""

    long: float
    short: float
    rate: float
    outcome: Outcome


PAIRS = (
    Pair(3600, 300, 14.4, "bad"),
    Pair(21_600, 1800, 6, "bad"),
    Pair(86_400, 7200, 3, "slow"),
    Pair(259_200, 21_600, 1, "slow"),
)
"""The two that should wake somebody, then the two that can wait for the morning."""
WINDOWS = tuple(sorted({window for pair in PAIRS for window in (pair.long, pair.short)}))
NOW = WINDOWS[0]
"""The shortest window: without data in it nothing is known about now."""


def judge_burn(measured: Mapping[float, Measured], rules: RateRules, objective: float) -> Judgement:
    """What the windows say together; a window that is missing says nothing.

    Only a pair of hours can call it well: that of days would stay green long after the requests stopped.
    """
    shares = {window: share(measured.get(window, Measured(None, None)), rules, window) for window in WINDOWS}
    now = shares[NOW]
    if isinstance(now, Nothing) and now.gap != "no traffic":
        return unjudged(now)
    budget = f"{objective * 100:.10g} % budget"
    calm: Judgement | None = None
    for pair in PAIRS:
        long, short = shares[pair.long], shares[pair.short]
        if not isinstance(long, Share) or not isinstance(short, Share):
            continue
        burns = long.ratio / (1 - objective), short.ratio / (1 - objective)
        shown = f"{_times(burns[0])} ({length(pair.long)}) and {_times(burns[1])} ({length(pair.short)})"
        if min(burns) > pair.rate:
            words = f"burning the {budget} {shown}: gone in {_left(PERIOD / burns[0])}"
            return Judgement(pair.outcome, words, "", short.ratio, short.requests)
        if calm is None and pair.outcome == "bad":
            calm = Judgement("good", f"within the {budget}: burning {shown}", "", short.ratio, short.requests)
    if calm is None:
        return unjudged(_why_nothing(shares))
    short_of = [length(window) for window, found in shares.items() if isinstance(found, Nothing) and _lacks(found)]
    if short_of:
        return msgspec.structs.replace(calm, words=f"{calm.words}; insufficient window: {', '.join(short_of)}")
    return calm


def burn_facts(measured: Mapping[float, Measured], rules: RateRules, objective: float) -> list[tuple[str, str]]:
    """Every window with how fast it burns, or why it says nothing."""
    found = {window: share(one, rules, window) for window, one in sorted(measured.items())}
    return [
        (
            length(window),
            f"{_times(one.ratio / (1 - objective))} of the budget" if isinstance(one, Share) else one.words,
        )
        for window, one in found.items()
    ]


def _why_nothing(shares: Mapping[float, Share | Nothing]) -> Nothing:
    now = shares[NOW]
    if isinstance(now, Nothing):
        return now
    return Nothing("warming", f"insufficient window: no data over {length(PAIRS[0].long)}", now.requests)


def _lacks(nothing: Nothing) -> bool:
    return nothing.gap == "no data"


def _times(burn: float) -> str:
    return f"{burn:.0f}x" if burn >= 10 else f"{burn:.1f}x" if burn >= 0.1 or burn == 0 else f"{burn:.2g}x"


def _left(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "never"
    return f"{seconds / 86_400:.1f} days" if seconds >= 86_400 else f"{seconds / 3600:.1f} hours"
