from __future__ import annotations

import os
import threading

import pytest

from cockpit.platform.hangup import on_hangup

PATIENCE = 30.0


@pytest.fixture
def ends() -> tuple[int, int]:
    """Both ends of a terminal that is nobody's controlling terminal, so that no signal tells of its end."""
    return os.openpty()


def test_the_end_of_the_terminal_is_told(ends: tuple[int, int]) -> None:
    master, slave = ends
    told = threading.Event()
    on_hangup(slave, told.set)
    os.write(master, b"typed and not read by anybody\n")
    assert not told.is_set()
    os.close(master)
    assert told.wait(PATIENCE)
    os.close(slave)
