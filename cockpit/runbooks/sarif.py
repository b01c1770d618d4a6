"""Problems as SARIF 2.1.0, which code hosts show beside the line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cockpit import __version__
from cockpit.config.problems import Problem
from cockpit.runbooks.rules.catalog import RULES

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def log(problems: Sequence[Problem], directory: Path) -> dict[str, Any]:
    """One run with these results; files below the directory are named relative to it."""
    ids = list(RULES)
    driver = {
        "name": "cockpit runbook lint",
        "semanticVersion": __version__,
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": rule.words},
                "defaultConfiguration": {"level": rule.severity},
            }
            for name, rule in RULES.items()
        ],
    }
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, ids, directory) for problem in problems],
            }
        ],
    }


def _result(problem: Problem, ids: Sequence[str], directory: Path) -> dict[str, Any]:
    rule = problem.rule or "file"
    field = f"{problem.field}: " if problem.field else ""
    mend = f"; {problem.mend}" if problem.mend else ""
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.path, directory)}}
    if problem.line:
        place["region"] = {"startLine": problem.line, "startColumn": max(1, problem.column)}
    return {
        "ruleId": rule,
        "ruleIndex": ids.index(rule),
        "level": problem.severity,
        "message": {"text": f"{field}{problem.message}{mend}"},
        "locations": [{"physicalLocation": place}],
    }


def _uri(path: str, directory: Path) -> str:
    file = directory / path
    if file.is_relative_to(directory):
        return quote(file.relative_to(directory).as_posix())
    return file.as_uri()
