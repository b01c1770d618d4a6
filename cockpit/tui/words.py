"""How figures and states read on the screen. Pure: the same view and moment always give the same words."""

from __future__ import annotations

import re

from cockpit.clock import SECOND, hhmm, span
from cockpit.protocol.views import FAILED, HeaderView, ServiceView, StepView, Tone

DUE_SOON = 120
"""Seconds before the next update is due from which on the clock turns amber."""

Said = tuple[str, Tone]
"""Words with what they mean to the reader."""

SERIES = "in batches"
"""The engine's word for a series between two of its batches."""
_DEADLINES = {"decide": "decide by", "announced": "objections until"}
"""By the engine's word for a step: what its end means to the reader."""

_STATES: dict[str, tuple[str, str, Tone]] = {
    "down": ("v", "DOWN", "bad"),
    "degraded": ("~", "DEGR", "warn"),
    "up": ("o", "UP", "good"),
    "unknown": ("?", "UNKN", "muted"),
}
_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?(us|ms|s)\b(?! (?:ago|old)\b)")
_IN_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_LEVELS = "▁▂▃▄▅▆▇█"
_ASCII_LEVELS = "_.-:=+*#"


def seconds_since(at: int, now: int) -> float:
    """Seconds from a stored moment until now, never negative."""
    return max(0, now - at) / SECOND


def age(at: int, now: int) -> str:
    """How long ago, or nothing for never."""
    return f"{short(seconds_since(at, now))} ago" if at else ""


def short(seconds: float) -> str:
    """A duration with one unit from an hour up, two below: it ticks, and stays narrow."""
    return span(seconds) if seconds < 86_400 else f"{int(seconds // 86_400)} d"


def ago(at: int, now: int) -> str:
    """How long ago in one unit, so that a column of them stays narrow; nothing for never."""
    if not at:
        return ""
    seconds = int(seconds_since(at, now))
    size, unit = next(each for each in _UNITS if seconds >= each[0] or each[0] == 1)
    return f"{seconds // size} {unit} ago"


def big(count: float) -> str:
    """A number of things in at most four digits: `412`, `4.1k`, `12k`, `3.0M`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size * 0.9995:
            return f"{count / size:.1f}{unit}" if count < size * 9.95 else f"{count / size:.0f}{unit}"
    return f"{count:.0f}"


def weight(text: str) -> float | None:
    """The milliseconds that a fact such as `41 ms` or `1.9 s` tells of; None for anything else, an age too."""
    if (found := _DURATION.match(text)) is None:
        return None
    return float(found[1]) * _IN_MS[found[2]]


def stopwatch(seconds: float) -> str:
    """A running time as hours, minutes and seconds."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def due(at: int, now: int) -> Said:
    """The promised next update: calm, due soon, or overdue."""
    if not at:
        return "no update promised", "muted"
    left = (at - now) / SECOND
    if left < 0:
        late = -left
        return f"OVERDUE {span(late) if late < 60 else f'{int(late // 60)} m'}", "bad"
    return f"next update in {span(left)}", "warn" if left < DUE_SOON else "plain"


def state(service: ServiceView) -> tuple[str, str, Tone]:
    """Glyph, word and tone; a stale probe says so, because what it said last proves nothing now."""
    if service.stale and service.state != "unknown":
        return "?", "STALE", "muted"
    return _STATES[service.state]


def tally(services: tuple[ServiceView, ...]) -> list[Said]:
    """How many are in which state, the worst first."""
    if not services:
        return [("no probes", "muted")]
    found = [state(service) for service in services]
    order: tuple[tuple[str, Tone], ...] = (
        ("DOWN", "bad"), ("DEGR", "warn"), ("STALE", "muted"), ("UNKN", "muted"), ("UP", "good"),
    )  # fmt: skip
    counts = [(sum(word == each[1] for each in found), word, tone) for word, tone in order]
    return [(f"{count} {word}", tone) for count, word, tone in counts if count]


def percent(ratio: float | None) -> str:
    """A share from 0 to 1, with a decimal as long as it is a small one."""
    if ratio is None:
        return ""
    return f"{ratio * 100:.0f} %" if ratio >= 0.9995 else f"{ratio * 100:.1f} %"


def milliseconds(value: float | None) -> str:
    """A latency in the unit that keeps it short."""
    if value is None:
        return ""
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def spark(levels: tuple[int, ...], width: int, plain: bool) -> list[tuple[str, Tone]]:
    """The last samples as columns of rising height; `x` is a bad sample, a blank none at all."""
    steps = _ASCII_LEVELS if plain else _LEVELS
    shown = levels[-width:] if width > 0 else ()
    columns: list[tuple[str, Tone]] = [(" ", "muted")] * (width - len(shown))
    for level in shown:
        if level == FAILED:
            columns.append(("x", "bad"))
        else:
            columns.append((steps[min(level, 7)] if level >= 0 else " ", "muted"))
    return columns


def step_glyph(step: StepView) -> str:
    """Done, current, failed or still to come; the step's own word says it in full."""
    if step.active:
        return ">"
    return {"good": "+", "bad": "x", "warn": "!"}.get(step.tone, ".")


def countdown(seconds: float) -> str:
    """What is left as minutes and seconds, or hours before them: `4:10`, `1:04:10`."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def deadline(step: StepView, now: int) -> Said:
    """By when something must be said of this step, and how long that is; nothing for a step without a deadline."""
    what = _DEADLINES.get(step.word, "") if step.until else ""
    if not what:
        return "", "plain"
    left = (step.until - now) / SECOND
    if left >= 0:
        return f"{what} {hhmm(step.until)}, {countdown(left)} left", "warn" if left < DUE_SOON else "act"
    if step.word != "decide":
        return f"{what} {hhmm(step.until)}: that is over", "muted"
    late = span(-left) if left > -60 else f"{int(-left // 60)} m"
    return f"{what} {hhmm(step.until)}: OVERDUE {late}, decide now", "bad"


def step_timer(step: StepView, now: int) -> str:
    """What is left of a step that ends by itself, or how long the current one has taken."""
    if step.until and step.until > now:
        return f"{countdown((step.until - now) / SECOND)} left"
    if step.until and step.word == "decide":
        return "OVERDUE"
    return span(seconds_since(step.since, now)) if step.active and step.since else ""


def elapsed(header: HeaderView, now: int) -> str:
    """How long the incident has lasted, or lasted."""
    if not header.began:
        return ""
    return stopwatch(seconds_since(header.began, header.ended or now))
