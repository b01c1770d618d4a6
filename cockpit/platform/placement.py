"""Where a profile's files may really lie: never on another host's disk, whose locks and fsync cannot be trusted."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from cockpit.platform.filesystem import is_networked
from cockpit.platform.places import APP, Places

LOCAL_ROOTS = (Path("/var/tmp"), Path("/tmp"))
"""Local on most hosts, and the first survives a reboot."""


def settle(
    wanted: Places,
    networked: Callable[[Path], bool] = is_networked,
    roots: Sequence[Path] = LOCAL_ROOTS,
) -> Places:
    """The wanted places if they are local, else a directory of this user on this host, the same one each time.

    Their `notice` says so.
    """
    if not networked(wanted.home):
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted.home)).hexdigest()[:16]
    for root in roots:
        home = root / f"{APP}-{os.getuid()}" / digest
        if not networked(root) and _ours(home.parent) and _ours(home):
            return Places(
                home,
                f"{wanted.home} is on a network file system, so this host keeps the journal in {home}. "
                "Other hosts do not see it.",
            )
    return Places(
        wanted.home,
        f"{wanted.home} is on a network file system and there is no local directory to use instead. "
        "Run one cockpit only: two hosts could damage the journal.",
    )


def _ours(directory: Path) -> bool:
    """Make the directory with mode 0700, and see that it is this user's alone: the root is open to everybody."""
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
