"""The documents: every example in them is read by the part of the program that it is an example for."""

from __future__ import annotations

import copy
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import NamedTuple

import click
import pytest
import yaml

from cockpit.cli import main
from cockpit.cli.grouped import Grouped
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.config.templates import Templates
from cockpit.runbooks.model.rehearsal import Rehearsal
from cockpit.runbooks.model.runbook import Runbook
from cockpit.tui.actions import ACTIONS

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


class Block(NamedTuple):
    """What stands between two fences, or a piece of code within a line, which has no language."""

    place: str
    language: str
    text: str


def _blocks(page: Path) -> tuple[list[Block], list[Block]]:
    """The fenced blocks, and the pieces of code between them. After the language may stand whose file it is."""
    fenced, inline = [], []
    language, begun, lines = "", 0, [""]
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        place = f"{page.relative_to(ROOT)}:{number}"
        if line.startswith("```"):
            if begun:
                fenced.append(Block(f"{page.relative_to(ROOT)}:{begun}", language, "\n".join(lines) + "\n"))
            begun, language, lines = 0 if begun else number, line[3:].strip(), []
        elif begun:
            lines.append(line)
        else:
            inline += [Block(place, "", code) for code in re.findall(r"`([^`]+)`", line)]
    assert not begun, f"{page.name}:{begun} has no end"
    return fenced, inline


READ = [_blocks(page) for page in PAGES]
FENCED = [block for fenced, _ in READ for block in fenced]
INLINE = [block for _, inline in READ for block in inline]


def _ours(text: str) -> None:
    """Read a whole file, or a part of one, as the engine would; raises ConfigError."""
    first = text.lstrip("# \n").partition(":")[0]
    if first == "version":
        if re.search(r"^steps:$", text, re.MULTILINE):
            parse(text, "example", Runbook if "\n  - id:" in text else Rehearsal)
        else:
            parse(text, "example", Config)
    elif first == "card":
        parse(text, "example", Templates)
    elif first == "- id":
        parse(f"version: 1\nid: example\ntitle: An example\nsteps:\n{indent(text, '  ')}", "example", Runbook)
    elif first == "probes":
        parse(f"version: 1\nservices:\n  - name: example\n{indent(text, '    ')}", "example", Config)
    elif first == "type":
        item = indent(text, "        ").replace("        type", "      - type", 1)
        parse(f"version: 1\nservices:\n  - name: example\n    probes:\n{item}", "example", Config)
    else:
        parse(f"version: 1\n{text}", "example", Config)


def _commands(block: Block) -> Iterator[list[str]]:
    """The words of every `cockpit ...` that a shell would run, without the name itself."""
    for raw in block.text.replace("\\\n", " ").splitlines():
        line = re.sub(r"^\s*(- )?(run: )?", "", raw)
        if not re.search(r"\bcockpit\b", line):
            continue
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if word.strip("();<>|&"):
                words.append(word)
                continue
            while words and ("=" in words[0] or words[0] in {"if", "then"}):
                del words[0]
            if words[:1] == ["cockpit"]:
                yield words[1:]
            words = []


def _shadow(command: click.Command) -> click.Command:
    """The same command with all it takes, doing nothing."""
    shadow = copy.copy(command)
    shadow.callback = None
    if isinstance(shadow, click.Group):
        shadow.commands = {name: _shadow(each) for name, each in shadow.commands.items()}
    if isinstance(shadow, Grouped) and shadow.by_itself is not None:
        shadow.by_itself = _shadow(shadow.by_itself)
    return shadow


SHADOW = _shadow(main)


def _run(words: list[str]) -> None:
    """Take these words as the command line would; raises click.UsageError."""
    SHADOW.main(words, "cockpit", standalone_mode=False)


@pytest.mark.parametrize("block", [each for each in FENCED if each.language == "yaml"], ids=lambda each: each.place)
def test_every_example_is_accepted(block: Block) -> None:
    _ours(block.text)


@pytest.mark.parametrize(
    "block", [each for each in FENCED if each.language.startswith("yaml ")], ids=lambda each: each.place
)
def test_an_example_for_another_system_is_yaml(block: Block) -> None:
    assert yaml.safe_load(block.text)


COMMANDS = [
    (each.place, words)
    for each in FENCED
    if each.language in {"sh", "yaml github", "yaml gitlab"}
    for words in _commands(each)
]


@pytest.mark.parametrize(
    ("place", "words"), COMMANDS, ids=[f"{place}-{number}" for number, (place, _) in enumerate(COMMANDS)]
)
def test_every_command_line_is_one_that_there_is(place: str, words: list[str]) -> None:
    _run(words)


@pytest.mark.parametrize(
    "block", [each for each in INLINE if each.text.startswith("cockpit ")], ids=lambda each: each.place
)
def test_a_command_that_is_named_in_a_text_exists(block: Block) -> None:
    words = shlex.split(re.sub(r"\b[A-Z]+\b", "1", re.sub(r"[\[\]]", "", block.text)))[1:]
    try:
        _run(words)
    except click.UsageError as error:
        # What is only named need not be whole; `freeze check` tells it in its own way.
        if not isinstance(error, click.MissingParameter) and not isinstance(error.__context__, click.MissingParameter):
            raise


def test_every_make_target_exists() -> None:
    named = {
        target
        for each in (*FENCED, *INLINE)
        if each.language in {"", "sh"}
        for target in re.findall(r"^\s*make ([a-z-]+)", each.text, re.MULTILINE)
    }
    assert {"demo", "test", "bench-probes"} <= named <= TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_stands_between_fences(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert not re.findall(r"^    .*", prose, re.MULTILINE)


def test_every_bundled_runbook_is_in_the_table_of_its_page() -> None:
    page = (ROOT / "docs" / "runbooks.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([a-z-]+)` \|.*\| (?:run in tests.*|linted, not run here) \|$", page, re.MULTILINE))
    assert told == {path.stem for path in (ROOT / "runbooks").glob("*.yaml")}


def test_every_key_that_does_something_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    keys = text[text.index("Keys on the screen:") : text.index("Exit codes:")].replace("Enter the next step", "`Enter`")
    assert [action.shown for action in ACTIONS if action.group != "Look" and f"`{action.shown}`" not in keys] == []


def test_what_was_never_tried_is_said_where_people_look_first() -> None:
    """Until somebody has run `cockpit doctor --slack-live` against the real one: change it in both places then."""
    for page in ("README.md", "docs/broadcasts.md"):
        assert "not yet tried on real slack" in (ROOT / page).read_text("utf-8").lower()


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{page.name})" in readme


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nservice: []\n",
        "probes:\n  - {name: a, url: 'http://a/', intervall: 3s}\n",
        "type: tcp\nname: a\n",
        "changes:\n  - {name: a, type: gti, path: x}\n",
        "- id: a\n  title: A\n  command: {argv: [x]}\n",
    ],
)
def test_a_mistake_in_an_example_is_found(text: str) -> None:
    with pytest.raises(ConfigError):
        _ours(text)


@pytest.mark.parametrize(
    "line",
    [
        "cockpit frobnicate",
        "cockpit freeze chek --from x",
        "cockpit freeze check --form x  # a comment",
        "- run: KEY=x cockpit freeze check",
        "make install && cockpit watch --jsn",
        "  cockpit ci cancel only-the-source || exit $?",
    ],
)
def test_a_mistake_in_a_command_line_is_found(line: str) -> None:
    (words,) = _commands(Block("here", "sh", line))
    with pytest.raises(click.UsageError):
        _run(words)


@pytest.mark.parametrize("line", ["pip install cockpit", "# cockpit nothing", 'echo "cockpit x"', "cd cockpit && make"])
def test_what_is_no_command_line_is_left_alone(line: str) -> None:
    assert not list(_commands(Block("here", "sh", line)))
