"""A Markdown page becomes a runbook that lints clean, and nothing of it is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config.load import parse
from cockpit.config.problems import ConfigError
from cockpit.importing.markdown import as_document, imported
from cockpit.runbooks.lint import lint
from cockpit.runbooks.model.runbook import Runbook

PAGE = """\
---
owner: queue-team
---
# The queue is stuck

Look at the **dashboard** [here](http://wiki/x).

## Mitigation
### Drain

1. Stop the producers

   ```sh
   systemctl stop producer
   ```
2) Wait
   for *two* minutes
1. no

```
what was printed
```

## Check
- [ ] Is `depth` below 1.10?
- [x] Wait
  - a bullet within

* only a bullet
* another

<script>alert(1)</script>

Afterwards
==========

| who | what |
|-----|------|

[ref]: http://wiki/y
"""


def made(tmp_path: Path, text: str | bytes) -> Runbook:
    """The runbook of this page; it must lint clean."""
    page = tmp_path / "page.md"
    page.write_bytes(text if isinstance(text, bytes) else text.encode())
    written, _ = imported(page)
    runbook, problems = lint(written, "made.yaml")
    assert runbook is not None and not problems, [str(problem) for problem in problems]
    return runbook


def steps(tmp_path: Path, text: str) -> list[tuple[str, str, str | None]]:
    """Id, title and text of each step."""
    return [(step.id, step.title, step.manual) for step in made(tmp_path, text).steps]


def test_a_page_of_a_wiki(tmp_path: Path) -> None:
    runbook = made(tmp_path, PAGE)
    assert (runbook.id, runbook.title) == ("the-queue-is-stuck", "The queue is stuck")
    assert [(step.id, step.title, step.manual) for step in runbook.steps] == [
        ("look-at-the-dashboard-here", "Look at the dashboard here.", "Look at the **dashboard** [here](http://wiki/x)."),
        ("stop-the-producers", "Stop the producers",
         "Stop the producers\n\n```sh\nsystemctl stop producer\n```\n\n(Mitigation: Drain)"),
        ("wait", "Wait", "Wait\nfor *two* minutes"),
        ("no", "no", "no\n\n```\nwhat was printed\n```"),
        ("is-depth-below-1-10", "Is depth below 1.10?", "Is `depth` below 1.10?\n\n(Check)"),
        ("wait-2", "Wait (2)", "Wait\n- a bullet within\n\n* only a bullet\n* another\n\n<script>alert(1)</script>"),
        ("afterwards", "Afterwards", "| who | what |\n|-----|------|\n\n[ref]: http://wiki/y"),
    ]  # fmt: skip
    assert {step.kind for step in runbook.steps} == {"manual"}


def test_every_word_of_a_page_is_kept(tmp_path: Path) -> None:
    runbook = made(tmp_path, PAGE)
    kept = "\n".join([runbook.title, *(f"{step.title}\n{step.manual}" for step in runbook.steps)])
    page = PAGE.partition("---\n# ")[2]
    assert set(re.findall(r"\w+", page)) - set(re.findall(r"\w+", kept)) <= {"x"}


def test_what_was_left_out_is_noted(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("---\na: b\n---\n# T\n\n1. look \x1b[31m here\n")
    written, notes = imported(page)
    assert [(note.line, note.severity) for note in notes] == [(1, "warning"), (6, "warning")]
    assert "U+001B, made a ?" in str(notes[1])
    document = json.loads(as_document(written, notes))
    assert document["runbook"]["steps"][0]["manual"] == "look ?[31m here"
    assert len(document["notes"]) == 2


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("just a line", [("just-a-line", "just a line", "just a line")]),
        ("# T\n\n## A\n\n## B\n", [("a", "A", "A"), ("b", "B", "B")]),
        ("# T\n\n## A\n\ntext\n\n1. one\n", [("a", "A", "text"), ("one", "one", "one")]),
        ("1. \n2. x\n", [("x", "x", "x")]),
        ("1. ```\n   code\n   ```\n", [("read-this", "Read this", "```\ncode\n```")]),
        ("1. 数据库\n2. 数据库\n", [("step", "数据库", "数据库"), ("step-2", "数据库 (2)", "数据库")]),
        ("1. 0123\n2. 12:30\n3. 1e5\n4. ~\n5. =\n", [("0123", "0123", "0123"), ("12-30", "12:30", "12:30"),
         ("1e5", "1e5", "1e5"), ("step", "~", "~"), ("step-2", "=", "=")]),
        ("> 1. quoted\n", [("1-quoted", "> 1. quoted", "> 1. quoted")]),
        ("# T\r\n\r\n1. a\r\n2. b\r\n", [("a", "a", "a"), ("b", "b", "b")]),
        ("\ufeff# T\n\n1.\ta\n", [("a", "a", "a")]),
    ],
)  # fmt: skip
def test_smaller_pages(tmp_path: Path, page: str, expected: list[tuple[str, str, str]]) -> None:
    assert steps(tmp_path, page) == expected


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (b"", "nothing to do"),
        (b"\n\n  \n", "nothing to do"),
        (b"# Only a title\n", "nothing to do"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x" * 300_000, "is larger than 256 KB"),
        (b"1. a\n" * 600, "makes more than 500 steps"),
    ],
)
def test_what_makes_no_runbook_is_refused(tmp_path: Path, page: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        made(tmp_path, page)


@pytest.mark.parametrize(
    "page",
    [
        ">" * 200_000,
        "> " * 100_000 + "x",
        "- " * 100_000 + "x",
        "[" * 200_000,
        "*" * 200_000 + "x",
        "`" * 200_000,
        "<!-- " * 40_000,
        "<div>" * 40_000,
        "&#" * 100_000,
        "[a]: <" * 30_000,
        "# " + "a" * 200_000,
        "![" * 100_000 + "](" * 20_000,
        "".join(f"{' ' * (2 * n)}- x\n" for n in range(400)),
        "".join(f"{'>' * n} x\n" for n in range(600)),
        "\x00\x1b]0;title\x07\u202e\u2028\u0085\x0c\x0b",
        "\\" * 100_000,
        "```\n" * 30_000,
        "1. " + "\n".join("   " + "x" * 70 for _ in range(2_500)),
    ],
    ids=range(18),
)
def test_a_hostile_page_never_crashes(tmp_path: Path, page: str) -> None:
    try:
        made(tmp_path, page)
    except ConfigError as error:
        assert error.problems


PARTS = (
    "# |## |1. |- [ ] |- |> |    |\t|\n|\n\n|```|~~~|---|===|<b>|word|no|: |'|\"|#|&a|*a|!x|{|]|%|@|"
    "\u2028|\x1b|\ufeff|\U0001f600|\r\n|é| |\\"
).split("|")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=40))
def test_any_page_becomes_a_runbook_of_ours_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    page = tmp_path_factory.getbasetemp() / "any.md"
    page.write_bytes("".join(parts).encode())
    try:
        written, _ = imported(page)
    except ConfigError as error:
        assert "nothing to do" in str(error)
        return
    assert lint(written, "made.yaml")[1] == (), written
    assert all(step.kind == "manual" for step in parse(written, "made.yaml", Runbook).steps)
