"""One runbook file, read as far as it can be: what is wrong in one step does not hide what is wrong in another."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cockpit.config import yaml
from cockpit.config.load import build
from cockpit.config.problems import ConfigError, Problem
from cockpit.config.yaml import Document
from cockpit.runbooks.model.runbook import MAX_STEPS, Recovery, Requires, Runbook
from cockpit.runbooks.model.steps import Step
from cockpit.runbooks.model.values import Param

AnyModel = TypeVar("AnyModel", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Source:
    """One file: what could be read of it, and why the rest could not.

    `name` is what the runbook that all begins with calls it. `runbook` is None when nothing could be made of the
    file; otherwise `unsure` are the ids of steps that stand in it as mere place holders.
    """

    name: str
    document: Document
    runbook: Runbook | None
    problems: tuple[Problem, ...] = ()
    unsure: frozenset[str] = frozenset()


def read(text: str, path: str, name: str = "") -> Source:
    """The file with this text; nothing is raised."""
    document = yaml.load(text, path)
    try:
        return Source(name, document, build(document, Runbook))
    except ConfigError as error:
        runbook, unsure = _salvaged(document)
        return Source(name, document, runbook, error.problems, unsure)


def _salvaged(document: Document) -> tuple[Runbook | None, frozenset[str]]:
    data = document.data
    if not document.whole or not isinstance(data, dict) or not isinstance(data.get("steps"), list):
        return None, frozenset()
    steps: list[Step] = []
    unsure: set[str] = set()
    for raw in data["steps"][:MAX_STEPS]:
        step = _taken(Step, raw)
        if step is None:
            named = raw.get("id") if isinstance(raw, dict) else None
            step = Step.model_construct(id=named if isinstance(named, str) else "", title="", manual="?")
            unsure.add(step.id)
        steps.append(step)
    params = data.get("params")
    listed = data.get("probes")
    return Runbook.model_construct(
        version=1, id="", title="", steps=tuple(steps),
        params={
            name: _taken(Param, raw) or Param()
            for name, raw in (params if isinstance(params, dict) else {}).items()
        },
        probes=tuple(listed) if isinstance(listed, list) and all(isinstance(name, str) for name in listed) else (),
        requires=_taken(Requires, data.get("requires")) or Requires(),
        recovery=_taken(Recovery, data.get("recovery")) or Recovery(),
    ), frozenset(unsure)  # fmt: skip


def _taken(model: type[AnyModel], raw: Any) -> AnyModel | None:
    try:
        return model.model_validate_json(json.dumps(raw))
    except ValidationError:
        return None
