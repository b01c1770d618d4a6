"""What the responder of a drill sees at one moment, and whether a condition holds of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cockpit.drills.model.plays import When
from cockpit.protocol.client import Told
from cockpit.protocol.messages import Rows, Runbooks
from cockpit.protocol.views import HeaderView, Offer, PeopleView, RunbookView, RunView, ServicesView


@dataclass(frozen=True)
class Sight:
    """The panes as last told, and the words of every row.

    `minute` counts from T0, which is in microseconds since the epoch.
    """

    minute: float = 0.0
    t0: int = 0
    header: HeaderView | None = None
    services: ServicesView = ServicesView()
    run: RunView = RunView()
    runbooks: tuple[RunbookView, ...] = ()
    people: PeopleView = PeopleView()
    heard: tuple[str, ...] = ()

    @property
    def needed(self) -> frozenset[str]:
        """Who was asked for and not released."""
        return frozenset(str(person.name) for person in self.people.people if person.needed)

    def offer(self, step: str) -> Offer | None:
        """What may be done with that step now, other than skipping or undoing it."""
        return next((one for one in self.run.offers if one.step == step and one.action in _FORWARD), None)


_FORWARD = frozenset({"run", "done", "choose"})


def see(sight: Sight, told: Told) -> Sight:
    """The sight after one more message."""
    match told:
        case HeaderView():
            return replace(sight, header=told)
        case ServicesView():
            return replace(sight, services=told)
        case RunView():
            return replace(sight, run=told)
        case PeopleView():
            return replace(sight, people=told)
        case Runbooks(runbooks=runbooks):
            return replace(sight, runbooks=runbooks)
        case Rows(rows=rows):
            return replace(sight, heard=(*sight.heard, *(row.text.casefold() for row in rows)))
    return sight


def missing(when: When, sight: Sight) -> str:
    """The first thing the condition wants and does not find, in words; empty when it holds.

    A probe with instances is down when one of them is, and up when all of them are.
    """
    if sight.minute < when.minute:
        return f"T{when.minute:g}"
    for probe in when.down:
        if "down" not in _states(probe, sight):
            return f"{probe} down"
    for probe in when.up:
        if _states(probe, sight) != {"up"}:
            return f"{probe} up"
    return _missing_in_incident(when, sight) or _missing_in_run(when, sight)


def _states(probe: str, sight: Sight) -> set[str]:
    """The states of the probe's lanes."""
    return {view.state for view in sight.services.services if probe == view.probe.partition("@")[0]}


def _missing_in_incident(when: When, sight: Sight) -> str:
    is_open = sight.header is not None and sight.header.open
    if when.open is not None and is_open != when.open:
        return "an open incident" if when.open else "no open incident"
    if when.heard and not any(when.heard.casefold() in text for text in sight.heard):
        return f"{when.heard!r} on the timeline"
    return ""


def _missing_in_run(when: When, sight: Sight) -> str:
    if when.offered and sight.offer(when.offered) is None:
        return f"an offer of the step {when.offered}"
    words = {view.id: view.word.casefold() for view in sight.run.steps}
    for step, wanted in when.steps.items():
        several = (wanted,) if isinstance(wanted, str) else wanted
        if not any(word.casefold() in words.get(step, "") for word in several):
            return f"the step {step} to show {' or '.join(map(repr, several))}"
    if when.finished is not None and bool(sight.run.outcome) != when.finished:
        return "the run finished" if when.finished else "an unfinished run"
    return ""
