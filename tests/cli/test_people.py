"""People by commands alone: each answer is kind and clear, and what changes nothing is said so."""

from __future__ import annotations

import json

import pytest

from cockpit.exits import Exit
from tests.cli.conftest import CONFIG, Shell

CALL = CONFIG + "broadcast: {call: https://meet.test/inc}\n"


def test_people_by_commands_alone(shell: Shell) -> None:
    shell.write(CALL)

    def said(*words: str, as_: str = "ada") -> str:
        done = shell.run("--as", as_, *words)
        assert done.returncode == Exit.OK, done.stderr
        return done.stdout.strip()

    def refused(*words: str) -> str:
        done = shell.run("--as", "ada", *words)
        assert (done.returncode, done.stdout) == (Exit.REFUSED, "")
        return done.stderr.strip()

    assert refused("here") == "no incident is open: declare one first"
    said("declare", "it burns")
    assert said("people") == "nobody is on the roster"
    assert said("lead").startswith("ada leads")
    assert said("lead") == "ada is lead already"
    assert said("need", "bo", "--for", "database", "--until", "2h").startswith("bo is needed until")
    assert said("need", "cy") == "cy is needed"
    assert said("need", "cy") == "cy is asked for already"
    assert said("here", as_="bo") == "bo is here, on the call"
    assert said("follow", as_="dev") == "dev is following in the channel"
    assert said("timer", "start", "database latency", "--who", "bo").startswith("bo looks into database latency until")
    listed = said("people").splitlines()
    assert [line.split()[:2] for line in listed[:3]] == [["needed", "ada"], ["needed", "bo"], ["needed", "cy"]]
    assert listed[3].startswith("not needed  dev"), "whoever only follows was never asked to come"
    assert "here" in listed[1] and "database, until" in listed[1] and "unknown" in listed[2]
    assert "database latency" in said("people") and "the call: https://meet.test/inc" in said("people")
    assert "the call" not in said("people", as_="dev"), "the call is for those who are needed"
    assert "leads and has to stay" in refused("stand-down", "--stay", "bo")
    assert said("stand-down", "--stay", "ada, bo") == "released, with thanks: cy"
    assert said("timer", "end", "database latency", "--found", "lag") == "no longer looked into: database latency"
    assert "no such look goes on" in refused("timer", "end", "database latency")
    assert said("role", "communications", "bo") == "bo is communications"
    assert said("lead", "bo", "--note", "watch the lag").startswith("bo leads")
    assert said("release", "ada", "--why", "sleep") == "ada may leave"
    shown = json.loads(said("people", "--json"))
    assert [person["name"] for person in shown["people"] if person["needed"]] == ["bo"]
    assert "watch the lag" in said("report")


@pytest.mark.parametrize("until", ["soon", "2020-01-01T00:00:00Z"])
def test_a_moment_that_means_nothing_is_a_mistake_in_the_command(shell: Shell, until: str) -> None:
    shell.write(CONFIG)
    assert shell.run("need", "bo", "--until", until).returncode == Exit.USAGE
