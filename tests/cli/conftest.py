"""The real program in processes of its own, at home in a private place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SECONDS = 30
NOTHING_LISTENS = "http://127.0.0.1:9/"
CONFIG = f"""\
version: 1
services:
  - name: web
    probes:
      - {{name: web-front, url: "{NOTHING_LISTENS}", interval: 100ms, failures: 1}}
"""


@dataclass
class Shell:
    """Somebody's shell: a directory, an environment, and the exit code and the words of each command."""

    cwd: Path
    home: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.env = {**kept, "HOME": str(self.cwd), "USER": "ada", "COCKPIT_HOME": str(self.home), **self.env}

    def argv(self, *words: str | Path) -> list[str]:
        """The command line of the program under test."""
        return [sys.executable, "-m", "cockpit", *map(str, words)]

    def run(
        self, *words: str | Path, cwd: Path | None = None, env: Mapping[str, str | None] | None = None,
        before: tuple[str, ...] = (),
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Run the program without a terminal; a traceback fails the test. An environment value of None unsets."""
        merged = {name: value for name, value in {**self.env, **(env or {})}.items() if value is not None}
        done = subprocess.run(
            [*before, *self.argv(*words)], cwd=cwd or self.cwd, env=merged, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        return done

    @contextmanager
    def watching(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """`cockpit watch` on a pipe for as long as it is needed."""
        argv = self.argv("watch", *words)
        pipe = subprocess.PIPE
        with subprocess.Popen(argv, cwd=self.cwd, env=self.env, stdout=pipe, stderr=pipe, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def write(self, text: str, name: str = "config.yaml") -> Path:
        """Write a file where the shell is."""
        path = self.cwd / name
        path.write_text(text)
        return path


def read_until(process: subprocess.Popen[str], *wanted: str) -> str:
    """What the process prints until all that was wanted came; the test's own time limit ends the waiting."""
    assert process.stdout is not None
    read = ""
    while not all(words in read for words in wanted):
        line = process.stdout.readline()
        assert line, f"ended after: {read}"
        read += line
    return read


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell whose engine, if one was started, is gone at the end."""
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    made = Shell(cwd, tmp_path / "state")
    yield made
    made.run("stop")


@pytest.fixture
def powerless() -> tuple[str, ...]:
    """What goes before a command so that even root is bound by the modes of files."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    assert setpriv is not None, "as root this test needs setpriv (util-linux)"
    return (setpriv, "--bounding-set=-all", "--inh-caps=-all", "--")
