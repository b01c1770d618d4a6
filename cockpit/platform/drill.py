"""What makes a profile a drill: a file beside its journal that every engine of it reads."""

from __future__ import annotations

from pathlib import Path

import msgspec


class DrillMark(msgspec.Struct, frozen=True):
    """Which drill, and its clock: the speed with the two origins, in microseconds, as `DrillClock` takes them."""

    name: str
    speed: float
    origin_real: int
    origin: int

    def write(self, path: Path) -> None:
        """Mark the profile."""
        path.write_bytes(msgspec.json.encode(self))


def read_mark(path: Path) -> DrillMark | None:
    """The mark, or None where this is no drill; `msgspec.MsgspecError` when it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=DrillMark)
    except FileNotFoundError:
        return None
