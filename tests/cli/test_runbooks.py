"""Runbooks as files: `cockpit runbook list`, `lint`, `show`, `schema`, `import`, and the hook before a commit."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import yaml

from cockpit.exits import Exit
from tests.cli.conftest import CONFIG, Shell
from tests.runbooks.samples import FULL, PART, RUNGS

ROOT = Path(__file__).parents[2]
SHAKY = """\
version: 1
id: shaky
title: Shaky
requires: {commands: [ctl]}
steps:
  - id: act
    title: Act
    effect: write
    command: {argv: [ctl, act]}
    irreversible: it is done
"""


def test_every_problem_of_every_file_is_told_and_ends_with_bad_input(shell: Shell) -> None:
    shell.write(RUNGS.replace("id: two", "id: one"), "twice.yaml")
    shell.write(FULL.replace("output: find.release}", "output: find.relaese}"), "slip.yaml")
    done = shell.run("runbook", "lint", "twice.yaml", "slip.yaml", "none.yaml")
    assert done.returncode == Exit.BAD_INPUT and done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines == [
        f"{shell.cwd}/twice.yaml:12:16: steps.0.ladder.rungs.1.id: restore.one is the id of step 1 already; "
        "give it another",
        f"{shell.cwd}/slip.yaml:63:23: steps.3.http.json.release: no step gives find.relaese; "
        "did you mean find.release?",
        "none.yaml: there is no such file",
    ]


def test_warnings_alone_are_told_and_end_well(shell: Shell) -> None:
    shell.write(SHAKY, "shaky.yaml")
    done = shell.run("runbook", "lint", "shaky.yaml")
    assert done.returncode == Exit.OK
    assert done.stdout.startswith(f"{shell.cwd}/shaky.yaml:6:5: warning: steps.0: nothing tells whether this helped")
    shell.write(RUNGS, "rungs.yaml")
    assert shell.run("runbook", "lint", "rungs.yaml").stdout == "1 runbook, no problems\n"


def test_a_config_knows_the_names_of_probes(shell: Shell) -> None:
    config = shell.write(CONFIG, "cockpit.yaml")
    shell.write(RUNGS.replace("front", "web-frnt"), "rungs.yaml")
    assert shell.run("runbook", "lint", "rungs.yaml").returncode == Exit.OK
    for words in (("runbook", "lint", "--config", str(config)), ("--config", str(config), "runbook", "lint")):
        done = shell.run(*words, "rungs.yaml")
        assert done.returncode == Exit.BAD_INPUT
        assert "there is no probe web-frnt in the config; did you mean web-front?" in done.stderr
    shell.write("version: 2\n", "wrong.yaml")
    done = shell.run("runbook", "lint", "--config", "wrong.yaml", "rungs.yaml")
    assert done.returncode == Exit.BAD_INPUT and "wrong.yaml:1:10: version: must be 1" in done.stderr


def test_programs_read_json_and_sarif_from_stdout_also_when_something_is_wrong(shell: Shell) -> None:
    shell.write(SHAKY.replace("irreversible", "irreversibel"), "slip.yaml")
    done = shell.run("runbook", "lint", "--json", "slip.yaml")
    assert done.returncode == Exit.BAD_INPUT and done.stderr == ""
    (problem,) = json.loads(done.stdout)[0]["problems"]
    assert (problem["rule"], problem["line"], problem["mend"]) == ("unknown-key", 10, "did you mean irreversible?")
    done = shell.run("runbook", "lint", "--sarif", "slip.yaml")
    assert done.returncode == Exit.BAD_INPUT and done.stderr == ""
    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "slip.yaml"}, "region": {"startLine": 10, "startColumn": 5},
    }  # fmt: skip
    done = shell.run("runbook", "lint", "--sarif", "--json", "slip.yaml")
    assert done.returncode == Exit.USAGE and "choose one" in done.stderr


def test_what_is_wrong_in_an_included_file_is_told_once(shell: Shell) -> None:
    shell.write(PART.replace("partctl, act, {", "otherctl, act, {"), "part.yaml")
    outer = "version: 1\nid: outer\ntitle: Outer\nsteps:\n- {id: part, title: The part, include: part.yaml}\n"
    shell.write(outer, "outer.yaml")
    done = shell.run("runbook", "lint", "outer.yaml", "part.yaml")
    assert done.returncode == Exit.OK
    assert len(done.stdout.splitlines()) == 1 and f"{shell.cwd}/part.yaml:26:22: warning:" in done.stdout
    shown = shell.run("runbook", "show", "outer.yaml")
    assert "### 3. Do it" in shown.stdout


def test_a_runbook_is_shown_as_markdown(shell: Shell) -> None:
    shell.write(FULL, "full.yaml")
    done = shell.run("runbook", "show", "full.yaml")
    assert done.returncode == Exit.OK
    assert done.stdout.startswith("# Everything a runbook can say\n\n- Runbook: `full`\n")
    assert "```sh\ndeployctl current --region <region>\n```\n" in done.stdout
    shown = json.loads(shell.run("runbook", "show", "full.yaml", "--json").stdout)
    assert shown["runbook"]["steps"][3]["when"]["is"] == "fix"
    shell.write(FULL.replace("version: 1\n", ""), "full.yaml")
    done = shell.run("runbook", "show", "full.yaml")
    assert done.returncode == Exit.BAD_INPUT and "full.yaml:1:1: version: is missing" in done.stderr


def test_a_bundled_runbook_is_shown_by_its_id_and_copied(shell: Shell) -> None:
    assert "# Roll back the login flag" in shell.run("runbook", "show", "login-flag").stdout
    done = shell.run("runbook", "show", "login-flag", "--source")
    assert done.stdout == (ROOT / "runbooks" / "login-flag.yaml").read_text("utf-8")
    done = shell.run("runbook", "show", "login-flog")
    assert done.returncode == Exit.BAD_INPUT and "login-flog: there is no such runbook" in done.stderr


def test_the_schema_is_printed_and_is_none_of_the_runbooks(shell: Shell) -> None:
    printed = shell.run("runbook", "schema").stdout
    assert printed == (ROOT / "runbooks" / "runbook.schema.json").read_text("utf-8")
    (shell.cwd / "books").mkdir()
    (shell.cwd / "books" / "runbook.schema.json").write_text(printed)
    shell.write(RUNGS.replace("front", "web-front"), "books/rungs.yaml")
    shell.write(CONFIG + "runbooks: [books]\n")
    listed = json.loads(shell.run("runbook", "list", "--json").stdout)
    assert not [entry["path"] for entry in listed if entry["path"].endswith(".json")]
    assert "rungs" in [entry["id"] for entry in listed]


def test_a_page_of_markdown_becomes_a_runbook(shell: Shell) -> None:
    shell.write("---\na: b\n---\n# Stuck\n\n1. Look\n2. Call\n", "page.md")
    done = shell.run("runbook", "import", "page.md", "-o", "stuck.yaml")
    assert done.returncode == Exit.OK
    assert done.stdout == "stuck.yaml is written: cockpit runbook lint stuck.yaml\n"
    assert done.stderr == "page.md:1:1: warning: the front matter was left out; look whether it names owners\n"
    assert shell.run("runbook", "lint", "stuck.yaml").stdout == "1 runbook, no problems\n"
    assert shell.run("runbook", "import", "page.md").stdout == (shell.cwd / "stuck.yaml").read_text("utf-8")
    document = json.loads(shell.run("runbook", "import", "page.md", "--json").stdout)
    assert [step["id"] for step in document["runbook"]["steps"]] == ["look", "call"] and len(document["notes"]) == 1
    done = shell.run("runbook", "import", "page.md", "-o", "stuck.yaml")
    assert done.returncode == Exit.BAD_INPUT and "exists already" in done.stderr
    for name, words in (("none.md", "there is no such file"), (".", "is a directory"), ("empty.md", "nothing to do")):
        (shell.cwd / "empty.md").touch()
        done = shell.run("runbook", "import", name)
        assert done.returncode == Exit.BAD_INPUT and words in done.stderr
    done = shell.run("runbook", "import", "page.md", "-o", "no/such/dir.yaml")
    assert done.returncode == Exit.BAD_INPUT and "cannot be written" in done.stderr


def test_the_hook_before_a_commit_judges_the_files_it_is_given(shell: Shell) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["id"] == "cockpit-runbook-lint" and hook["language"] == "python" and hook["types"] == ["yaml"]
    program, *words = hook["entry"].split()
    assert program in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    (shell.cwd / "runbooks").mkdir()
    good = shell.write(RUNGS, "runbooks/with a space.yml").relative_to(shell.cwd)
    bad = shell.write(SHAKY.replace("title: Act", "titel: Act"), "runbooks/bad.yaml").relative_to(shell.cwd)
    assert all(re.search(hook["files"], str(file)) for file in (good, bad, Path("ops/runbooks/x.yaml")))
    assert not re.search(hook["files"], "config.yaml")
    assert shell.run(*words, good).returncode == Exit.OK
    done = shell.run(*words, good, bad)
    assert done.returncode != Exit.OK
    assert "runbooks/bad.yaml:7:5: steps.0.titel: unknown key; did you mean title?" in done.stderr
