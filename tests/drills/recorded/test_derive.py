"""A drill, the drill made from its record, and the same play: the same states, words and minutes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from cockpit.drills import answers, shelf, world
from cockpit.drills.lint import examine
from cockpit.drills.recorded.derive import NOT_RECORDED, Derived, derive
from cockpit.drills.recorded.replacing import Replacer
from cockpit.drills.recorded.sharing import shared
from cockpit.drills.recorded.unplayable import Unplayable
from cockpit.drills.recorded.writing import write
from cockpit.incident.event import Event
from cockpit.incident.runs import AttemptIntended, RunStarted, VerifyFinished
from cockpit.incident.vocabulary import ChangeSeen, IncidentDeclared, NoteAdded, ProbeChanged
from tests.drills.recorded.conftest import Good
from tests.drills.warp.played import Played, played

CLOSE = 1.0
"""Minutes: each command of a drill is started anew, which takes seconds of its own."""


@dataclass(frozen=True)
class Twice:
    """The drill as it was, what was made of its record, and how that went."""

    first: Played
    derived: Derived
    file: Path
    again: Played


@pytest.fixture(scope="module")
def twice(good: Good, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    home = tmp_path_factory.mktemp("d")
    derived = derive(good.seen.events, good.known)
    file = write(derived, home / "made")
    return Twice(good.seen, derived, file, played(str(file), "recorded", home=home / "b"))


def test_the_probes_turn_as_they_did(twice: Twice) -> None:
    first, again = _turns(twice.first), _turns(twice.again)
    assert [turn[:2] for turn in first] == [turn[:2] for turn in again]
    assert len(first) == 2
    for before, after in zip(first, again, strict=True):
        assert before[2] == pytest.approx(after[2], abs=CLOSE)


def _turns(seen: Played) -> list[tuple[str, str, float]]:
    bodies = [event.body for event in seen.events if isinstance(event.body, ProbeChanged)]
    return [(body.probe, body.state, (body.since - seen.t0) / 60_000_000) for body in bodies]


def test_the_channel_is_told_the_same(twice: Twice) -> None:
    first, again = _headlines(twice.first), _headlines(twice.again)
    # How long it took is measured, to the second.
    assert first[:-1] == again[:-1] and len(first) == 10
    assert first[-1].partition(",")[2] == again[-1].partition(",")[2]


def _headlines(seen: Played) -> list[str]:
    letters = [json.loads(line) for line in seen.letters.splitlines()]
    return [letter["message"]["headline"] for letter in letters if letter["kind"] == "thread"]


def test_the_score_is_the_same(twice: Twice) -> None:
    assert twice.first.debrief is not None and twice.again.debrief is not None
    first, again = twice.first.debrief.score, twice.again.debrief.score
    for one in first.passed:
        assert one.minute == pytest.approx(again.minute_of(one.axis), abs=CLOSE)
    assert again.impact_minutes == pytest.approx(first.impact_minutes, abs=1)
    for name in ("overdue", "false_resolved", "unverified", "idle", "promises", "freeze_breaches"):
        assert getattr(first, name) == getattr(again, name)
    # What the team of then did stands beside it.
    assert again.passed[0].beside[0] is not None


def test_what_is_written_is_a_valid_scenario(twice: Twice) -> None:
    scenario, problems = examine(twice.file)
    assert scenario is not None and shelf.as_text(scenario) == shelf.as_text(twice.derived.scenario)
    assert not [problem for problem in problems if problem.severity == "error"]
    assert (twice.file.parent / "runbooks/login-flag.yaml").read_text() == twice.derived.runbooks["login-flag.yaml"]


def test_what_was_not_recorded_says_so_and_does_nothing(twice: Twice) -> None:
    scenario = twice.derived.scenario
    start = world.advance(scenario, world.begin(scenario), 400.0)
    for argv in (
        ("svcctl", "setenv", "prod", "USER_ONBOARDING_BETA=true"),
        ("configctl", "apply", "4711"),
        # It was run, but only after the revert: what it would have done before that nobody knows.
        ("svcctl", "redeploy", "auth", "--without", "USER_ONBOARDING_BETA"),
    ):
        after, action = world.start(scenario, start, argv)
        assert action is None and after == start
        code, lines = answers.complaint(scenario, argv)
        assert code == NOT_RECORDED and "not recorded" in lines[0]


def test_what_was_recorded_answers_as_it_did(twice: Twice) -> None:
    scenario = twice.derived.scenario
    start = world.advance(scenario, world.begin(scenario), 400.0)
    _, action = world.start(scenario, start, ("configctl", "revert", "4711"))
    assert action is not None
    assert (action.exit_code, action.says) == (0, ("reverting 4711 on auth-prod", "auth.yaml is at 4710 again"))
    assert action.takes == pytest.approx(26, abs=1)


def test_what_no_drill_can_be_made_of_is_said_in_sentences(twice: Twice) -> None:
    broken = [
        replace_body(event, source="version: 1\nid: x\n") if isinstance(event.body, RunStarted) else event
        for event in twice.first.events
    ]
    with pytest.raises(Unplayable, match="the runbook login-flag: .*title: is missing"):
        derive(broken)
    untitled = [
        replace_body(event, title="") if isinstance(event.body, IncidentDeclared) else event
        for event in twice.first.events
    ]
    with pytest.raises(Unplayable, match="title"):
        derive(untitled)
    with pytest.raises(Unplayable, match="nothing was declared; no probe was recorded"):
        derive([])


def replace_body(event: Event, **fields: object) -> Event:
    assert isinstance(event.body, RunStarted | NoteAdded | IncidentDeclared)
    return msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, **fields))


def test_what_is_shared_names_nobody_and_nothing(twice: Twice) -> None:
    secret = "ghp_0123456789abcdefABCDEF0123456789"
    words = (
        f"dev-3 at https://wiki.corp.example/x, db1.prod.internal 10.1.2.3 dev-3@corp.example /etc/auth/key {secret}"
    )
    events = [
        *twice.first.events,
        msgspec.structs.replace(twice.first.events[-1], actor="maria", body=NoteAdded(text=words)),
    ]
    made = shared(derive(events), events)
    text = made.scenario.model_dump_json() + "".join(made.runbooks.values())
    for named in ("dev-3", "maria", "wiki.corp", "db1.prod", "10.1.2.3", "/etc/auth", secret):
        assert named not in text
    assert text.count("person-") > 2 and "configctl" in text
    assert made.scenario.changes[0].who == "person-1"


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("Ben King says hi, BEN_KING", ("king",)),
        ("ssh root@db-prod-7 uptime", ("root", "db-prod")),
        ("postgres://app:hunter2@db-1:5432/x", ("app", "hunter2", "db-1")),
        ("https://admin:pw@grafana.acme.example/d/1", ("admin", "pw", "acme")),
        ("PASSWORD=hunter2 --token abc123", ("hunter2", "abc123")),
        ("Authorization: Bearer abcdef", ("abcdef",)),
        ("fe80::1a and 2001:db8:0:0:1::7", ("fe80", "db8")),
        ("db-prod-7:5432 and AUTH.CORP.COM and status.acme.ai", ("db-prod", "corp", "acme")),
        (r"~/keys, C:\Users\anna\x and --file=/home/anna/.kube", ("keys", "anna")),
        ("xapp-1-A0B1C2-222-abcdef, github_pat_AbCdEfGhIjKlMnOpQrStUv", ("xapp", "a0b1", "github", "abcdefgh")),
        ("arn:aws:iam::123456789012:role/x, +49 170 1234567", ("123456789012", "170")),
    ],
)
def test_nothing_that_names_somebody_or_some_place_is_left(text: str, leaks: tuple[str, ...]) -> None:
    told = Replacer(["ben.king"])(text)
    assert not [leak for leak in leaks if leak in told.casefold()], told


def test_what_was_put_in_its_place_stays_and_words_of_the_format_do_too() -> None:
    told = Replacer(["ana"])
    assert told("https://x.corp.com/a https://x.corp.com/a") == "https://url-1.example https://url-1.example"
    for kept in ("10:47:03 banana", "params: {token: {secret: true}}", "verify: restore.override.look", "and/or"):
        assert told(kept) == kept


def test_names_that_a_drill_cannot_have_become_others(twice: Twice) -> None:
    def odd(event: Event) -> Event:
        body = event.body
        if isinstance(body, ProbeChanged):
            body = msgspec.structs.replace(body, probe=body.probe.replace("-", "."), service="3d.auth")
        elif isinstance(body, IncidentDeclared):
            turns = (msgspec.structs.replace(each, probe=each.probe.replace("-", "."), service="3d.auth")
                     for each in body.seen)  # fmt: skip
            body = msgspec.structs.replace(body, seen=tuple(turns))
        elif isinstance(body, ChangeSeen):
            body = msgspec.structs.replace(body, change="git:Acme/app #12", what="config #12", service="3d.auth")
        return msgspec.structs.replace(event, body=body)

    made = derive([odd(event) for event in twice.first.events]).scenario
    assert [service.name for service in made.services] == ["n3d-auth"]
    assert {probe.name for probe in made.services[0].probes} >= {"login.synthetic"}
    assert (made.changes[0].id, made.changes[0].what) == ("acme-app-12", "config #12")


def test_what_was_ended_by_something_that_is_not_on_record_can_still_be_played(twice: Twice, tmp_path: Path) -> None:
    nothing_run = [event for event in twice.first.events if not isinstance(event.body, AttemptIntended)]
    scenario, problems = examine(write(derive(nothing_run), tmp_path / "made"))
    assert scenario is not None and any("when nobody does anything it is over" in str(each) for each in problems)


def test_a_step_whose_probe_was_up_all_the_time_is_waited_for_as_the_screen_shows_it(twice: Twice) -> None:
    still = [
        msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, still=True))
        if isinstance(event.body, VerifyFinished) and event.body.verdict == "pass"
        else event
        for event in twice.first.events
    ]
    moves = derive(still).scenario.plays["recorded"].moves
    waits = [move.when.steps for move in moves if move.when.steps]
    assert {"restore.override": ("helped", "still up")} in waits
