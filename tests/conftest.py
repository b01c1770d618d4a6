"""How Hypothesis works in the whole suite, and what every process that it starts inherits."""

from __future__ import annotations

import gc
import os
import signal

import pytest
from hypothesis import settings

# No deadline: a loaded machine must not fail a test.
settings.register_profile("house", deadline=None, print_blob=True, derandomize=os.environ.get("CI") == "true")
settings.load_profile("house")

# A shell starts what runs in its background deaf to Ctrl+C, and so would be whatever a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST = ("test_house.py", "chaos/", "drills/test_plays.py", "starters/", "replay/")
"""Where the tests are that take seconds each. The plays at speed are not among them: they want a calmer host."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each of the workers its part of the longest tests first: none is left alone with one at the end."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    long = sorted((item for item in items if _rank(item) < len(LONGEST)), key=_rank)
    short = [item for item in items if _rank(item) == len(LONGEST)]
    share = -(-len(items) // workers)
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        own = long[worker::workers]
        room = max(0, share - len(own))
        ordered += own + short[:room]
        short = short[room:]
    items[:] = ordered + short


def pytest_collection_finish() -> None:
    """Have what was collected not be searched for cycles again and again: it lives as long as the process."""
    gc.collect()
    gc.freeze()


def _rank(item: pytest.Item) -> int:
    within = item.nodeid.removeprefix("tests/")
    return next((rank for rank, part in enumerate(LONGEST) if within.startswith(part)), len(LONGEST))
