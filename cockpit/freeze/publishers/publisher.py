"""What every place has in common that a freeze is published to."""

from __future__ import annotations

from typing import Protocol


class Unpublished(Exception):
    """The document did not arrive, or nobody can know; the text says why, without secrets."""


class Publisher(Protocol):
    """A place. `name` says which, for people."""

    @property
    def name(self) -> str: ...

    async def publish(self, document: bytes) -> None:
        """Put the document there, within a deadline of its own; Unpublished when that fails."""
