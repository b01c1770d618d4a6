"""What makes a profile a drill: a file beside its journal that every engine of it reads."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

STEERING = re.compile(r"PATH|COCKPIT_.*|LD_.*|DYLD_.*|ENV|BASH_.*|BASHOPTS|SHELLOPTS|PS4|IFS")
"""Variables by which a command of a drill, which a shell starts, would become or do something else."""


class DrillMark(msgspec.Struct, frozen=True):
    """Which drill. `scenario` is the name or the file it was read from, `url` where its simulator listens.

    `t0` is the scenario's T0 on the drill's clock, in microseconds since the epoch; the clock is a file beside this.
    """

    name: str
    scenario: str = ""
    url: str = ""
    t0: int = 0

    def write(self, path: Path) -> None:
        """Mark the profile."""
        path.write_bytes(msgspec.json.encode(self))


def read_mark(path: Path) -> DrillMark | None:
    """The mark, or None where this is no drill; `msgspec.MsgspecError` when it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=DrillMark)
    except FileNotFoundError:
        return None
