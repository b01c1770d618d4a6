"""What `config.yaml` may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cockpit.config.fields import Deadline, EnvName, Name, Ratio, Strict, Url, repeated


class EnvReference(Strict):
    """A secret, by the name of the environment variable that holds it."""

    env: EnvName


class JsonCondition(Strict):
    """A demand on one value of a JSON body. `path` is dotted, with numbers for list items: `checks.0.status`."""

    path: str
    equals: str | int | float | bool | None = None
    below: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _one_demand(self) -> JsonCondition:
        if len(self.model_fields_set & {"equals", "below", "above"}) != 1:
            raise ValueError("a JSON condition needs exactly one of equals, below, above")
        return self


class Expect(Strict):
    """When an answer counts as good."""

    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = (200,)
    latency: Deadline | None = None
    body_contains: str | None = None
    json_values: tuple[JsonCondition, ...] = Field(default=(), alias="json")


class ErrorRate(Strict):
    """A ratio from 0 to 1 in a JSON body: from `warn` on the probe is degraded, from `crit` on a sample is bad."""

    path: str
    warn: Ratio = 0.01
    crit: Ratio = 0.05

    @model_validator(mode="after")
    def _in_order(self) -> ErrorRate:
        if self.warn > self.crit:
            raise ValueError("warn must not be above crit")
        return self


class ProbeConfig(Strict):
    """One endpoint, how often to ask it and what to expect."""

    name: Name
    url: Url
    kind: Literal["liveness", "readiness", "synthetic"] = "readiness"
    method: Literal["GET", "HEAD", "POST"] = "GET"
    headers: dict[str, str | EnvReference] = {}
    body: str | None = None
    interval: Deadline = 10.0
    timeout: Deadline = 3.0
    failures: Annotated[int, Field(ge=1, le=20)] = 3
    successes: Annotated[int, Field(ge=1, le=20)] = 2
    degraded_latency: Deadline | None = None
    expect: Expect = Expect()
    error_rate: ErrorRate | None = None


class ServiceConfig(Strict):
    """A service as people name it. `reads` lists what else it depends on, to rank what may have broken it."""

    name: Name
    title: str = ""
    reads: tuple[str, ...] = ()
    probes: tuple[ProbeConfig, ...] = ()


class ChangeSource(Strict):
    """An HTTP address that answers with a JSON list of recent changes."""

    name: Name
    url: Url
    interval: Deadline = 15.0
    timeout: Deadline = 3.0


class FileDestination(Strict):
    """Updates appended to a file, one JSON object a line."""

    kind: Literal["file"]
    name: Name = "file"
    path: str


class Cadence(Strict):
    """The longest silence readers should meet, by severity."""

    SEV1: Deadline = 1200.0
    SEV2: Deadline = 1800.0
    SEV3: Deadline = 3600.0
    SEV4: Deadline = 3600.0
    first: Deadline = 300.0


class BroadcastConfig(Strict):
    """Where updates go, and how often they are due."""

    destinations: tuple[FileDestination, ...] = ()
    cadence: Cadence = Cadence()


class Config(Strict):
    """The whole file."""

    version: Literal[1]
    services: tuple[ServiceConfig, ...] = ()
    changes: tuple[ChangeSource, ...] = ()
    broadcast: BroadcastConfig = BroadcastConfig()
    runbooks: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _unique_names(self) -> Config:
        for what, names in (
            ("service", [service.name for service in self.services]),
            ("probe", [probe.name for service in self.services for probe in service.probes]),
            ("change source", [source.name for source in self.changes]),
            ("destination", [destination.name for destination in self.broadcast.destinations]),
        ):
            if twice := repeated(names):
                raise ValueError(f"a {what}'s name must be its own: {', '.join(twice)}")
        return self
