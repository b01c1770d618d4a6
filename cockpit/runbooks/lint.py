"""Everything that is wrong with a runbook, or unwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from cockpit.config import yaml
from cockpit.config.load import build
from cockpit.config.problems import ConfigError, Problem
from cockpit.config.yaml import Steps
from cockpit.runbooks.model import Runbook, Step


@dataclass(frozen=True, slots=True)
class _Finding:
    at: Steps
    message: str
    mend: str
    severity: Literal["error", "warning"] = "error"


def lint(text: str, path: str, probes: Collection[str] | None = None) -> tuple[Runbook | None, tuple[Problem, ...]]:
    """The runbook, None when it has errors, and everything found; `probes` are the names a config knows, if any is
    at hand."""
    document = yaml.load(text, path)
    try:
        runbook = build(document, Runbook)
    except ConfigError as error:
        return None, error.problems
    findings = [*_templates(runbook), *_targets(runbook), *_unverified(runbook)]
    if probes is not None:
        findings.extend(_probes(runbook, probes))
    problems = [
        Problem(path, *document.at(each.at), yaml.dotted(each.at), each.message, each.mend, each.severity)
        for each in findings
    ]
    refused = any(problem.severity == "error" for problem in problems)
    return None if refused else runbook, tuple(sorted(problems, key=lambda problem: problem.place))


def _templates(runbook: Runbook) -> Iterator[_Finding]:
    for at, argv in _commands(runbook):
        for index, word in enumerate(argv):
            if "{{" in word:
                yield _Finding(
                    (*at, index), "{{ is not filled in: a value never becomes part of a word", "write it out"
                )


def _targets(runbook: Runbook) -> Iterator[_Finding]:
    """Steps that a choice skips must exist, and come after it."""
    ids = [step.ids for step in runbook.steps]
    known = {step_id for group in ids for step_id in group}
    for index, step in enumerate(runbook.steps):
        later = {step_id for group in ids[index + 1 :] for step_id in group}
        for number, option in enumerate(step.choose.options if step.choose else ()):
            for place, target in enumerate(option.skip):
                at = ("steps", index, "choose", "options", number, "skip", place)
                if target not in known:
                    yield _Finding(at, f"there is no step {target}", _nearest(target, known))
                elif target not in later:
                    yield _Finding(at, f"{target} does not come after this choice", "move it, or remove it here")


def _unverified(runbook: Runbook) -> Iterator[_Finding]:
    for index, step in enumerate(runbook.steps):
        if step.effect in {"write", "destructive"} and step.verify is None:
            message = "nothing tells whether this helped: an exit code is not an effect"
            yield _Finding(("steps", index), message, "add verify: with a probe", "warning")


def _probes(runbook: Runbook, probes: Collection[str]) -> Iterator[_Finding]:
    for index, step in enumerate(runbook.steps):
        for at, name in _watched(step):
            if name not in probes:
                yield _Finding(("steps", index, *at), f"there is no probe {name} in the config", _nearest(name, probes))


def _watched(step: Step) -> Iterator[tuple[Steps, str]]:
    if step.verify is not None:
        yield ("verify", "probe"), step.verify.probe
    for index, name in enumerate(step.wait.watch if step.wait else ()):
        yield ("wait", "watch", index), name
    if step.ladder is not None:
        yield ("ladder", "verify", "probe"), step.ladder.verify.probe
        for index, rung in enumerate(step.ladder.rungs):
            if rung.verify is not None:
                yield ("ladder", "rungs", index, "verify", "probe"), rung.verify.probe


def _commands(runbook: Runbook) -> Iterator[tuple[Steps, tuple[str, ...]]]:
    for index, step in enumerate(runbook.steps):
        at: Steps = ("steps", index)
        if step.command is not None:
            yield (*at, "command", "argv"), step.command.argv
        if step.rollback is not None:
            yield (*at, "rollback", "command"), step.rollback.command
        for number, rung in enumerate(step.ladder.rungs if step.ladder else ()):
            inside = (*at, "ladder", "rungs", number)
            yield (*inside, "apply", "argv"), rung.apply.argv
            if rung.look is not None:
                yield (*inside, "look", "argv"), rung.look.argv
            if rung.rollback is not None:
                yield (*inside, "rollback", "command"), rung.rollback.command


def _nearest(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(known)) or 'none'}"
