"""What the measurements say by themselves: in words, with their age, and never more than they know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cockpit.broadcast.cutting import cut
from cockpit.clock import SECOND, hhmm, iso, span
from cockpit.incident.fold import State
from cockpit.incident.run import Run, StepState
from cockpit.incident.saying import percent
from cockpit.incident.vocabulary import Figures
from cockpit.incident.watching import Watched
from cockpit.text import SafeText

Live = Mapping[str, Figures]
"""The latest figures by probe; an empty one means that only what the events recorded is known."""

STALE = 120
"""Seconds after which a measurement no longer says how things are."""
DAY = 20 * 3600 * SECOND
"""Microseconds within which an hour and a minute name only one moment, whatever the reader's time zone."""
WINDOW = 300 * SECOND
"""Microseconds that a ratio is taken to reach back where it does not say so."""
NAMES_SHOWN = 8
PROBES_SHOWN = 4
_TRIED = {"failed": "FAILED", "unknown": "UNKNOWN whether it took effect", "rolled_back": "undone",
          "rollback_failed": "undoing it FAILED", "rollback_unknown": "UNKNOWN whether it was undone"}  # fmt: skip
_UNDER_WAY = {"intended": "starting", "running": "running", "repeating": "running, in batches,",
              "verifying": "measuring the effect of", "waiting": "waiting:", "rolling_back": "undoing"}  # fmt: skip
_VERDICTS = {"pass": "helped", "no_effect": "NO EFFECT", "better": "better, not well", "worse": "WORSE",
             "inconclusive": "effect not measurable"}  # fmt: skip


def began(state: State) -> int:
    """Since when the harm is known to last, in microseconds."""
    return state.lifecycle.began or state.lifecycle.declared


def hit(state: State) -> tuple[Watched, ...]:
    """Probes that are bad now, down before degraded, the earliest first."""
    bad = [probe for probe in state.watching.probes.values() if probe.state in {"down", "degraded"}]
    return tuple(sorted(bad, key=lambda probe: (probe.state != "down", probe.since, probe.probe)))


def recovered(state: State) -> tuple[Watched, ...]:
    """Probes that turned up since the harm began."""
    return tuple(probe for probe in _up(state) if probe.since > began(state))


def stayed_up(state: State, now: int, live: Live) -> tuple[Watched, ...]:
    """Probes that were up all the while, and, where live figures are given, were seen so lately."""
    up = [probe for probe in _up(state) if probe.since <= began(state)]
    return tuple(probe for probe in up if not live or _fresh(live.get(probe.probe), now))


def deltas(state: State, now: int, live: Live) -> str:
    """How bad it is, measured: the worst probes first, then those that came back."""
    told = [_bad(probe, now, live) for probe in hit(state)[:PROBES_SHOWN]]
    told += [_good(probe, now, live) for probe in recovered(state)[:PROBES_SHOWN]]
    unseen = [probe.probe for probe in state.watching.probes.values() if probe.state == "unknown"]
    if unseen:
        told.append(f"{names(unseen)}: not measurable now.")
    return " ".join(told)


def tried(state: State) -> str:
    """What was tried and what became of it, the latest last."""
    steps = [(run, step) for run in state.runs.values() for step in run.steps if _tried(step)]
    steps.sort(key=lambda pair: pair[1].changed_at)
    return " ".join(f"{clean(step.outline.title, 80)}: {_tried(step)}." for _, step in steps[-3:])


def run_words(state: State) -> str:
    """What is being run at this moment; empty when nothing is."""
    return " ".join(_under_way(run, step) for run in state.runs.values() if run.outcome is None for step in run.steps
                    if step.status in _UNDER_WAY)  # fmt: skip


def names(people: Iterable[str], shown: int = NAMES_SHOWN) -> str:
    """Names in a row; of very many only the first."""
    listed = [clean(person, 40) for person in people]
    more = f" and {len(listed) - shown} more" if len(listed) > shown else ""
    return ", ".join(listed[:shown]) + more


def clean(text: str, limit: int) -> str:
    """Text from people or from outside, on one line, cut between what readers see as characters."""
    return cut(SafeText(text, 4 * limit).line.strip(), limit)


def when(at: int, now: int) -> str:
    """A moment in words, with its day unless it is about a day from now at most."""
    day = f"{iso(at)[:10]} " if abs(now - at) > DAY else ""
    return f"{day}{hhmm(at)} UTC"


def _up(state: State) -> list[Watched]:
    return [probe for probe in state.watching.probes.values() if probe.state == "up"]


def _fresh(figures: Figures | None, now: int) -> bool:
    return figures is not None and now - figures.at <= STALE * SECOND


def _bad(probe: Watched, now: int, live: Live) -> str:
    figures = live.get(probe.probe, probe.figures)
    name = clean(probe.probe, 60)
    ratio = _ratio(probe, figures)
    if probe.state == "down" and ratio is not None:
        what = f"{percent(ratio)} of {name} fail"
    else:
        rate = f", {percent(ratio)} fail," if ratio is not None else ""
        what = f"{name} is {probe.state.upper()}{rate}"
    return f"{what} since {when(probe.since, now)} ({_age(figures, now)})."


def _good(probe: Watched, now: int, live: Live) -> str:
    figures = live.get(probe.probe, probe.figures)
    ratio = _ratio(probe, figures)
    rate = f", {percent(ratio)} fail" if ratio is not None else ""
    return f"{clean(probe.probe, 60)} up since {when(probe.since, now)}{rate} ({_age(figures, now)})."


def _ratio(probe: Watched, figures: Figures) -> float | None:
    """How many fail as it is now; None while what is counted reaches back before the turn, or lies before it."""
    return figures.error_rate if (figures.since or figures.at - WINDOW) >= probe.since else None


def _age(figures: Figures, now: int) -> str:
    if not figures.at:
        return "age of the data unknown"
    seconds = max(0, now - figures.at) / SECOND
    return f"data {span(seconds)} old" + (", STALE" if seconds > STALE else "")


def _tried(step: StepState) -> str:
    if step.status in _TRIED:
        return _TRIED[step.status]
    if step.status == "done" and step.verdict is not None:
        # The judgement's own word comes first in its line; here it is said by `_VERDICTS`.
        measured = clean(step.words.partition("  ")[2], 160)
        return f"{_VERDICTS[step.verdict]}{f' ({measured})' if measured else ''}"
    return ""


def _under_way(run: Run, step: StepState) -> str:
    title = f"{clean(run.title, 60)}: {_UNDER_WAY[step.status]} {clean(step.outline.title, 80)}"
    return f"{title} since {hhmm(step.changed_at)} UTC."
