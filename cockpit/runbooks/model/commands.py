"""What a step can have done: a command, a request, and what undoes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cockpit.config.fields import Deadline, Duration, EnvReference, Strict
from cockpit.runbooks.model.values import Argv, Environment, FromOutput, FromParam, Value

SHELL = ("bash", "-eo", "pipefail", "-c")
"""The shell of a `run:` that names none: it stops at the first failure, also within a pipe."""

Codes = Annotated[tuple[Annotated[int, Field(ge=0, le=255)], ...], Field(min_length=1)]
"""Exit codes that mean success."""

Script = Annotated[str, Field(min_length=1, max_length=20_000)]


class Command(Strict):
    """A command: its words in `argv`, or a script in `run` for a shell, which sees values in its environment only.

    After TERM it has `kill_grace` to end before KILL. It prints into a pipe, or with `pty` into a terminal.
    """

    argv: Argv | None = None
    run: Script | None = None
    shell: Annotated[tuple[str, ...], Field(min_length=1)] = SHELL
    env: Environment = {}
    timeout: Deadline = 60.0
    kill_grace: Duration = 10.0
    success_codes: Codes = (0,)
    workdir: str | None = None
    pty: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Command:
        if (self.argv is None) == (self.run is None):
            raise ValueError("a command is either argv, its words one by one, or run, a script for a shell")
        if self.argv is not None and "shell" in self.model_fields_set:
            raise ValueError("shell belongs to run: argv is read by no shell")
        return self


class Request(Strict):
    """An HTTP request, made once; redirects are not followed. Values stand whole: the url, a header, a JSON value."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+")] | FromParam | FromOutput
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")], Value | EnvReference] = {}
    body: str | None = None
    json_body: dict[str, Value | EnvReference] | None = Field(default=None, alias="json")
    expect: Annotated[tuple[Annotated[int, Field(ge=100, le=599)], ...], Field(min_length=1)] = (200, 201, 202, 204)
    timeout: Deadline = 30.0

    @model_validator(mode="after")
    def _one_body(self) -> Request:
        if self.body is not None and self.json_body is not None:
            raise ValueError("a request has a body or json, not both")
        if (self.body is not None or self.json_body is not None) and self.method in {"GET", "HEAD"}:
            raise ValueError(f"a {self.method} carries no body: use POST, PUT or PATCH")
        return self


class Rollback(Strict):
    """What undoes a step, run where the step's own command ran.

    `check` reads whether what it restores is still there: with any other exit code than 0 nothing is undone.
    """

    command: Argv | None = None
    run: Script | None = None
    shell: Annotated[tuple[str, ...], Field(min_length=1)] = SHELL
    http: Request | None = None
    check: Command | None = None
    env: Environment = {}
    timeout: Deadline = 300.0
    kill_grace: Duration = 10.0
    success_codes: Codes = (0,)
    pty: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Rollback:
        if sum(way is not None for way in (self.command, self.run, self.http)) != 1:
            raise ValueError("a rollback is exactly one of command, run, http")
        return self


class Retries(Strict):
    """How often a command that failed is started again by itself. Each time is an attempt of its own."""

    times: Annotated[int, Field(ge=1, le=10)]
    pause: Duration = 2.0
