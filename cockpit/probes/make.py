"""From what a config says to something that can be asked: where a new kind of probe is plugged in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import Clock
from cockpit.config.probes import HttpProbeConfig
from cockpit.probes.http import HttpProbe
from cockpit.probes.sample import Samples
from cockpit.probes.targets import Target
from cockpit.probes.transport import ProbeTransport


@dataclass(frozen=True)
class Tools:
    """What probes share. `env` holds the secrets they refer to; files they name are found from `base`."""

    transport: ProbeTransport
    clock: Clock
    env: Mapping[str, str]
    base: Path


def make(target: Target, tools: Tools) -> Samples:
    """The probe of a target."""
    match target.config:
        case HttpProbeConfig() as config:
            return HttpProbe(config, tools.transport, tools.clock, tools.env)
    raise TypeError(f"no probe of type {target.config.type} yet")
