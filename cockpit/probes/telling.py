"""What a probe found, as words that can be shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.text import SafeText

WORDS = 300
"""Characters kept of a verdict, and of a fact."""
LISTED = 5
"""Names told of many."""

Fact = tuple[SafeText, SafeText]
"""A label and what is to be said under it."""


def line(words: str) -> SafeText:
    """Outside text as one short line."""
    return SafeText(words, WORDS).line


def facts(*told: tuple[str, str]) -> tuple[Fact, ...]:
    """Labels with their words, without those that have none."""
    return tuple((SafeText(label), line(words)) for label, words in told if words)


def where(host: str, port: int) -> str:
    """A host, or an address, with its port."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listed(names: Sequence[str]) -> str:
    """The first of many, and how many more there are."""
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")
