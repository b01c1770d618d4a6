"""The processes of this host: who descends from whom, and how a whole tree is signalled."""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import NamedTuple


class Process(NamedTuple):
    """One process of this host. `started` tells it from a later one with the same number; 0 where nobody says."""

    parent: int
    group: int
    zombie: bool
    started: int


def boot() -> str:
    """What tells this start of the host from every other; empty where nobody says."""
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()
    return ""


def processes() -> dict[int, Process]:
    """Every process of this host by its number."""
    if not os.path.exists("/proc/self/stat"):
        return _listed_by_ps()
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            # A process may end between the listing and the look.
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
                found[int(name)] = Process(int(fields[1]), int(fields[2]), fields[0] in b"ZX", int(fields[19]))
    return found


def _listed_by_ps() -> dict[int, Process]:
    with subprocess.Popen(["ps", "-axo", "pid=,ppid=,pgid=,stat="], stdout=subprocess.PIPE) as ps:
        rows = [line.split() for line in ps.communicate()[0].splitlines()]
    found = {int(pid): Process(int(parent), int(group), stat[:1] == b"Z", 0) for pid, parent, group, stat in rows}
    found.pop(ps.pid, None)
    return found


def descendants(ancestor: int) -> dict[int, Process]:
    """The living processes that descend from this one, however deep and in whatever session."""
    everything = processes()
    children: dict[int, list[int]] = {}
    for pid, process in everything.items():
        children.setdefault(process.parent, []).append(pid)
    found: dict[int, Process] = {}
    waiting = children.get(ancestor, [])
    while waiting:
        pid = waiting.pop()
        waiting.extend(children.get(pid, []))
        found[pid] = everything[pid]
    return {pid: process for pid, process in found.items() if not process.zombie}


def targets(tree: dict[int, Process], leader: int) -> list[int]:
    """Whom to signal, each process once: the command's own group by one call, which no fork slips through."""
    return [-leader, *(pid for pid, process in tree.items() if process.group != leader)]


def send(target: int, number: int) -> None:
    """Signal a process, or a group by its negative number; one that is gone or of another user is left alone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(target, number)
