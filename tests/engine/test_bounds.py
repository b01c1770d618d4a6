from __future__ import annotations

import re
import threading

import pytest

from cockpit.engine.bounds import TookTooLong, bounded


def test_a_search_without_end_is_ended_and_the_next_is_not() -> None:
    with pytest.raises(TookTooLong), bounded(0.05):
        re.search(r"(a+)+$", "a" * 60 + "b")
    with bounded(0.05):
        assert re.search("a", "a")
    # Nothing is left of the bound.
    assert sum(range(5_000_000)) > 0


def test_another_thread_is_not_bounded() -> None:
    found: list[int] = []

    def count() -> None:
        with bounded(0.001):
            found.append(sum(range(1_000_000)))

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()
    assert found
