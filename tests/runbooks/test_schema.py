"""The JSON Schema that editors read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.runbooks.listing import json_schema
from tests.runbooks.samples import FULL, PART, RUNGS

DIRECTORY = Path(__file__).parents[2] / "runbooks"
BUNDLED = sorted(DIRECTORY.glob("*.yaml"))


def checked(schema: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    """What check-jsonschema says."""
    argv = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), *map(str, files)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60)


def test_the_committed_schema_is_that_of_the_model() -> None:
    assert (DIRECTORY / "runbook.schema.json").read_text("utf-8") == f"{json_schema()}\n", (
        "write it anew: cockpit runbook schema > runbooks/runbook.schema.json"
    )


@pytest.mark.parametrize("file", BUNDLED, ids=lambda file: file.stem)
def test_a_bundled_runbook_names_it(file: Path) -> None:
    assert file.read_text("utf-8").startswith("# yaml-language-server: $schema=./runbook.schema.json\n")


def test_an_editor_accepts_what_we_accept_and_refuses_a_slip(tmp_path: Path) -> None:
    schema = DIRECTORY / "runbook.schema.json"
    good, bad = [], []
    for name, text in (("full", FULL), ("part", PART), ("rungs", RUNGS)):
        good.append(tmp_path / f"{name}.yaml")
        good[-1].write_text(text)
        bad.append(tmp_path / f"{name}-slip.yaml")
        bad[-1].write_text(text.replace("title: ", "titel: ", 1))
    done = checked(schema, *good, *BUNDLED)
    assert done.returncode == 0, done.stdout
    done = checked(schema, *bad)
    assert done.returncode == 1
    assert all(file.name in done.stdout for file in bad)


def test_what_is_renamed_in_the_file_is_so_in_the_schema() -> None:
    rules = json.loads(json_schema())["$defs"]
    assert "json" in rules["Request"]["properties"] and "for" in rules["Wait"]["properties"]
    assert {"is", "is_not"} <= rules["Condition"]["properties"].keys()
