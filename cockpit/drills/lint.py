"""Everything that is wrong with a scenario, each at its place and with the way to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cockpit.config import yaml
from cockpit.config.load import build, content, decode
from cockpit.config.problems import ConfigError, Problem
from cockpit.config.yaml import dotted
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.reaching import programs, reaching
from cockpit.drills.rules import names, playing, reach, timing
from cockpit.drills.rules.case import Book, Case, Finding, runbooks
from cockpit.runbooks.library import bundled_directory, read_entry
from cockpit.runbooks.plan import plan


def examine(path: Path) -> tuple[Scenario | None, tuple[Problem, ...]]:
    """The scenario in a file, None when it has errors, and everything found."""
    try:
        document = yaml.load(decode(content(path), str(path)), str(path))
        scenario = build(document, Scenario)
    except ConfigError as error:
        return None, error.problems
    found = judged(scenario, path.absolute().parent)
    problems = [
        Problem(str(path), *document.at(one.at), dotted(one.at), one.message, one.mend, one.severity) for one in found
    ]
    problems.sort(key=lambda problem: problem.place)
    refused = any(problem.severity == "error" for problem in problems)
    return None if refused else scenario, tuple(problems)


def judged(scenario: Scenario, beside: Path) -> list[Finding]:
    """What the rules say of a scenario in that directory, whose runbooks are in `runbooks/` there or bundled."""
    places = [each for each in (beside / "runbooks", bundled_directory()) if each is not None and each.is_dir()]
    shelf = {file.stem for place in places for file in place.glob("*.yaml")}
    case = Case(scenario, {book.id: book for book in _books(scenario, places)}, frozenset(shelf))
    findings = [one for theme in (names, reach, timing, playing) for one in theme.check(case)]
    # A world that does not hold together cannot be left to itself.
    return findings if any(one.severity == "error" for one in findings) else [*findings, *reach.idle(case)]


def _books(scenario: Scenario, places: Sequence[Path]) -> Iterator[Book]:
    for name in runbooks(scenario):
        file = next((place / f"{name}.yaml" for place in places if (place / f"{name}.yaml").is_file()), None)
        entry = read_entry(file) if file is not None else None
        if entry is not None and entry.runbook is not None:
            runbook = entry.runbook
            yield Book(
                runbook.id, frozenset(plan(runbook).steps), tuple(runbook.probes), tuple(sorted(programs(runbook))),
                tuple(dict.fromkeys(reaching(runbook))),
            )  # fmt: skip
