"""The exit codes of every command, as the README documents them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a script can tell from how a command ended."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    BAD_INPUT = 3
    NO_ENGINE = 4
    STORAGE = 5
    DRILL_LOST = 6
    PERSON_NEEDED = 7
    HUNG_UP = 129
    INTERRUPTED = 130
