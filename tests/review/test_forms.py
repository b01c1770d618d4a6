"""A report as a page, by every template, and its actions for trackers."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cockpit.clock import SECOND
from cockpit.config.problems import ConfigError
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import fold
from cockpit.incident.vocabulary import IncidentDeclared, NoteAdded
from cockpit.review import apart
from cockpit.review.build import build
from cockpit.review.charts.canvas import span
from cockpit.review.exporting import github, jira
from cockpit.review.forms import formed
from cockpit.review.importing.making import document
from cockpit.review.importing.sheet import Row, Sheet
from cockpit.review.model import Action, Human
from cockpit.review.templating import names
from tests.review.conftest import T0
from tests.review.importing.reading import imported
from tests.review.test_keeping import WRITTEN, report

Story = list[tuple[float, str, Body]]
HOSTILE = '</style><script>alert(1)</script> ![i](http://evil.example/i.png) {{ 7*7 }} "><img src=x onerror=y>'


async def test_every_template_passes_a_linter_of_markdown(events: tuple[Event, ...], tmp_path: Path) -> None:
    for said in (WRITTEN, Human()):
        for name in names():
            (tmp_path / f"{name}-{len(said.authors)}.md").write_text(
                await formed(report(events, said), "markdown", name)
            )
    # A row of a table is as long as what it tells.
    argv = [sys.executable, "-m", "pymarkdown", "--disable-rules", "md013", "scan", str(tmp_path)]
    done = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(
    told: Story, record: Callable[[Story], tuple[Event, ...]]
) -> None:
    told += [(38, HOSTILE, NoteAdded(text=HOSTILE)), (39, "x", IncidentDeclared(title=HOSTILE, severity="SEV1"))]
    said = WRITTEN.model_copy(update={"summary": HOSTILE, "trigger": "[x](javascript:alert(1))"})
    page = await formed(report(record(told), said), "html")
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|img|link|iframe|object|form)\b", page)
    assert not re.search(r"""\s(?:src|srcset|on\w+)\s*=\s*["']""", re.sub(r"&[a-z#0-9]+;", "", page).split("<body>")[0])
    assert 'href="javascript' not in page and "url(" not in page and "@import" not in page
    assert "49" not in re.findall(r"<h1>.*</h1>", page)[0]
    assert "section" + "0" * 4 not in page and not re.search(r"section[0-9a-f]{16}", page)


async def test_what_somebody_left_open_in_one_part_ends_with_it(events: tuple[Event, ...]) -> None:
    said = WRITTEN.model_copy(update={"summary": "It broke:\n\n```\na line of the log", "trigger": "> [a"})
    page = await formed(report(events, said), "html")
    assert not re.search(r"section[0-9a-f]{16}", page)
    assert page.count("<h2") > 10 and re.search("a line of the log\\s*</code>", page)


async def test_a_page_spans_the_whole_calendar_with_few_ticks() -> None:
    far = document(Sheet("x", rows=[Row(1, "0001-01-01T00:00Z", "a"), Row(2, "9999-12-31T23:59Z", "b")]), {}, SECOND)
    over = span(far)
    assert over is not None and len(list(over.ticks())) <= 11
    assert "<main" in await formed(far, "html")


async def test_a_template_runs_nothing_of_the_folder_one_is_in(
    events: tuple[Event, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jinja2.py").write_text("raise SystemExit(3)")
    (tmp_path / "own.j2").write_text("# {{ report.header.id }}")
    monkeypatch.chdir(tmp_path)
    assert (await apart.rendered(report(events, Human()), Path("own.j2"))).startswith("# INC-1")


async def test_the_charts_are_whole_and_say_in_words_what_they_show(events: tuple[Event, ...]) -> None:
    page = await formed(report(events, WRITTEN), "html")
    charts = [ElementTree.fromstring(found) for found in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]
    assert len(charts) == 4
    for chart in charts:
        title, described = chart[0], chart[1]
        assert title.tag == "title" and title.text and described.tag == "desc" and described.text
    assert "login-synthetic was red from" in page and "0 no effect" in page and "✓ helped" in page


async def test_labels_of_marks_stand_apart_and_what_was_missed_last_is_drawn(
    told: Story, record: Callable[[Story], tuple[Event, ...]]
) -> None:
    crowded = [(at if at < 8 else 8 + (at - 8) / 100, who, body) for at, who, body in told]
    page = await formed(report(record(crowded), WRITTEN), "html")
    found = re.findall(r'<text class="said" x="([\d.]+)" y="(\d+)" text-anchor="middle">(\w+)', page)
    assert {word for _, _, word in found} == {"impact", "declared", "mitigated", "verified", "resolved"}
    for one, (x, y, _) in enumerate(found):
        assert all(abs(float(x) - float(other)) >= 90 for other, level, _ in found[one + 1 :] if level == y)
    silent = [(at, who, body) for at, who, body in told if at < 20 and not (at == 7 and who == "cockpit")]
    made = build(record(silent), fold(record(silent)), T0 + 60 * 60 * SECOND)
    assert len(made.communications.missed) == 1
    assert len(re.findall('class="late"', await formed(made, "html"))) == 1


async def test_a_page_is_made_by_every_template_with_all_rows(events: tuple[Event, ...]) -> None:
    made = report(events, WRITTEN)
    for name in names():
        page = await formed(made, "html", name)
        assert "Logins failed." in page and "<!-- yours" not in page
        if name != "narrative":
            assert page.count("<tr>") > len(made.timeline) + len(made.tried)


async def test_a_story_says_who_did_what_when_and_knows_no_before_where_nobody_noticed(
    events: tuple[Event, ...], tmp_path: Path
) -> None:
    text = await formed(report(events, Human()), "markdown", "narrative")
    assert "## Act 1: Before anybody knew" in text and "ana: " in text
    acts = text.partition("## Epilogue")[0]
    assert all(re.match(r"- \d\d:\d\d \w", line) for line in acts.splitlines() if line.startswith("- "))
    brought = imported(tmp_path, "- 10:52 the queue is full\n", date="2026-03-02", zone="UTC")
    told = await formed(brought, "markdown", "narrative")
    assert "## Act 1: What happened" in told and "- 10:52: the queue is full" in told


async def test_a_template_of_ones_own_sees_the_document_and_is_escaped(
    events: tuple[Event, ...], tmp_path: Path
) -> None:
    own = tmp_path / "own.md.j2"
    own.write_text(
        "# {{ report.header.id }}\n\n{% macro of(e) %}- {{ e.text }}{% endmacro %}\n"
        "{% for e in report.timeline %}\n{{ of(e) }}\n{% endfor %}\n\n{{ '*' ~ report.header.title }}\n\n"
        "{{ section.tried }}\n"
    )  # fmt: skip
    text = await formed(report(events, Human()), "markdown", str(own))
    assert text.startswith("# INC-1") and "Logins fail" in text and "| Time | Step |" in text
    page = await formed(report(events, Human()), "html", str(own))
    assert "<h1>INC-1</h1>" in page and '<th scope="col">Step</th>' in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n{% for x in y %}\n", "own.j2:2:1: Unexpected end"),
        ("a\n\n{{ 1 / 0 }}\n", "own.j2:3:1: division by zero"),
        ("a\n{{ nothing.at }}\n", "own.j2:2:1: 'nothing' is undefined"),
        ("{{ report.parse_raw('x') }}\n", "own.j2:1:1: access to attribute 'parse_raw'"),
        ("{{ report.__class__.__mro__ }}\n", "unsafe"),
        ("{% include '../../../../etc/passwd' %}", "there is no template"),
        ("{{ 'a' * 10**11 }}", "needs more memory"),
        ("{% set b = range(99999) %}{% for a in b %}{% for c in b %}{% endfor %}{% endfor %}", "loop without end"),
    ],
)
async def test_a_bad_template_is_told_with_its_line(
    events: tuple[Event, ...], tmp_path: Path, text: str, told: str
) -> None:
    own = tmp_path / "own.j2"
    own.write_text(text)
    with pytest.raises(ConfigError) as caught:
        await apart.rendered(report(events, Human()), own, seconds=1)
    assert told in str(caught.value)


async def test_an_unknown_template_names_those_there_are(events: tuple[Event, ...]) -> None:
    with pytest.raises(ConfigError, match="there are cockpit, google, narrative, pagerduty, srebook"):
        await formed(report(events, Human()), "markdown", "goggle")


def test_actions_go_to_github_with_what_became_of_each(events: tuple[Event, ...]) -> None:
    issues = json.loads(github(report(events, WRITTEN)))
    assert [(one["state"], one["state_reason"]) for one in issues] == [
        ("open", None), ("closed", "not_planned"), ("closed", "not_planned"),
    ]  # fmt: skip
    assert "Owner: dev-3" in issues[0]["body"] and not any(one["assignees"] for one in issues)
    assert issues[1]["labels"] == ["postmortem", "process", "never-done"]
    assert "nobody asked again" in issues[1]["body"] and "INC-1" in issues[0]["body"]
    assert set(issues[0]) == {"title", "body", "labels", "assignees", "state", "state_reason"}


@pytest.mark.parametrize(
    ("owner", "assignees"),
    [
        ("dev-3", []),
        ("support", []),
        ("@octo-dev", ["octo-dev"]),
        ("dev-3 (@octo-dev), @o2, @octo-dev.", ["octo-dev", "o2"]),
        ("@org/team", []),
        ("dev@example.org", []),
        ("@octo.dev", []),
        ("@-x @x- @a--b", []),
        (f"@{'a' * 39}", ["a" * 39]),
        (f"@{'a' * 40}", []),
        (" ".join(f"@o{number}" for number in range(12)), [f"o{number}" for number in range(10)]),
    ],
)
def test_an_issue_is_assigned_to_whom_the_owner_names_as_an_account(
    events: tuple[Event, ...], owner: str, assignees: list[str]
) -> None:
    human = Human(actions=(Action(id="A1", type="prevent", text="check it", owner=owner),))
    (issue,) = json.loads(github(report(events, human)))
    assert issue["assignees"] == assignees


def test_actions_go_to_jira_in_its_own_document_format(events: tuple[Event, ...]) -> None:
    fields = [one["fields"] for one in json.loads(jira(report(events, WRITTEN), "OPS"))["issueUpdates"]]
    assert {one["project"]["key"] for one in fields} == {"OPS"}
    for one in fields:
        assert one["issuetype"] == {"name": "Task"} and len(one["summary"]) <= 255
        assert not any(" " in label for label in one["labels"])
        assert (one["description"]["type"], one["description"]["version"]) == ("doc", 1)
        texts = [run for part in one["description"]["content"] for run in part["content"]]
        assert all(run["type"] == "text" and run["text"] for run in texts)
