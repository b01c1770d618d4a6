"""Which file system a path lies on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NETWORKED = frozenset(
    {
        "9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs", "gfs2", "glusterfs", "gpfs",
        "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb2", "smb3", "smbfs", "webdav",
    }
)  # fmt: skip
"""Kinds whose locks or fsync cannot be trusted with a database."""
_FUSE_NETWORKED = re.compile(r"fuse\.(sshfs|glusterfs|ceph|s3fs|rclone|davfs2?|gcsfuse|goofys|mfs|juicefs|smb.*)")
_MACOS_MOUNT = re.compile(r"^.* on (?P<point>/.*) \((?P<kind>[^,)]+)[,)].*$", re.MULTILINE)
_OCTAL = re.compile(r"\\([0-7]{3})")


def is_networked(path: Path, mounts: str | None = None) -> bool:
    """Whether the path lies on another host's disk; `mounts` stands in for the kernel's own list."""
    kind = kind_of(path, mounts)
    return kind in NETWORKED or _FUSE_NETWORKED.fullmatch(kind) is not None


def kind_of(path: Path, mounts: str | None = None) -> str:
    """The kind of file system the path lies on or would lie on, empty when the host does not say."""
    real = os.path.realpath(path)
    best, found = "", ""
    for point, kind in _mount_points(_listed() if mounts is None else mounts):
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):  # of two mounts on one point the later hides the earlier
            best, found = point, kind
    return found


def _mount_points(mounts: str) -> Iterator[tuple[str, str]]:
    """The mount points and their kinds, in the order they were mounted."""
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        if separator:
            yield _OCTAL.sub(lambda code: chr(int(code[1], 8)), before.split(" ")[4]), after.split(" ")[0]
        elif macos := _MACOS_MOUNT.fullmatch(line):
            yield macos["point"], macos["kind"]


def _listed() -> str:
    try:
        if sys.platform == "darwin":
            return subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=True, timeout=5).stdout
        return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except (OSError, subprocess.SubprocessError):
        return ""
