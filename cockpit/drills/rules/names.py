"""Names: that each is there once, and that whatever is named exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cockpit.config.fields import repeated
from cockpit.config.yaml import Steps
from cockpit.drills.answers import per_instance
from cockpit.drills.model.parts import Endpoint
from cockpit.drills.model.values import FREEZE, OWN, Bounds
from cockpit.drills.rules.case import Case, Finding, adds, conditions, nearest, sets, values


def check(case: Case) -> Iterator[Finding]:
    """Services, instances, variables, gauges, probes, endpoints."""
    yield from _doubled(case)
    yield from _services(case)
    yield from _endpoints(case)
    yield from _conditions(case)
    yield from _effects(case)
    yield from _others(case)


def _doubled(case: Case) -> Iterator[Finding]:
    scenario = case.scenario
    for what, steps, names in (
        ("service", "services", [one.name for one in scenario.services]),
        ("probe", "services", [probe.name for one in scenario.services for probe in one.probes]),
        ("endpoint", "endpoints", [one.path for one in scenario.endpoints]),
        ("change", "changes", [one.id for one in scenario.changes]),
        ("expert", "experts", [one.name for one in scenario.experts]),
    ):
        for name in repeated(names):
            yield Finding((steps,), f"there are two {what}s called {name}", "give each a name of its own")


def _services(case: Case) -> Iterator[Finding]:
    known = {service.name for service in case.scenario.services}
    paths = {endpoint.path: endpoint for endpoint in case.scenario.endpoints}
    for index, service in enumerate(case.scenario.services):
        at: Steps = ("services", index)
        if service.name in (OWN, FREEZE.partition(".")[0]):
            yield Finding((*at, "name"), f"{service.name} has a meaning of its own in conditions", "choose another")
        for name in sorted(service.state.keys() & service.gauges.keys()):
            yield Finding((*at, "gauges", name), f"{name} is a variable of {service.name} too", "give it another name")
        for name in repeated(service.instances):
            yield Finding((*at, "instances"), f"{name} is there twice", "remove one")
        if service.each and not service.instances:
            yield Finding((*at, "each"), "there are no instances to have this", "add instances: [...]")
        for number, other in enumerate(service.depends_on):
            if other not in known:
                yield Finding((*at, "depends_on", number), f"there is no service {other}", nearest(other, known))
        for number, probe in enumerate(service.probes):
            place: Steps = (*at, "probes", number)
            endpoint = paths.get(probe.path)
            if endpoint is None:
                yield Finding((*place, "path"), f"no endpoint answers {probe.path}", nearest(probe.path, paths))
            elif probe.each and (endpoint.service != service.name or not service.instances):
                mend = f"give {service.name} instances, and the endpoint service: {service.name}"
                yield Finding((*place, "each"), f"{probe.path} has no instances of {service.name} to ask", mend)
            elif not probe.each and per_instance(endpoint):
                yield Finding((*place, "path"), f"{probe.path} answers for one instance", "add each: true")
            elif probe.contains is not None and not _says(endpoint, probe.contains):
                yield Finding((*place, "contains"), f"no answer of {probe.path} has this text in it")


def _says(endpoint: Endpoint, text: str) -> bool:
    return any(text in (rule.text if rule.text is not None else str(rule.body)) for rule in endpoint.rules)


def _endpoints(case: Case) -> Iterator[Finding]:
    services = {service.name: service for service in case.scenario.services}
    for index, endpoint in enumerate(case.scenario.endpoints):
        at: Steps = ("endpoints", index)
        if endpoint.service is None:
            if per_instance(endpoint):
                yield Finding(at, f"a rule of {endpoint.path} says `{OWN}`", "say whose instances: service: NAME")
        elif endpoint.service not in services:
            message = f"there is no service {endpoint.service}"
            yield Finding((*at, "service"), message, nearest(endpoint.service, services))
        elif not services[endpoint.service].instances:
            message = f"{endpoint.service} has no instances"
            yield Finding((*at, "service"), message, "give it instances, or leave this out")
        for number, rule in enumerate(endpoint.rules):
            for name, key in rule.gauges.items():
                if key not in case.scenario.gauges:
                    mend = nearest(key, case.scenario.gauges)
                    yield Finding((*at, "rules", number, "gauges", name), f"no service has the gauge {key}", mend)


def _conditions(case: Case) -> Iterator[Finding]:
    gauges, possible = case.scenario.gauges, values(case.scenario)
    for at, condition, endpoint in conditions(case.scenario):
        for key, wanted in condition.items():
            place: Steps = (*at, key)
            if key.startswith(f"{OWN}."):
                yield from _own(case, place, key, wanted, endpoint, possible)
            elif isinstance(wanted, Bounds):
                yield from _bounds(place, key, wanted, gauges.keys(), possible.keys())
            else:
                yield from _value(place, key, wanted, gauges.keys(), possible)


def _own(
    case: Case, place: Steps, key: str, wanted: str | tuple[str, ...] | Bounds, endpoint: Endpoint | None,
    possible: dict[str, set[str]],
) -> Iterator[Finding]:  # fmt: skip
    if endpoint is None:
        yield Finding(place, f"`{OWN}` means something in the rules of an endpoint only", "name service/instance")
        return
    service = next((one for one in case.scenario.services if one.name == endpoint.service), None)
    if service is None or not service.instances:
        return
    name = key.removeprefix(f"{OWN}.")
    if name not in service.each:
        message = f"the instances of {service.name} have no {name}"
        yield Finding(place, message, nearest(name, service.each))
    elif isinstance(wanted, Bounds):
        yield Finding(place, f"{name} is a variable", "name its values")
    else:
        known = {value for one in service.instances for value in possible[f"{service.name}/{one}.{name}"]}
        yield from _never(place, key, wanted, known)


def _bounds(
    place: Steps, key: str, wanted: Bounds, gauges: Collection[str], variables: Collection[str]
) -> Iterator[Finding]:
    if key in gauges:
        if wanted.least is None and wanted.below is None:
            yield Finding(place, "always holds", "say least or below")
        elif wanted.least is not None and wanted.below is not None and wanted.least >= wanted.below:
            yield Finding(place, f"nothing is at least {wanted.least:g} and below {wanted.below:g}")
    elif key in variables:
        yield Finding(place, f"{key} is a variable and has no bounds", "name its value, or several in a list")
    else:
        yield Finding(place, f"no service has the gauge {key}", nearest(key, gauges))


def _value(
    place: Steps, key: str, wanted: str | tuple[str, ...], gauges: Collection[str], possible: dict[str, set[str]]
) -> Iterator[Finding]:
    if key in possible:
        yield from _never(place, key, wanted, possible[key])
    elif key in gauges:
        yield Finding(place, f"{key} is a gauge and has no value to be equal to", "give bounds: {least: 1}")
    else:
        yield Finding(place, f"no service has the variable {key}", nearest(key, possible))


def _never(place: Steps, key: str, wanted: str | tuple[str, ...], known: set[str]) -> Iterator[Finding]:
    for value in (wanted,) if isinstance(wanted, str) else wanted:
        if value not in known:
            yield Finding(place, f"{key} is never {value!r}: nothing sets it", nearest(value, known))


def _effects(case: Case) -> Iterator[Finding]:
    gauges, variables = case.scenario.gauges, case.scenario.start
    for at, given in sets(case.scenario):
        for key in given:
            if key == FREEZE:
                yield Finding((*at, key), "only what the cockpit publishes sets it", "remove it")
            elif key in gauges:
                yield Finding((*at, key), f"{key} is a gauge, which is not set", "use adds: {...: 5}")
            elif key not in variables:
                yield Finding((*at, key), f"no service has the variable {key}", nearest(key, variables))
    for at, numbers in adds(case.scenario):
        for key in numbers:
            if key in variables:
                yield Finding((*at, key), f"{key} is a variable, which is not added to", "use sets")
            elif key not in gauges:
                yield Finding((*at, key), f"no service has the gauge {key}", nearest(key, gauges))
    for index, flow in enumerate(case.scenario.flows):
        if flow.gauge not in gauges:
            message = f"no service has the gauge {flow.gauge}"
            yield Finding(("flows", index, "gauge"), message, nearest(flow.gauge, gauges))


def _others(case: Case) -> Iterator[Finding]:
    known = {service.name for service in case.scenario.services}
    for index, change in enumerate(case.scenario.changes):
        if change.service and change.service not in known:
            message = f"there is no service {change.service}"
            yield Finding(("changes", index, "service"), message, nearest(change.service, known))
    verified = case.scenario.criteria.verified
    if verified not in case.probes:
        message = f"no service has the probe {verified}"
        yield Finding(("criteria", "verified"), message, nearest(verified, case.probes))
