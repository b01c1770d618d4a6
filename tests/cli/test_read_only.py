"""`--read-only`: every command that would act is refused with code 1; what only looks works."""

from __future__ import annotations

import pytest

from cockpit.exits import Exit
from tests.cli.conftest import CONFIG, Shell

REFUSED = "this terminal only looks: it was started with --read-only\n"


@pytest.mark.parametrize(
    "words",
    [
        ("note", "x"),
        ("declare", "It burns"),
        ("resolve",),
        ("update", "--know", "x"),
        ("hold",),
        ("send-now",),
        ("cadence", "30m"),
        ("mark", "deploy", "web 4"),
        ("freeze", "on", "--scope", "ci", "--reason", "x"),
        ("freeze", "off"),
        ("lead",),
        ("role", "operations", "bo"),
        ("need", "bo", "--until", "2h"),
        ("release", "bo"),
        ("stand-down", "--stay", "ada"),
        ("here",),
        ("away",),
        ("follow",),
        ("timer", "start", "latency"),
        ("timer", "end", "latency"),
        ("ci", "cancel", "github", "4711"),
        ("alerts", "ack", "pager:PT4"),
        ("runbook", "run", "mend", "--yes"),
        ("stop",),
        ("restart",),
        ("drill", "login-flag", "--play", "good"),
        ("demo",),
    ],
)
def test_a_command_that_would_act_is_refused_and_starts_nothing(shell: Shell, words: tuple[str, ...]) -> None:
    shell.write(CONFIG)
    done = shell.run("--read-only", *words)
    assert (done.returncode, done.stdout, done.stderr) == (Exit.REFUSED, "", REFUSED)
    assert not (shell.home / "default" / "journal.sqlite").exists()


def test_what_only_looks_works(shell: Shell) -> None:
    shell.write(CONFIG)
    assert shell.run("note", "from a hand").returncode == Exit.OK
    assert shell.run("--read-only", "status").returncode == Exit.OK
    assert shell.run("--read-only", "changes").returncode == Exit.OK
