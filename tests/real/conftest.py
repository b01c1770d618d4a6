"""A real terminal to look at: tmux draws what the program sends, and types."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 30.0
"""Seconds for anything to appear on a host that is busy with other things."""


UNHURRIED = 0.7
"""Seconds between two keys of a person who looks first."""


@dataclass
class Screen:
    """One tmux session of a fixed size, in which a command runs in a shell."""

    tmux: Tmux
    name: str
    width: int
    height: int

    @property
    def lines(self) -> list[str]:
        """What can be seen now, line by line."""
        return self.tmux("capture-pane", "-p", "-t", self.name).split("\n")[: self.height]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def press(self, *keys: str) -> None:
        """Keys as an unhurried person presses them: what comes in one burst counts as pasted."""
        time.sleep(UNHURRIED)
        self.tmux("send-keys", "-t", self.name, *keys)

    def type(self, words: str) -> None:
        self.tmux("send-keys", "-t", self.name, "-l", words)

    def sees(self, *wanted: str) -> str:
        """Wait until all of that is on the screen at once."""
        deadline = time.monotonic() + PATIENCE
        while not all(words in (text := self.text) for words in wanted):
            assert time.monotonic() < deadline, f"never saw {wanted}:\n{text}"
            time.sleep(0.05)
        return text

    def told(self, variable: str) -> str:
        """What tmux knows of the pane: `alternate_on`, `mouse_any_flag`, `pane_pid`."""
        return self.tmux("display-message", "-p", "-t", self.name, f"#{{{variable}}}").strip()

    def close(self) -> None:
        """Take the terminal away, as a closed window or a broken connection does."""
        self.tmux("kill-session", "-t", self.name)


@dataclass
class Tmux:
    """A tmux server of its own, with a private home for the cockpit."""

    socket: Path
    home: Path
    cwd: Path
    sessions: int = 0

    @property
    def env(self) -> dict[str, str]:
        """What a shell in it knows, and nothing of this process: not how wide somebody else's terminal is."""
        return {"COCKPIT_HOME": str(self.home), "HOME": str(self.cwd), "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}

    def __call__(self, *words: str) -> str:
        argv = ["tmux", "-u", "-f", "/dev/null", "-S", str(self.socket), *words]
        return subprocess.run(argv, env=self.env, check=True, capture_output=True, text=True, timeout=30).stdout

    def open(self, width: int, height: int, *cockpit: str) -> Screen:
        """A terminal of that size in which `cockpit` runs with these words, and a shell after it."""
        self.sessions += 1
        name = f"s{self.sessions}"
        command = shlex.join([sys.executable, "-m", "cockpit", "--as", "ada", *cockpit])
        self(
            "new-session", "-d", "-s", name, "-x", str(width), "-y", str(height), "-c", str(self.cwd),
            f"{command}; echo left with $?; exec sh",
        )  # fmt: skip
        return Screen(self, name, width, height)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A server that is gone at the end, and with it every terminal; an engine left behind is stopped."""
    if shutil.which("tmux") is None:
        pytest.fail("these tests need the package tmux")
    with tempfile.TemporaryDirectory(prefix="ck") as short:
        server = Tmux(Path(short) / "tmux", tmp_path / "state", tmp_path)
        yield server
        subprocess.run(["tmux", "-S", str(server.socket), "kill-server"], capture_output=True, timeout=30)
        for profile in server.home.iterdir():
            subprocess.run(
                [sys.executable, "-m", "cockpit", "--profile", profile.name, "stop"],
                env={**os.environ, "COCKPIT_HOME": str(server.home)}, capture_output=True, check=True, timeout=60,
            )  # fmt: skip
