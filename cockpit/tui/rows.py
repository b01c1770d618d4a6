"""The rows of the timeline that are at hand, and which to ask for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from cockpit.protocol.views import Row

PAGE = 100
"""Rows are asked for by whole pages, so that a slow scroll asks once a page."""
LIMIT = 5_000


class RowCache:
    """The rows used last of one stream."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._asked: set[int] = set()

    def get(self, seq: int) -> Row | None:
        """The row of that number, if it is at hand."""
        row = self._rows.get(seq)
        if row is not None:
            self._rows.move_to_end(seq)
        return row

    def matching(self, words: str, head: int) -> list[int]:
        """The numbers of the rows at hand, up to `head`, that say all of these words somewhere, in order."""
        wanted = words.casefold().split()
        known = ((seq, row) for seq, row in self._rows.items() if seq <= head)
        return sorted(seq for seq, row in known if all(each in _said(row) for each in wanted))

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, rows: Iterable[Row]) -> None:
        """Keep these, and let the ones unused for longest go."""
        for row in rows:
            self._rows[row.seq] = row
            self._rows.move_to_end(row.seq)
            self._asked.discard(row.seq)
        while len(self._rows) > self._limit:
            self._rows.popitem(last=False)

    def wanted(self, first: int, last: int, head: int) -> tuple[int, int] | None:
        """The range to ask for so that these rows can be shown, or None when all are here or on their way."""
        missing = [seq for seq in range(first, last + 1) if seq not in self._rows and seq not in self._asked]
        if not missing:
            return None
        start = max(1, (missing[0] - 1) // PAGE * PAGE + 1)
        end = min(head, ((missing[-1] - 1) // PAGE + 1) * PAGE)
        while start < missing[0] and (start in self._rows or start in self._asked):
            start += 1
        self._asked.update(range(start, end + 1))
        return start, end

    def forget_asked(self) -> None:
        """Nobody will answer what was asked before: the engine is another one."""
        self._asked.clear()

    def clear(self) -> None:
        """Start over with another stream."""
        self._rows.clear()
        self._asked.clear()


def _said(row: Row) -> str:
    return f"{row.kind} {row.text} {row.actor}".casefold()
