"""Runs the command of one attempt and records what became of it, whatever else dies meanwhile.

A process of its own, fed from bytes that the engine read at its own start: this file and those it imports from this
package (`launch.PARTS`), which all need the standard library only.

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
from collections.abc import Callable
from typing import Any, BinaryIO

from cockpit.execution.outlet import Outlet, Pipe, Terminal
from cockpit.execution.processes import boot, descendants, processes, send, targets
from cockpit.execution.record import (
    CANCEL,
    CLAIM,
    COOKIE,
    LOCK,
    OUTPUT,
    RESULT,
    SPEC,
    STUCK,
    SUPERVISOR,
    TROUBLE,
    overwrite,
    seal,
    sync_directory,
)
from cockpit.execution.ring import Spool

TICK = 0.1
DRAIN = 0.5
"""Seconds for output that follows the command's own end while something else still holds its pipe."""
KILL_PATIENCE = 5.0
"""Seconds for killed processes to go; one that waits inside the kernel may not."""


class Supervision:
    """One command while it runs: its output, its end, and whether it was asked to stop."""

    def __init__(self, directory: str, wake: int, outlet: Outlet) -> None:
        self._cancel = os.path.join(directory, CANCEL)
        self._stuck = os.path.join(directory, STUCK)
        self.spool = Spool(os.path.join(directory, OUTPUT))
        self._sink: Callable[[bytes], object] = self.spool.take
        self._outlet = outlet
        self._readable: int | None = outlet.readable
        self._wake = wake
        self._events = selectors.DefaultSelector()
        self._events.register(outlet.readable, selectors.EVENT_READ)
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
        self.leader = leader
        ended_by = self._wait(time.monotonic() + timeout)
        if ended_by != "itself":
            self._stop(grace)
        return ended_by

    def _wait(self, deadline: float) -> str:
        while True:
            self._tick(deadline)
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
            self._tick(until)
        until = time.monotonic() + KILL_PATIENCE
        told = False
        while self.ended_at is None or (descendants(os.getpid()) and time.monotonic() < until):
            self._signal_tree(signal.SIGKILL)
            self._tick(time.monotonic() + TICK)
            if not told and self.ended_at is None and time.monotonic() >= until:
                told = True
                self._tell_stuck()

    def _signal_tree(self, number: int) -> None:
        tree = descendants(os.getpid())
        for target in targets(tree, self.leader) if self.ended_at is None else tree:
            send(target, number)

    def _tell_stuck(self) -> None:
        """Say for whoever waits that the command goes on although it was killed, and why."""
        why = "KILL did not end it, so it waits inside the kernel"
        try:
            os.kill(self.leader, 0)
        except PermissionError:
            why = "it belongs to another user and cannot be signalled"
        except ProcessLookupError:
            return
        with contextlib.suppress(OSError):
            overwrite(self._stuck, {"words": f"still running, pid {self.leader}: {why}"})

    def drain(self) -> None:
        """Take the output that is still on its way."""
        self._outlet.release()
        until = time.monotonic() + DRAIN
        while self._readable is not None and time.monotonic() < until:
            self._pump(until)

    def linger(self) -> None:
        """Read on, keeping nothing, while a process that was left running holds the pipe.

        A daemon started by a step is legitimate. Without a reader its next line would kill it.
        """
        self._sink = len
        self._told = False
        while self._readable is not None and not self._told:
            self._pump(time.monotonic() + 60)

    def _tick(self, until: float) -> None:
        """A short time at the command's side; one that prints nothing in it may be waiting for an answer."""
        before = self.spool.total
        self._pump(min(until, time.monotonic() + TICK))
        if self.spool.total == before and self.ended_at is None and self._readable is not None:
            self._outlet.answer()

    def _pump(self, until: float) -> None:
        """Take output and reap until that moment, or until a signal or the end of the output arrives."""
        while True:
            ready = {key.fd for key, _ in self._events.select(max(0.0, until - time.monotonic()))}
            if self._readable in ready and not self._read():
                return
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._reap()
                return
            if time.monotonic() >= until:
                return

    def _read(self) -> bool:
        """Pass on what has arrived; False once nobody can print any more."""
        chunk = b"" if self._readable is None else self._outlet.read()
        if chunk:
            self._sink(chunk)
        elif self._readable is not None:
            self._events.unregister(self._readable)
            os.close(self._readable)
            self._readable = None
        return bool(chunk)

    def _reap(self) -> None:
        """Collect whoever ended: the command, and the orphans that a subreaper inherits."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                if ended[0] == self.leader:
                    self.code, self.ended_at = os.waitstatus_to_exitcode(ended[1]), time.monotonic()


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


def _start(spec: dict[str, Any], environment: dict[bytes, bytes], outlet: Outlet) -> int:
    """Start the command in a session of its own; OSError, ValueError or SubprocessError when it cannot be run."""
    home = os.fsdecode(environment.get(b"HOME", b""))
    values = {os.fsencode(name): os.fsencode(value) for name, value in spec["env"].items()}
    process = subprocess.Popen(
        spec["argv"],
        env={**outlet.variables, **environment, **values, COOKIE.encode(): spec["id"].encode()},
        # Where a command starts that does not say: at home, as under ssh and cron.
        cwd=spec["workdir"] or (home if os.path.isdir(home) else "/"),
        start_new_session=True,
        **outlet.popen(),
    )
    # Reaped with the orphans, not by this object.
    process.returncode = 0
    return process.pid


def _not_started(spec: dict[str, Any], error: Exception) -> dict[str, Any]:
    missing = isinstance(error, OSError) and error.errno in {errno.ENOENT, errno.ENOTDIR}
    words = f"{error.filename or spec['argv'][0]}: {error.strerror}" if isinstance(error, OSError) else str(error)
    return {"ended_by": "not_found", "exit_code": 127 if missing else 126, "words": words[:300]}


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
        outlet = Terminal() if spec["pty"] else Pipe()
        running = Supervision(directory, wake, outlet)
        leader = _start(spec, environment, outlet)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
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
        file.write(seal({"by": SUPERVISOR, "pid": leader, "started": known.started if known else 0, "boot": boot()}))


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
