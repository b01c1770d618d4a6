"""What makes a drill harder, pure: the same scenario with something against the responder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cockpit.drills.harder import Modifier
from cockpit.drills.model.parts import Fault, Inject, Reaction
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import Source

MISSED = 300.0
"""Seconds until a page that nobody got comes again."""
ASKS_EVERY = 180.0
"""Seconds between two questions of the colleague."""
PAGE: frozenset[Source] = frozenset({"page"})
ANYBODY: frozenset[Source] = frozenset({"page", "chat", "phone", "executive"})
QUESTIONS = (
    "Hello, do you know yet what it is?",
    "Sorry to ask again: is there any news?",
    "May I tell my team that it is almost over?",
    "Just a quick question: do we know when it will work again?",
    "Is anybody looking at this? I can help if you tell me how.",
    "Somebody here says that it works again for them. Is it over?",
)


def modified(scenario: Scenario, modifiers: Sequence[Modifier]) -> Scenario:
    """The scenario made harder; each modifier counts once."""
    for name in dict.fromkeys(modifiers):
        changed = _MODIFY[name](scenario)
        scenario = changed.model_copy(update={"modifiers": (*changed.modifiers, name)})
    return scenario


def _expert_unavailable(scenario: Scenario) -> Scenario:
    experts = tuple(expert.model_copy(update={"knows": expert.away}) for expert in scenario.experts)
    return scenario.model_copy(update={"experts": experts})


def _slack_down(scenario: Scenario) -> Scenario:
    """The world is the same: the stage gives the cockpit a chat that refuses every post."""
    return scenario


def _first_page_missed(scenario: Scenario) -> Scenario:
    """The first page comes later, whoever sends it; where nothing pages, the first that anybody says."""
    first = min(_said(scenario, PAGE), default=None)
    if first is None and _paging(scenario):
        return _missed_reaction(scenario)
    first = first or min(_said(scenario, ANYBODY), default=None)
    if first is None:
        return scenario
    at, source, index = first
    if source == "injects":
        injects = [*scenario.injects]
        injects[index] = injects[index].model_copy(update={"at": at + MISSED})
        return scenario.model_copy(update={"injects": tuple(injects)})
    faults = [*scenario.faults]
    fault = faults[index]
    faults[index] = fault.model_copy(update={"says": None})
    later = Fault(at=at + MISSED, when=fault.when, says=fault.says)
    return scenario.model_copy(update={"faults": (*faults, later)})


def _missed_reaction(scenario: Scenario) -> Scenario:
    """Nothing pages at a fixed time: the first reaction that does comes later."""
    reactions = [*scenario.reactions]
    index = _paging(scenario)[0]
    reaction = reactions[index]
    reactions[index] = reaction.model_copy(update={"says": None})
    reactions.append(Reaction(when=reaction.when, after=reaction.after + MISSED, says=reaction.says))
    return scenario.model_copy(update={"reactions": tuple(reactions)})


def _paging(scenario: Scenario) -> list[int]:
    """The reactions that page."""
    return [index for index, one in enumerate(scenario.reactions) if one.says is not None and one.says.source in PAGE]


def _said(scenario: Scenario, sources: frozenset[Source]) -> list[tuple[float, str, int]]:
    """What is said at a fixed time from there, with its place."""
    found = [(one.at, "injects", index) for index, one in enumerate(scenario.injects) if one.source in sources]
    found += [
        (fault.at, "faults", index)
        for index, fault in enumerate(scenario.faults)
        if fault.says is not None and fault.says.source in sources
    ]
    return found


def _colleague_asks(scenario: Scenario) -> Scenario:
    """Somebody asks again and again, from the first page, or the first word, until the end."""
    begins = min((at for at, _, _ in _said(scenario, PAGE) or _said(scenario, ANYBODY)), default=0.0)
    count = max(0, int((scenario.lasts - begins) // ASKS_EVERY))
    asked = tuple(
        Inject(
            at=begins + number * ASKS_EVERY, source="chat", who="colleague", fact="invented",
            text=QUESTIONS[(number - 1) % len(QUESTIONS)],
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    return scenario.model_copy(update={"injects": (*scenario.injects, *asked)})


_MODIFY: dict[Modifier, Callable[[Scenario], Scenario]] = {
    "expert-unavailable": _expert_unavailable,
    "slack-down": _slack_down,
    "first-page-missed": _first_page_missed,
    "colleague-asks": _colleague_asks,
}
