"""A bound on the processor time of our own rules: a pattern in a runbook may take for ever over the wrong text."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENOUGH = 1.0
"""Seconds of processor time for anything that patterns of a runbook take part in; it takes milliseconds."""


class TookTooLong(Exception):
    """It was ended; nothing is known of what it would have come to."""


_bounding = False


def _over(*_: object) -> None:
    if _bounding:
        raise TookTooLong


@contextmanager
def bounded(seconds: float = ENOUGH) -> Iterator[None]:
    """TookTooLong once what is done within has taken so much of the processor; never around what waits or writes.

    A thread would not help: a search holds the interpreter to its end, and only a signal ends it. Signals reach the
    main thread alone, so elsewhere nothing is bounded.
    """
    global _bounding
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # It stays: a late signal must find it. No command inherits it.
    signal.signal(signal.SIGVTALRM, _over)
    _bounding = True
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        _bounding = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
