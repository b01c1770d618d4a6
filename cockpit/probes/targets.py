"""What is asked, and over which lane: a probe of several instances or protocols becomes several targets. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from cockpit.config.probes import HttpProbeConfig, ProbeConfig, TcpProbeConfig, TlsProbeConfig
from cockpit.config.services import ServiceConfig

Family = Literal["auto", "ip4", "ip6"]


@dataclass(frozen=True)
class Target:
    """One lane. `probe` is the name in the config; `name` is the same, or `probe@instance` where there are several."""

    name: str
    probe: str
    service: str
    config: ProbeConfig
    instance: str = ""
    family: Family = "auto"
    address: str = ""
    """Where the instance is asked, if there are several."""


def targets(services: Sequence[ServiceConfig]) -> tuple[Target, ...]:
    """Every lane of every probe, as the config orders them."""
    return tuple(target for service in services for probe in service.probes for target in _lanes(service.name, probe))


def _lanes(service: str, probe: ProbeConfig) -> Iterator[Target]:
    instances = probe.instances if isinstance(probe, HttpProbeConfig | TcpProbeConfig | TlsProbeConfig) else ()
    named = instances if isinstance(instances, dict) else {address: address for address in instances}
    for name, address in named.items():
        yield Target(f"{probe.name}@{name}", probe.name, service, probe, name, address=address)
    if instances:
        return
    protocol = probe.ip_protocol if isinstance(probe, HttpProbeConfig | TcpProbeConfig | TlsProbeConfig) else "auto"
    if protocol == "each":
        yield Target(f"{probe.name}@ip4", probe.name, service, probe, "ip4", "ip4")
        yield Target(f"{probe.name}@ip6", probe.name, service, probe, "ip6", "ip6")
    else:
        yield Target(probe.name, probe.name, service, probe, family=protocol)
