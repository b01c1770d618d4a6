"""From what a config says to something that can be asked: where a new kind of probe is plugged in."""

from __future__ import annotations

from cockpit.config.probes import (
    CommandProbeConfig,
    DnsProbeConfig,
    HttpProbeConfig,
    TcpProbeConfig,
    TlsProbeConfig,
)
from cockpit.config.rates import JsonRateConfig, OpenMetricsConfig, PrometheusConfig
from cockpit.probes.command import CommandProbe
from cockpit.probes.dns import DnsProbe
from cockpit.probes.http import HttpProbe
from cockpit.probes.rates.jsonrate import JsonRateProbe
from cockpit.probes.rates.openmetrics import OpenMetricsProbe
from cockpit.probes.rates.prometheus import PrometheusProbe
from cockpit.probes.sample import Samples
from cockpit.probes.targets import Target
from cockpit.probes.tcp import TcpProbe
from cockpit.probes.tls import TlsProbe
from cockpit.probes.tools import Tools

__all__ = ["Tools", "make"]


def make(target: Target, tools: Tools) -> Samples:
    """The probe of a target."""
    match target.config:
        case HttpProbeConfig():
            return HttpProbe(target, tools)
        case TcpProbeConfig():
            return TcpProbe(target, tools)
        case TlsProbeConfig():
            return TlsProbe(target, tools)
        case DnsProbeConfig():
            return DnsProbe(target, tools)
        case CommandProbeConfig():
            return CommandProbe(target, tools)
        case PrometheusConfig():
            return PrometheusProbe(target, tools)
        case OpenMetricsConfig():
            return OpenMetricsProbe(target, tools)
        case JsonRateConfig():
            return JsonRateProbe(target, tools)
    raise TypeError(f"no probe of type {target.config.type} yet")
