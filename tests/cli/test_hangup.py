"""A screen whose terminal is gone ends, whether or not a signal tells it so."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import TYPE_CHECKING

from cockpit.exits import Exit

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

CONFIG = "version: 1\n"


def test_a_screen_ends_with_its_terminal(shell: Shell) -> None:
    shell.write(CONFIG)
    ours, theirs = pty.openpty()
    # Nobody's controlling terminal: its end is told by no signal, as behind some multiplexers and `script`.
    with subprocess.Popen(
        shell.argv(), cwd=shell.cwd, env={**shell.env, "TERM": "xterm-256color"},
        stdin=theirs, stdout=theirs, stderr=theirs,
    ) as process:  # fmt: skip
        os.close(theirs)
        drawn = b""
        while b"TIMELINE" not in drawn:
            drawn += os.read(ours, 65_536)
        os.close(ours)
        assert process.wait() == Exit.HUNG_UP
    assert "engine" in shell.run("status").stdout
