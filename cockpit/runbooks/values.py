"""Fills in what a command needs: the values a person gave, what earlier steps printed, the release of a rung.

A value is one whole word of a command, one variable of its environment, one JSON value; never a part of any.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.config.fields import EnvReference
from cockpit.incident.run import Run
from cockpit.runbooks.commandline import command_line, name_of
from cockpit.runbooks.model.commands import Command, Request
from cockpit.runbooks.model.steps import PagerDuty
from cockpit.runbooks.model.values import FromOutput, FromParam, FromTarget, Value
from cockpit.runbooks.plan import Plan


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request with every value filled in; secrets are still references to the environment: `{"env": NAME}`."""

    method: str
    url: str
    headers: dict[str, Any]
    body: str | None
    json_body: Any
    expect: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command with every value filled in: what is shown, hashed and run. Seconds of awake time.

    `secrets` are the variables that secret parameters fill; `missing` says in words what is not known, and while it
    does nothing can be run.
    """

    shown: str
    argv: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    timeout: float = 60.0
    kill_grace: float = 10.0
    success_codes: tuple[int, ...] = (0,)
    workdir: str | None = None
    pty: bool = False
    call: HttpCall | None = None
    missing: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The identity of what was shown to a person: another word, directory or deadline makes another."""
        call = None if self.call is None else [getattr(self.call, name) for name in self.call.__slots__]
        told = [
            self.argv,
            self.env,
            self.secrets,
            self.workdir,
            self.timeout,
            self.success_codes,
            self.pty,
            call,
            self.kill_grace,
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Known:
    """The values there are: of parameters, of outputs by `step.name`, and the release of the rung."""

    params: Mapping[str, str]
    outputs: Mapping[str, str]
    secret: frozenset[str] = frozenset()
    target: str = ""


def known(plan: Plan, run: Run, *, until: int = 0, target: str = "") -> Known:
    """What the run knows; of outputs only those of the first `until` attempts, if that is given."""
    outputs: dict[str, str] = {}
    for attempt in run.attempts.values():
        if attempt.finished is not None and attempt.finished.ok and (not until or attempt.order <= until):
            outputs |= {f"{attempt.step}.{name}": text for name, text in attempt.finished.outputs.items()}
    secret = frozenset(name for name, param in plan.params.items() if param.secret)
    return Known(run.params, outputs, secret, target)


def fill(doing: Command | Request | PagerDuty, values: Known, dedup: str = "") -> Invocation:
    """The command with its values; `dedup` keeps a page that is sent twice from waking somebody twice."""
    filling = _Filling(values)
    if isinstance(doing, PagerDuty):
        return filling.page(doing, dedup)
    return filling.request(doing) if isinstance(doing, Request) else filling.command(doing)


class _Filling:
    """Collects what is missing and what is secret while one command is filled in."""

    def __init__(self, values: Known) -> None:
        self._values = values
        self._missing: list[str] = []

    def command(self, command: Command) -> Invocation:
        argv: tuple[str, ...] = tuple(self._word(word) for word in command.argv or ())
        shown = command_line(argv)
        if command.run is not None:
            argv, shown = (*command.shell, command.run), command.run.strip()
        secrets = {
            name: value.param
            for name, value in command.env.items()
            if isinstance(value, FromParam) and value.param in self._values.secret
        }
        env = {name: self._word(value) for name, value in command.env.items() if name not in secrets}
        given = " ".join(f"{name}={command_line((value,))}" for name, value in sorted(env.items()))
        return Invocation(
            shown=f"{given} {shown}" if given else shown, argv=argv, env=tuple(sorted(env.items())),
            secrets=tuple(sorted(secrets.items())), timeout=command.timeout, kill_grace=command.kill_grace,
            success_codes=command.success_codes, workdir=command.workdir, pty=command.pty,
            missing=tuple(dict.fromkeys(self._missing)),
        )  # fmt: skip

    def request(self, request: Request) -> Invocation:
        url = self._word(request.url)
        headers = {name: self._open(value) for name, value in request.headers.items()}
        told = None if request.json_body is None else {k: self._open(v) for k, v in request.json_body.items()}
        call = HttpCall(request.method, url, headers, request.body, told, request.expect)
        return self._call(call, request.timeout)

    def page(self, page: PagerDuty, dedup: str) -> Invocation:
        payload = {"summary": page.summary, "source": "cockpit", "severity": page.severity}
        told = {
            "routing_key": {"env": page.routing_key.env},
            "event_action": "trigger",
            "dedup_key": dedup,
            "payload": payload,
        }
        return self._call(HttpCall("POST", page.url, {}, None, told, (202,)), 30.0)

    def _call(self, call: HttpCall, timeout: float) -> Invocation:
        body = call.body if call.json_body is None else json.dumps(call.json_body, ensure_ascii=False)
        headers = (f"{name}: {_told(value)}" for name, value in call.headers.items())
        shown = " ".join(part for part in (call.method, call.url, *headers, body or "") if part)
        missing = tuple(dict.fromkeys(self._missing))
        return Invocation(shown=shown, timeout=timeout, call=call, missing=missing)

    def _open(self, value: Value | EnvReference) -> Any:
        return {"env": value.env} if isinstance(value, EnvReference) else self._word(value)

    def _word(self, value: Value) -> str:
        found: str | None
        match value:
            case FromParam(param=name):
                found = None if name in self._values.secret else self._values.params.get(name)
            case FromOutput(output=name):
                found = self._values.outputs.get(name)
            case FromTarget():
                found = self._values.target or None
            case _:
                return value
        if found is None:
            self._missing.append(name_of(value))
            return name_of(value)
        return found


def _told(value: Any) -> str:
    """The value of a header as it is shown: a secret by the name of its variable."""
    return name_of(EnvReference(env=value["env"])) if isinstance(value, dict) else command_line((value,))
