"""Rollouts, from what `kubectl get deployments -o json` prints. Pure."""

from __future__ import annotations

import msgspec

from cockpit.changes.document import Found
from cockpit.changes.reading import Zoned, each, line, microseconds, oldest_first, whole
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText

REVISION = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
LABEL = "app.kubernetes.io/name"


class _List(msgspec.Struct):
    items: list[msgspec.Raw]


class _Meta(msgspec.Struct):
    name: str
    namespace: str = "default"
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}


class _Container(msgspec.Struct):
    image: str = ""


class _PodSpec(msgspec.Struct):
    containers: tuple[_Container, ...] = ()


class _Template(msgspec.Struct):
    spec: _PodSpec = msgspec.field(default_factory=_PodSpec)


class _Spec(msgspec.Struct):
    template: _Template = msgspec.field(default_factory=_Template)


class _Condition(msgspec.Struct):
    type: str
    status: str = ""
    reason: str = ""
    updated: Zoned | None = msgspec.field(default=None, name="lastUpdateTime")


class _Status(msgspec.Struct):
    conditions: tuple[_Condition, ...] = ()


class _Deployment(msgspec.Struct):
    metadata: _Meta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


def rollouts(body: bytes, source: str, service: str | None, since: int) -> Found:
    """The last rollout of every deployment, if it was after `since`; Unanswered for what is no list.

    `service` is that of all of them; without one it is the label `app.kubernetes.io/name`, or the name.
    """
    problems: list[SafeText] = []
    found: list[tuple[int, ChangeSeen]] = []
    for deployment in each(whole(body, _List, "a list of deployments").items, _Deployment, problems):
        at = _when(deployment)
        if at is not None and at >= since and REVISION in deployment.metadata.annotations:
            found.append((at, _change(deployment, source, service)))
    return oldest_first(found), tuple(problems)


def _progressing(deployment: _Deployment) -> _Condition | None:
    return next((one for one in deployment.status.conditions if one.type == "Progressing"), None)


def _when(deployment: _Deployment) -> int | None:
    condition = _progressing(deployment)
    return microseconds(condition.updated) if condition is not None and condition.updated else None


def _change(deployment: _Deployment, source: str, service: str | None) -> ChangeSeen:
    meta = deployment.metadata
    revision = meta.annotations[REVISION]
    tags = ", ".join(_tag(container.image) for container in deployment.spec.template.spec.containers)
    condition = _progressing(deployment)
    stuck = " STUCK" if condition is not None and condition.status == "False" else ""
    cause = f": {meta.annotations[CAUSE]}" if meta.annotations.get(CAUSE) else ""
    first = revision == "1"
    return ChangeSeen(
        change=line(f"{source}:{meta.namespace}/{meta.name}@{revision}"),
        source=source,
        what=line(f"deploy {meta.name} {tags} revision {revision}{stuck}{cause}"),
        service=service or line(meta.labels.get(LABEL) or meta.name),
        undo="" if first else line(f"kubectl -n {meta.namespace} rollout undo deployment/{meta.name}"),
    )


def _tag(image: str) -> str:
    """What tells one version of an image from another: its tag, else the beginning of its digest."""
    rest = image.rpartition("/")[2]
    name, _, digest = rest.partition("@")
    _, _, tag = name.partition(":")
    return tag or (digest.removeprefix("sha256:")[:12] if digest else name)
