"""An HTTP request as a command, so that it has all that a command has: a claim, a deadline, a result, its output."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.execution import requester
from cockpit.execution.attempt import CommandSpec

_CODE = Path(requester.__file__).read_text(encoding="utf-8")
"""Read when the engine starts, as the supervisor's code: an upgrade on disk changes nothing."""
_CODE_VARIABLE = "COCKPIT_REQUESTER"
_BOOTSTRAP = f"import os; exec(os.environ[{_CODE_VARIABLE!r}])"
_BACKSTOP = 5.0
"""Seconds after its own deadline in which the program should have ended by itself."""
_GRACE = 2.0


@dataclass(frozen=True)
class Secret:
    """A value by the name of the variable that holds it, in the environment of the person who confirmed."""

    env: str


@dataclass(frozen=True)
class RequestSpec:
    """A request, made once, and the statuses that count as success; its deadline in seconds is for the whole answer.

    `json` is sent in the place of a body, as an object of these names and values. A body of more than 100 KB may be
    more than a process can be given; it is then certainly not sent.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, object] = field(default_factory=dict)
    body: str | None = None
    json: Mapping[str, object] | None = None
    expect: tuple[int, ...] = (200, 201, 202, 204)
    timeout: float = 30.0


def command(spec: RequestSpec, python: str) -> CommandSpec:
    """The command that makes the request, by this Python interpreter; `requester` says how it ends."""
    wanted = {
        "url": spec.url,
        "method": spec.method,
        "headers": _named(spec.headers),
        "body": spec.body,
        "json": None if spec.json is None else _named(spec.json),
        "expect": spec.expect,
        "timeout": spec.timeout,
    }
    return CommandSpec(
        # The last two are for whoever looks at the list of processes.
        argv=(python, "-I", "-S", "-c", _BOOTSTRAP, spec.method, spec.url),
        timeout=spec.timeout + _BACKSTOP,
        kill_grace=_GRACE,
        env={_CODE_VARIABLE: _CODE, requester.VARIABLE: json.dumps(wanted)},
    )


def _named(values: Mapping[str, object]) -> dict[str, object]:
    return {name: {"env": value.env} if isinstance(value, Secret) else value for name, value in values.items()}
