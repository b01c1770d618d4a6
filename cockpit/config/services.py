"""What people call a service, and what they want at hand when it breaks."""

from __future__ import annotations

from cockpit.config.fields import Line, Name, Strict, Url
from cockpit.config.maintenance import Maintenance
from cockpit.config.probes import ProbeConfig


class ServiceConfig(Strict):
    """A service as people name it. `reads` lists what else it reads or relies on, to rank what may have broken it.

    `depends_on` names probes, or services, without which none of its own probes can be well.
    """

    name: Name
    title: str = ""
    owner: Line | None = None
    links: dict[Name, Url] = {}
    escalation: tuple[Line, ...] = ()
    reads: tuple[str, ...] = ()
    depends_on: tuple[Name, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    probes: tuple[ProbeConfig, ...] = ()
