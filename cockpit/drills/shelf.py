"""Where scenarios are found."""

from __future__ import annotations

from pathlib import Path

from cockpit.config.load import read
from cockpit.config.problems import ConfigError, Problem
from cockpit.drills.model import Scenario

SCENARIOS = Path(__file__).parent / "scenarios"


def names() -> list[str]:
    """The bundled scenarios."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def load(name: str) -> Scenario:
    """A bundled scenario by name, or one from a file; ConfigError with everything that is wrong with it."""
    bundled = SCENARIOS / f"{name}.yaml"
    path = bundled if name in names() else Path(name)
    if not path.exists():
        raise ConfigError([Problem(name, 0, 0, "", "there is no such drill", f"choose one of: {', '.join(names())}")])
    return read(path, Scenario)
