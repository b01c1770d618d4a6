"""Everything that is wrong with a runbook, or unwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from cockpit.config.problems import ConfigError, Problem
from cockpit.config.yaml import dotted
from cockpit.incident.runs import Included
from cockpit.runbooks.including import Chapter, Reader, assemble
from cockpit.runbooks.model.runbook import TWICE, Runbook
from cockpit.runbooks.rules import conditions, effects, flow, references, surroundings
from cockpit.runbooks.rules.book import Book, Finding
from cockpit.runbooks.rules.catalog import RULES


@dataclass(frozen=True, slots=True)
class Examined:
    """The runbook with all it includes, None when it has errors; the texts it includes; and everything found."""

    runbook: Runbook | None
    included: tuple[Included, ...]
    problems: tuple[Problem, ...]


def nothing_else(name: str) -> str:
    """A reader for a text that stands alone."""
    raise ConfigError([Problem(name, 0, 0, "", "there is no file beside this text")])


def examine(text: str, path: str, probes: Collection[str] | None = None, reader: Reader = nothing_else) -> Examined:
    """Judge a text, which came from `path`, and all it includes; `probes` are the names a config knows, if one is at
    hand."""
    whole = assemble(text, path, reader)
    found = [each for chapter in whole.chapters for each in _judged(chapter, probes)]
    # A rule tells of doubled ids one by one, each at its place.
    placed = any(each.rule == "duplicate-id" for each in found)
    found += [each for each in whole.problems if not (placed and each.message.startswith(TWICE))]
    problems = tuple(sorted(dict.fromkeys(found), key=lambda problem: problem.place))
    refused = any(problem.severity == "error" for problem in problems)
    return Examined(None if refused else whole.runbook, whole.included, problems)


def lint(text: str, path: str, probes: Collection[str] | None = None) -> tuple[Runbook | None, tuple[Problem, ...]]:
    """The runbook in a text that stands alone, None when it has errors, and everything found."""
    examined = examine(text, path, probes)
    return examined.runbook, examined.problems


def _judged(chapter: Chapter, probes: Collection[str] | None) -> Iterator[Problem]:
    runbook = chapter.source.runbook
    if runbook is None:
        return
    book = Book(runbook, chapter.parts, chapter.unsure, probes)
    for finding in _findings(book):
        rule = RULES[finding.rule]
        # What could not be read may hold what is missed here: then only certain mistakes are told.
        if rule.severity == "warning" and (chapter.unsure or chapter.source.problems):
            continue
        document = chapter.source.document
        place = document.at(finding.at, key=finding.rule == "unused-param")
        yield Problem(
            document.path, *place, dotted(finding.at), finding.message, finding.mend, rule.severity, finding.rule
        )


def _findings(book: Book) -> Iterator[Finding]:
    for theme in (flow, references, conditions, effects, surroundings):
        yield from theme.check(book)
