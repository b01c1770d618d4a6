"""The clock that all processes of one drill share: a file of lines, added to by whoever turns the clock.

The file holds a mark, how many lines there are, and the lines, each of a fixed size. A line counts only when the number
says so, so a reader never sees half of one, and a writer that dies leaves the clock as it was.

How fast it is asked to run is one thing, who holds it for a moment another: a pause that is asked for meanwhile stays.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cockpit.clock import SECOND, DrillClock, Line

MARK = b"drill-2\n"
_COUNT = struct.Struct("<Q")
_LINE = struct.Struct("<qqdq")
_FIRST = len(MARK) + _COUNT.size
_SIZE = 1 << 21
_MOST = (_SIZE - _FIRST) // _LINE.size


class ClockBroken(Exception):
    """The file is no clock of a drill, or can be turned no more; the text is for people."""


class _Turn(NamedTuple):
    """How fast it is asked to run, 0 for a pause, and how many hold it meanwhile, from a moment on; as in a `Line`."""

    real: int
    at: int
    asked: float
    holds: int = 0

    @property
    def line(self) -> Line:
        return Line(self.real, self.at, 0.0 if self.holds else self.asked)


class SharedClock(DrillClock):
    """The clock in that file, as it runs now; `ClockBroken` when there is none. It never goes back."""

    def __init__(self, path: Path) -> None:
        self._file = _mapped(path, mmap.ACCESS_READ)
        self._latest = 0

    @property
    def line(self) -> Line:
        return _line(self._file, _count(self._file) - 1)

    @property
    def asked(self) -> float:
        """How fast it is to run, 0 while people have paused it: whoever holds it for a moment changes nothing here."""
        return _read(self._file, _count(self._file) - 1).asked

    def now(self) -> int:
        # Whoever turns the clock reads the time a moment before the others can know.
        self._latest = max(self._latest, super().now())
        return self._latest

    def monotonic(self) -> float:
        return self.now() / SECOND

    def passed(self, real: float) -> float:
        now = time.monotonic_ns()
        then = now - int(real * 1_000_000_000)
        return (self.line.shown(now) - self._shown(then)) / SECOND

    def _shown(self, real: int) -> int:
        """What the clock showed at that moment of the host."""
        for number in range(_count(self._file) - 1, 0, -1):
            if (line := _line(self._file, number)).real <= real:
                return line.shown(real)
        first = _line(self._file, 0)
        # Its own start is the first that is known; before it, the clock ran as it did then.
        return first.shown(real) if first.real <= real else first.at - int((first.real - real) * first.speed / 1000)


def begin(path: Path, speed: float, at: int) -> None:
    """Write a clock that shows `at` now."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(MARK + _COUNT.pack(1) + _LINE.pack(*_Turn(time.monotonic_ns(), at, speed)))
        file.truncate(_SIZE)
    unfinished.replace(path)


def turn(path: Path, speed: float) -> Line:
    """Have the clock run so fast from now on, 0 to pause it; the line that it follows then."""
    return _turn(path, lambda file, last: last._replace(asked=speed))


def resume(path: Path) -> Line:
    """Have the clock run on as fast as before it was paused."""
    return _turn(path, lambda file, last: last._replace(asked=_before_pause(file)))


def hold(path: Path) -> None:
    """Have the clock stand still until it is let go as often as it was held, whatever is asked of it meanwhile."""
    _turn(path, lambda file, last: last._replace(holds=last.holds + 1))


def let_go(path: Path) -> None:
    """End one hold: it runs on as it is asked to by now."""
    _turn(path, lambda file, last: last._replace(holds=last.holds - 1))


def _turn(path: Path, change: Callable[[mmap.mmap, _Turn], _Turn]) -> Line:
    with _mapped(path, mmap.ACCESS_WRITE) as file, open(path, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        count = _count(file)
        last = _read(file, count - 1)
        changed = change(file, last)
        if changed == last:
            return last.line
        if count >= _MOST:
            raise ClockBroken(f"the clock in {path} was turned {count} times, which is all it takes")
        real = time.monotonic_ns()
        new = changed._replace(real=real, at=last.line.shown(real))
        offset = _FIRST + count * _LINE.size
        file[offset : offset + _LINE.size] = _LINE.pack(*new)
        file[len(MARK) : _FIRST] = _COUNT.pack(count + 1)
        return new.line


def _before_pause(file: mmap.mmap) -> float:
    return next((one.asked for each in range(_count(file) - 1, -1, -1) if (one := _read(file, each)).asked), 1.0)


def _mapped(path: Path, access: int) -> mmap.mmap:
    try:
        with open(path, "r+b" if access == mmap.ACCESS_WRITE else "rb") as file:
            mapped = mmap.mmap(file.fileno(), _SIZE, access=access)
    except (OSError, ValueError) as error:
        raise ClockBroken(f"the drill's clock in {path} cannot be read: {error}") from error
    if mapped[: len(MARK)] != MARK or not 1 <= _count(mapped) <= _MOST:
        mapped.close()
        raise ClockBroken(f"{path} is no clock of a drill")
    return mapped


def _count(file: mmap.mmap) -> int:
    return int(_COUNT.unpack_from(file, len(MARK))[0])


def _line(file: mmap.mmap, number: int) -> Line:
    return _read(file, number).line


def _read(file: mmap.mmap, number: int) -> _Turn:
    return _Turn(*_LINE.unpack_from(file, _FIRST + number * _LINE.size))
