"""How the services stand since the last steps that changed something. Nothing is claimed to be the cause. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cockpit.incident.effects import Effect
from cockpit.incident.run import Attempt, Run
from cockpit.incident.runs import Verdict
from cockpit.incident.saying import delta
from cockpit.incident.vocabulary import Figures, ProbeState
from cockpit.incident.watching import Watched, Watching
from cockpit.moments import hhmm
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.standing import announced, in_flight, unknown
from cockpit.runbooks.verify import compare

Way = Literal["worse", "unclear", "better", "same"]
Tone = Literal["plain", "good", "warn", "bad"]
TOLD = 3
"""Probes named of one step and one way."""
_RANK: dict[ProbeState, int] = {"up": 0, "degraded": 1, "down": 2}
_TONES: dict[Way, Tone] = {"worse": "bad", "unclear": "warn", "better": "good", "same": "plain"}
_HEADS: dict[Way, str] = {
    "worse": "worse since", "unclear": "not clear since", "better": "better since", "same": "no change since",
}  # fmt: skip

VERIFIED = "verified up"
_VERDICTS: dict[Verdict, tuple[Way, str]] = {
    "pass": ("better", VERIFIED), "better": ("better", "better when it was verified"),
    "worse": ("worse", "worse when it was verified"), "no_effect": ("same", ""),
    "inconclusive": ("unclear", "no fresh data"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Health:
    """One line, empty when there is nothing to say, and how it is meant."""

    words: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class _Deed:
    """A start of a command that changes something, or undoes that; its moment in microseconds."""

    attempt: Attempt
    at: int
    label: str


@dataclass(frozen=True, slots=True)
class _Moved:
    """What became of a probe since a deed."""

    deed: _Deed
    way: Way
    probe: str
    words: str


def health(plan: Plan, run: Run, watching: Watching, figures: Mapping[str, Figures]) -> Health:
    """What turned since each step that changed something, and what the last of them came to as measured.

    `watching` has how the probes turned and what was measured after steps, `figures` their latest ones.
    """
    deeds = tuple(_deeds(run))
    if not deeds:
        return Health()
    moved = {each.probe: each for each in _turned(deeds, watching.probes.values())}
    for each in (*_verified(plan, run, deeds[-1], figures), *_measured(deeds[-1], watching.effects)):
        known = moved.get(each.probe)
        # How a probe stands says more than its figures; only a verification says more than that it is up.
        if known is None or (known.way == "better" and each.words.startswith(VERIFIED)):
            moved[each.probe] = each
    return _said(run, deeds, tuple(moved.values()))


def _deeds(run: Run) -> Iterator[_Deed]:
    places = {step.outline.id: (number, step.outline) for number, step in enumerate(run.steps, 1)}
    for attempt in run.attempts.values():
        number, outline = places[attempt.step]
        at = attempt.started_at or (attempt.intended_at if attempt.finished or attempt.unknown else 0)
        if at and attempt.purpose == "act" and attempt.acted and outline.effect != "read":
            undoing = "undoing " if attempt.direction == "rollback" else ""
            yield _Deed(attempt, at, f"{undoing}step {number} ({outline.title})")


def _turned(deeds: Sequence[_Deed], probes: Iterable[Watched]) -> Iterator[_Moved]:
    for probe in probes:
        before = [deed for deed in deeds if deed.at <= probe.since]
        if not before or (way := _way(probe.previous, probe.state)) is None:
            continue
        doubt = ", unknown before" if probe.previous == "unknown" else ""
        state = probe.state if probe.state == "up" else probe.state.upper()
        yield _Moved(before[-1], way, probe.probe, f"{state} since {hhmm(probe.since)}Z{doubt}")


def _way(previous: ProbeState, state: ProbeState) -> Way | None:
    """Where it went; nobody knows of one that was or is unknown, and one that is up again is no news then."""
    if state == "unknown" or previous == "unknown":
        return None if state == "up" else "unclear"
    if _RANK[state] == _RANK[previous]:
        return None
    return "worse" if _RANK[state] > _RANK[previous] else "better"


def _verified(plan: Plan, run: Run, deed: _Deed, figures: Mapping[str, Figures]) -> Iterator[_Moved]:
    """What the verification of the step came to, or what its probe measures until it has."""
    step = run.step(deed.attempt.step)
    planned = plan.steps.get(deed.attempt.step)
    if planned is None or planned.verify is None or deed.attempt.direction == "rollback":
        return
    probe, before = planned.verify.probe, step.before
    now = figures.get(probe, Figures())
    moved = compare(before, now) if before is not None and now.at >= deed.at else "inconclusive"
    words = delta(before, now) if before is not None else ""
    if moved == "worse":
        yield _Moved(deed, "worse", probe, words)
    elif moved == "better" and step.verdict != "pass":
        yield _Moved(deed, "better", probe, words)
    elif step.verdict is not None:
        way, words = _VERDICTS[step.verdict]
        yield _Moved(deed, way, probe, words)


def _measured(deed: _Deed, effects: Mapping[str, Effect]) -> Iterator[_Moved]:
    """What was measured some time after a step that has no verification of its own."""
    effect = effects.get(deed.attempt.id)
    if effect is None or effect.measured is None:
        return
    were = {each.probe: each.figures for each in effect.expected.before} if effect.expected is not None else {}
    for after in effect.measured.after:
        before = were.get(after.probe, Figures())
        match compare(before, after.figures) if after.figures.samples else "inconclusive":
            case "worse":
                yield _Moved(deed, "worse", after.probe, delta(before, after.figures))
            case "better":
                yield _Moved(deed, "better", after.probe, delta(before, after.figures))
            case "no_effect":
                yield _Moved(deed, "same", after.probe, "")
            case _:
                yield _Moved(deed, "unclear", after.probe, "not measured")


def _said(run: Run, deeds: Sequence[_Deed], moved: Sequence[_Moved]) -> Health:
    for way in ("worse", "unclear", "better", "same"):
        if any(each.way == way for each in moved):
            parts = [f"{_HEADS[way]} {_of_deeds(deeds, moved, way)}"]
            if way in {"worse", "unclear"} and any(each.way == "better" for each in moved):
                parts.append(f"better: {_listed([each for each in moved if each.way == 'better'])}")
            if way == "worse":
                parts.append(_undo(run, next(deed for deed in reversed(deeds) if _any_of(deed, moved, way))))
            return Health("; ".join(part for part in parts if part), _TONES[way])
    return Health()


def _of_deeds(deeds: Sequence[_Deed], moved: Sequence[_Moved], way: Way) -> str:
    """What went that way, by the step it came after, the latest first."""
    told = []
    for deed in reversed(deeds):
        if found := _any_of(deed, moved, way):
            listed = "" if way == "same" else f": {_listed(found)}"
            told.append(f"{deed.label}{listed}")
    return "; since ".join(told)


def _any_of(deed: _Deed, moved: Sequence[_Moved], way: Way) -> list[_Moved]:
    return [each for each in moved if each.way == way and each.deed is deed]


def _listed(moved: Sequence[_Moved]) -> str:
    more = f", and {len(moved) - TOLD} more" if len(moved) > TOLD else ""
    return ", ".join(f"{each.probe} {each.words}".rstrip() for each in moved[:TOLD]) + more


def _undo(run: Run, deed: _Deed) -> str:
    """The rollback that can be taken at once; else why there is none, where it is known."""
    if in_flight(run) or announced(run) or unknown(run) or run.lost:
        return ""
    step = deed.attempt.step
    why = run.step(step).outline.irreversible
    if why and deed.attempt.direction == "forward":
        return f"cannot be undone: {why}"
    if not run.undo_stack:
        return ""
    first = run.step(run.undo_stack[0].step)
    other = "" if first.outline.id == step else f" of {first.outline.title} first"
    return f"rollback ready{other}: {first.outline.undo}"
