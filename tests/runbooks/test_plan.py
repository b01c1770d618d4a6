"""A runbook as flat steps."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from cockpit.config.fields import EnvReference
from cockpit.config.load import parse
from cockpit.runbooks.commandline import command_line
from cockpit.runbooks.model.commands import Command, Request
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.model.values import FromParam
from cockpit.runbooks.plan import plan
from cockpit.runbooks.values import Known, fill


def test_the_ladder_is_laid_out_with_each_look_before_its_rung(login_flag: str) -> None:
    laid = plan(parse(login_flag, "login-flag.yaml", Runbook))
    assert list(laid.steps) == ["announce", "restore.revert", "restore.override.look", "restore.override", "watch"]
    revert = laid.steps["restore.revert"]
    assert revert.outline.undo == "configctl apply 4711"
    assert (revert.outline.ladder, revert.outline.rung, revert.outline.effect) == ("restore", 1, "write")
    assert revert.verify is not None and revert.verify.probe == "login-synthetic"
    assert laid.steps["restore.override.look"].outline.effect == "read"
    assert [step.fallback for step in laid.steps.values()] == [False, True, True, False, False]
    assert laid.env == ("COCKPIT_DRILL_URL",)
    assert laid.outlines == tuple(step.outline for step in laid.steps.values())


@given(st.lists(st.text(min_size=1).filter(lambda word: "\0" not in word), min_size=1))
def test_a_command_line_reads_back_as_the_same_words(argv: list[str]) -> None:
    assert shlex.split(command_line(argv)) == argv


def test_a_digest_tells_apart_words_directory_and_deadline() -> None:
    commands = [
        Command(argv=("a", "b")),
        Command(argv=("a b",)),
        Command(argv=("a", "b"), workdir="/tmp"),
        Command(argv=("a", "b"), timeout=61.0),
        Command(argv=("a", "b"), kill_grace=1.0),
    ]
    nothing = Known({}, {})
    assert len({fill(command, nothing).digest for command in commands}) == len(commands)
    assert fill(commands[0], nothing).digest == fill(Command(argv=("a", "b")), nothing).digest


def test_of_a_ladder_its_rungs_are_approved_and_no_look(login_flag: str) -> None:
    raw = login_flag.replace("    ladder:\n", "    approve: {people: 1}\n    ladder:\n", 1)
    laid = plan(parse(raw, "login-flag.yaml", Runbook))
    assert [name for name, step in laid.steps.items() if step.approve] == ["restore.revert", "restore.override"]


def test_a_request_is_shown_with_what_its_headers_say() -> None:
    request = Request(
        method="PUT", url="http://flags/new", body="off",
        headers={"x-tenant": FromParam(param="tenant"), "authorization": EnvReference(env="TOKEN")},
    )  # fmt: skip
    shown = fill(request, Known({"tenant": "the shop"}, {})).shown
    assert shown == "PUT http://flags/new x-tenant: 'the shop' authorization: <from $TOKEN> off"
