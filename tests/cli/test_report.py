from __future__ import annotations

from cockpit.exits import Exit
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
