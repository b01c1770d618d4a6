"""The dry run: everything is shown, and nothing is done."""

from __future__ import annotations

import json

import pytest

from cockpit.clock import span
from cockpit.config.load import parse
from cockpit.runbooks.dry import AT_RUN_TIME, DryRun, DryStep, Unfit, dry_run
from cockpit.runbooks.drytext import as_document, as_text
from cockpit.runbooks.model.runbook import Runbook

BOOK = """\
version: 1
id: whole
title: All there is
service: shop
requires: {commands: [deployctl], env: [REGION], secrets: [TOKEN]}
params:
  release: {title: Release}
  place: {default: eu, enum: [eu, us]}
  password: {secret: true}
steps:
  - id: find
    title: Find it
    section: contain
    command: {argv: [deployctl, find, {param: release}], env: {PLACE: {param: place}}, workdir: /srv, timeout: 9s}
    effect: read
    retries: {times: 3, pause: 4s}
    outputs: {build: {line: last}}
  - id: only-us
    title: Only there
    when: {param: place, is: us}
    command: {run: "psql \\"$PLACE\\"", env: {PGPASSWORD: {param: password}}, pty: true, success_codes: [0, 3]}
    effect: write
    irreversible: it is gone for good
  - id: put
    title: Put it back
    when: {output: find.build, is_not: none}
    role: operations
    approve: {people: 2, role: incident_commander, expires: 5m}
    command: {argv: [deployctl, put, {output: find.build}]}
    effect: destructive
    rollback: {command: [deployctl, undo, {output: find.build}], check: {argv: [deployctl, there]}}
    check: {argv: [deployctl, took]}
    verify: {probe: shop-front, within: 3m, hold: 30s, settle: 5s}
    on_failure: undo
    broadcast: Putting it back
  - id: hook
    title: Tell the pipeline
    http:
      method: POST
      url: "http://127.0.0.1:9/run"
      headers: {authorization: {env: TOKEN}}
      json: {ref: {param: release}}
    effect: write
    irreversible: a pipeline cannot be called back
  - id: back
    title: Go back
    ladder:
      verify: {probe: shop-front}
      releases:
        current: {argv: [deployctl, current]}
        list: {argv: [deployctl, list]}
        apply: {argv: [deployctl, apply, {target: id}]}
        at_most: 2
  - id: drain
    title: Drain it
    repeat: {command: {argv: [deployctl, batch]}, until: {probe: queue, hold: 10s}, at_most: 7, pause: 3s}
    effect: write
    irreversible: what is drained is gone
"""


def dry(**values: str) -> DryRun:
    return dry_run(parse(BOOK, "book.yaml", Runbook), values)


def step(found: DryRun, name: str) -> DryStep:
    return next(each for each in found.steps if each.id == name)


def test_values_given_and_defaults_stand_in_the_very_words_of_a_command() -> None:
    (run,) = step(dry(release="2.4.1 beta"), "find").commands
    assert run.what == "run"
    assert run.shown == "PLACE=eu deployctl find '2.4.1 beta'"
    assert run.how == {
        "timeout": span(9), "argv": ["deployctl", "find", "2.4.1 beta"], "kill_grace": span(10),
        "env": {"PLACE": "eu"}, "workdir": "/srv",
    }  # fmt: skip
    assert run.missing == ()


def test_what_is_only_known_at_run_time_is_said_to_be_so() -> None:
    found = dry(release="1")
    put = {each.what: each for each in step(found, "put").commands}
    assert put["run"].shown == "deployctl put '<find.build, known at run time>'"
    assert put["run"].missing == ("<find.build, known at run time>",)
    assert put["undo"].shown == "deployctl undo '<find.build, known at run time>'"
    assert put["look before undoing"].shown == "deployctl there"
    assert put["ask whether it took effect"].shown == "deployctl took"
    rung = {each.what: each for each in step(found, "back.1").commands}
    assert rung["run"].shown == "deployctl apply '<the release, known at run time>'"
    assert rung["look before"].shown == rung["look after"].shown == "deployctl current"


def test_conditions_are_decided_by_parameters_where_they_can_be() -> None:
    assert step(dry(release="1"), "only-us").needed == "no"
    assert step(dry(release="1", place="us"), "only-us").needed == "yes"
    put = step(dry(release="1"), "put")
    assert (put.needed, put.why) == (AT_RUN_TIME, (f"find.build is not none: {AT_RUN_TIME}",))
    assert step(dry(release="1"), "find").needed == "yes"


def test_gates_and_endings_are_facts() -> None:
    found = dry(release="1")
    facts = step(found, "put").facts
    assert facts["confirmed"] == "by typing put"
    assert facts["approved"] == "by 2 as incident commander, not by whoever runs it; holds for 5 m 00 s"
    assert facts["helped when"] == f"shop-front is up for 30 s within 3 m 00 s, judged from {span(5)} on"
    assert facts["if it fails"] == "the undo is offered first"
    assert facts["told to the channel"] == "Putting it back"
    assert facts["for"] == "operations"
    assert step(found, "find").facts["tried again"] == f"up to 3 times when it fails, after {span(4)}"
    assert step(found, "find").facts["gives build"] == "the last line of what it prints"
    assert step(found, "only-us").facts["cannot be undone"] == "it is gone for good"
    assert (
        step(found, "drain").facts["repeated"] == f"up to 7 batches, {span(3)} between two, until queue is up for 10 s"
    )
    assert "barrier" in step(found, "back.1").facts and "barrier" not in step(found, "put").facts


def test_secrets_are_named_and_never_asked_for() -> None:
    found = dry(release="1")
    (script,) = step(found, "only-us").commands
    assert script.how["env"] == {"PGPASSWORD": "<secret password, asked for at run time>"}
    assert script.how["shell"] == "bash -eo pipefail -c"
    assert script.how["success_codes"] == [0, 3]
    (request,) = step(found, "hook").commands
    assert request.how["headers"] == {"authorization": "<from $TOKEN>"}
    assert request.how["body"] == {"ref": "1"}
    assert found.asked == ("password (secret)",)


def test_a_value_that_is_not_given_is_what_will_be_asked_for() -> None:
    found = dry()
    assert found.asked == ("release", "password (secret)")
    assert step(found, "find").commands[0].shown == "PLACE=eu deployctl find '<release>'"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"place": "mars"}, "place is none of eu, us"),
        ({"plce": "eu"}, "there is no parameter plce"),
        ({"password": "hunter2"}, "password is secret"),
        ({"release": "--force"}, "begins with -"),
    ],
)
def test_a_value_that_could_not_be_given_is_refused(values: dict[str, str], said: str) -> None:
    with pytest.raises(Unfit, match=said) as error:
        dry(**values)
    assert "hunter2" not in str(error.value)


def test_the_text_tells_every_step_in_order_and_the_document_the_same() -> None:
    found = dry(release="1")
    text = as_text(found)
    places = [text.index(f"{number} of 9  {each.title}  [{each.id}]") for number, each in enumerate(found.steps, 1)]
    assert places == sorted(places) and len(places) == 9
    assert text.startswith("DRY RUN: nothing is run, and nothing is looked up.\n")
    assert "3 of 9  Put it back  [put]  DESTROYS something" in text
    assert "2 of 9  Only there  [only-us]  CHANGES something  NOT NEEDED" in text
    assert "PGPASSWORD <secret password, asked for at run time>" in text
    told = json.loads(as_document(found))
    assert [each["id"] for each in told["steps"]] == [each.id for each in found.steps]
    assert told["steps"][0]["commands"][0]["how"]["argv"] == ["deployctl", "find", "1"]
