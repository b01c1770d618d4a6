"""A scene in plain lines, for a terminal without a screen."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.clock import hhmm
from cockpit.drills.model.values import Axis
from cockpit.drills.script import Coming
from cockpit.facilitator.scene import Scene

AXES: dict[Axis, str] = {
    "impact_start": "impact starts",
    "detected": "detected",
    "declared": "declared",
    "first_update": "first update",
    "mitigated": "mitigated",
    "verified": "verified",
    "resolved": "resolved",
}


def at(minute: float) -> str:
    """A moment after T0, in minutes and seconds."""
    seconds = int(abs(minute) * 60)
    return f"T{'-' if minute < 0 else ''}{seconds // 60}:{seconds % 60:02}"


def pace(speed: float) -> str:
    """How fast the drill runs."""
    return f"{speed:g}x" if speed else "paused"


def harm(scene: Scene) -> str:
    """What is true of the harm, whatever the responders believe."""
    if scene.hidden.harm:
        return "HARM"
    if scene.passed.get("impact_start") is None and not scene.hidden.deeds:
        return "QUIET"
    return "OVER" if scene.hidden.over else "MITIGATED"


HARM = {
    "QUIET": "nothing has gone wrong yet",
    "HARM": "it goes on",
    "MITIGATED": "no harm now, and not over yet",
    "OVER": "true, once the watch is over",
}
"""What each word means, beside it."""


def deadline(scene: Scene) -> str:
    """The deadline and what came of it; empty when there is none."""
    due = scene.script.deadline
    if due is None:
        return ""
    fate = {"met": "met", "missed": "MISSED"}.get(scene.hidden.deadline or "", f"in {left(scene, due.minute)}")
    return f"{at(due.minute)} {due.what}: {fate}"


def left(scene: Scene, minute: float) -> str:
    """The drill's time until that minute."""
    seconds = max(0, int((minute - scene.minute) * 60))
    return f"{seconds // 60}:{seconds % 60:02}"


def coming(word: Coming) -> str:
    """What comes, without its time."""
    who = f"{word.who}: " if word.who else ""
    condition = f" (if {word.only_if})" if word.only_if else ""
    return f"{word.source or 'fault'}  {who}{word.text}{condition}"


def lines(scene: Scene) -> Iterator[str]:
    """All of it."""
    hidden, word = scene.hidden, harm(scene)
    yield f"DRILL {scene.script.title}   {scene.profile}"
    yield f"{at(scene.minute)}   {hhmm(scene.now)} UTC   {pace(scene.speed)}   {word}: {HARM[word]}"
    if due := deadline(scene):
        yield f"deadline  {due}"
    for key, value in sorted(hidden.variables.items()):
        began = scene.script.start.get(key, value)
        yield f"state     {key} = {value}" + (f"   (began as {began})" if began != value else "")
    yield from (f"gauge     {key} = {value:.1f}" for key, value in sorted(hidden.gauges.items()))
    for axis, name in AXES.items():
        minute = scene.passed.get(axis)
        yield f"mark      {name}: {'not yet' if minute is None else at(minute)}"
    for doing in hidden.underway:
        yield f"under way {at(doing.began)}  {' '.join(doing.command)}, until {at(doing.until)}"
    for deed in hidden.deeds:
        yield f"done      {at(deed.at / 60)}  {' '.join(deed.command)}: exit {deed.exit_code}"
    yield from (f"harm done {at(each.minute)}  {each.text} ({each.command})" for each in hidden.side_effects)
    for said in hidden.words:
        yield f"said      {at(said.minute)}  {said.source}  {f'{said.who}: ' if said.who else ''}{said.text}"
    yield from (f"to come   {at(each.minute)}  {coming(each)}" for each in scene.coming)
