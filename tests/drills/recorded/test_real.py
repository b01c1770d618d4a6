"""The record of a real incident, with requests, scripts and several people, played by somebody who must know no one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.drills import shelf
from cockpit.drills.listing import shown
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.recorded.derive import derive
from cockpit.drills.recorded.sharing import shared
from cockpit.drills.recorded.writing import write
from cockpit.incident.broadcasts import BroadcastHeld
from cockpit.incident.event import Body, Event
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptStarted,
    RunFinished,
    RunStarted,
    StepApproved,
    StepOutline,
    VerifyFinished,
)
from cockpit.incident.vocabulary import AlertActed, FreezeSet, NoteAdded, ProbeChanged
from tests.drills.recorded.conftest import Good
from tests.drills.warp.played import Played, played

SECRET = "ghp_0123456789abcdefABCDEF"
LEAKS = ("maria", "ben", "acme", "10.1.2.3", "/opt/", "hunter2", SECRET, "payments-db")
"""What names somebody, or some place, or is secret, in the record."""
ASK = """\
version: 1
id: ask
title: Ask who serves
steps:
  - id: who
    title: Ask the registry who serves
    http: {url: "https://registry.acme.io/auth", headers: {authorization: {env: REGISTRY}}}
    effect: read
    outputs: {host: {json: host}}
requires: {secrets: [REGISTRY]}
"""
REAL = (
    (
        "            argv: [configctl, revert, \"4711\"]\n            timeout: 60s\n",
        "            run: |\n              # maria: only on payments-db:5432\n"
        "              ssh payments-db.acme.io configctl revert \"$CHANGE\" --token hunter2\n"
        "            env: {CHANGE: \"4711\"}\n            workdir: /opt/acme\n            timeout: 60s\n",
    ),
    (
        '            command: [configctl, apply, "4711"]\n',
        f"            http: {{method: PUT, url: 'https://config.acme.io/4711', headers: {{x-token: {SECRET}}}}}\n",
    ),
    ("            argv: [configctl, envdiff, staging, prod]", "            argv: [/opt/acme/envdiff, 10.1.2.3, prod]"),
    ("    ladder:\n", "    approve: {people: 1}\n    ladder:\n"),
)  # fmt: skip


def _real(events: Sequence[Event]) -> list[Event]:
    """The same incident, as it would be where nothing was a drill: other runbooks, and more people."""
    told = [one for event in events for one in _around(event)]
    return [msgspec.structs.replace(event, seq=seq) for seq, event in enumerate(told, 1)]


def _around(event: Event) -> Iterator[Event]:
    match event.body:
        case RunStarted(source=source):
            for old, new in REAL:
                assert old in source, old
                source = source.replace(old, new)
            yield from _asked(event)
            yield msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, source=source, digest="real"))
            yield _by(
                event,
                "maria",
                1,
                FreezeSet(scope=("ci",), reason="maria", until=event.occurred_at + 3600 * SECOND),
            )
            yield _by(event, "ben.king", 2, AlertActed(alert="x", title="Auth of acme.io", action="acknowledge"))
            yield _by(event, "ben.king", 3, NoteAdded(text=f"ben here, see 10.1.2.3, token: {SECRET}"))
        case AttemptIntended(step=step, purpose="act", under="") if step in ("restore.revert", "restore.override"):
            approved = StepApproved(
                run=event.body.run, step=step, digest=event.body.digest, until=0, reason="go, says Maria"
            )
            yield _by(event, "maria", -2, approved)
            yield event
        case _:
            yield event


def _by(event: Event, actor: str, seconds: int, body: Body) -> Event:
    at = event.occurred_at + seconds * SECOND
    return msgspec.structs.replace(event, actor=actor, occurred_at=at, recorded_at=at, body=body)


def _asked(event: Event) -> Iterator[Event]:
    """Another runbook, run before."""
    outline = StepOutline("who", "Ask the registry who serves", "command")
    started = RunStarted(
        run="r0", runbook="ask", title="Ask who serves", digest="ask", source=ASK, path="/opt/acme/ask.yaml",
        steps=(outline,),
    )  # fmt: skip
    intended = AttemptIntended(
        run="r0", step="who", attempt="r0-1", command="GET https://registry.acme.io/auth", digest="x"
    )
    printed = 'HTTP 200 OK\n{"host": "payments-db.acme.io"}'
    ended = AttemptFinished(
        run="r0", step="who", attempt="r0-1", ok=True, exit_code=0, seconds=1.0, tail=printed,
        output_bytes=len(printed), outputs={"host": "payments-db.acme.io"},
    )  # fmt: skip
    yield _by(event, event.actor, -9, started)
    yield _by(event, event.actor, -8, intended)
    yield _by(event, "cockpit", -7, AttemptStarted(run="r0", step="who", attempt="r0-1", pid=1))
    yield _by(event, "cockpit", -6, ended)
    yield _by(event, "cockpit", -6, RunFinished(run="r0", outcome="done"))


@dataclass(frozen=True)
class Real:
    """The record, what was made of it for others, the directory with its files, and how that was played."""

    events: Sequence[Event]
    scenario: Scenario
    made: Path
    again: Played


@pytest.fixture(scope="module")
def real(good: Good, tmp_path_factory: pytest.TempPathFactory) -> Real:
    home = tmp_path_factory.mktemp("r")
    events = _real(good.seen.events)
    file = write(shared(derive(events, good.known), events), home / "made")
    return Real(events, shelf.load(str(file)), home / "made", played(str(file), "recorded", home=home / "b"))


def test_it_is_played_to_the_same_states(good: Good, real: Real) -> None:
    assert real.again.at_resolved is not None and real.again.at_resolved.over
    for kind in (ProbeChanged, VerifyFinished):
        first, again = _states(good.seen.events, kind), _states(real.again.events, kind)
        assert [one[:2] for one in first] == [one[:2] for one in again] and first
        for before, after in zip(first, again, strict=True):
            assert before[2] == pytest.approx(after[2], abs=1.0)


def _states(events: Sequence[Event], kind: type[Body]) -> list[tuple[str, str, float]]:
    """Each turn or verdict with its minute after the incident was declared."""
    began = events[0].occurred_at
    return [
        (
            event.body.probe,
            getattr(event.body, "verdict" if kind is VerifyFinished else "state"),
            (event.occurred_at - began) / 6e7,
        )
        for event in events
        if isinstance(event.body, ProbeChanged | VerifyFinished) and isinstance(event.body, kind)
    ]


def test_both_runbooks_are_run_and_what_was_real_answers_as_it_did(real: Real) -> None:
    runs = [event.body.runbook for event in real.again.events if isinstance(event.body, RunStarted)]
    assert runs == ["ask", "login-flag"]
    commands = [event.body.command for event in real.again.events if isinstance(event.body, AttemptIntended)]
    assert commands[0].startswith("recorded-request who GET https://url-")
    assert any(each.startswith("recorded-script restore.revert '# person-4: only on host-") for each in commands)
    ended = [event.body for event in real.again.events if isinstance(event.body, AttemptFinished)]
    assert all(each.ok for each in ended) and ended[0].outputs["host"].startswith("host-")
    assert any("auth.yaml is at 4710 again" in each.tail for each in ended)


def test_everybody_acts_again(real: Real) -> None:
    approved = [event.actor for event in real.again.events if isinstance(event.body, StepApproved)]
    assert approved == ["person-4", "person-4"]
    (freeze,) = [event for event in real.again.events if isinstance(event.body, FreezeSet)]
    assert isinstance(freeze.body, FreezeSet) and freeze.actor == "person-4"
    assert (freeze.body.until - freeze.occurred_at) / SECOND == pytest.approx(3600, abs=60)


def test_nothing_is_left_out_in_silence(real: Real) -> None:
    said = "\n".join(real.scenario.differs)
    for words in (
        "who was a request: here recorded-request answers as it was recorded",
        "restore.revert was a script for bash: here recorded-script",
        "restore.revert was given CHANGE by its environment",
        "person-1, not played again: acknowledged: Auth of host-",
    ):
        assert words in said
    listed = "".join(path.read_text() for path in real.made.rglob("ask.yaml"))
    assert "recorded-request" in listed and "http:" not in listed


def test_whoever_plays_it_is_told_that_it_differs_and_in_what_only_when_they_ask(real: Real) -> None:
    file = str(real.made / "from-inc-1.yaml")
    hidden, told = shown(file, spoil=False), shown(file, spoil=True)
    assert f"As recorded   but for {len(real.scenario.differs)} things, which --spoil tells" in hidden
    assert "recorded-request who GET" in hidden and "not played again" not in hidden
    assert all(f"  - {line}" in told for line in real.scenario.differs)


def test_what_cannot_wait_for_a_drill_is_carried_over(good: Good) -> None:
    """What no drill of login-flag plays: a hold, and one whose end is a moment."""
    last = good.seen.events[-2]
    events = [
        *good.seen.events[:-2],
        _by(last, "maria", -1, BroadcastHeld(until=last.occurred_at + 299 * SECOND, reason="legal")),
    ]
    move = derive(events).scenario.plays["recorded"].moves[-1]
    assert (move.who, move.do, move.arguments) == ("maria", "hold", {"minutes": 5.0, "reason": "legal"})


def test_none_of_its_files_names_anybody_or_any_place(real: Real) -> None:
    files = [path for path in real.made.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"from-inc-1.yaml", "ask.yaml", "login-flag.yaml"}
    for path in files:
        text = path.read_text().casefold()
        assert not [leak for leak in LEAKS if leak.casefold() in text], path.name
