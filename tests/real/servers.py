"""Servers from packages, each with its own config in a directory of the test's, on free ports, ended by its process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 20.0
"""Seconds for a server to listen on a busy host."""
ELSEWHERE = "/usr/sbin"
"""Where packages put servers, which is not on everybody's path."""


def required(name: str, package: str) -> str:
    """The path of a program. Without it the test is skipped; it fails where CI has promised to install all of them."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{ELSEWHERE}")
    if found is None:
        words = f"this test needs {name} from the package {package}"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    return found


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(argv: Sequence[str], port: int, log: Path) -> Iterator[int]:
    """The process id of a server that listens on that port, until the end; its words go to `log`."""
    with log.open("wb") as words:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words, cwd=log.parent)
    try:
        deadline = time.monotonic() + PATIENCE
        while not _listens(port):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0
