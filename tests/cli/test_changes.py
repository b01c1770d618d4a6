"""What `cockpit changes` and `cockpit ci` print."""

from __future__ import annotations

import json

from cockpit.cli.changes import document, lines, of_service, queue_lines
from cockpit.clock import SECOND
from cockpit.exits import Exit
from cockpit.protocol.views import ChangesView, ChangeView, JobView
from cockpit.text import SafeText as S
from tests.cli.conftest import Shell

NOW = 1_763_640_000 * SECOND
LONG = "enable user onboarding beta in auth.yaml for everybody in every region and then some more of the same"
VIEW = ChangesView(
    (
        ChangeView(
            "cfg:4711", NOW - 185 * SECOND, S(f"config #4711 {LONG}"), S("cfg"), S("auth"), S("jo"), False,
            S("https://x/" + "y" * 90), S("configctl revert 4711"), S("5xx 12 % -> 3 % since 14:20"), True,
        ),
        ChangeView("ci:2", NOW - 86_400 * SECOND, S("deploy web"), S("ci")),
    ),
    (
        JobView(
            "ci", "7", S("deploy on main"), "waiting", NOW - 60 * SECOND, S("kim"),
            command=S("cockpit ci cancel ci 7"),
        ),
    ),
    (S("gh: HTTP 401"),),
)  # fmt: skip


def test_changes_are_told_newest_first_within_80_columns() -> None:
    told = list(lines(VIEW, NOW))
    text = "\n".join(told)
    assert told[1] == "11:56Z  3 m 05 s ago  auth  by jo  UNREVIEWED  BREACH"
    for part in ("undo: configctl revert 4711", "effect: 5xx 12 % -> 3 %", "11-19 12:00Z  1 d 0 h ago"):
        assert part in text
    assert all(len(line) <= 80 for line in told if "https://" not in line and "yyy" not in line)
    assert "y" * 90 in text
    queue = list(queue_lines(VIEW, NOW))
    assert queue[1:] == [
        "11:59Z  1 m 00 s ago  ci  WAITING  by kim", "        deploy on main", "        cancel: cockpit ci cancel ci 7",
        "", "PROBLEMS", "gh: HTTP 401",
    ]  # fmt: skip


def test_one_service_alone_and_as_json() -> None:
    only = of_service(VIEW, "auth")
    assert [change.change for change in only.changes] == ["cfg:4711"]
    assert json.loads(document(only))["changes"][0]["breach"] is True
    assert list(lines(of_service(VIEW, "nobody"), NOW))[1] == "none that any source or mark tells of"


def test_over_a_running_engine(shell: Shell) -> None:
    shell.write("version: 1\nchanges:\n  - {name: marks, type: file, path: marks.jsonl, interval: 100ms}\n")
    assert shell.run("mark", "deploy", "web 2.0", "--service", "web", "--unreviewed").returncode == Exit.OK
    done = shell.run("changes")
    assert done.returncode == Exit.OK and "web  by ada  UNREVIEWED" in done.stdout and "deploy web 2.0" in done.stdout
    assert json.loads(shell.run("ci", "list", "--json").stdout)["jobs"] == []
