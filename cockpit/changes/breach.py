"""Whether a change was made although it was not to be. Pure."""

from __future__ import annotations

import re

from cockpit.incident.freezing import Freeze
from cockpit.incident.scopes import EVERYTHING, plain
from cockpit.incident.vocabulary import ChangeSeen, FreezeBreached

FAMILIES: dict[str, frozenset[str]] = {
    "ci": frozenset({"ci", "github", "gitlab", "kubernetes", "argocd", "deploy", "release", "build", "pipeline"}),
    "deploy": frozenset({"deploy", "release", "rollout", "kubernetes", "argocd"}),
    "config": frozenset({"config", "store", "setting"}),
    "flag": frozenset({"flag", "feature", "toggle"}),
    "terraform": frozenset({"terraform", "tofu", "infra", "apply"}),
    "git": frozenset({"git", "commit", "tag", "merge"}),
}
"""What a word of a scope means beside itself. Words are compared without a plural's s."""

_WORD = re.compile(r"[\w.#/@-]+")
_NUMBERED = re.compile(r"(?=.*\d).{2,}")


def breach(freeze: Freeze, at: int, change: ChangeSeen, source_type: str = "") -> FreezeBreached | None:
    """The breach that this change is, if it is one; `source_type` is how its source is read, such as github.

    It is none when it was made before the freeze was said, after it ended, outside its scope, or let through.
    """
    if not freeze.scope or at < freeze.at or not freeze.holds(at):
        return None
    if not in_scope(freeze.scope, change, source_type) or any(let_through(o.what, change) for o in freeze.overrides):
        return None
    return FreezeBreached(change=change.change, what=change.what, who=change.who)


def in_scope(scope: tuple[str, ...], change: ChangeSeen, source_type: str = "") -> bool:
    """Whether a word of the scope means it: its kind (the first word of what it is), its source, or its service."""
    kind = change.what.partition(" ")[0]
    traits = {plain(word) for word in (kind, source_type, change.source, change.service) if word}
    for word in map(plain, scope):
        if word in EVERYTHING or word in traits or traits & FAMILIES.get(word, frozenset()):
            return True
    return False


def let_through(what: str, change: ChangeSeen) -> bool:
    """Whether words such as `hotfix 4711` mean this change: by a number it has too, else by every word."""
    said = set(_words(what))
    has = set(_words(f"{change.change.replace(':', ' ')} {change.what} {change.service} {change.source} {change.who}"))
    numbers = {word for word in said if _NUMBERED.fullmatch(word)}
    return bool(numbers & has) if numbers else bool(said) and said <= has


def _words(text: str) -> list[str]:
    return [word.strip("#.").casefold() for word in _WORD.findall(text)]
