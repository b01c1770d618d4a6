"""Why no drill can be made."""

from __future__ import annotations

from collections.abc import Sequence


class Unplayable(Exception):
    """No drill can be made of these events; `why` has every reason as a sentence."""

    def __init__(self, why: Sequence[str]) -> None:
        super().__init__("; ".join(why))
        self.why = tuple(why)
