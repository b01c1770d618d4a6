"""What an operating system tells about processes that are not ours."""

from __future__ import annotations

import contextlib
import os


def carrying(name: str, value: str) -> tuple[int, ...]:
    """Living processes started with this variable in their environment, the lowest number first.

    None where the system does not tell: another user's processes, and every one outside Linux.
    """
    wanted = os.fsencode(f"{name}={value}")
    found = []
    if os.path.isdir("/proc/self"):
        for entry in filter(str.isdigit, os.listdir("/proc")):
            # It may end during the look; a zombie has an empty environment.
            with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as environ:
                if wanted in environ.read().split(b"\0"):
                    found.append(int(entry))
    return tuple(sorted(found))
