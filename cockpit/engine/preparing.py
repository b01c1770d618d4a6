"""From a command as the runbook means it to what a supervisor runs."""

from __future__ import annotations

from cockpit.execution.attempt import CommandSpec
from cockpit.runbooks.values import Invocation


def prepare(command: Invocation) -> CommandSpec:
    """The supervised command; a request is made by a small program of our own."""
    if command.call is not None:
        raise NotImplementedError
    return CommandSpec(
        argv=command.argv, timeout=command.timeout, kill_grace=command.kill_grace,
        success_codes=command.success_codes, workdir=command.workdir, env=dict(command.env), pty=command.pty,
    )  # fmt: skip
