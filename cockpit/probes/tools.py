"""What all probes share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import Clock
from cockpit.probes.transport import ProbeTransport


@dataclass(frozen=True)
class Tools:
    """What probes share. `env` holds the secrets they refer to; files they name are found from `base`."""

    transport: ProbeTransport
    clock: Clock
    env: Mapping[str, str]
    base: Path
