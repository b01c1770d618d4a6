"""What may be confirmed where nobody is asked. Pure.

Only a command that reads or writes, that comes up for the first time, and of which nothing is to be known beforehand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cockpit.exits import Exit
from cockpit.protocol.taking import Reply
from cockpit.protocol.views import Offer, RunView, StepView

_NEEDED = {
    "done": "it is done by hand",
    "choose": "it is a decision",
    "settle": "nobody knows what became of it, and somebody has to look",
    "approve": "it needs an approval",
    "accept": "something else serves than was last applied",
    "take_over": "somebody else has taken over what the run works on",
}
_UNDONE = frozenset({"undone", "not undone"})
"""Words that warn of nothing new: a person has undone the step."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a run is left open here: a code for the program, words for the person."""

    code: Exit
    words: str


def unattended(run: RunView, offer: Offer, secrets: Mapping[str, str], seen: Collection[str]) -> Reply | Halt:
    """The yes to that offer, or why there is none; `seen` are the steps that changed while this was looked on."""
    step = next((each for each in run.steps if each.id == offer.step), None)
    named = offer.title.line or "the run"
    if offer.action == "done" and offer.waits:
        return Reply(offer)
    if (why := _NEEDED.get(offer.action)) is not None:
        return Halt(Exit.PERSON_NEEDED, f"{named}: {why}")
    if offer.action == "run" and (offer.typed or (step is not None and step.effect == "destructive")):
        return Halt(Exit.PERSON_NEEDED, f"{named}: it destroys something, so a person confirms it")
    amiss = next((each for each in run.steps if each.id in seen and _went_wrong(each)), None)
    if offer.action != "run" or offer.said or step is None or step.tone != "muted":
        if amiss is not None:
            told = f"  {amiss.words}" if amiss.words else ""
            return Halt(Exit.REFUSED, f"{amiss.title.line}: {amiss.word}{told}")
        return Halt(Exit.PERSON_NEEDED, f"{named}: {offer.said.line or 'a person has to decide how to go on'}")
    if missing := [name for name in offer.secrets if name not in secrets]:
        return Halt(Exit.PERSON_NEEDED, f"{named}: it needs the secret {', '.join(missing)}; give --secret")
    return Reply(offer, secrets={name: secrets[name] for name in offer.secrets})


def _went_wrong(step: StepView) -> bool:
    return step.tone in {"bad", "warn"} and step.word not in _UNDONE
