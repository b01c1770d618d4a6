from __future__ import annotations

import subprocess
import sys

from cockpit.drills.listing import json_schema
from cockpit.drills.shelf import SCENARIOS

SCHEMA = SCENARIOS / "scenario.schema.json"


def test_the_committed_schema_is_that_of_the_model() -> None:
    assert SCHEMA.read_text() == json_schema() + "\n", "cockpit drill schema > " + str(SCHEMA)


def test_every_bundled_scenario_fits_the_schema() -> None:
    argv = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SCHEMA), *map(str, SCENARIOS.glob("*.yaml"))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
