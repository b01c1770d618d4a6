"""Keeps secrets that people or programs let slip out of what is recorded."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from cockpit.text import Redactor

Said = TypeVar("Said", bound=msgspec.Struct)

WORDS = frozenset({
    "title", "text", "impact", "why", "reason", "note", "override", "headline", "know", "doing", "unknown", "words",
    "what", "link", "undo", "tail", "command",
})  # fmt: skip
"""The fields in which people and programs say what they like; a name or an id that were masked would not be found."""


def masked(said: Said, redact: Redactor) -> Said:
    """An event or a command of a person, without the secrets in its words."""
    told = {name: getattr(said, name) for name in WORDS.intersection(said.__struct_fields__)}
    changed = {name: clean for name, raw in told.items() if isinstance(raw, str) and (clean := redact(raw)) != raw}
    return msgspec.structs.replace(said, **changed) if changed else said
