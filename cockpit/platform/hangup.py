"""Ending with the terminal: a hung-up one neither takes nor gives anything, and a screen left on it would spin."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable


def on_hangup(terminal: int, end: Callable[[], object]) -> None:
    """Call `end`, from a thread of its own, once the other side of the terminal is gone.

    A signal is not enough: it reaches only the terminal's own session, and a loop that is stuck in writing to the
    dead terminal never gets to handle it. Where a terminal cannot be polled (older macOS), nothing is watched.
    """
    threading.Thread(target=_wait, args=(terminal, end), name="hangup", daemon=True).start()


def _wait(terminal: int, end: Callable[[], object]) -> None:
    poll = select.poll()
    # No event is asked for: a hangup is told in any case, and input is left to whoever reads it.
    poll.register(terminal, 0)
    for _, seen in poll.poll():
        if seen & select.POLLHUP:
            end()
