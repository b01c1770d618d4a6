"""Every attempt of a run by its id, in order: one more costs the same after ten thousand as after ten. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec

from cockpit.incident.attempt import Attempt

PAGE = 128
"""Attempts of one page: only the page that changes is copied."""


class Attempts(msgspec.Struct, frozen=True):
    """A mapping that is never changed: `having` gives another one. Each page but the last is full."""

    pages: tuple[dict[str, Attempt], ...] = ()

    def __len__(self) -> int:
        return sum(map(len, self.pages))

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.pages)

    def __contains__(self, attempt_id: str) -> bool:
        return self._place(attempt_id) is not None

    def __getitem__(self, attempt_id: str) -> Attempt:
        place = self._place(attempt_id)
        if place is None:
            raise KeyError(attempt_id)
        return self.pages[place][attempt_id]

    def get(self, attempt_id: str) -> Attempt | None:
        """The attempt of that id; None when there is none."""
        place = self._place(attempt_id)
        return None if place is None else self.pages[place][attempt_id]

    def values(self) -> Iterator[Attempt]:
        """Every attempt, the first first."""
        return chain.from_iterable(page.values() for page in self.pages)

    def backwards(self) -> Iterator[Attempt]:
        """Every attempt, the latest first."""
        return chain.from_iterable(reversed(page.values()) for page in reversed(self.pages))

    def having(self, attempt: Attempt) -> Attempts:
        """The same with this one, new or in the place of the one with its id."""
        place = self._place(attempt.id)
        if place is None:
            if not self.pages or len(self.pages[-1]) == PAGE:
                return Attempts((*self.pages, {attempt.id: attempt}))
            place = len(self.pages) - 1
        page = self.pages[place] | {attempt.id: attempt}
        return Attempts((*self.pages[:place], page, *self.pages[place + 1 :]))

    def _place(self, attempt_id: str) -> int | None:
        # What is asked for is nearly always among the latest.
        for place in range(len(self.pages) - 1, -1, -1):
            if attempt_id in self.pages[place]:
                return place
        return None
