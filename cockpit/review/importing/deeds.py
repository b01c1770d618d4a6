"""Actions as people list them: `- [x] Check the config (owner: sre, type: prevent)`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from cockpit.review.importing.sheet import safe
from cockpit.review.model import Action, ActionState, ActionType

_TASK = re.compile(r"^\[([ xX])\]\s+")
_FACTS = re.compile(r"\(((?:\s*(?:owner|type|state|status|by|why|link)\s*:[^()]*)+)\)\s*$", re.IGNORECASE)
_FACT = re.compile(r"(owner|type|state|status|by|why|link)\s*:\s*", re.IGNORECASE)
_STATES: dict[str, ActionState] = {
    "": "open", "open": "open", "todo": "open", "to do": "open", "in progress": "open", "planned": "open",
    "done": "done", "closed": "done", "complete": "done", "completed": "done", "fixed": "done", "yes": "done",
    "rejected": "rejected", "wontfix": "rejected", "won't fix": "rejected", "vetoed": "rejected",
    "dismissed": "dismissed", "never done": "never_done", "never_done": "never_done", "superseded": "superseded",
}  # fmt: skip
_TYPES: frozenset[ActionType] = frozenset(get_args(ActionType))


def listed(number: int, item: str) -> Action:
    """An item of a list of actions."""
    words, facts = item.strip(), dict[str, str]()
    if task := _TASK.match(words):
        words = words[task.end() :]
        facts["state"] = "open" if task[1] == " " else "done"
    if match := _FACTS.search(words):
        words = words[: match.start()].rstrip()
        parts = _FACT.split(match[1])
        for name, value in zip(parts[1::2], parts[2::2], strict=True):
            facts["state" if name.lower() == "status" else name.lower()] = value.strip(" ,;")
    return made(number, words, facts)


def made(number: int, words: str, facts: Mapping[str, str]) -> Action:
    """An action; a state or type in words that are not known stays in its text."""
    state = _STATES.get(facts.get("state", "").lower())
    wanted = facts.get("type", "").lower()
    kind = next((one for one in _TYPES if one == wanted), None)
    if state is None:
        words = f"{words} (state: {facts['state']})"
    if kind is None and wanted:
        words = f"{words} (type: {facts['type']})"
    rest = {name: safe(facts.get(name, "")) for name in ("owner", "by", "why", "link")}
    return Action(id=f"A{number}", type=kind or "process", text=safe(words), state=state or "open", **rest)
