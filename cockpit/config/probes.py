"""The kinds of probes, as a config describes them.

A new kind is a model here, a member of `ProbeConfig` and a line in `probes/make`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from cockpit.config.conditions import Condition, JsonCondition
from cockpit.config.fields import (
    STATUS_CLASS,
    Deadline,
    Endpoint,
    EnvName,
    EnvReference,
    Instances,
    NamedInstances,
    Strict,
    Url,
)
from cockpit.config.rates import ErrorRate, JsonRateConfig, OpenMetricsConfig, PrometheusConfig
from cockpit.config.watched import BaseProbe

IpProtocol = Literal["auto", "ip4", "ip6", "each"]
HealthFormat = Literal["auto", "none", "health+json", "spring", "microprofile", "kubernetes"]
StatusCode = Annotated[int, Field(ge=100, le=599)] | Annotated[str, Field(pattern=STATUS_CLASS)]


class PhaseTimeouts(Strict):
    """Deadlines of single phases, within the timeout of the whole."""

    dns: Deadline | None = None
    connect: Deadline | None = None
    tls: Deadline | None = None
    first_byte: Deadline | None = None


class TlsSettings(Strict):
    """Whom to trust instead of the system's authorities, and the name to ask for instead of the host's."""

    ca_file: str | None = None
    server_name: str | None = None


class Connecting(BaseProbe):
    """What goes to an address: with `instances` to each of them, with `ip_protocol: each` once by either protocol."""

    ip_protocol: IpProtocol = "auto"
    instances: Instances | NamedInstances = ()

    @model_validator(mode="after")
    def _one_kind_of_lanes(self) -> Connecting:
        if self.instances and self.ip_protocol == "each":
            raise ValueError("either instances or ip_protocol: each")
        return self


class HttpProbeConfig(Connecting):
    """One HTTP endpoint. With `instances` each is asked by its address, under the url's name, in a lane of its own."""

    type: Literal["http"] = "http"
    url: Url
    method: Literal["GET", "HEAD", "POST", "PUT", "OPTIONS"] = "GET"
    headers: dict[str, str | EnvReference] = {}
    body: str | None = None
    timeouts: PhaseTimeouts = PhaseTimeouts()
    valid_status_codes: tuple[StatusCode, ...] = Field(default=("2xx",), min_length=1)
    conditions: tuple[Condition, ...] = ()
    health_format: HealthFormat = "auto"
    degraded_response_time: Deadline | None = None
    error_rate: ErrorRate | None = None
    follow_redirects: bool = False
    connection: Literal["fresh", "reuse"] = "fresh"
    tls: TlsSettings = TlsSettings()


class TcpProbeConfig(Connecting):
    """A port that must accept a connection; with `send` or `expect` also a first exchange of words."""

    type: Literal["tcp"]
    address: Endpoint
    send: str | None = None
    expect: str | None = None
    timeouts: PhaseTimeouts = PhaseTimeouts()
    degraded_response_time: Deadline | None = None


class TlsProbeConfig(Connecting):
    """A certificate: its days, its names, its chain.

    It is degraded with fewer days left than `warn_days`, bad below `crit_days`.
    """

    type: Literal["tls"]
    address: Endpoint
    tls: TlsSettings = TlsSettings()
    timeouts: PhaseTimeouts = PhaseTimeouts()
    warn_days: Annotated[float, Field(ge=0)] = 21
    crit_days: Annotated[float, Field(ge=0)] = 3
    interval: Deadline = 60.0

    @model_validator(mode="after")
    def _in_order(self) -> TlsProbeConfig:
        if self.warn_days < self.crit_days:
            raise ValueError("warn_days must not be below crit_days")
        return self


class DnsProbeConfig(BaseProbe):
    """A name that must resolve; `server` is asked instead of this host's own. All of `expect` must be answered."""

    type: Literal["dns"]
    query: str = Field(min_length=1, max_length=253)
    record: Literal["A", "AAAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT", "PTR"] = "A"
    server: Endpoint | None = None
    transport: Literal["udp", "tcp"] = "udp"
    expect: tuple[str, ...] = ()
    degraded_response_time: Deadline | None = None


class CommandProbeConfig(BaseProbe):
    """A command that exits 0 when all is well; JSON on its standard output may be judged by conditions.

    It gets `PATH`, `HOME`, `LANG` and the variables named in `env`, and nothing to read.
    """

    type: Literal["command"]
    argv: tuple[str, ...] = Field(min_length=1)
    env: tuple[EnvName, ...] = ()
    valid_exit_codes: tuple[Annotated[int, Field(ge=0, le=255)], ...] = Field(default=(0,), min_length=1)
    degraded_exit_codes: tuple[Annotated[int, Field(ge=0, le=255)], ...] = ()
    conditions: tuple[JsonCondition, ...] = ()
    error_rate: ErrorRate | None = None


def _type(raw: Any) -> str:
    found = raw.get("type", "http") if isinstance(raw, dict) else getattr(raw, "type", "http")
    return f"a {found} probe"


ProbeConfig = Annotated[
    Annotated[HttpProbeConfig, Tag("a http probe")]
    | Annotated[TcpProbeConfig, Tag("a tcp probe")]
    | Annotated[TlsProbeConfig, Tag("a tls probe")]
    | Annotated[DnsProbeConfig, Tag("a dns probe")]
    | Annotated[CommandProbeConfig, Tag("a command probe")]
    | Annotated[PrometheusConfig, Tag("a prometheus probe")]
    | Annotated[OpenMetricsConfig, Tag("a openmetrics probe")]
    | Annotated[JsonRateConfig, Tag("a json probe")],
    Discriminator(
        _type,
        custom_error_type="probe_type",
        custom_error_message="type must be one of http, tcp, tls, dns, command, prometheus, openmetrics, json",
    ),
]
"""Any probe; without a `type` it is HTTP. The tags hold a space, so that none is taken for a key of a file."""
