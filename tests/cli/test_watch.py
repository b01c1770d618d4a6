"""The timeline without a terminal, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess

from cockpit.exits import Exit
from tests.cli.conftest import CONFIG, Shell, read_until


def test_a_pipe_gets_plain_lines_or_json(shell: Shell) -> None:
    shell.write(CONFIG)
    assert shell.run("declare", "it burns", "-s", "SEV2", "--as-is").returncode == Exit.USAGE
    assert shell.run("--as", "eve", "declare", "it burns", "-s", "SEV2").stdout == "declared SEV2: it burns\n"
    with shell.watching() as watch:
        told = read_until(watch, "SEV2 it burns  by eve")
    assert "\x1b" not in told
    with shell.watching("--json") as watch:
        rows = [json.loads(line) for line in read_until(watch, "it burns").splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-1]["event"] and rows[-1]["stream"] == "INC-1"


def test_an_interrupt_ends_it_quietly(shell: Shell) -> None:
    shell.write(CONFIG)
    with shell.watching() as watch:
        read_until(watch, "engine")
        watch.send_signal(signal.SIGINT)
        _, said = watch.communicate()
    assert (watch.returncode, said) == (Exit.INTERRUPTED, "")


def test_a_reader_who_has_seen_enough_ends_it_at_once(shell: Shell) -> None:
    shell.write(CONFIG)
    with shell.watching() as watch:
        read_until(watch, "engine")
        assert watch.stdout is not None and watch.stderr is not None
        watch.stdout.close()
        assert watch.wait() == Exit.OK
        assert watch.stderr.read() == ""


def test_any_other_output_to_nobody_ends_quietly_too(shell: Shell) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        shell.argv("config", "schema"), cwd=shell.cwd, env=shell.env, stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.OK, "")


def test_it_says_when_the_engine_stops_and_when_it_dies(shell: Shell) -> None:
    shell.write(CONFIG)
    with shell.watching() as watch:
        read_until(watch, "engine")
        assert shell.run("stop").stdout == "stopped; running steps go on\n"
        _, said = watch.communicate()
    assert watch.returncode == Exit.NO_ENGINE
    assert said.startswith("the engine was stopped by ada; running steps go on")
    with shell.watching() as watch:
        read_until(watch, "engine")
        os.kill(json.loads(shell.run("status", "--json").stdout)["pid"], signal.SIGKILL)
        _, said = watch.communicate()
    assert watch.returncode == Exit.NO_ENGINE
    assert said.startswith("the engine went away")


def test_a_dead_engines_socket_is_no_engine_and_the_next_takes_its_place(shell: Shell) -> None:
    shell.write(CONFIG)
    shell.run("note", "before")
    os.kill(json.loads(shell.run("status", "--json").stdout)["pid"], signal.SIGKILL)
    assert (shell.home / "default" / "engine.sock").exists()
    done = shell.run("status")
    assert (done.returncode, done.stdout) == (Exit.NO_ENGINE, "no engine runs for this profile\n")
    assert shell.run("stop").stdout == "no engine was running\n"
    assert shell.run("note", "after").stdout == "noted\n"
    with shell.watching() as watch:
        read_until(watch, "before", "after")


def test_a_dumb_terminal_gets_plain_lines(shell: Shell) -> None:
    shell.write(CONFIG)
    shell.run("declare", "it burns")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        shell.argv(), cwd=shell.cwd, env={**shell.env, "TERM": "dumb"}, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        told = b""
        while b"it burns" not in told:
            told += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait() == Exit.INTERRUPTED
    os.close(ours)
    assert b"\x1b" not in told
