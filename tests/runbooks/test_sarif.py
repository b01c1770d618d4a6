"""Problems as SARIF 2.1.0."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cockpit.config.problems import Problem
from cockpit.runbooks.lint import lint
from cockpit.runbooks.rules.catalog import RULES
from cockpit.runbooks.sarif import log
from tests.runbooks.test_lint import UNWISE

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
# What the standard demands of the parts we write (sections 3.13, 3.14, 3.19, 3.27, 3.29, 3.30, 3.49), nothing beside.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": TEXT,
                                                "defaultConfiguration": {
                                                    "properties": {
                                                        "level": {"enum": ["none", "note", "warning", "error"]}
                                                    }
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": TEXT,
                                "locations": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation"],
                                                "additionalProperties": False,
                                                "properties": {
                                                    "artifactLocation": {
                                                        "required": ["uri"],
                                                        "properties": {
                                                            "uri": {"type": "string", "format": "uri-reference"}
                                                        },
                                                    },
                                                    "region": {
                                                        "additionalProperties": False,
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1},
                                                            "startColumn": {"type": "integer", "minimum": 1},
                                                        },
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def valid(document: object, directory: Path) -> str:
    """What check-jsonschema has against it."""
    (directory / "sarif.schema.json").write_text(json.dumps(SARIF))
    (directory / "found.sarif").write_text(json.dumps(document))
    argv = [sys.executable, "-m", "check_jsonschema", "--schemafile", "sarif.schema.json", "found.sarif"]
    done = subprocess.run(argv, cwd=directory, capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_it_is_sarif_with_a_rule_a_level_and_a_place_for_each_problem(tmp_path: Path) -> None:
    _, problems = lint(UNWISE, str(tmp_path / "books" / "what now.yaml"), {"login"})
    problems = (*problems, Problem("/elsewhere/none.yaml", 0, 0, "", "there is no such file"))
    document = log(problems, tmp_path)
    assert valid(document, tmp_path) == ""
    run = document["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == list(RULES)
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    first, last = run["results"][0], run["results"][-1]
    assert (first["ruleId"], first["level"]) == ("unverified", "warning")
    place = first["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "books/what%20now.yaml"}, "region": {"startLine": 6, "startColumn": 5},
    }  # fmt: skip
    assert last["ruleId"] == "file"
    assert last["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "file:///elsewhere/none.yaml"}}


def test_the_check_of_this_test_can_fail(tmp_path: Path) -> None:
    document = log([Problem(str(tmp_path / "a.yaml"), 1, 1, "", "x")], tmp_path)
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert "fatal" in valid(document, tmp_path)
