"""What the words of a freeze's scope mean, to who asks and to who judges. Pure, and standard library only."""

from __future__ import annotations

from collections.abc import Iterable

EVERYTHING = frozenset({"all", "everything"})


def plain(word: str) -> str:
    """The word as it is compared: in any case, and without a plural's s."""
    return word.strip().casefold().removesuffix("s")


def covers(scope: Iterable[str], asked: str) -> bool:
    """Whether a freeze of that scope is one of what is asked about."""
    words = {plain(word) for word in scope}
    return bool(words & EVERYTHING) or (plain(asked) in words | EVERYTHING and bool(words))
