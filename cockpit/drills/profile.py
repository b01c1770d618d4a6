"""What a drill writes into its profile: its config and its commands. Addresses are all on loopback."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cockpit.drills import tools
from cockpit.drills.model.parts import DrillProbe, Service
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.published import KEY
from cockpit.drills.rules.case import runbooks

Lanes = Mapping[tuple[str, str], str]
"""Host and port of each instance, by its service and its name."""


def freeze_file(directory: Path) -> Path:
    """Where the cockpit of a drill publishes its freeze."""
    return directory / "freeze.json"


def prepare(
    scenario: Scenario, url: str, directory: Path, lanes: Lanes | None = None, beside: Path | None = None
) -> tuple[Path, Path]:
    """Write the drill's config and its commands below `directory`, for its owner alone; their paths.

    The runbooks that lie in `beside` take the place of bundled ones.
    """
    commands = directory / "bin"
    commands.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    for tool in scenario.tools:
        words = (sys.executable, "-I", "-S", tools.__file__, tool)
        script = commands / tool
        # It finds its simulator whatever a runbook lets through of the environment.
        script.write_text(f'#!/bin/sh\nCOCKPIT_DRILL_URL={url} exec {shlex.join(words)} "$@"\n', "utf-8")
        script.chmod(0o700)
    config = directory / "config.yaml"
    made = _config(scenario, url, directory, lanes or {})
    # The other bundled runbooks are for the real world: in a drill their commands would be real ones.
    made["bundled"] = runbooks(scenario)
    if beside is not None:
        own = (beside / f"{name}.yaml" for name in runbooks(scenario))
        made["runbooks"] = [str(path) for path in own if path.is_file()]
    config.write_text(yaml.safe_dump(made, sort_keys=False), "utf-8")
    return config, commands


def _config(scenario: Scenario, url: str, directory: Path, lanes: Lanes) -> dict[str, Any]:
    return {
        "version": 1,
        "services": [
            {
                "name": service.name,
                "title": service.title,
                "reads": list(service.reads),
                "depends_on": list(service.depends_on),
                "probes": [_probe(probe, service, url, lanes) for probe in service.probes],
            }
            for service in scenario.services
        ],
        "changes": [{"name": "changes", "url": f"{url}/changes", "interval": "15s"}],
        "freeze": {"key": {"env": KEY}, "publish": [{"type": "file", "path": str(freeze_file(directory))}]},
        "broadcast": {
            "destinations": _destinations(scenario, url, directory),
            "relief": f"{round(scenario.relief * 1000)}ms",
        },
    }


def _destinations(scenario: Scenario, url: str, directory: Path) -> list[dict[str, Any]]:
    chat: dict[str, Any] = {"kind": "file", "name": "chat", "path": str(directory / "chat.jsonl")}
    if "slack-down" not in scenario.modifiers:
        return [chat]
    slack = {"kind": "webhook", "name": "slack", "url": f"{url}/sim/chat", "fallback": ["chat"]}
    return [slack, chat]


def _probe(probe: DrillProbe, service: Service, url: str, lanes: Lanes) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": probe.name,
        "url": url + probe.path,
        "kind": probe.kind,
        "interval": f"{round(probe.interval * 1000)}ms",
        "failures": probe.failures,
        "successes": probe.successes,
    }
    if probe.error_rate is not None:
        made["error_rate"] = probe.error_rate.model_dump()
    if probe.contains is not None:
        made["conditions"] = [{"body_contains": probe.contains}]
    if probe.each:
        made["instances"] = {instance: lanes[service.name, instance] for instance in service.instances}
    return made
