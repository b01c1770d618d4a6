"""What a health document says: its own status, and which of its components fail. Pure.

An ordinary API must not be taken for a health document, so `auto` believes only what can hardly be anything else:

- the content types `application/health+json` and `application/vnd.spring-boot.actuator...`;
- a JSON object with a `status` that one of the formats knows, *all* of whose other keys belong to that format: Spring
  knows `components`, `details`, `groups`; MicroProfile `checks`, a list; health+json its own. A `data`, `message` or
  `id` beside the status makes it an ordinary answer;
- plain text that begins with a line `[+]name ok` or `[-]name failed`, as Kubernetes writes it.

A format that is named in the config is held to: an answer that is not of it is bad.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from cockpit.config.probes import HealthFormat
from cockpit.probes.sample import Outcome

NAMED = 8
"""Failing components named in one line."""
KEPT = 50
"""Components kept of one answer."""
DEEPEST = 6
SHOWN = 60
"""Characters kept of a name or a status."""

_WORDS: tuple[tuple[Outcome, str], ...] = (
    ("good", "up pass ok healthy"),
    ("slow", "warn warning degraded unknown"),
    ("bad", "down fail failed error out_of_service unhealthy"),
)
_RANK = {word: outcome for outcome, words in _WORDS for word in words.split()}
_NEUTRAL = frozenset({"status", "time", "timestamp", "uptime"})
_SPRING = _NEUTRAL | {"components", "details", "groups"}
_MICROPROFILE = _NEUTRAL | {"checks"}
_HEALTH_JSON = _NEUTRAL | {
    "version", "releaseId", "notes", "output", "checks", "links", "serviceId", "serviceID", "description",
}  # fmt: skip
_LINE = re.compile(r"\[([+-])\](\S{1,200})[ \t]?(.{0,200})")


class Component(msgspec.Struct, frozen=True):
    """One part of what was asked, with its status as it was written."""

    name: str
    status: str
    outcome: Outcome


class Health(msgspec.Struct, frozen=True):
    """A health document: `outcome` is never indeterminate; `words` say what is wrong, and nothing when all is well."""

    outcome: Outcome
    words: str
    components: tuple[Component, ...] = ()


def read(wanted: HealthFormat, content_type: str, body: bytes) -> Health | None:
    """What the body says of the health, None when it is no health document and need not be one."""
    kind = content_type.partition(";")[0].strip().lower()
    match wanted:
        case "none":
            return None
        case "auto":
            return _guessed(kind, body)
        case "kubernetes":
            return _kubernetes(body) or _not("kubernetes")
        case _:
            return _document(_object(body)) or _not(wanted)


def _not(wanted: HealthFormat) -> Health:
    called = {"spring": "Spring", "microprofile": "MicroProfile", "kubernetes": "Kubernetes"}.get(wanted, wanted)
    return Health("bad", f"the body is no {called} health document")


def _guessed(kind: str, body: bytes) -> Health | None:
    if kind == "text/plain" or not kind:
        return _kubernetes(body) if body[:1] == b"[" and body[1:2] in b"+-" and body[2:3] == b"]" else None
    if kind == "application/health+json" or kind.startswith("application/vnd.spring-boot.actuator"):
        return _document(_object(body))
    if kind != "application/json" or b'"status"' not in body:
        return None
    document = _object(body)
    return _document(document) if _is_health(document) else None


def _is_health(document: Mapping[str, Any]) -> bool:
    keys, status = document.keys(), document.get("status")
    if not isinstance(status, str) or status.lower() not in _RANK:
        return False
    if keys <= _SPRING:
        return True
    if keys <= _MICROPROFILE and isinstance(document["checks"], list):
        return True
    return keys <= _HEALTH_JSON and isinstance(document.get("checks", {}), dict)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _document(document: Mapping[str, Any]) -> Health | None:
    """JSON formats differ in where components stand, and are told apart by that alone."""
    status = document.get("status")
    if not isinstance(status, str):
        return None
    components: list[Component] = []
    for component in _parts(document, "", 0):
        components.append(component)
        if len(components) == KEPT:
            break
    # A status of one's own is one that nobody can vouch for.
    return _judged(_outcome(status), status[:SHOWN], tuple(components))


def _outcome(status: str) -> Outcome:
    return _RANK.get(status.strip().lower(), "slow")


def _parts(node: Mapping[str, Any], path: str, depth: int) -> Iterator[Component]:
    if depth > DEEPEST:
        return
    for key in ("components", "details", "checks"):
        match node.get(key):
            case dict() as named:
                pairs = [(str(name), each) for name, value in named.items() for each in _listed(value)]
            case list() as listed:
                pairs = [(str(each.get("name", "")), each) for each in listed if isinstance(each, dict)]
            case _:
                continue
        for name, each in pairs:
            if isinstance(each, dict) and isinstance(status := each.get("status"), str):
                own = f"{path}{name}"[:SHOWN]
                yield Component(own, status[:SHOWN], _outcome(status))
                yield from _parts(each, f"{own}/", depth + 1)


def _listed(value: Any) -> list[Any]:
    """health+json has a list of measurements under each name, the others one object."""
    return value if isinstance(value, list) else [value]


def _kubernetes(body: bytes) -> Health | None:
    text = body.decode(errors="replace").strip()
    if text == "ok":
        return Health("good", "")
    components = []
    for line in text.splitlines()[:KEPT]:
        if match := _LINE.match(line):
            fine = match[1] == "+"
            status = match[3].strip().partition(":")[0] or ("ok" if fine else "failed")
            components.append(Component(match[2][:SHOWN], status[:SHOWN], "good" if fine else "bad"))
    if not components:
        return None
    failed = any(component.outcome == "bad" for component in components)
    return _judged("bad" if failed else "good", "a check failed", tuple(components))


def _judged(outcome: Outcome, status: str, components: tuple[Component, ...]) -> Health:
    """The endpoint's own verdict stands: a component that fails without making the whole fail is only named."""
    failing = [component for component in components if component.outcome != "good"]
    failing.sort(key=lambda component: component.outcome != "bad")
    named = ", ".join(f"{component.name} {component.status}" for component in failing[:NAMED])
    if len(failing) > NAMED:
        named += f" and {len(failing) - NAMED} more"
    if outcome == "good":
        return Health("good", named, components)
    return Health(outcome, f"{status}: {named}" if named else f"its status is {status}", components)
