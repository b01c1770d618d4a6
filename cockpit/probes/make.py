"""From what a config says to something that can be asked: where a new kind of probe is plugged in."""

from __future__ import annotations

from cockpit.config.probes import HttpProbeConfig
from cockpit.probes.http import HttpProbe
from cockpit.probes.sample import Samples
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools

__all__ = ["Tools", "make"]


def make(target: Target, tools: Tools) -> Samples:
    """The probe of a target."""
    match target.config:
        case HttpProbeConfig():
            return HttpProbe(target, tools)
    raise TypeError(f"no probe of type {target.config.type} yet")
