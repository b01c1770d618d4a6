"""Every rule by its id: how bad a breach is, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; with a breach of severity `error` the runbook does not run."""

    severity: Literal["error", "warning"]
    words: str


RULES = {
    "file": Rule("error", "The file can be read."),
    "yaml": Rule("error", "The file is YAML of which every value has one reading only."),
    "unknown-key": Rule("error", "Every key is one that the format has."),
    "missing-key": Rule("error", "Every key that is needed is there."),
    "value": Rule("error", "Every value is one that the format allows there."),
    "include": Rule("error", "What is included can be read, fits, and does not include itself."),
    "duplicate-id": Rule("error", "No two steps have the same id."),
    "template": Rule("error", "Values stand whole, not within {{ }}."),
    "unknown-param": Rule("error", "Every parameter that is used is declared."),
    "unknown-output": Rule("error", "Every output that is used is promised by a step."),
    "early-output": Rule("error", "An output is used after the step that gives it."),
    "stray-target": Rule("error", "{target: id} stands where a ladder applies a release."),
    "no-target": Rule("error", "A ladder applies a release by its absolute id."),
    "secret-visible": Rule("error", "A secret parameter reaches a command by its environment only."),
    "secret-condition": Rule("error", "Nothing depends on a secret: it is not stored."),
    "unknown-step": Rule("error", "Every step that is named exists."),
    "skip-backwards": Rule("error", "A choice skips steps that come after it."),
    "unreachable": Rule("error", "Every step can be come to."),
    "early-choice": Rule("error", "A condition looks at a decision that comes before it."),
    "unknown-option": Rule("error", "Every option that is named exists."),
    "dead-condition": Rule("error", "Every condition can be met."),
    "one-rung": Rule("error", "A ladder has two rungs at least."),
    "relative-path": Rule("error", "A directory or program is named from the root."),
    "undeclared-probe": Rule("error", "A list of probes in the runbook is whole."),
    "unknown-probe": Rule("error", "Every probe is one that the config has."),
    "unlisted-variable": Rule("error", "requires names every variable that a request takes from the environment."),
    "unused-param": Rule("warning", "Every parameter is used."),
    "weak-secret": Rule("warning", "A secret is too long to be found in other words by accident."),
    "unverified": Rule("warning", "A step that changes something says how to tell whether it helped."),
    "toggle": Rule("warning", "A rollback names the release to go to."),
    "same-rung": Rule("warning", "Each rung of a ladder does something else."),
    "reading-method": Rule("warning", "A request that changes something does not say that it only reads."),
    "short-rollback": Rule("warning", "A rollback has as much time as what it undoes."),
    "unlisted-command": Rule("warning", "requires.commands names every program."),
    "duplicate-title": Rule("warning", "No two steps have the same title."),
    "section-order": Rule("warning", "Sections come in their order: contain, verify, reconcile, follow_up."),
}
