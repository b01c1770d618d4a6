"""The drills there are, and what each is about, as text and JSON. What is behind an outage is told on demand only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from cockpit.config.load import schema
from cockpit.config.problems import Problem
from cockpit.drills import shelf
from cockpit.drills.harder import WORDS
from cockpit.drills.lint import examine
from cockpit.drills.model.plays import Beat
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import Fact


def listing(*, as_json: bool) -> str:
    """The bundled drills."""
    found = [shelf.load(name) for name in shelf.names()]
    if as_json:
        return _json([
            {
                "id": one.id, "title": one.title, "summary": one.summary, "lasts_minutes": one.lasts / 60,
                "runbook": one.runbook, "plays": {name: play.kind for name, play in one.plays.items()},
            }
            for one in found
        ])  # fmt: skip
    width = max(len(one.id) for one in found)
    return "\n".join(f"{one.id:<{width}}  {one.title}\n{'':<{width}}  {one.summary}" for one in found)


def shown(name: str, *, spoil: bool) -> str:
    """One drill: what is to be seen and learnt; with `spoil` also what is behind it. ConfigError when it has errors."""
    scenario = shelf.load(name)
    lines = [scenario.title, "", scenario.summary, ""]
    lines += [f"Begins at     T0 is {scenario.t0} UTC; the drill begins {scenario.lead / 60:g} minutes before"]
    lines += [f"Runbook       {scenario.runbook or 'none'}"]
    lines += _several("Commands", [f"{tool} {line}" for tool, each in scenario.tools.items() for line in each.usage])
    lines += _several("Services", [_service(scenario, index) for index in range(len(scenario.services))])
    lines += _several("To ask", [expert.name for expert in scenario.experts])
    lines += _several("Plays", _plays(scenario, spoil))
    if scenario.differs and not spoil:
        lines += _several("As recorded", [f"but for {len(scenario.differs)} things, which --spoil tells"])
    lines += _several("Harder with", [f"--with {modifier:<20}{words}" for modifier, words in WORDS.items()])
    return "\n".join([*lines, *(_behind(scenario) if spoil else ["", "What is behind it: the same with --spoil"])])


def shown_json(name: str, *, spoil: bool) -> str:
    """The same as JSON; with `spoil` the whole scenario. ConfigError when it has errors."""
    scenario = shelf.load(name)
    if spoil:
        return scenario.model_dump_json(indent=2, by_alias=True)
    return _json(
        {
            "id": scenario.id, "title": scenario.title, "summary": scenario.summary, "t0": scenario.t0,
            "lead_minutes": scenario.lead / 60, "runbook": scenario.runbook,
            "commands": {name: tool.usage for name, tool in scenario.tools.items()},
            "services": {service.name: [probe.name for probe in service.probes] for service in scenario.services},
            "to_ask": [expert.name for expert in scenario.experts],
            "plays": [name for name, play in scenario.plays.items() if play.kind != "wrong"],
            "modifiers": dict(WORDS),
        }
    )  # fmt: skip


def linted(files: Sequence[Path]) -> list[Problem]:
    """Everything wrong with these scenarios, in their order."""
    return [problem for file in files for problem in examine(file)[1]]


def lint_text(files: Sequence[Path], found: Sequence[Problem]) -> str:
    """The problems a line each, then how many files were looked at."""
    errors = sum(problem.severity == "error" for problem in found)
    what = f"{len(files)} {'file' if len(files) == 1 else 'files'}"
    return "\n".join([*map(str, found), f"{what}, {errors} errors, {len(found) - errors} warnings"])


def lint_json(found: Sequence[Problem]) -> str:
    """The problems as a JSON list."""
    return _json([asdict(problem) for problem in found])


def json_schema() -> str:
    """The JSON Schema of scenarios, for editors."""
    return _json(schema(Scenario))


def usable(found: Sequence[Problem]) -> bool:
    """Whether none of them makes a scenario unusable."""
    return all(problem.severity == "warning" for problem in found)


def _service(scenario: Scenario, index: int) -> str:
    service = scenario.services[index]
    probes = ", ".join(probe.name for probe in service.probes)
    instances = f" x{len(service.instances)}" if service.instances else ""
    return f"{service.name}{instances}" + (f"  probes {probes}" if probes else "")


def _plays(scenario: Scenario, spoil: bool) -> list[str]:
    if spoil:
        return [f"{name} ({play.kind}): {play.title}. {play.ending.text}" for name, play in scenario.plays.items()]
    known = [name for name, play in scenario.plays.items() if play.kind != "wrong"]
    wrong = len(scenario.plays) - len(known)
    return [", ".join(known) + (f", and {wrong} that go wrong" if wrong else "")]


def _behind(scenario: Scenario) -> list[str]:
    lines = ["", "What it teaches", *(f"  - {line}" for line in scenario.learn)]
    lines += ["", "What happened, and what was invented"]
    beats = [*scenario.story, *(Beat(minute=one.at / 60, text=one.what, fact=one.fact) for one in scenario.changes)]
    if scenario.deadline is not None:
        due = scenario.deadline
        beats.append(Beat(minute=due.at / 60, text=f"deadline: {due.what}", fact=due.fact))
    for beat in sorted(beats, key=lambda beat: beat.minute):
        lines.append(f"  {f'T{beat.minute:g}':<6}{beat.text}{_invented(beat.fact)}")
    if scenario.differs:
        lines += ["", "What is not as it was recorded", *(f"  - {line}" for line in scenario.differs)]
    lines += ["", "What breaks"]
    for fault in sorted(scenario.faults, key=lambda fault: fault.at):
        what = ", ".join([*(f"{key} = {value}" for key, value in fault.sets.items()), *fault.adds])
        if what:
            lines.append(f"  {f'T{fault.at / 60:g}':<6}{what}")
    harms = [text for action in scenario.actions for text in action.side_effects]
    return [*lines, "", "Harm that can be done", *(f"  - {text}" for text in dict.fromkeys(harms))] if harms else lines


def _invented(fact: Fact) -> str:
    return "  (invented)" if fact == "invented" else ""


def _several(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title if index == 0 else '':<14}{line}" for index, line in enumerate(lines)]


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
