"""What whoever takes over must know, drafted from what is on the screen. Pure."""

from __future__ import annotations

from cockpit.clock import hhmm
from cockpit.protocol.views import RunView
from cockpit.text import SafeText
from cockpit.tui.frame import Frame
from cockpit.tui.offering import active
from cockpit.tui.words import state

TRIED = 4
"""Steps that are told of, the latest."""


def handed_over(frame: Frame) -> SafeText:
    """How it stands, what was tried, what runs, what is promised, and who looks into what: a sentence a line."""
    header, people = frame.header, frame.people
    known, now = frame.broadcast.draft_unknown.line, frame.clock.now()
    unwell = [f"{each.probe.line} {word}" for each in frame.services.services if (word := state(each)[1]) != "UP"]
    looks = [f"{each.who.line} into {each.what.line} until {hhmm(each.until)}" for each in people.timers]
    needed = [person.name.line for person in people.people if person.needed]
    late = "was due at" if header.next_due <= now else "by"
    sentences = (
        f"{header.severity} {header.status}{f' since {hhmm(header.began)} UTC' if header.began else ''}",
        ", ".join(unwell) or "Everything watched is up",
        _tried(frame.run),
        _running(frame.run),
        f"Not known: {known.rstrip('.')}" if known else "",
        f"Next update {late} {hhmm(header.next_due)} UTC" if header.next_due else "No update promised",
        f"Looking: {', '.join(looks)}" if looks else "",
        f"Needed: {', '.join(needed)}" if needed else "",
    )
    return SafeText("\n".join(f"{each}." for each in sentences if each))


def _tried(run: RunView) -> str:
    """The steps that did something and what came of them, the latest last."""
    did = [
        f"{step.title.line}: {step.word.line}"
        for step in run.steps
        if step.effect != "read" and not step.active and step.tone != "muted"
    ]
    return f"Tried: {'; '.join(did[-TRIED:])}" if did else "Nothing tried yet"


def _running(run: RunView) -> str:
    step = active(run)
    if step is None or run.outcome:
        return ""
    return f"{run.title.line} stands at {step.number}: {step.title.line} ({step.word.line})"
