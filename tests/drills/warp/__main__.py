"""Play a scenario in a second or two: `python -m tests.drills.warp SCENARIO [PLAY]`; without a play nobody acts."""

from __future__ import annotations

import sys
import time

from tests.drills.warp.played import played, unattended


def main(arguments: list[str]) -> None:
    """Say how it went, what is hidden at the end, and what the play took."""
    began = time.perf_counter()
    seen = played(arguments[0], arguments[1]) if len(arguments) > 1 else unattended(arguments[0])
    print(seen.said)
    print(f"\nhidden: {seen.hidden}")
    print(f"{time.perf_counter() - began:.1f} s")


main(sys.argv[1:])
