"""Runs the command of one attempt and records what became of it, whatever else dies meanwhile.

A process of its own, fed from bytes that the engine read at its own start: standard library only, and no import from
this package. The engine reads the same files, so their format (`seal`, `unseal`, the names) is imported from here.

The order is what makes an attempt run at most once: take the lock, link the claim, make it durable, then run.
All files are made beforehand by the engine, so a disk that fills up later cannot stop any of this.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

SPEC, LOCK, CLAIM, OUTPUT, RESULT = "spec", "lock", "claim", "output", "result"
SUPERVISOR, ABANDONED = "supervisor", "abandoned"
"""The two files of which one becomes the claim: its content says who won."""
CANCEL, TROUBLE = "cancel", "trouble"

RECORD = 4096
"""Bytes of a sealed record: one block, so that overwriting it in place needs no space."""
COOKIE = "COCKPIT_ATTEMPT"
"""The variable by which the processes of an attempt are found when its supervisor is gone."""

TICK = 0.1
DRAIN = 0.5
"""Seconds for output that follows the command's own end while something else still holds its pipe."""
KILL_PATIENCE = 5.0
"""Seconds for killed processes to go; one that waits inside the kernel may not."""
CHUNK = 256 * 1024
PIPE = 1024 * 1024


def seal(fields: dict[str, Any]) -> bytes:
    """The fields as one record of fixed size, with a checksum in front."""
    body = json.dumps(fields).encode()
    return (b"%08x " % zlib.crc32(body) + body + b"\n").ljust(RECORD)


def unseal(record: bytes) -> dict[str, Any] | None:
    """The fields of a sealed record; None when it was never written, or is torn."""
    checksum, _, body = record.rstrip().partition(b" ")
    if not body or checksum != b"%08x" % zlib.crc32(body):
        return None
    fields: dict[str, Any] = json.loads(body)
    return fields


class Process(NamedTuple):
    """One process of this host. `started` tells it from a later one with the same number; 0 where nobody says."""

    parent: int
    group: int
    zombie: bool
    started: int


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


class Spool:
    """What the command prints: its head, and a ring with its tail, after a header that says how much there was.

    Where the disk takes no more it discards and counts: the command neither blocks nor fails for it.
    """

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR)
        header: dict[str, int] = unseal(os.pread(self._file, RECORD, 0)) or {}
        self._head, self._ring = header["head"], header["ring"]
        self.total = self.kept = 0

    @property
    def dropped(self) -> int:
        """Bytes printed and not to be found in the file."""
        return self.total - min(self.kept, self._head + self._ring)

    def take(self, chunk: bytes) -> None:
        """Keep the chunk, as far as there is room for it."""
        self.total += len(chunk)
        with contextlib.suppress(OSError):
            self._keep(memoryview(chunk))
        with contextlib.suppress(OSError):
            os.pwrite(self._file, seal(self._header()), 0)

    def _header(self) -> dict[str, int]:
        return {"head": self._head, "ring": self._ring, "total": self.total, "kept": self.kept}

    def _keep(self, rest: memoryview) -> None:
        while rest:
            for offset, size in pieces(self.kept, len(rest), self._head, self._ring):
                written = os.pwrite(self._file, rest[:size], offset)
                self.kept += written
                rest = rest[written:]
                if written < size:
                    break


def pieces(at: int, size: int, head: int, ring: int) -> Iterator[tuple[int, int]]:
    """Where in the file the bytes from `at` on are kept: pairs of offset and size."""
    while size > 0:
        place = at if at < head else head + (at - head) % ring
        room = (head if at < head else head + ring) - place
        yield RECORD + place, min(size, room)
        at, size = at + min(size, room), size - min(size, room)


class Supervision:
    """One command while it runs: its output, its end, and whether it was asked to stop."""

    def __init__(self, directory: str, wake: int) -> None:
        self._cancel = os.path.join(directory, CANCEL)
        self.spool = Spool(os.path.join(directory, OUTPUT))
        self._sink: Callable[[bytes], object] = self.spool.take
        readable, self.output = os.pipe()
        self._pipe: int | None = readable
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                fcntl.fcntl(readable, fcntl.F_SETPIPE_SZ, PIPE)
        self._wake = wake
        self._events = selectors.DefaultSelector()
        self._events.register(readable, selectors.EVENT_READ)
        self._events.register(wake, selectors.EVENT_READ)
        self._told = False
        signal.signal(signal.SIGTERM, self._tell)
        self.leader = 0
        self.code = 0
        self.ended_at: float | None = None

    def _tell(self, *_: object) -> None:
        self._told = True

    def run(self, leader: int, timeout: float, grace: float) -> str:
        """Wait for the command and stop it when its time is over or somebody asks; says what ended it."""
        os.close(self.output)
        self.leader = leader
        ended_by = self._wait(time.monotonic() + timeout)
        if ended_by != "itself":
            self._stop(grace)
        return ended_by

    def _wait(self, deadline: float) -> str:
        while True:
            self._pump(min(deadline, time.monotonic() + TICK))
            if self.ended_at is not None:
                return "itself"
            if self._told or os.path.exists(self._cancel):
                return "person"
            if time.monotonic() >= deadline:
                return "timeout"

    def _stop(self, grace: float) -> None:
        """TERM to every process of the tree, once: some tools take a second one for an order to drop everything.

        What a process starts in answer, to clean up, has until the grace is over. Then KILL until none is left.
        A process of another user (below sudo) cannot be signalled: while the command itself lives there is no result.
        """
        self._signal_tree(signal.SIGTERM)
        until = time.monotonic() + grace
        while (self.ended_at is None or descendants(os.getpid())) and time.monotonic() < until:
            self._pump(min(until, time.monotonic() + TICK))
        until = time.monotonic() + KILL_PATIENCE
        while self.ended_at is None or (descendants(os.getpid()) and time.monotonic() < until):
            self._signal_tree(signal.SIGKILL)
            self._pump(time.monotonic() + TICK)

    def _signal_tree(self, number: int) -> None:
        tree = descendants(os.getpid())
        for target in targets(tree, self.leader) if self.ended_at is None else tree:
            _signal(target, number)

    def drain(self) -> None:
        """Take the output that is still on its way."""
        until = time.monotonic() + DRAIN
        while self._pipe is not None and time.monotonic() < until:
            self._pump(until)

    def linger(self) -> None:
        """Read on, keeping nothing, while a process that was left running holds the pipe.

        A daemon started by a step is legitimate. Without a reader its next line would kill it.
        """
        self._sink = len
        self._told = False
        while self._pipe is not None and not self._told:
            self._pump(time.monotonic() + 60)

    def _pump(self, until: float) -> None:
        """Take output and reap until that moment, or until a signal or the end of the output arrives."""
        while True:
            ready = {key.fd for key, _ in self._events.select(max(0.0, until - time.monotonic()))}
            if self._pipe in ready and not self._read():
                return
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._reap()
                return
            if time.monotonic() >= until:
                return

    def _read(self) -> bool:
        """Pass on what has arrived; False once nobody can print any more."""
        chunk = b"" if self._pipe is None else os.read(self._pipe, CHUNK)
        if chunk:
            self._sink(chunk)
        elif self._pipe is not None:
            self._events.unregister(self._pipe)
            os.close(self._pipe)
            self._pipe = None
        return bool(chunk)

    def _reap(self) -> None:
        """Collect whoever ended: the command, and the orphans that a subreaper inherits."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                if ended[0] == self.leader:
                    self.code, self.ended_at = os.waitstatus_to_exitcode(ended[1]), time.monotonic()


def targets(tree: dict[int, Process], leader: int) -> list[int]:
    """Whom to signal, each process once: the command's own group by one call, which no fork slips through."""
    return [-leader, *(pid for pid, process in tree.items() if process.group != leader)]


def _signal(target: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(target, number)


def _wakeups() -> int:
    """A descriptor that becomes readable whenever a signal arrives."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    return readable


def _prepare() -> None:
    """Default signals for the command, no hangup for the supervisor, and orphans come back to it."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in signal.valid_signals() - {signal.SIGPIPE, getattr(signal, "SIGXFSZ", signal.SIGPIPE)}:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    # A handler, unlike SIG_IGN, is not inherited by what is run.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    # Elsewhere an orphan that also left the session escapes a stop.
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        prctl(15, b"cockpit-run", 0, 0, 0)  # PR_SET_NAME


def _claimed(directory: str) -> bool:
    """Claim the attempt; False when it was abandoned, or another supervisor has or had it."""
    claim, own = os.path.join(directory, CLAIM), os.path.join(directory, SUPERVISOR)
    try:
        os.link(own, claim)
    except FileExistsError:
        return False
    sync_directory(directory)
    return True


def sync_directory(directory: str) -> None:
    """Make the names in the directory survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def overwrite(path: str, fields: dict[str, Any]) -> None:
    """Put a sealed record in the place of one that is there, durably."""
    handle = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(handle, seal(fields), 0)
        os.fsync(handle)
    finally:
        os.close(handle)


def _start(spec: dict[str, Any], environment: dict[bytes, bytes], pipe: int) -> int:
    """Start the command in a session of its own, its output into the pipe; OSError when it cannot be run."""
    home = os.fsdecode(environment.get(b"HOME", b""))
    process = subprocess.Popen(
        spec["argv"],
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        env=environment | {COOKIE.encode(): spec["id"].encode()},
        # Where a command starts that does not say: at home, as under ssh and cron.
        cwd=spec["workdir"] or (home if os.path.isdir(home) else "/"),
        start_new_session=True,
    )
    # Reaped with the orphans, not by this object.
    process.returncode = 0
    return process.pid


def _not_started(spec: dict[str, Any], error: OSError) -> dict[str, Any]:
    missing = error.errno in {errno.ENOENT, errno.ENOTDIR}
    words = f"{error.filename or spec['argv'][0]}: {error.strerror}"[:300]
    return {"ended_by": "not_found", "exit_code": 127 if missing else 126, "words": words}


def _supervise(directory: str, environment: dict[bytes, bytes]) -> None:
    with open(os.path.join(directory, SPEC), "rb") as file:
        spec = json.load(file)
    result = os.path.join(directory, RESULT)
    if os.path.exists(os.path.join(directory, CANCEL)):
        overwrite(result, {"ended_by": "person", "words": "stopped before it was started"})
        return
    wake = _wakeups()
    began = time.monotonic()
    try:
        running = Supervision(directory, wake)
        leader = _start(spec, environment, running.output)
    except OSError as error:
        overwrite(result, _not_started(spec, error))
        return
    with contextlib.suppress(OSError):
        _name_leader(os.path.join(directory, SUPERVISOR), leader)
    ended_by = running.run(leader, spec["timeout"] - (time.monotonic() - began), spec["kill_grace"])
    running.drain()
    overwrite(result, _result(running, ended_by, began))
    running.linger()


def _name_leader(path: str, leader: int) -> None:
    """Write into the claim which process the command is."""
    known = processes().get(leader)
    with open(path, "r+b", buffering=0) as file:
        file.write(seal({"by": SUPERVISOR, "pid": leader, "started": known.started if known else 0}))


def _result(running: Supervision, ended_by: str, began: float) -> dict[str, Any]:
    return {
        "ended_by": ended_by,
        "exit_code": running.code if running.code >= 0 else None,
        "signal": -running.code if running.code < 0 else None,
        "seconds": round((running.ended_at or began) - began, 3),
        "output_bytes": running.spool.total,
        "dropped_bytes": running.spool.dropped,
        "survivors": len(descendants(os.getpid())),
    }


def _environment(stream: BinaryIO) -> dict[bytes, bytes]:
    """The command's environment as the engine sent it: its size on one line, then NAME=value parts ended by NUL."""
    size = int(stream.readline())
    sent = stream.read(size)
    if len(sent) != size:
        raise EOFError("the engine died while it sent the environment")
    pairs = (part.partition(b"=") for part in sent.split(b"\0")[:-1])
    return {name: value for name, _, value in pairs}


def main() -> None:
    """Supervise the attempt in the directory given, detached from whoever started this."""
    directory = sys.argv[1]
    environment = _environment(sys.stdin.buffer)
    lock = os.open(os.path.join(directory, LOCK), os.O_RDWR)
    if os.fork():
        # The engine waits for this exit only, so that no supervisor becomes its zombie.
        os._exit(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not _claimed(directory):
        return
    try:
        _prepare()
        _supervise(directory, environment)
    except BaseException as error:
        with open(os.path.join(directory, TROUBLE), "w", encoding="utf-8") as file:
            file.write(f"{type(error).__name__}: {error}")
        raise


if __name__ == "__main__":
    main()
