"""The table of edge cases: a test that it names and that is gone would be a promise nobody keeps."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "edge-cases.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`]*)`", PAGE)) - {"tests/real"})
ROWS = [
    line for line in PAGE.splitlines() if line.startswith("|") and not line.startswith(("|---", "| case", "| what |"))
]


@pytest.mark.parametrize("node", NAMED)
def test_what_is_named_exists(node: str) -> None:
    file, _, name = node.partition("::")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    tests = {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name.startswith("test_") and name in tests, f"{file} has no {name}"


def test_every_row_names_its_test() -> None:
    assert len(ROWS) > 50
    assert [row for row in ROWS if not row.endswith("` |") or "::" not in row] == []
