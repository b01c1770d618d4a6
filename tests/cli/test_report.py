from __future__ import annotations

import asyncio
import json

from cockpit.clock import SystemClock
from cockpit.exits import Exit
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import IncidentDeclared
from cockpit.journal.store import Journal
from cockpit.review.parts import BY_NAME, end
from tests.cli.conftest import Shell


def test_the_help_of_report_is_that_of_what_it_does_by_itself(shell: Shell) -> None:
    told = shell.run("report", "--help")
    assert told.returncode == 0
    assert "cockpit report [OPTIONS] [INCIDENT]" in told.stdout
    assert "Write the report of an incident." in shell.run("--help").stdout


def test_options_may_stand_before_the_incident(shell: Shell) -> None:
    for words in (["INC-9", "--json"], ["--json", "INC-9"], ["-o", "x.md"], []):
        done = shell.run("report", *words)
        assert done.returncode == Exit.BAD_INPUT
        assert "no journal" in done.stderr


async def recorded(shell: Shell) -> None:
    """One incident in the shell's journal."""
    journal = await Journal.open(shell.home / "default" / "journal.sqlite", clock=SystemClock(), host="host")
    declared = IncidentDeclared(title="Logins fail", severity="SEV1")
    await journal.append(await journal.reserve("INC"), [Draft(body=declared, actor="ana")])
    await journal.close()


def test_what_people_wrote_outlives_a_second_writing_in_every_form(shell: Shell) -> None:
    asyncio.run(recorded(shell))
    assert shell.run("report", "-o", "report.md").stdout == "written to report.md\n"
    file = shell.cwd / "report.md"
    blank = file.read_text()
    row = "| A1 | prevent | check the config | dev-3 | open | n/a | n/a | n/a |"
    asked = BY_NAME["trigger"].placeholder
    file.write_text(blank.replace(asked, f"{asked}\n\nA flag.").replace(end("actions"), f"{row}\n\n{end('actions')}"))
    for name in ("report.md", "report.html", "report.json", "report.md"):
        again = shell.run("report", "INC-1", "-o", name, "--template", "google" if name == "report.html" else "cockpit")
        assert (again.returncode, again.stderr) == (Exit.OK, "")
        assert "A flag." in (shell.cwd / name).read_text()
    assert asked not in file.read_text()
    issues = shell.run("report", "--human", "report.md", "--actions", "github")
    assert [one["title"] for one in json.loads(issues.stdout)] == ["check the config"]
    (shell.cwd / "mine.txt").write_text("mine")
    done = shell.run("report", "--human", "report.md", "--actions", "jira", "--project", "OPS", "-o", "mine.txt")
    assert done.returncode == Exit.BAD_INPUT and "name a new file" in done.stderr
    assert (shell.cwd / "mine.txt").read_text() == "mine"


def test_actions_that_nobody_named_are_no_empty_list(shell: Shell) -> None:
    asyncio.run(recorded(shell))
    done = shell.run("report", "--actions", "github")
    assert (done.returncode, done.stdout) == (Exit.BAD_INPUT, "") and "--human FILE" in done.stderr
    done = shell.run("report", "--actions", "jira")
    assert done.returncode == Exit.USAGE and "--project OPS" in done.stderr


def test_the_templates_are_listed_for_people_and_programs(shell: Shell) -> None:
    names = ["cockpit", "google", "narrative", "pagerduty", "srebook"]
    assert [line.split()[0] for line in shell.run("report", "templates").stdout.splitlines()] == names
    told = json.loads(shell.run("report", "templates", "--json").stdout)
    assert [one["name"] for one in told] == names and all(one["about"] for one in told)


def test_a_place_that_is_no_file_is_said_in_words(shell: Shell) -> None:
    asyncio.run(recorded(shell))
    for place in (".", "/", "..", "none/report.md"):
        done = shell.run("report", "-o", place)
        assert done.returncode == Exit.BAD_INPUT and "cannot be written" in done.stderr


def test_a_file_called_after_another_form_is_refused(shell: Shell) -> None:
    done = shell.run("report", "INC-1", "-o", "report.pdf")
    assert done.returncode == Exit.USAGE and ".html, or say --format" in " ".join(done.stderr.split())
    assert not (shell.cwd / "report.pdf").exists()
