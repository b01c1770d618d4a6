"""Which rows to ask for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.protocol.views import Row
from cockpit.text import SafeText
from cockpit.tui.rows import PAGE, RowCache


def row(seq: int) -> Row:
    return Row(seq, 0, SafeText("note.added"), SafeText(f"row {seq}"), "plain", SafeText("ada"))


def test_asks_by_pages_once_and_for_new_rows_only() -> None:
    cache = RowCache()
    assert cache.wanted(250, 280, 1000) == (201, 300)
    assert cache.wanted(250, 280, 1000) is None
    cache.put(row(seq) for seq in range(201, 301))
    assert cache.wanted(290, 310, 1000) == (301, 400)
    cache.forget_asked()
    assert cache.wanted(290, 310, 1000) == (301, 400)


def test_the_tail_asks_for_what_came_in() -> None:
    cache = RowCache()
    cache.put(row(seq) for seq in range(1, 15))
    assert cache.wanted(1, 15, 15) == (15, 15)


def test_keeps_the_rows_used_last() -> None:
    cache = RowCache(limit=3)
    cache.put(map(row, (1, 2, 3)))
    cache.get(1)
    cache.put([row(4)])
    assert cache.get(1) and cache.get(2) is None and cache.get(4)


@given(st.lists(st.tuples(st.integers(1, 2000), st.integers(0, 60)), max_size=20))
def test_whatever_is_shown_comes_in(sights: list[tuple[int, int]]) -> None:
    head = 2000
    cache = RowCache()
    for first, more in sights:
        last = min(head, first + more)
        wanted = cache.wanted(first, last, head)
        if wanted is not None:
            assert 1 <= wanted[0] <= wanted[1] <= head
            assert wanted[1] - wanted[0] < more + 2 * PAGE
            cache.put(row(seq) for seq in range(wanted[0], wanted[1] + 1))
        assert all(cache.get(seq) for seq in range(first, last + 1))
