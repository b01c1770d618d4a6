"""What those are told who may leave: the same words in the draft on the screen as in the update that is sent."""

from __future__ import annotations

from collections.abc import Sequence

FAREWELL = "Thank you, everyone else: you may leave, follow here."
SHOWN, LETTERS = 6, 36
"""Those who are named, and the characters kept of a name and of what it stays for: the thanks must be read, too."""


def thanks(stay: Sequence[tuple[str, str]]) -> str:
    """Who stays, each with what they are there for, and thanks to everybody else."""
    named = [f"{_cut(name)} ({_cut(task)})" if task else _cut(name) for name, task in stay[:SHOWN]]
    if len(stay) > SHOWN:
        named.append(f"{len(stay) - SHOWN} more")
    *others, last = named
    who = f"{', '.join(others)} and {last} stay" if others else f"{last} stays"
    return f"{who}. {FAREWELL}"


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1].rstrip()}…"
