"""Plays: that each move can be made, that each play says what comes of it, and that the runbook fits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from cockpit.config.yaml import Steps
from cockpit.drills.model.plays import Move, Play
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.play import command
from cockpit.drills.rules.case import Case, Finding, nearest, side_effects
from cockpit.drills.sight import Sight
from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.views import RunView

_ON_A_RUN = Sight(run=RunView(run="r"))
_KNOWN = {str(kind.__struct_config__.tag): kind for kind in AnyCommand.__args__}


def check(case: Case) -> Iterator[Finding]:
    """The runbooks, then each play, then what the plays make together."""
    yield from _runbook(case)
    yield from _reaching(case)
    for name, play in case.scenario.plays.items():
        at: Steps = ("plays", name)
        for index, move in enumerate(play.moves):
            yield from _when(case, (*at, "moves", index, "when"), move)
            yield from _deed(case, (*at, "moves", index), move)
        yield from _ending(case.scenario, at, play)
    yield from _together(case.scenario)


def _reaching(case: Case) -> Iterator[Finding]:
    """What would be real: a drill has its own commands, and nothing else of a runbook may touch the world."""
    mend = "let the step run a command of the drill, by name and without a shell"
    for name, book in case.books.items():
        at: Steps = ("runbook",) if name == case.scenario.runbook else ("plays",)
        yield from (Finding(at, f"{name}: {why}", mend) for why in book.reaching)


def _runbook(case: Case) -> Iterator[Finding]:
    wanted = case.scenario.runbook
    if wanted is not None and wanted not in case.books:
        yield Finding(("runbook",), *_unusable(case, wanted))
    for name, book in case.books.items():
        at: Steps = ("runbook",) if name == wanted else ("plays",)
        for probe in book.probes:
            if probe not in case.probes:
                message = f"{name} needs the probe {probe}, which no service has"
                yield Finding(at, message, nearest(probe, case.probes))
        for tool in book.commands:
            if tool not in case.scenario.tools:
                message = f"{name} needs the command {tool}, which is not among the tools"
                yield Finding(at, message, nearest(tool, case.scenario.tools))


def _unusable(case: Case, runbook: str) -> tuple[str, str]:
    if runbook in case.shelf:
        return f"the runbook {runbook} cannot be used", f"cockpit runbook lint runbooks/{runbook}.yaml says why"
    mend = f"write runbooks/{runbook}.yaml beside the scenario"
    return f"there is no runbook {runbook}", f"{mend}; {nearest(runbook, case.shelf)}"


def _when(case: Case, at: Steps, move: Move) -> Iterator[Finding]:
    for field, probes in (("down", move.when.down), ("up", move.when.up)):
        for index, probe in enumerate(probes):
            if probe not in case.probes:
                yield Finding((*at, field, index), f"no service has the probe {probe}", nearest(probe, case.probes))
    steps = _steps(case)
    if not steps:
        return
    if move.when.offered and move.when.offered not in steps:
        message = f"no runbook of this play has the step {move.when.offered}"
        yield Finding((*at, "offered"), message, nearest(move.when.offered, steps))
    for step in move.when.steps:
        if step not in steps:
            yield Finding((*at, "steps", step), f"no runbook of this play has the step {step}", nearest(step, steps))


def _steps(case: Case) -> frozenset[str]:
    """The steps of every runbook that is played here."""
    return frozenset(step for book in case.books.values() for step in book.steps)


def _deed(case: Case, at: Steps, move: Move) -> Iterator[Finding]:
    if move.by_hand is not None:
        yield from _typed(case.scenario, (*at, "by_hand"), move.by_hand)
        return
    kind = _KNOWN.get(move.do or "")
    if kind is None:
        yield Finding((*at, "do"), f"the cockpit has no command {move.do}", nearest(move.do or "", _KNOWN))
        return
    known = {name for name in kind.__struct_fields__ if name != "id"}
    strange = [name for name in move.arguments if name not in known]
    for name in strange:
        yield Finding((*at, "with", name), f"{move.do} takes no {name}", nearest(name, known))
    try:
        command(move, _ON_A_RUN, {})
    except msgspec.ValidationError as error:
        yield Finding((*at, "with"), f"does not fit {move.do}: {_plain(str(error))}", _takes(known))
    runbook = move.arguments.get("runbook")
    if move.do == "start_run" and isinstance(runbook, str) and runbook not in case.books:
        yield Finding((*at, "with", "runbook"), *_unusable(case, runbook))
    person = move.arguments.get("person")
    if move.do == "need" and isinstance(person, str):
        yield from _expert(case.scenario, (*at, "with", "person"), person)


def _expert(scenario: Scenario, at: Steps, person: str) -> Iterator[Finding]:
    """Anybody may be asked for; what is almost an expert's name was meant for them."""
    for expert in scenario.experts:
        if expert.name != person and expert.name.casefold() == person.casefold():
            yield Finding(at, f"no expert is called {person}", f"did you mean {expert.name}?")


def _plain(message: str) -> str:
    return re.sub(r" - at `\$\.?(.*)`", r" (\1)", message)


def _takes(known: set[str]) -> str:
    return f"it takes {', '.join(sorted(known))}" if known else "it takes nothing"


def _typed(scenario: Scenario, at: Steps, argv: tuple[str, ...]) -> Iterator[Finding]:
    if argv[0] not in scenario.tools:
        message = f"{argv[0]} is not among the tools: it would run for real"
        yield Finding(at, message, nearest(argv[0], scenario.tools))
    elif argv not in {action.command for action in scenario.actions}:
        yield Finding(at, f"no action is `{' '.join(argv)}`", "the tool will only complain", "warning")


def _ending(scenario: Scenario, at: Steps, play: Play) -> Iterator[Finding]:
    ending = play.ending
    known = side_effects(scenario)
    for index, text in enumerate(ending.side_effects):
        if text not in known:
            yield Finding((*at, "ending", "side_effects", index), "nothing has this side effect", nearest(text, known))
    if ending.deadline is not None and scenario.deadline is None:
        yield Finding((*at, "ending", "deadline"), "there is no deadline", "add one, or leave this out")
    if ending.resolved == "truly" and not ending.mitigated:
        yield Finding((*at, "ending", "resolved"), "what is not mitigated is not truly resolved", "say falsely")
    resolves = any(move.do == "resolve" for move in play.moves)
    if resolves != (ending.resolved != "never"):
        message = "the play calls it resolved" if resolves else "no move calls it resolved"
        yield Finding((*at, "ending"), message, "say resolved: truly or falsely" if resolves else "say resolved: never")


def _together(scenario: Scenario) -> Iterator[Finding]:
    kinds = {play.kind for play in scenario.plays.values()}
    for kind in ("good", "original", "wrong"):
        if kind not in kinds:
            yield Finding(("plays",), f"there is no {kind} play", f"record one with kind: {kind}", "warning")
    wrong = [play for play in scenario.plays.values() if play.kind == "wrong"]
    if wrong and not any(play.ending.mitigated for play in wrong):
        message = "no wrong play recovers: then a wrong way is told by its failure alone"
        yield Finding(("plays",), message, "record one that recovers and does harm", "warning")
