"""From a command as the runbook means it to what a supervisor runs."""

from __future__ import annotations

from cockpit.execution.attempt import CommandSpec, Result
from cockpit.execution.launch import interpreter
from cockpit.execution.request import RequestSpec, Secret, command
from cockpit.execution.requester import EXPECTED, NOT_SENT, UNEXPECTED
from cockpit.runbooks.values import HttpCall, Invocation


def prepare(invocation: Invocation) -> CommandSpec:
    """The supervised command; a request is made by a small program of our own."""
    if invocation.call is not None:
        return command(_request(invocation.call, invocation.timeout), interpreter())
    return CommandSpec(
        argv=invocation.argv, timeout=invocation.timeout, kill_grace=invocation.kill_grace,
        success_codes=invocation.success_codes, workdir=invocation.workdir, env=dict(invocation.env),
        pty=invocation.pty,
    )  # fmt: skip


def nobody_knows(invocation: Invocation, result: Result) -> bool:
    """Whether a request was sent, and its answer is lost: then its end says nothing of what it did."""
    if invocation.call is None or result.ended_by == "not_found":
        return False
    return result.exit_code not in {EXPECTED, NOT_SENT, UNEXPECTED}


def _request(call: HttpCall, timeout: float) -> RequestSpec:
    return RequestSpec(
        url=call.url, method=call.method, headers=_revealing(call.headers), body=call.body,
        json=None if call.json_body is None else _revealing(call.json_body), expect=call.expect, timeout=timeout,
    )  # fmt: skip


def _revealing(values: dict[str, object]) -> dict[str, object]:
    """The values, with secrets by the names of their variables."""
    return {
        name: Secret(value["env"]) if isinstance(value, dict) and value.keys() == {"env"} else value
        for name, value in values.items()
    }
