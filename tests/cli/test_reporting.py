"""`cockpit report import` and `cockpit report lint`."""

from __future__ import annotations

import json

from cockpit.exits import Exit
from tests.cli.conftest import Shell

NOTES = "# Logins fail\n\n## Timeline\n\n- 21:03 PM page fires\n- 11:26 AM all clear\n"
FACTS = ("--date", "2026-03-02", "--zone", "UTC")


def test_a_timeline_becomes_a_report_and_its_doubts_are_told_beside_it(shell: Shell) -> None:
    shell.write(NOTES, "notes.md")
    done = shell.run("report", "import", "notes.md", *FACTS, "--json")
    report = json.loads(done.stdout)
    assert done.returncode == Exit.OK and report["header"]["kind"] == "imported"
    assert [entry["stated"] for entry in report["timeline"]] == ["21:03 PM", ""]
    assert "notes.md:5:1: warning: impossible time: `21:03 PM`" in done.stderr
    assert shell.run("report", "import", "notes.md", *FACTS).stdout.startswith("# Logins fail\n")


def test_it_is_written_to_a_new_file_and_linted_there(shell: Shell) -> None:
    shell.write(NOTES, "notes.md")
    done = shell.run("report", "import", "notes.md", *FACTS, "-o", "report.json")
    assert done.returncode == Exit.OK and "report.json is written; " in done.stdout
    linted = shell.run("report", "lint", "report.json", "--json")
    assert linted.returncode == Exit.REFUSED
    assert [one["rule"] for one in json.loads(linted.stdout)][:2] == ["impossible_time", "backwards"]
    assert shell.run("report", "import", "notes.md", "-o", "report.json").returncode == Exit.BAD_INPUT
    assert "already" in shell.run("report", "import", "report.json").stderr


def test_a_report_in_markdown_is_linted_by_what_people_wrote_in_it(shell: Shell) -> None:
    shell.write(f"It lasted long, and we should have known.\n\n{NOTES.partition('# Logins fail')[2]}", "notes.md")
    assert shell.run("report", "import", "notes.md", *FACTS, "-o", "report.md").returncode == Exit.OK
    line = (shell.cwd / "report.md").read_text().split("\n").index("It lasted long, and we should have known.") + 1
    linted = shell.run("report", "lint", "report.md")
    assert linted.returncode == Exit.REFUSED
    assert linted.stdout.startswith(f"report.md:{line}:1: warning: counterfactual: `should have` in the summary")
    assert "impossible" not in linted.stdout
    assert "already" in shell.run("report", "import", "report.md").stderr


def test_the_lint_says_by_its_exit_whether_something_stands(shell: Shell) -> None:
    facts = "---\ndate: 2026-03-02\nzone: UTC\n---\n"
    sections = "".join(f"## {name}\n\nx\n\n" for name in ("Summary", "Impact", "Trigger"))
    sections += "".join(f"## {name}\n\n- x\n\n" for name in ("Causes", "Went well", "Went badly"))
    clean = f"{facts}{sections}## Actions\n\n- x (owner: sre)\n\n## Timeline\n\n- 10:00 red\n"
    shell.write(clean, "clean.md")
    done = shell.run("report", "lint", "clean.md")
    assert (done.returncode, done.stdout) == (Exit.OK, "nothing stands against it\n")
    shell.write(clean.replace("10:00 red", "10:00 we should have looked"), "judged.md")
    done = shell.run("report", "lint", "clean.md", "judged.md")
    assert done.returncode == Exit.REFUSED and done.stdout.startswith("judged.md:35:1: warning: counterfactual: ")


def test_what_stands_against_a_file_is_told_although_another_cannot_be_used(shell: Shell) -> None:
    shell.write(NOTES, "notes.md")
    done = shell.run("report", "lint", "notes.md", "none.md", *FACTS)
    assert done.returncode == Exit.BAD_INPUT
    assert "none.md: there is no such file" in done.stderr and "notes.md:5:1: warning: impossible time" in done.stderr


def test_files_that_cannot_be_used_are_told_all_at_once(shell: Shell) -> None:
    shell.write('{"header": 1}', "odd.json")
    shell.write("[", "cut.json")
    done = shell.run("report", "lint", "none.md", "odd.json", "cut.json")
    assert done.returncode == Exit.BAD_INPUT and done.stdout == ""
    assert {line.split(":")[0] for line in done.stderr.splitlines()} == {"none.md", "odd.json", "cut.json"}
