"""The tables of edge cases: a test that they name and that is gone would be a promise nobody keeps."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = ("edge-cases.md", "runbook-edge-cases.md", "broadcast-edge-cases.md")
PAGES = {name: (ROOT / "docs" / name).read_text("utf-8") for name in NAMES}
MENTIONED = {node for page in PAGES.values() for node in re.findall(r"`(tests/[^`]*)`", page)}
NAMED = sorted(MENTIONED - {"tests/real", "tests/chaos"})


@pytest.mark.parametrize("node", NAMED)
def test_what_is_named_exists(node: str) -> None:
    file, _, name = node.partition("::")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    tests = {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name.startswith("test_") and name in tests, f"{file} has no {name}"


@pytest.mark.parametrize("page", PAGES)
def test_every_row_names_its_test(page: str) -> None:
    lines = PAGES[page].splitlines()
    rows = [line for line in lines if line.startswith("|") and not line.startswith(("|---", "| case", "| what |"))]
    assert len(rows) > 50
    assert [row for row in rows if not row.endswith("` |") or "::" not in row] == []
