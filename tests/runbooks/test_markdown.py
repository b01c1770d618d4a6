"""A runbook as Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from cockpit.config.load import parse
from cockpit.runbooks.markdown import render
from cockpit.runbooks.model.runbook import Runbook
from tests.runbooks.samples import FULL, PART, RUNGS

HEAD = "version: 1\nid: b\ntitle: '{title}'\nsteps:\n"


def rendered(text: str) -> str:
    return render(parse(text, "b.yaml", Runbook))


def fences(markdown: str) -> list[str]:
    """What stands between fences, as a reader of Markdown sees it."""
    return [token.content for token in MarkdownIt("commonmark").parse(markdown) if token.type == "fence"]


def test_rungs_say_what_they_do_and_what_undoes_it() -> None:
    assert rendered(RUNGS) == (
        "# Two rungs\n\n- Runbook: `rungs`\n- Programs: `ctl`\n\n## Steps\n\n### 1. Go back\n\n"
        "The nearest first; the next one when it did not help, "
        "that is unless `front` is up for 30 s within 3 m 00 s.\n\n"
        "#### Rung 1: One\n\n- **Changes something.**\n\n```sh\nctl one\n```\n\n"
        "Undone by:\n\n```sh\nctl undo-one\n```\n\n"
        "#### Rung 2: Two\n\n- **Changes something.**\n\n```sh\nctl two\n```\n\n- **Cannot be undone:** it is gone\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        "## Values asked for",
        "- `region`: Which region, text, one of `eu`, `us`, `eu` if nothing is given",
        "- `password`: secret, never stored, looks like `[a-z]{12,}`",
        "- With `DEPLOY_TOKEN` = `<password>`",
        "- In `/srv/shop`",
        "- Gives `find.release`",
        "Is the fix known? (5 m 00 s to decide)",
        "- `revert`: Revert; skips `scale`",
        "- `again`: Look again; then `find`",
        "- Only when the choice at `way` is `fix`",
        "- Only when `region` is not `us`",
        "- Needs the yes of 2 other people (operations)",
        "- Header `Authorization: <from $SHOP_TOKEN>`",
        "- Helped when `shop-front` is up for 30 s within 3 m 00 s, not judged for the first 10 s",
        "- If it fails: go on",
        "- **Destroys something:** confirmed by typing its name.",
        "Again and again, until `queue-empty` is up for 10 s, at most 50 times:",
        "- PagerDuty, critical: The shop is down",
        "## Follow up",
        "## Resolved when",
        "- up for 10 m 00 s: `shop-front`",
    ],
)
def test_a_whole_runbook_says(words: str) -> None:
    assert words in rendered(FULL).split("\n")


def test_every_command_and_what_undoes_it_stands_between_fences() -> None:
    told = fences(rendered(FULL))
    for line in (
        "deployctl current --region <region>\n",
        "POST https://api.example.com/scale\n",
        "DELETE https://api.example.com/scale\n",
        "deployctl apply <the release, known at run time>\n",
        "deployctl flag on\n",
        'queuectl drain "$BATCH"\n',
        "pagectl call owner\n",
    ):
        assert line in told


def test_nothing_in_a_title_is_taken_for_markdown() -> None:
    text = HEAD.format(title="a *b* [c](d) <script> `e` | f") + "- {id: a, title: '# x', manual: y}\n"
    lines = rendered(text).split("\n")
    assert lines[0] == r"# a \*b\* \[c\](d) \<script\> \`e\` \| f"
    assert "### 1. # x" in lines


def test_a_fence_within_a_command_or_left_open_by_hand_hides_nothing() -> None:
    text = HEAD.format(title="T") + (
        '- {id: a, title: A, manual: "look\\n```\\nopen"}\n'
        "- {id: b, title: B, effect: read, command: {run: \"echo '\\n```\\n'\"}}\n"
        "- {id: c, title: C, effect: read, command: {argv: [last]}}\n"
    )
    assert fences(rendered(text)) == ["open\n", "echo '\n```\n'\n", "last\n"]


@pytest.mark.parametrize("text", [FULL, PART, RUNGS])
def test_it_reads_well_in_a_terminal_too(text: str) -> None:
    markdown = rendered(text)
    assert "\n\n\n" not in markdown and markdown.endswith("\n")
    assert all(line == line.rstrip() for line in markdown.split("\n"))


def test_the_bundled_runbook_begins_with_its_schema_and_is_shown() -> None:
    file = Path(__file__).parents[2] / "runbooks" / "login-flag.yaml"
    assert "configctl revert 4711\n" in fences(rendered(file.read_text("utf-8")))
