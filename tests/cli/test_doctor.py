"""`cockpit doctor` in a process of its own: no engine, no traces, an exit code."""

from __future__ import annotations

import json

from tests.cli.conftest import CONFIG, Shell


def test_doctor_tells_what_is_bad_starts_nothing_and_leaves_nothing(shell: Shell) -> None:
    shell.write(CONFIG)
    done = shell.run("doctor", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)["findings"]
    assert found[0]["state"] == "bad"
    assert "web-front" in [each["subject"] for each in found if each["state"] == "bad"]
    assert not shell.home.exists()


def test_doctor_is_content_when_nothing_is_bad(shell: Shell) -> None:
    shell.write("version: 1\n")
    done = shell.run("doctor")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("0 bad, ")


def test_doctor_knows_the_engine_that_runs_and_by_which_config(shell: Shell) -> None:
    own, other = shell.write(CONFIG), shell.write("version: 1\n", "other.yaml")
    assert shell.run("--config", own, "note", "hello").returncode == 0

    def engine(config: str) -> dict[str, str]:
        found = json.loads(shell.run("--config", config, "doctor", "--json").stdout)["findings"]
        return next(each for each in found if each["subject"] == "engine")

    assert engine(str(own))["state"] == "ok"
    assert engine(str(other))["state"] == "warn" and str(own) in engine(str(other))["words"]


def test_what_slack_cannot_be_tried_with_is_said_in_one_line(shell: Shell) -> None:
    shell.write("version: 1\n")
    for channel, words in (("#incidents", "by its id"), ("C0INCIDENT", "no destination of kind slack")):
        done = shell.run("doctor", "--slack-live", channel)
        assert done.returncode == 2 and words in done.stderr and len(done.stderr.splitlines()) == 1
