"""Confirmations that still stand: the environment of the person who gave each, kept in memory only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from cockpit.incident.run import Attempt


class Grants:
    """By the attempt that was confirmed. The latest of a run stands alone; none outlives the engine, or a sleep."""

    def __init__(self) -> None:
        self._environments: dict[str, Mapping[str, str]] = {}
        self._of_run: dict[str, str] = {}
        self._handed_out: set[str] = set()

    @property
    def held(self) -> Collection[str]:
        """The confirmed attempts under which more may follow."""
        return self._environments.keys()

    @contextmanager
    def given(self, run: str, attempt: str, environment: Mapping[str, str]) -> Iterator[None]:
        """Hold the environment of the person who confirms this attempt, while that is being recorded and after."""
        self._environments[attempt] = environment
        try:
            yield
        except Exception:
            # Not when whoever confirmed leaves meanwhile: what was recorded then still runs, and needs it.
            self._environments.pop(attempt, None)
            raise
        self._environments.pop(self._of_run.get(run, ""), None)
        self._of_run[run] = attempt

    def environment(self, attempt: Attempt) -> Mapping[str, str] | None:
        """What this attempt runs with, handed out once; None when nobody's confirmation stands behind it here."""
        if attempt.id in self._handed_out or attempt.root not in self._environments:
            return None
        self._handed_out.add(attempt.id)
        return self._environments[attempt.root]

    def void(self) -> None:
        """Let every confirmation fall: whoever gave it was asleep since."""
        self._environments.clear()
        self._of_run.clear()
