"""Where scenarios are found."""

from __future__ import annotations

from pathlib import Path

from cockpit.config.problems import ConfigError, Problem
from cockpit.drills.dumping import as_yaml
from cockpit.drills.lint import examine
from cockpit.drills.model.scenario import Scenario

SCENARIOS = Path(__file__).parent / "scenarios"


def names() -> list[str]:
    """The bundled scenarios."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def load(name: str) -> Scenario:
    """A bundled scenario by name, or one from a file; ConfigError with everything that is wrong with it."""
    scenario, problems = examine(path_of(name))
    if scenario is None:
        raise ConfigError([problem for problem in problems if problem.severity == "error"])
    return scenario


def path_of(name: str) -> Path:
    """The file of a scenario, by name or path; ConfigError when there is none."""
    path = SCENARIOS / f"{name}.yaml" if name in names() else Path(name)
    if not path.exists():
        raise ConfigError([Problem(name, 0, 0, "", "there is no such drill", f"choose one of: {', '.join(names())}")])
    return path


def beside(name: str) -> Path:
    """Where the runbooks of a scenario lie, if it has any of its own."""
    return path_of(name).absolute().parent / "runbooks"


def write(path: Path, scenario: Scenario) -> None:
    """Write a scenario as a file that is read back as the same."""
    path.write_text(as_text(scenario), "utf-8")


def as_text(scenario: Scenario) -> str:
    """The scenario as YAML."""
    told = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return as_yaml({"version": 1, **told})
