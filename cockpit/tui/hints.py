"""What a good responder would do next, read off the panes. Pure."""

from __future__ import annotations

from cockpit.clock import SECOND, hhmm
from cockpit.protocol.views import RunView, ServiceView
from cockpit.tui.frame import Frame
from cockpit.tui.offering import between_batches, forward, offered, urged
from cockpit.tui.roster import over
from cockpit.tui.words import DUE_SOON, state

_WAITS = {
    "verifying": "the cockpit measures whether it helped, and says so",
    "waiting": "the cockpit watches that it stays so",
}


def hint(frame: Frame) -> str:
    """What to do next, or what to wait for: two short lines at most."""
    header, run = frame.header, frame.run
    if frame.read_only:
        return "1 to 5  look around: this terminal changes nothing"
    if not header.open:
        return _before(frame)
    if not header.lead:
        return "l  take the lead: from then on everybody knows who decides"
    if frame.broadcast.copy_text and frame.broadcast.destinations:
        return "Y  nobody can be told by itself: copy the text, and paste it where they read"
    left = (header.next_due - frame.clock.now()) / SECOND
    if header.next_due and left < 0:
        return "u  the update is overdue. Two sentences are enough, also when nothing is new"
    if header.next_due and left < DUE_SOON:
        return "u  write the next update: what we know, what we do, when the next word comes"
    if offered(run, "object"):
        return "wait  it is announced and runs by itself; ctrl+k if something stands against it"
    if between_batches(run):
        return "wait  a series goes on by itself; ctrl+k stops it between two batches"
    if offered(run, "stop"):
        return "wait  the command is running; nothing to decide. Read what it prints, or write an update (u)"
    if run.run and not run.outcome:
        return _running(run)
    if (words := _of_people(frame)) is not None:
        return words
    if all(well(service) for service in frame.services.services):
        return "R  resolve, once you are sure. What helped, and what did not, is in the timeline"
    return "r  start the runbook for what is broken"


def _of_people(frame: Frame) -> str | None:
    """Who waits for a word from whoever leads."""
    people, now = frame.people.people, frame.clock.now()
    if (late := next((person for person in people if over(person, now)), None)) is not None:
        return f"p  {late.name.line} was needed until {hhmm(late.until)}: ask for longer, or let them go with thanks"
    if (offers := next((person for person in people if person.offered), None)) is not None:
        return f"p  {offers.name.line} offers help: ask for them, or say no with thanks"
    return f"l  {frame.people.relief.line}, and hand over" if frame.people.relief else None


def _running(run: RunView) -> str:
    offer = forward(run)
    if offer is not None and offer.action == "settle":
        return "Enter  nobody but you can tell whether it ran: look at the system first, then say"
    if urged(run) is not None:
        return "x  it did not do what it should: take it back before anything else, and tell them (u)"
    if offer is not None:
        return _after_no_effect(run) or f"Enter  {_STEPS['wait' if offer.waits else offer.action]}"
    waiting = next((_WAITS[step.word] for step in run.steps if step.active and step.word in _WAITS), "")
    if waiting:
        return f"wait  {waiting}. A good moment for an update (u)"
    return "o  the choices there are"


_STEPS = {
    "run": "look at the next command; y runs it, Esc leaves it",
    "done": "once you have done it by hand, mark it done",
    "wait": "start the watch: the cockpit says whether it stays so",
    "choose": "decide; what you turn down is kept in the timeline too",
    "approve": "read the command; a yes says that it may be run, and is on record",
    "accept": "something else serves than was put there: find out who deployed it before you go on",
    "take_over": "somebody else took the service: talk to them before you take it back",
}


def _after_no_effect(run: RunView) -> str:
    """The move after a rollback that did not help, until the next one has been tried."""
    tried = [step for step in run.steps if "NO EFFECT" in step.word or "HELPED" in step.word]
    if not tried or "NO EFFECT" not in tried[-1].word:
        return ""
    return "Enter  look at the next one: going back changed nothing, so that change may not be the cause. u says so"


def well(service: ServiceView) -> bool:
    """Whether it is up as far as anybody knows now: what a stale probe said last proves nothing."""
    return state(service)[1] == "UP"


def _before(frame: Frame) -> str:
    if frame.header.ended and frame.header.drill:
        return "q  leave: it is over. The score and the path of the report come next"
    if frame.header.ended:
        return f"q  detach: it is over. cockpit report {frame.header.stream} tells the whole story"
    broken = [service for service in frame.services.services if service.state == "down" and not service.stale]
    if broken:
        return f"d  declare the incident: {broken[0].service.line or broken[0].probe.line} is down"
    return "wait  nothing is broken; the cockpit says when something is"
