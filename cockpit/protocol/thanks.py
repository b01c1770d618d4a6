"""What those are told who may leave: the same words in the draft on the screen as in the update that is sent."""

from __future__ import annotations

from collections.abc import Sequence


def thanks(stay: Sequence[tuple[str, str]]) -> str:
    """Who stays, each with what they are there for, and thanks to everybody else."""
    named = ", ".join(f"{name} ({role})" if role else name for name, role in stay)
    return f"{'This one stays' if len(stay) == 1 else 'These stay'}: {named}. {FAREWELL}"


FAREWELL = "Thank you, everyone else: you may leave, follow here."
