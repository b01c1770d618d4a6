"""Every command: its help reads well, it can print JSON, and it does what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
import pytest

from cockpit.cli import main
from cockpit.exits import Exit
from tests.cli.conftest import CONFIG, Shell

PRINTS_A_SCHEMA = {"runbook schema", "config schema", "drill schema"}
"""These print JSON and nothing else."""
TELLS_A_STORY = {"demo", "drill", "open"}
"""These are for people; what they tell lies in the journal, and in the report as JSON."""


def _commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield " ".join((*words, name)), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))


COMMANDS = dict(_commands(main))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_in_whole_words_what_every_option_does(name: str) -> None:
    command = COMMANDS[name]
    assert not command.hidden
    context = click.Context(command, info_name=f"cockpit {name}", max_content_width=80, terminal_width=80)
    text = command.get_help(context)
    assert "..." not in text.replace("...]", "").replace("]...", "").replace("FILES...", "").replace("ARGS]", "")
    assert all(len(line) <= 80 for line in text.splitlines())
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help or option.name == "severity", option.name


def test_the_list_of_commands_is_whole_at_80_columns() -> None:
    context = click.Context(main, info_name="cockpit", max_content_width=80, terminal_width=80)
    text = main.get_help(context)
    listed = text.partition("Commands:")[2]
    assert "..." not in listed
    for code in Exit:
        assert str(int(code)) in text


def test_everything_that_prints_can_print_json() -> None:
    for name, command in COMMANDS.items():
        if not isinstance(command, click.Group) and name not in PRINTS_A_SCHEMA | TELLS_A_STORY:
            assert any("--json" in option.opts for option in command.params), name


def test_an_incident_by_commands_alone(shell: Shell) -> None:
    shell.write(CONFIG)

    def said(*words: str) -> dict[str, object]:
        done = shell.run(*words, "--json")
        assert done.returncode == Exit.OK, done.stderr
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    assert said("declare", "it burns")["text"] == "declared SEV3: it burns"
    noted = said("note", "smoke")["seq"]
    assert said("mark", "deploy", "web 2.0", "--service", "web", "--unreviewed")["stream"] == "INC-1"
    assert said("update", "--know", "the web is down", "--status", "identified")["ok"] is True
    found = said("status")
    assert (found["incident"], found["status"], found["severity"]) == ("INC-1", "identified", "SEV3")
    refused = shell.run("declare", "again", "--json")
    assert refused.returncode == Exit.REFUSED
    assert json.loads(refused.stdout)["ok"] is False
    assert said("redact", "INC-1", str(noted), "--reason", "a slip")["ok"] is True
    assert said("resolve", "out", "--override", "a test")["ok"] is True
    assert said("report")["header"]
    assert shell.run("report", "INC-9").returncode == Exit.BAD_INPUT
    assert said("restart")["running"] is True
    assert said("stop") == {"stopped": True}
    assert said("stop") == {"stopped": False}
    assert json.loads(shell.run("status", "--json").stdout) == {"running": False}


def test_a_restart_keeps_the_config_of_the_engine_and_a_wrong_one_stops_nothing(shell: Shell) -> None:
    first = shell.write(CONFIG, "first.yaml")
    other = shell.write(CONFIG, "other.yaml")
    wrong = shell.write("version: 2\n", "wrong.yaml")
    shell.run("--config", first, "note", "x")
    before = json.loads(shell.run("status", "--json").stdout)
    done = shell.run("--config", wrong, "restart")
    assert done.returncode == Exit.BAD_INPUT
    assert "nothing was restarted" in done.stderr
    assert json.loads(shell.run("status", "--json").stdout)["pid"] == before["pid"]
    after = json.loads(shell.run("restart", "--json").stdout)
    assert after["config"] == str(first) and after["pid"] != before["pid"]
    assert json.loads(shell.run("--config", other, "restart", "--json").stdout)["config"] == str(other)


def test_an_engine_that_runs_with_another_config_than_the_one_named_says_so(shell: Shell) -> None:
    first, other = shell.write(CONFIG), shell.write(CONFIG, "other.yaml")
    assert shell.run("note", "a").stderr == ""
    assert shell.run("--config", first, "note", "b").stderr == ""
    done = shell.run("--config", other, "note", "c")
    assert done.returncode == Exit.OK
    assert done.stderr == (
        f"the engine of this profile runs with {first}; `cockpit --config {other} restart` changes that\n"
    )


def test_runbooks_as_json(shell: Shell) -> None:
    listed = json.loads(shell.run("runbook", "list", "--json").stdout)
    (path,) = (entry["path"] for entry in listed if entry["id"] == "login-flag" and entry["bundled"])
    shown = json.loads(shell.run("runbook", "show", path, "--json").stdout)
    assert shown["runbook"]["id"] == "login-flag" and shown["runbook"]["steps"]
    assert json.loads(shell.run("runbook", "lint", path, "--json").stdout)[0]["problems"] == []
