"""What is listed against calling an incident resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.engine.unmet import Seen, unmet
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptUnknown,
    RunFinished,
    RunStarted,
    StepAnnounced,
    StepApproved,
    Verdict,
    VerifyFinished,
    VerifyStarted,
)
from cockpit.incident.vocabulary import (
    Figures,
    IncidentDeclared,
    ProbeChanged,
    ProbeState,
)
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.plan import plan

NOW = 1_760_000_000 * SECOND
MINUTE = 60 * SECOND
RUNBOOK = """\
version: 1
id: mend
title: Mend it
recovery:
  probes: [login]
  hold: 15m
  downstream: [shop]
  quotas: [quota]
steps:
  - id: restore
    title: Go back
    ladder:
      verify: {probe: login, within: 1m}
      rungs:
        - {id: one, title: One back, effect: write, apply: {argv: [back, "1"]}, irreversible: no way}
        - {id: two, title: Two back, effect: write, apply: {argv: [back, "2"]}, irreversible: no way}
  - id: restart
    title: Restart auth
    effect: write
    command: {argv: [restart]}
    irreversible: no way
    verify: {probe: auth, within: 1m}
"""
PLAN = plan(parse(RUNBOOK, "mend.yaml", Runbook))
BARE = plan(parse(RUNBOOK.replace(RUNBOOK[RUNBOOK.index("recovery") : RUNBOOK.index("steps")], ""), "b.yaml", Runbook))
DECLARED = IncidentDeclared(title="Logins fail", severity="SEV2")
STARTED = RunStarted(
    run="r", runbook="mend", title="Mend it", digest="d", source="", path="p", steps=PLAN.outlines
)  # fmt: skip
OVER = RunFinished(run="r", outcome="done")
WELL: Mapping[str, ProbeState] = {"login": "up", "shop": "up", "quota": "up"}


def _state(*bodies: Body) -> State:
    return fold(Event("INC-1", seq, NOW, NOW, "ada", "h", body) for seq, body in enumerate((DECLARED, *bodies), 1))


def _tried(step: str, *, verdict: Verdict | None) -> tuple[Body, ...]:
    attempt = f"a-{step}"
    done: tuple[Body, ...] = (
        AttemptIntended(run="r", step=step, attempt=attempt, command="c", digest="d"),
        AttemptFinished(run="r", step=step, attempt=attempt, ok=True, exit_code=0),
    )
    if verdict is None:
        return done
    begun = VerifyStarted(run="r", step=step, probe="login", before=Figures(), until=NOW)
    ended = VerifyFinished(
        run="r", step=step, probe="login", verdict=verdict, before=Figures(), after=Figures(), words="it is"
    )
    return (*done, begun, ended)


def _seen(steady: int = 0, **states: ProbeState) -> Seen:
    lanes = {**WELL, **states}
    since = {name: NOW - steady for name, state in lanes.items() if state == "up"}
    return Seen(NOW, lanes, lanes, since)


@pytest.mark.parametrize(
    "seen, said",
    [
        (_seen(15 * MINUTE), []),
        (_seen(6 * MINUTE), ["recovery watch: login up for 6 of 15 min"]),
        (_seen(15 * MINUTE, login="down"), ["recovery watch: login is DOWN, must be up for 15 min"]),
        (_seen(15 * MINUTE, login="unknown"), ["recovery watch: login is UNKNOWN, must be up for 15 min"]),
        (
            Seen(NOW, WELL, WELL, {}),
            ["recovery watch: login is not well without a break, must be up for 15 min"],
        ),
        (_seen(15 * MINUTE, shop="degraded"), ["downstream: shop is DEGRADED"]),
        (_seen(15 * MINUTE, quota="down"), ["not put back: quota is DOWN"]),
        (
            Seen(NOW, {}, {}, {"login": NOW - 15 * MINUTE}),
            ["downstream: shop is UNKNOWN", "not put back: quota is UNKNOWN"],
        ),
    ],
)
def test_the_recovery_that_a_runbook_asks_for_is_told_until_it_is_so(seen: Seen, said: Sequence[str]) -> None:
    state = _state(STARTED, *_tried("restore.one", verdict="pass"), OVER)
    assert unmet(state, {"r": PLAN}, seen) == tuple(said)


def test_a_probe_of_the_recovery_is_told_once_and_others_with_their_verdict() -> None:
    down = ProbeChanged(probe="login", service="a", state="down", previous="up", since=NOW, verdict="500")
    other = msgspec.structs.replace(down, probe="cart")
    state = _state(down, other, STARTED, OVER)
    found = unmet(state, {"r": PLAN}, _seen(0, login="down", cart="down", mail="unknown"))
    assert found == (
        "recovery watch: login is DOWN, must be up for 15 min",
        "mail is UNKNOWN: no fresh data",
        "cart is DOWN: 500",
    )
    assert unmet(_state(down), {}, _seen(0, login="down")) == ("login is DOWN: 500",)


def test_two_runs_of_one_runbook_ask_for_its_recovery_once() -> None:
    again = msgspec.structs.replace(STARTED, run="s")
    state = _state(STARTED, OVER, again, RunFinished(run="s", outcome="done"))
    assert unmet(state, {"r": PLAN, "s": PLAN}, _seen(6 * MINUTE)) == ("recovery watch: login up for 6 of 15 min",)


@pytest.mark.parametrize(
    "bodies, said",
    [
        (_tried("restore.one", verdict="pass"), []),
        (_tried("restore.one", verdict="no_effect"), ["One back was not verified to help: no effect"]),
        (_tried("restart", verdict=None), ["Restart auth was not verified to help: never verified"]),
        (
            (*_tried("restore.one", verdict="no_effect"), *_tried("restore.two", verdict="worse")),
            ["Two back was not verified to help: worse"],
        ),
        ((*_tried("restore.one", verdict="no_effect"), *_tried("restore.two", verdict="pass")), []),
        (
            (*_tried("restore.one", verdict="pass"), *_tried("restart", verdict="inconclusive")),
            ["Restart auth was not verified to help: inconclusive"],
        ),
        (
            (*_tried("restore.one", verdict="better"), *_tried("restart", verdict="better")),
            ["One back was not verified to help: better", "Restart auth was not verified to help: better"],
        ),
    ],
)
def test_a_change_that_stands_without_a_good_verification_is_told(bodies: Sequence[Body], said: Sequence[str]) -> None:
    assert unmet(_state(STARTED, *bodies, OVER), {"r": BARE}, _seen()) == tuple(said)


def test_what_nobody_brought_to_an_end_is_told() -> None:
    unknown = (
        AttemptIntended(run="r", step="restart", attempt="a", command="c", digest="d"),
        AttemptUnknown(run="r", step="restart", attempt="a", why="no record", pid=4711),
    )
    assert unmet(_state(STARTED, *unknown), {"r": BARE}, _seen()) == (
        "Restart auth: nobody knows whether it took effect, pid 4711 may still run",
        "Mend it is not finished at One back",
    )
    approved = StepApproved(run="r", step="restart", digest="d", until=NOW + MINUTE)
    lapsed = StepApproved(run="r", step="restore.one", digest="d", until=NOW)
    announced = StepAnnounced(run="r", step="restore.one", attempt="a", command="c", digest="d", until=NOW + MINUTE)
    assert unmet(_state(STARTED, approved, lapsed, announced), {"r": BARE}, _seen()) == (
        "One back is announced and has not run: object to it, or let it run",
        "Restart auth may still be run until 08:54Z: approved by ada",
        "Mend it is not finished at One back",
    )
    spoiled = msgspec.structs.replace(OVER, outcome="not_clean")
    assert unmet(_state(STARTED, spoiled), {}, _seen()) == ("Mend it did not end clean",)
