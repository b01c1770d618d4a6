"""What a tired person is told when something is wrong: a sentence, how to mend it, and a documented code."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from cockpit.exits import Exit
from tests.cli.conftest import CONFIG, NOTHING_LISTENS, Shell, read_until

WRONG = """\
version: 1
servces: []
services:
  - name: Web Shop
    probes:
      - name: front
        url: htp://x
        intervall: 10s
        timeout: 3
        failures: many
changes: no
"""


def test_without_a_config_the_places_looked_at_and_the_demo_are_named(shell: Shell) -> None:
    for command in (["watch"], ["note", "x"], [], ["restart"], ["config", "check"]):
        done = shell.run(*command)
        assert done.returncode == Exit.BAD_INPUT
        assert str(shell.cwd / "config.yaml") in done.stderr
        assert str(Path(".config", "cockpit", "config.yaml")) in done.stderr or sys.platform == "darwin"
        assert "--config" in done.stderr and "cockpit demo" in done.stderr


def test_every_problem_of_a_config_is_told_with_its_place_and_the_nearest_key(shell: Shell) -> None:
    path = shell.write(WRONG)
    for command in ("watch", "restart"):
        done = shell.run(command)
        assert done.returncode == Exit.BAD_INPUT
        for line in (
            f"{path}:2:1: servces: unknown key; did you mean services?",
            f"{path}:4:11: services.0.name: must be lower-case letters, digits, `.`, `_` and `-`, at most 63",
            f"{path}:7:14: services.0.probes.0.url: must be an address such as http://host/path",
            f"{path}:8:9: services.0.probes.0.intervall: unknown key; did you mean interval?",
            f"{path}:9:18: services.0.probes.0.timeout: a duration needs its unit, as in 250ms, 90s, 3m or 1h30m",
            f"{path}:10:19: services.0.probes.0.failures: must be a whole number, not text",
            f"{path}:11:10: changes: no is a truth value to some readers and a word to others; quote it",
        ):
            assert line in done.stderr.splitlines()
    problems = json.loads(shell.run("config", "check", "--json").stderr)
    assert [problem["line"] for problem in problems] == [2, 4, 7, 8, 9, 10, 11]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: [\n  - x\n", "config.yaml:2:3: is not YAML"),
        ("", "the file is empty"),
        ("- a\n", "must be a mapping"),
    ],
)
def test_what_is_no_config_is_told_so(shell: Shell, text: str, said: str) -> None:
    shell.write(text)
    done = shell.run("config", "check")
    assert done.returncode == Exit.BAD_INPUT
    assert said in done.stderr


def test_a_config_that_is_a_directory_or_absent_is_told_so(shell: Shell) -> None:
    (shell.cwd / "config.yaml").mkdir()
    done = shell.run("watch")
    assert done.returncode == Exit.BAD_INPUT
    assert done.stderr.strip() == f"{shell.cwd / 'config.yaml'}: is a directory; name the file in it"
    done = shell.run("--config", "other.yaml", "watch")
    assert done.returncode == Exit.BAD_INPUT
    assert done.stderr.strip() == f"{shell.cwd / 'other.yaml'}: there is no such file"


def test_a_config_check_names_what_a_bad_night_would_find_out(shell: Shell) -> None:
    shell.write(CONFIG + "runbooks: [nowhere]\nbroadcast: {destinations: [{kind: file, path: no/such/file.jsonl}]}\n")
    done = shell.run("config", "check")
    assert done.returncode == Exit.OK
    assert "can be used: 1 probe in 1 service" in done.stdout
    assert "runbooks.0: there is no nowhere" in done.stdout
    assert f"nothing can be written in {shell.cwd / 'no/such'}" in done.stdout


def test_an_engine_starts_with_what_it_can_and_says_what_it_cannot(shell: Shell) -> None:
    probe = f'      - {{name: secret, url: "{NOTHING_LISTENS}", headers: {{authorization: {{env: NOT_SET_HERE}}}}}}\n'
    shell.write(
        CONFIG + probe + "runbooks: [nowhere]\nbroadcast: {destinations: [{kind: file, path: no/file.jsonl}]}\n"
    )
    assert shell.run("declare", "it burns", "-s", "SEV1").returncode == Exit.OK
    with shell.watching() as watch:
        told = read_until(watch, "web-front DOWN", "not sent yet, trying again to file")
    assert "refused: nothing listens on 127.0.0.1:9" in told
    seen = json.loads(shell.run("status", "--json").stdout)
    assert seen["probes"] == {"web-front": "down", "secret": "unknown"}
    assert any("NOT_SET_HERE is not set; export NOT_SET_HERE" in alarm for alarm in seen["alarms"])
    listed = shell.run("runbook", "list")
    assert listed.returncode == Exit.OK
    assert f"UNUSABLE  {shell.cwd / 'nowhere'}" in listed.stdout and "login-flag" in listed.stdout


def test_an_unknown_drill_and_an_unknown_play_name_those_there_are(shell: Shell) -> None:
    done = shell.run("drill", "nosuch", "--play", "good")
    assert done.returncode == Exit.BAD_INPUT
    assert "there is no such drill; choose one of: blank-page, config-cascade" in done.stderr
    done = shell.run("drill", "login-flag", "--play", "nosuch")
    assert done.returncode == Exit.BAD_INPUT
    assert "has no play called nosuch; choose one of: good, original" in done.stderr
    done = shell.run("drill")
    assert done.returncode == Exit.USAGE
    assert "--play good" in done.stderr


def test_usage_errors_name_the_command_to_ask(shell: Shell) -> None:
    for words in (["nosuch"], ["drill", "--speed", "x"], ["--profile", "../up", "status"], ["declare"]):
        done = shell.run(*words)
        assert done.returncode == Exit.USAGE
        assert "--help" in done.stderr


def test_a_runbook_or_a_report_that_is_not_there(shell: Shell) -> None:
    for words in (["runbook", "lint", "no.yaml"], ["runbook", "show", "no.yaml"]):
        done = shell.run(*words)
        assert done.returncode == Exit.BAD_INPUT
        assert "no.yaml: there is no such file" in done.stderr
    done = shell.run("report")
    assert done.returncode == Exit.BAD_INPUT
    assert "no journal" in done.stderr


def test_a_state_directory_that_cannot_be_used(shell: Shell, powerless: tuple[str, ...]) -> None:
    shell.write(CONFIG)
    blocked = shell.cwd / "file"
    blocked.touch()
    done = shell.run("watch", env={"COCKPIT_HOME": str(blocked / "below")})
    assert done.returncode == Exit.STORAGE
    assert f"no engine can run in {blocked / 'below' / 'default'}" in done.stderr and "COCKPIT_HOME" in done.stderr
    closed = shell.cwd / "closed"
    closed.mkdir(mode=0o500)
    done = shell.run("watch", env={"COCKPIT_HOME": str(closed / "below")}, before=powerless)
    assert done.returncode == Exit.STORAGE
    assert "Permission denied" in done.stderr and "COCKPIT_HOME" in done.stderr


def test_an_engine_in_somebody_elses_home_is_not_taken_for_none(shell: Shell, powerless: tuple[str, ...]) -> None:
    shell.write(CONFIG)
    assert shell.run("note", "x").returncode == Exit.OK
    shell.home.chmod(0)
    try:
        for command, code in (("status", Exit.NO_ENGINE), ("stop", Exit.NO_ENGINE), ("watch", Exit.STORAGE)):
            done = shell.run(command, before=powerless)
            assert done.returncode == code
            assert str(shell.home) in done.stderr and "Permission denied" in done.stderr
    finally:
        shell.home.chmod(0o700)


def test_without_home_and_runtime_directory_there_is_still_a_place(shell: Shell) -> None:
    shell.write(CONFIG)
    done = shell.run("status", env={"HOME": None, "XDG_RUNTIME_DIR": None, "COCKPIT_HOME": None, "USER": None})
    assert done.returncode in {Exit.OK, Exit.NO_ENGINE}
    assert shell.run("note", "x", env={"HOME": None, "XDG_RUNTIME_DIR": None, "USER": None}).stdout == "noted\n"


def test_a_home_too_deep_for_a_socket_works_all_the_same(shell: Shell) -> None:
    shell.write(CONFIG)
    deep = {"COCKPIT_HOME": str(shell.home / ("d" * 120))}
    try:
        assert shell.run("note", "x", env=deep).returncode == Exit.OK
        assert json.loads(shell.run("status", "--json", env=deep).stdout)["journal"].startswith(deep["COCKPIT_HOME"])
    finally:
        assert shell.run("stop", env=deep).stdout == "stopped; running steps go on\n"


def test_from_a_deleted_directory(shell: Shell, tmp_path: Path) -> None:
    # A shell does the deleting: nothing can be started in a directory that is gone.
    def gone(*words: str, **env: str) -> tuple[int, str]:
        place = tmp_path / "gone"
        place.mkdir()
        script = ("sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh")
        done = shell.run(*words, cwd=place, before=script, env=env)
        return done.returncode, done.stdout + done.stderr

    # `python -m` itself looks for the package from here; the environment finds it without.
    assert gone("status") == (Exit.NO_ENGINE, "no engine runs for this profile\n")
    code, said = gone("watch")
    assert code == Exit.BAD_INPUT and "no config file" in said
    for words, env in ((("--config", "config.yaml", "watch"), {}), (("status",), {"COCKPIT_HOME": "here"})):
        code, said = gone(*words, **env)
        assert (code, said) == (Exit.STORAGE, "this directory has been deleted; change to another\n")


def test_output_that_cannot_be_written_is_said(shell: Shell) -> None:
    full = ("sh", "-c", 'exec "$@" > /dev/full', "sh")
    done = shell.run("status", before=full)
    assert done.returncode == Exit.STORAGE
    assert "No space left" in done.stderr and "Exception" not in done.stderr


def test_the_example_config_can_be_used(shell: Shell) -> None:
    example = Path(__file__).parents[2] / "config.example.yaml"
    shutil.copy(example, shell.cwd / "config.yaml")
    (shell.cwd / "runbooks").mkdir()
    secrets = {"COCKPIT_PROBE_TOKEN": "correct horse", "COCKPIT_FREEZE_KEY": "battery staple"}
    done = shell.run("config", "check", env=secrets)
    assert done.returncode == Exit.OK, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert os.linesep.join(done.stdout.splitlines()).endswith("can be used: 8 probes in 3 services")
