from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Shell


def test_the_drills_are_listed(shell: Shell) -> None:
    done = shell.run("drill", "list")
    assert done.returncode == 0 and "login-flag" in done.stdout and "demo-clock" in done.stdout
    known = {one["id"]: one for one in json.loads(shell.run("drill", "list", "--json").stdout)}
    assert known["login-flag"]["plays"]["stop-at-rollback"] == "wrong"


def test_a_drill_is_shown_without_what_is_behind_it(shell: Shell) -> None:
    shown = shell.run("drill", "show", "login-flag").stdout
    assert "What it teaches" not in shown and "--with colleague-asks" in shown and "good, original, and 2" in shown
    assert "setenv prod" not in shown and "auth.flag" not in shown and "unlaunched" not in shown
    spoilt = shell.run("drill", "show", "login-flag", "--spoil").stdout
    assert "auth.flag = live" in spoilt and "an unlaunched feature shown to everyone" in spoilt
    missing = shell.run("drill", "show", "login-flog")
    assert missing.returncode == 3 and "choose one of" in missing.stderr


@pytest.mark.parametrize("more", [(), ("--play", "good")])
def test_a_drill_there_is_not_is_named_with_those_there_are(shell: Shell, more: tuple[str, ...]) -> None:
    done = shell.run("drill", "login-flog", *more)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("login-flog: there is no such drill; choose one of: blank-page, ")


def test_a_new_drill_is_written_once_and_passes(shell: Shell) -> None:
    done = shell.run("drill", "new", "mine")
    assert done.returncode == 0 and "cockpit drill ./mine.yaml --play good" in done.stdout
    assert shell.run("drill", "lint", "mine.yaml").stdout == "1 file, 0 errors, 0 warnings\n"
    again = shell.run("drill", "new", "mine")
    assert again.returncode == 3 and "mine.yaml exists already" in again.stderr
    (shell.cwd / "mine.yaml").unlink()
    assert shell.run("drill", "new", "mine").returncode == 3 and not (shell.cwd / "mine.yaml").exists()
    assert shell.run("drill", "new", "../mine").returncode == 2


def test_lint_tells_place_and_mend_as_text_and_as_json(shell: Shell) -> None:
    shell.run("drill", "new", "mine")
    text = (shell.cwd / "mine.yaml").read_text()
    shell.write(text.replace("{shop.release: bad}}", "{shop.relaese: bad}}"), "mine.yaml")
    done = shell.run("drill", "lint", "mine.yaml", "nowhere.yaml")
    assert done.returncode == 3 and "did you mean shop.release?" in done.stderr and "mine.yaml:" in done.stderr
    assert "nowhere.yaml: there is no such file" in done.stderr
    problems = json.loads(shell.run("drill", "lint", "--json", "mine.yaml").stdout)
    assert all(problem["line"] > 1 for problem in problems)


def test_the_schema_is_printed(shell: Shell) -> None:
    assert json.loads(shell.run("drill", "schema").stdout)["title"] == "Scenario"


@pytest.mark.parametrize("words", [("--with", "rain"), ("no-such-drill", "--play", "good")])
def test_what_is_not_known_is_refused_with_what_is(shell: Shell, words: tuple[str, ...]) -> None:
    done = shell.run("drill", *words)
    assert done.returncode in (2, 3) and ("colleague-asks" in done.stderr or "login-flag" in done.stderr)
