"""The score as aligned plain text."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.drills.model.values import Axis
from cockpit.drills.score import Score, Stated
from cockpit.drills.state import SideEffect

TITLES: dict[Axis, str] = {
    "impact_start": "impact started",
    "detected": "detected",
    "declared": "declared",
    "first_update": "first update",
    "mitigated": "mitigated",
    "verified": "verified",
    "resolved": "resolved",
}


def render(score: Score) -> str:
    """Every axis with the recorded plays beside it, then the lists; there is no sum."""
    head = f"  {'minutes from T0':<26}{'you':>8}{'original':>16}{'good play':>16}"
    lines = [f"Score: {score.title}", "", head]
    for one in score.passed:
        lines.append(_row(TITLES[one.axis], one.minute, one.beside))
        if one.axis == "declared":
            lines.append(_row("lead taken", score.lead_minute, (None,) * len(one.beside)))
        if one.axis == "first_update":
            lines.append(_row("scope said", score.scope_minute, (None,) * len(one.beside)))
    lines += ["", f"  {'impact-minutes':<26}{score.impact_minutes:>8.1f}"]
    if score.deadline:
        lines.append(f"  {'deadline':<20}{score.deadline}")
    lines.append("")
    lines += listed("overdue updates", [f"due at T{one.due:.1f}, {_came(one.came)}" for one in score.overdue])
    lines += listed("estimates", [f"{one.by}: T{one.eta:.0f}, {_off(one.off)}" for one in score.promises])
    lines += listed(
        "idle on the call", [f"{one.person}: {one.minutes:.0f} min from T{one.since:.1f}" for one in score.idle]
    )
    lines += listed('false "resolved"', score.false_resolved)
    lines += listed("unverified steps", score.unverified)
    lines += listed("freeze breaches", score.freeze_breaches)
    effects = [
        f"T{one.minute:.1f}  {one.text}" + (f"  ({one.command})" if one.command else "") for one in score.side_effects
    ]
    lines += listed("side effects", effects)
    lines += ["", "  (o) from the published incident, (i) invented for the drill"]
    return "\n".join(lines)


def listed(title: str, items: Sequence[str]) -> list[str]:
    """A list under its title, `none` when it is empty."""
    first, *rest = items or ["none"]
    return [f"  {title:<20}{first}", *(f"  {'':<20}{item}" for item in rest)]


def _row(title: str, minute: float | None, beside: Sequence[Stated | None]) -> str:
    yours = "never" if minute is None else f"T{minute:.1f}"
    return f"  {title:<26}{yours:>8}" + "".join(f"{_stated(one):>16}" for one in beside)


def _stated(one: Stated | None) -> str:
    return "-" if one is None else f"T{one.minute:g} ({one.fact[0]})"


def _harm(one: SideEffect) -> str:
    return f"T{one.minute:.1f}  {one.text}" + (f"  ({one.command})" if one.command else "")


def _came(minute: float | None) -> str:
    return "never came" if minute is None else f"came at T{minute:.1f}"


def _off(minutes: float | None) -> str:
    if minutes is None:
        return "it never came"
    if abs(minutes) < 0.5:
        return "it came on time"
    return f"it came {abs(minutes):.0f} min {'late' if minutes > 0 else 'early'}"
