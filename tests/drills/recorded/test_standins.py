"""What would be real in a runbook becomes a command of the drill, and the person still reads what it was."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.config import yaml
from cockpit.drills.dumping import as_yaml
from cockpit.drills.reaching import reaching
from cockpit.drills.recorded.standins import StandIns, secret
from cockpit.runbooks.including import assemble
from cockpit.runbooks.lint import examine
from cockpit.runbooks.model.runbook import Runbook

BOOK = """\
version: 1
id: mend
title: Mend the shop
requires:
  commands: [kubectl]
  versions: {git: {argv: [/usr/bin/git, --version], at_least: "2.17"}}
  env: [REGION]
  secrets: [FLAGS_TOKEN, PD_KEY]
params:
  region: {title: Region, default: eu}
  token: {title: Token, secret: true}
steps:
"""
VERIFIED = "effect: write\n    irreversible: It is gone.\n    verify: {probe: shop, within: 3m}\n"
SCRIPT = 'for host in $HOSTS; do\n  flush "$host"\ndone'


def _book(*steps: str) -> dict[str, Any]:
    text = BOOK + "".join(
        f"  - id: s{number}\n    title: What it is for\n    {step}" for number, step in enumerate(steps)
    )
    assert assemble(text, "mend.yaml", _nothing).problems == (), text
    data: dict[str, Any] = yaml.load(text, "mend.yaml").data
    return data


def _nothing(name: str) -> str:
    raise AssertionError(name)


def _stood_in(*steps: str) -> tuple[dict[str, Any], Runbook, list[str]]:
    told, standing = _book(*steps), StandIns()
    made = standing.book(told, secret(told))
    found = examine(as_yaml(made), "/mend.yaml", None, _nothing)
    assert found.runbook is not None and not [each for each in found.problems if each.severity == "error"]
    assert not list(reaching(found.runbook))
    return made, found.runbook, standing.changed


@pytest.mark.parametrize(
    ("step", "argv", "changed"),
    [
        (
            'http: {method: PUT, url: "https://flags.example/x", headers: {authorization: {env: FLAGS_TOKEN}, '
            'x-by: cockpit}, json: {enabled: "false", region: {param: region}}}\n    ' + VERIFIED,
            ["recorded-request", "s0", "PUT", "https://flags.example/x", "authorization:", "$FLAGS_TOKEN", "x-by:",
             "cockpit", "enabled=", "false", "region=", {"param": "region"}],
            "s0 was a request: here recorded-request answers as it was recorded",
        ),
        (
            'http: {method: POST, url: "https://x.example/y", body: "a b"}\n    ' + VERIFIED,
            ["recorded-request", "s0", "POST", "https://x.example/y", "a b"],
            "s0 was a request: here recorded-request answers as it was recorded",
        ),
        (
            "command:\n      run: |\n        " + SCRIPT.replace("\n", "\n        ")
            + "\n      shell: [zsh, -c]\n      env: {HOSTS: a b, TOKEN: {param: token}}\n    " + VERIFIED,
            ["recorded-script", "s0", SCRIPT, "HOSTS=", "a b", "TOKEN=", "<token>"],
            "s0 was a script for zsh: here recorded-script answers as it was recorded",
        ),
        (
            "command: {argv: [/opt/acme/bin/kubectl, rollout, {param: region}], workdir: /srv}\n    " + VERIFIED,
            ["kubectl", "rollout", {"param": "region"}],
            "/opt/acme/bin/kubectl was run by its path: here kubectl answers as it was recorded",
        ),
        (
            "command: {argv: [./Deploy.sh, now]}\n    " + VERIFIED,
            ["recorded-program", "s0", "./Deploy.sh", "now"],
            "s0 ran a program by its path or a value: here recorded-program answers as it was recorded",
        ),
        (
            "command: {argv: [kubectl, x], env: {PATH: /opt/acme/bin}}\n    " + VERIFIED,
            ["kubectl", "x", "PATH=", "/opt/acme/bin"],
            "s0 was given PATH by its environment: here it stands behind the command",
        ),
    ],
    ids=["request", "body", "script", "path", "odd name", "environment"],
)  # fmt: skip
def test_a_step_that_would_be_real_becomes_a_command(step: str, argv: list[object], changed: str) -> None:
    made, book, said = _stood_in(step)
    (command,) = [each["command"] for each in made["steps"]]
    assert command["argv"] == argv and changed in said
    assert not command.keys() & {"run", "shell", "env", "workdir"}
    assert (book.steps[0].title, book.steps[0].effect, book.steps[0].irreversible) == (
        "What it is for", "write", "It is gone.",
    )  # fmt: skip
    assert book.steps[0].verify is not None and book.steps[0].verify.probe == "shop"


def test_what_undoes_and_checks_is_stood_in_for_as_well() -> None:
    made, _, said = _stood_in(
        "command: {argv: [kubectl, x]}\n    effect: write\n    check: {run: kubectl is x}\n"
        '    rollback: {http: {method: PUT, url: "https://x.example/y"}, check: {run: test -f x}, timeout: 20s}\n',
        "command: {argv: [kubectl, y]}\n    effect: write\n    rollback: {run: undo it, shell: [sh], timeout: 5s}\n",
    )
    first, second = made["steps"]
    assert first["check"] == {"argv": ["recorded-script", "s0", "kubectl is x"]}
    assert first["rollback"] == {
        "command": ["recorded-request", "s0", "PUT", "https://x.example/y"],
        "check": {"argv": ["recorded-script", "s0", "test -f x"]}, "timeout": "20s",
    }  # fmt: skip
    assert second["rollback"] == {"command": ["recorded-script", "s1", "undo it"], "timeout": "5s"}
    assert first["command"] == {"argv": ["kubectl", "x"]}
    assert {*said} >= {
        "undoing s0 was a request: here recorded-request answers as it was recorded",
        "undoing s1 was a script for sh: here recorded-script answers as it was recorded",
    }


def test_ladders_series_and_calls_are_stood_in_for_as_well() -> None:
    made, book, _ = _stood_in(
        "ladder:\n      verify: {probe: shop, within: 3m}\n      releases:\n"
        "        current: {run: readlink now}\n        list: {argv: [/bin/ls, releases]}\n"
        "        apply: {run: switch, env: {TO: {target: id}}}\n"
        "      exhausted: {whom: the team, pagerduty: {routing_key: {env: PD_KEY}, summary: Nothing helps}}\n",
        "ladder:\n      verify: {probe: shop, within: 3m}\n      rungs:\n"
        "        - {id: a, title: A, look: {run: diff}, apply: {run: back a}, rollback: {run: forth a}}\n"
        "        - {id: b, title: B, apply: {argv: [kubectl, b]}, irreversible: It is.}\n",
        "repeat: {command: {run: drain}, until: {probe: shop}}\n    effect: write\n    irreversible: It is.\n",
    )
    releases, rungs = made["steps"][0]["ladder"]["releases"], made["steps"][1]["ladder"]["rungs"]
    assert releases["apply"] == {"argv": ["recorded-script", "s0", "switch", "TO=", {"target": "id"}]}
    assert releases["list"] == {"argv": ["ls", "releases"]}
    assert made["steps"][0]["ladder"]["exhausted"] == {
        "whom": "the team", "command": {"argv": ["recorded-page", "s0", "Nothing helps"]},
    }  # fmt: skip
    assert rungs[0]["look"] == {"argv": ["recorded-script", "s1.a", "diff"]}
    assert rungs[0]["rollback"] == {"command": ["recorded-script", "s1.a", "forth a"]}
    assert made["steps"][2]["repeat"]["command"] == {"argv": ["recorded-script", "s2", "drain"]}
    assert book.requires.commands == ("kubectl", "ls", "recorded-page", "recorded-script")
    assert not book.requires.versions and not book.requires.secrets and "token" not in book.params


def test_two_programs_of_one_name_stay_two() -> None:
    made, _, _ = _stood_in(
        "command: {argv: [/opt/a/restart, x]}\n    " + VERIFIED, "command: {argv: [/opt/b/restart, x]}\n    " + VERIFIED
    )
    assert [each["command"]["argv"] for each in made["steps"]] == [
        ["restart", "x"], ["recorded-program", "s1", "/opt/b/restart", "x"],
    ]  # fmt: skip


def test_a_runbook_that_a_drill_can_play_stays_as_it_is() -> None:
    told, standing = _book("command: {argv: [kubectl, x]}\n    " + VERIFIED), StandIns()
    del told["requires"]
    assert standing.book(told, frozenset()) is told and standing.changed == []


@pytest.mark.parametrize("text", ["10:47", "08:00", "0755", "1e5", "on", "1.10", "", "a\nb\n", "x: y", "2026-11-22"])
def test_what_is_written_is_read_back_as_the_same(text: str) -> None:
    document = yaml.load(as_yaml({"a": [text], "b": {"c": text}}), "x.yaml")
    assert document.problems == [] and document.data == {"a": [text], "b": {"c": text}}
