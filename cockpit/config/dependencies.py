"""Which probe depends on which, directly: what a config says of it by probe or by service. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from cockpit.config.services import ServiceConfig

Parents = Mapping[str, frozenset[str]]
"""The probes each probe depends on directly."""


def parents(services: Sequence[ServiceConfig]) -> Parents:
    """Every probe with those it depends on; ValueError names unknown ones, and a cycle."""
    of_service = {service.name: [probe.name for probe in service.probes] for service in services}
    known = {name for names in of_service.values() for name in names}
    found: dict[str, frozenset[str]] = {}
    for service in services:
        for probe in service.probes:
            named = (*service.depends_on, *probe.depends_on)
            if unknown := sorted({name for name in named if name not in known and name not in of_service}):
                raise ValueError(f"{probe.name} depends on what is not here: {', '.join(unknown)}")
            meant = {parent for name in named for parent in ([name] if name in known else of_service[name])}
            found[probe.name] = frozenset(meant)
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        raise ValueError(f"depends_on goes in a circle: {' -> '.join(reversed(error.args[1]))}") from None
    return found
