"""A drill for other people's eyes, of records that make it hard: it can be played, and names nobody and no place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.drills.lint import examine
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.recorded.derive import derive
from cockpit.drills.recorded.replacing import Replacer
from cockpit.drills.recorded.sharing import shared
from cockpit.drills.recorded.unplayable import Unplayable
from cockpit.drills.recorded.writing import write
from cockpit.incident.event import Body, Event
from cockpit.incident.runs import AttemptFinished, AttemptIntended, Included, RunStarted, StepOutline
from cockpit.incident.vocabulary import ChangeSeen, IncidentDeclared, NoteAdded, ProbeChanged, ProbeState

T0 = 1_800_000_000_000_000
INNER = """\
version: 1
id: maria
title: Look
steps: [{id: look, title: Look, command: {argv: [kubectl, get, pods]}, effect: read}]
"""
BOOK = """\
version: 1
id: mend
title: Mend
probes: [login]
params: {path: {title: Where it is, default: /opt/acme/x}}
steps:
  - {id: first, title: First, include: ./acme/maria.yaml}
  - id: region
    title: Regions
    ladder:
      verify: {probe: login}
      rungs:
        - {id: eu, title: EU, apply: {argv: [ci, go, {param: path}]}, irreversible: it is gone}
        - {id: us, title: US, apply: {argv: [ci, go, us]}, irreversible: it is gone}
"""


def turned(probe: str = "login", service: str = "auth", state: ProbeState = "down", at: int = 0) -> ProbeChanged:
    previous: ProbeState = "up" if state == "down" else "down"
    return ProbeChanged(probe=probe, service=service, state=state, previous=previous, since=T0 + at, verdict="HTTP 500")


def told(
    *said: tuple[str, Body], by: str = "ana", title: str = "Logins fail", seen: ProbeChanged | None = None
) -> list[Event]:
    """An incident that was declared by them, and what was said after it, a second apart."""
    declared = IncidentDeclared(title=title, severity="SEV1", began=T0, seen=(seen or turned(),))
    moments = [(by, declared), *said]
    return [
        Event("INC-1", seq, T0 + seq * 1_000_000, T0 + seq * 1_000_000, who, "h", body)
        for seq, (who, body) in enumerate(moments, 1)
    ]


def ran(step: str, attempt: str, printed: str = "ok", code: int = 0) -> list[tuple[str, Body]]:
    intended = AttemptIntended(run="r", step=step, attempt=attempt, command="x", digest="x")
    ended = AttemptFinished(
        run="r", step=step, attempt=attempt, ok=not code, exit_code=code, tail=printed, output_bytes=len(printed)
    )
    return [("maria", intended), ("cockpit", ended)]


def with_runbook(*more: tuple[str, Body], by: str = "ana") -> list[Event]:
    outlines = tuple(StepOutline(step, step, "command") for step in ("first.look", "region.eu", "region.us"))
    started = RunStarted(
        run="r", runbook="mend", title="Mend", digest="d", source=BOOK, path="/home/maria/mend.yaml", steps=outlines,
        included=(Included("acme/maria.yaml", INNER),), params={"path": "/srv/acme/y"},
    )  # fmt: skip
    return told(("maria", started), *ran("first.look", "a0"), *ran("region.eu", "a1"), *more, by=by)


def given_away(events: list[Event], tmp_path: Path) -> tuple[Scenario, str]:
    """The shared drill without a mistake in it, and all of its files with their names."""
    path = write(shared(derive(events), events), tmp_path)
    scenario, problems = examine(path)
    assert scenario is not None, problems
    files = sorted(each for each in tmp_path.rglob("*") if each.is_file())
    return scenario, "\n".join(f"{each.relative_to(tmp_path)}\n{each.read_text()}" for each in files)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ilker", "İlker and ILKER"),
        ("ismail can", "ısmail"),
        ("José", "jose\u0301"),
        ("jose\u0301", "JOSÉ"),
        ("Weiß", "WEISS weiss"),
        ("张伟", "张伟说"),
    ],
)
def test_a_name_goes_however_it_is_spelled(name: str, text: str) -> None:
    left = Replacer([name])(text)
    assert left.replace("person-1", "").strip() in ("", "and", "说")


@pytest.mark.parametrize("name", ["-", "...", "_ _", " "])
def test_who_is_called_nothing_is_not_found_everywhere(name: str) -> None:
    assert Replacer([name])("a word - here.") == "a word - here."


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("DB1:5432, redis-0.cache:6379, web1:22, db_1:80", ("db1", "redis", "cache", "web1", "db_1")),
        ("AWS_SECRET_ACCESS_KEY=abc+/def", ("abc", "def")),
        ("-H 'Authorization: token hunter2' and bearer hunter3", ("hunter",)),
        ("password=\"correct horse\" and secret: 'battery staple'", ("horse", "staple")),
        ("rk_live_abcdefgh1 hvs.CAESIJabc AIzaSyA-abcdefghij npm_abcdefghij", ("abcdef", "caes")),
        (r"ip-10-0-0-1 and \\files\anna", ("10-0", "anna", "files")),
    ],
)
def test_what_is_a_place_or_a_secret_goes(text: str, leaks: tuple[str, ...]) -> None:
    left = Replacer(["ben"])(text)
    assert not [leak for leak in leaks if leak in left.casefold()], left


def test_a_probe_and_a_service_that_are_called_by_their_host_are_not(tmp_path: Path) -> None:
    scenario, files = given_away(told(seen=turned("api.acme.com", "db1.acme.internal")), tmp_path)
    assert "acme" not in files and scenario.services[0].name == "host-2-example"


def test_an_address_that_is_cut_short_is_not_left_in_half(tmp_path: Path) -> None:
    _, files = given_away(told(("ana", NoteAdded(text="x " * 134 + "see payments.acme.io and 10.1.2.3"))), tmp_path)
    assert "10.1" not in files and "acme" not in files


def test_what_has_become_longer_still_fits(tmp_path: Path) -> None:
    scenario, _ = given_away(told(by="ben", title="ben " * 74), tmp_path)
    assert scenario.title.startswith("person-1 person-1") and len(scenario.title) <= 300


def test_what_is_included_is_named_by_a_number_and_steps_that_look_like_hosts_keep_their_names(tmp_path: Path) -> None:
    scenario, files = given_away(with_runbook(("ci", NoteAdded(text="from ci")), by="CI"), tmp_path)
    assert "maria" not in files.casefold() and "acme" not in files
    assert [move.when.offered for move in scenario.plays["recorded"].moves if move.do == "confirm"] == [
        "first.look", "region.eu",
    ]  # fmt: skip
    assert {"ci", "kubectl"} == set(scenario.tools)
    (given,) = [move.arguments["params"] for move in scenario.plays["recorded"].moves if move.do == "start_run"]
    assert isinstance(given, dict) and ("ci", "go", given["path"]) in {each.command for each in scenario.actions}


def test_a_change_is_shared_without_the_place_in_its_id(tmp_path: Path) -> None:
    seen = ChangeSeen(source="gh", change="gh:ana-lima/acme.io", what="deploy #3 x", service="billing", who="ana.lima")
    scenario, files = given_away(told(("cockpit", seen)), tmp_path)
    assert "acme" not in files and "lima" not in files
    assert (scenario.changes[0].id, scenario.changes[0].service) == ("change-1", "")
    assert any("a change of billing: here it names no service" in line for line in scenario.differs)


def test_who_is_called_as_a_word_of_the_format_is_no_traceback() -> None:
    events = told(("never", NoteAdded(text="x")), by="original")
    assert shared(derive(events), events).scenario.story
    events = told(by="120s")
    with pytest.raises(Unplayable, match="lead: somebody is called as what stands there"):
        shared(derive(events), events)


def test_what_nobody_measured_is_said_to_be_unknown() -> None:
    unknown = ProbeChanged(probe="mail", service="mail", state="unknown", previous="unknown", since=T0, verdict="")
    late = ProbeChanged(
        probe="web", service="web", state="down", previous="unknown", since=T0 + 9_000_000, verdict="HTTP 500"
    )
    lost = ProbeChanged(
        probe="login", service="auth", state="unknown", previous="down", since=T0 + 60_000_000, verdict="no answer"
    )
    differs = derive(told(*(("cockpit", body) for body in (unknown, late, lost)))).scenario.differs
    assert "mail was never measured: here it is up all the while, which nobody knows" in differs
    assert any(line.startswith("web was not measured before T") for line in differs)
    assert any("login was not known any more: here it stays as it was" in line for line in differs)


def test_a_command_that_answered_otherwise_later_is_told() -> None:
    line = "kubectl get pods was run again and answered otherwise: here it answers as before"
    after_a_change = ran("first.look", "a2", "gone", 1)
    assert line not in derive(with_runbook(*after_a_change)).scenario.differs
    assert line not in derive(with_runbook(*after_a_change, *ran("first.look", "a3", "gone", 1))).scenario.differs
    assert line in derive(with_runbook(*after_a_change, *ran("first.look", "a3"))).scenario.differs
