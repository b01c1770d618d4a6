"""What lies between a command and its supervisor: a pipe, or a terminal for a step that asks for one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from typing import Any

CHUNK = 256 * 1024
PIPE = 1024 * 1024
ROWS, COLUMNS = 24, 80
LOOK = 0.01
"""Seconds for a command to take an end of input that it waits for."""


class Pipe:
    """The command prints into a pipe and has no input."""

    variables: Mapping[bytes, bytes] = {}

    def __init__(self) -> None:
        self.readable, self._writable = os.pipe()
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                fcntl.fcntl(self.readable, fcntl.F_SETPIPE_SZ, PIPE)

    def popen(self) -> dict[str, Any]:
        """How the command is connected, in the words of `subprocess.Popen`."""
        return {"stdin": subprocess.DEVNULL, "stdout": self._writable, "stderr": self._writable}

    def read(self) -> bytes:
        """What was printed, as soon as there is any; empty once nobody can print any more."""
        return os.read(self.readable, CHUNK)

    def answer(self) -> None:
        """Nothing is asked: a reader got the end of its input at once."""

    def release(self) -> None:
        """Hold the command's end no longer: from here on only processes that it left can print."""
        os.close(self._writable)


class Terminal:
    """The command has a terminal at which nobody sits: the controlling one of its session, 80x24, kind `dumb`.

    Lines end as they do in a pipe, without a carriage return. Nothing is ever typed but an end of input, and that only
    for a command that reads whole lines: so a prompt, also one on /dev/tty, gets no answer instead of waiting for ever.
    A command that reads single keys gets none, since any key could mean yes: its deadline ends it. When the command
    ends, what it left in its own process group gets a hangup, as below ssh.
    """

    variables: Mapping[bytes, bytes] = {b"TERM": b"dumb"}

    def __init__(self) -> None:
        try:
            self.readable, self._slave = os.openpty()
        except OSError as error:
            raise OSError(errno.ENXIO, f"no terminal could be had: {error.strerror}") from error
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        modes = termios.tcgetattr(self._slave)
        modes[1] &= ~termios.ONLCR
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(self._slave, termios.TCSANOW, modes)

    def popen(self) -> dict[str, Any]:
        """How the command is connected, in the words of `subprocess.Popen`."""
        return {"stdin": self._slave, "stdout": self._slave, "stderr": self._slave, "preexec_fn": _take_control}

    def read(self) -> bytes:
        """What was printed, as soon as there is any; empty once nobody can print any more."""
        try:
            return os.read(self.readable, CHUNK)
        except OSError as error:
            # Linux says it so when the last process has closed the terminal.
            if error.errno != errno.EIO:
                raise
            return b""

    def answer(self) -> None:
        """Tell a command that waits for a line that there is none.

        Taken back where nobody waits: a later switch to single keys would make a key of it.
        """
        # Nothing to answer on one that the command itself has hung up.
        with contextlib.suppress(OSError, termios.error):
            modes = termios.tcgetattr(self._slave)
            end = modes[6][termios.VEOF]
            if not modes[3] & termios.ICANON or end == b"\0":
                return
            os.write(self.readable, end)
            time.sleep(LOOK)
            if select.select([self._slave], [], [], 0)[0]:
                termios.tcflush(self._slave, termios.TCIFLUSH)

    def release(self) -> None:
        """Hold the command's end no longer: from here on only processes that it left can print."""
        os.close(self._slave)


Outlet = Pipe | Terminal


def _take_control() -> None:
    """In the command's process, between fork and exec: its terminal becomes that of its session."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
