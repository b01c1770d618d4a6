"""How the services stand since the last steps that changed something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import fold
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptStarted,
    AttemptUnknown,
    LockLost,
    RunStarted,
    Verdict,
    VerifyFinished,
    VerifyStarted,
)
from cockpit.incident.vocabulary import (
    EffectExpected,
    EffectMeasured,
    Figures,
    ProbeChanged,
    ProbeFigures,
    ProbeState,
)
from cockpit.runbooks.health import Health, Tone, health
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.plan import Plan, plan

NOW = 1_760_000_000 * SECOND
MINUTE = 60 * SECOND
RUNBOOK = """\
version: 1
id: mend
title: Mend it
steps:
  - id: look
    title: Look at it
    effect: read
    command: {argv: [look]}
  - id: stop
    title: Stop auth
    effect: write
    command: {argv: [svcctl, stop, auth]}
    rollback: {command: [svcctl, start, auth]}
    verify: {probe: login, within: 1m}
  - id: flush
    title: Flush the cache
    effect: write
    command: {argv: [flush]}
    irreversible: what was cached is gone
  - id: drain
    title: Drain it
    effect: write
    command: {argv: [drain]}
    rollback: {command: [undrain]}
"""
PLAN = plan(parse(RUNBOOK, "mend.yaml", Runbook))
STARTED = RunStarted(
    run="r", runbook="mend", title="Mend it", digest="d", source="", path="p", steps=PLAN.outlines
)  # fmt: skip
NOTHING = Health()
At = tuple[float, Body]
"""Minutes after NOW, and what happened then."""


def _did(step: str, at: float, *, undo: bool = False, before: Figures | None = None) -> tuple[At, ...]:
    attempt = f"{step}-{at}"
    intended = AttemptIntended(
        run="r", step=step, attempt=attempt, command="c", digest="d", before=before,
        direction="rollback" if undo else "forward",
    )  # fmt: skip
    return (
        (at, intended),
        (at, AttemptStarted(run="r", step=step, attempt=attempt, pid=7)),
        (at, AttemptFinished(run="r", step=step, attempt=attempt, ok=True, exit_code=0)),
    )


def _turn(probe: str, at: float, state: ProbeState, previous: ProbeState) -> At:
    since = NOW + int(at * MINUTE)
    return at, ProbeChanged(probe=probe, service="s", state=state, previous=previous, since=since, verdict="500")


def _verified(verdict: Verdict, at: float) -> tuple[At, ...]:
    before, after = Figures(error_rate=0.8), Figures(error_rate=0.8)
    return (
        (at, VerifyStarted(run="r", step="stop", probe="login", before=before, until=NOW)),
        (
            at,
            VerifyFinished(
                run="r", step="stop", probe="login", verdict=verdict, before=before, after=after, words="it is"
            ),
        ),
    )


def _health(*told: At, figures: Mapping[str, Figures] | None = None) -> Health:
    bodies = ((0.0, STARTED), *told)
    moments = (NOW + int(at * MINUTE) for at, _ in bodies)
    events = [
        Event("INC-1", seq, at, at, "ada", "h", body)
        for seq, (at, (_, body)) in enumerate(zip(moments, bodies, strict=True), 1)
    ]
    state = fold(events)
    return health(PLAN, state.runs["r"], state.watching, figures or {})


def test_there_is_nothing_to_say_before_anything_was_changed_or_has_turned() -> None:
    fallen = _turn("login", 1, "down", "up")
    assert _health() == NOTHING
    assert _health(fallen) == NOTHING
    assert _health(*_did("look", 0.5), fallen) == NOTHING
    assert _health(fallen, *_did("stop", 2)) == NOTHING
    intended = AttemptIntended(run="r", step="stop", attempt="a", command="c", digest="d")
    assert _health((0.5, intended), fallen) == NOTHING
    abandoned = AttemptAbandoned(run="r", step="stop", attempt="a", why="never ran")
    assert _health((0.5, intended), (0.6, abandoned), fallen) == NOTHING


def test_what_turned_bad_since_a_step_is_told_with_the_rollback() -> None:
    assert _health(*_did("stop", 2), _turn("login", 3, "down", "up")) == Health(
        "worse since step 2 (Stop auth): login DOWN since 08:56Z; rollback ready: svcctl start auth", "bad"
    )
    assert _health(*_did("flush", 2), _turn("login", 3, "down", "degraded")) == Health(
        "worse since step 3 (Flush the cache): login DOWN since 08:56Z; "
        "cannot be undone: what was cached is gone", "bad",
    )  # fmt: skip


def test_each_turn_is_told_of_the_step_before_it_and_the_latest_is_undone_first() -> None:
    found = _health(
        *_did("stop", 2), _turn("login", 3, "down", "up"), *_did("drain", 4), _turn("cart", 5, "degraded", "up")
    )
    assert found.words == (
        "worse since step 4 (Drain it): cart DEGRADED since 08:58Z; since step 2 (Stop auth): login DOWN since 08:56Z; "
        "rollback ready: undrain"
    )
    older = _health(*_did("stop", 2), _turn("login", 3, "down", "up"), *_did("drain", 4))
    assert older.words == (
        "worse since step 2 (Stop auth): login DOWN since 08:56Z; rollback ready of Drain it first: undrain"
    )


def test_what_became_better_is_told_alone_or_beside_what_became_worse() -> None:
    up, down = _turn("login", 3, "up", "down"), _turn("cart", 4, "down", "up")
    assert _health(*_did("stop", 2), up) == Health(
        "better since step 2 (Stop auth): login up since 08:56Z", "good"
    )  # fmt: skip
    assert _health(*_did("stop", 2), up, down) == Health(
        "worse since step 2 (Stop auth): cart DOWN since 08:57Z; better: login up since 08:56Z; "
        "rollback ready: svcctl start auth", "bad",
    )  # fmt: skip
    undone = _health(*_did("stop", 2), *_did("stop", 2.5, undo=True), up)
    assert undone == Health("better since undoing step 2 (Stop auth): login up since 08:56Z", "good")


@pytest.mark.parametrize(
    "state, previous, words",
    [("unknown", "up", "login UNKNOWN since 08:56Z"), ("down", "unknown", "login DOWN since 08:56Z, unknown before")],
)
def test_what_nobody_saw_turn_is_called_neither_worse_nor_well(
    state: ProbeState, previous: ProbeState, words: str
) -> None:
    found = _health(*_did("stop", 2), _turn("login", 3, state, previous))
    assert found == Health(f"not clear since step 2 (Stop auth): {words}", "warn")
    assert _health(*_did("stop", 2), _turn("login", 3, "up", "unknown")) == NOTHING


FAILING = Figures(error_rate=0.8, samples=20)


def _now(error_rate: float, at: float = 3) -> dict[str, Figures]:
    return {"login": Figures(error_rate=error_rate, samples=20, at=NOW + int(at * MINUTE))}


@pytest.mark.parametrize(
    "verdict, figures, words, tone",
    [
        ("pass", _now(0.8), "better since step 2 (Stop auth): login verified up", "good"),
        (
            "pass", _now(0.95),
            "worse since step 2 (Stop auth): login err 80.0 -> 95.0 %; rollback ready: svcctl start auth", "bad",
        ),
        (
            "worse", _now(0.95, at=1),
            "worse since step 2 (Stop auth): login worse when it was verified; rollback ready: svcctl start auth",
            "bad",
        ),
        ("better", {}, "better since step 2 (Stop auth): login better when it was verified", "good"),
        ("worse", _now(0.1), "better since step 2 (Stop auth): login err 80.0 -> 10.0 %", "good"),
        ("no_effect", _now(0.8), "no change since step 2 (Stop auth)", "plain"),
        ("better", _now(0.3), "better since step 2 (Stop auth): login err 80.0 -> 30.0 %", "good"),
        ("inconclusive", {}, "not clear since step 2 (Stop auth): login no fresh data", "warn"),
    ],
)  # fmt: skip
def test_a_verification_and_the_figures_before_it_count(
    verdict: Verdict, figures: Mapping[str, Figures], words: str, tone: Tone
) -> None:
    begun = VerifyStarted(run="r", step="stop", probe="login", before=FAILING, until=NOW)
    ended = _verified(verdict, 2)[1]
    found = _health(*_did("stop", 2, before=FAILING), (2, begun), ended, figures=figures)
    assert found == Health(words, tone)


def test_figures_that_move_are_told_before_the_verification_is_over() -> None:
    steps = _did("stop", 2, before=FAILING)
    assert _health(*steps, figures=_now(0.95)).tone == "bad"
    assert _health(*steps, figures=_now(0.8)) == NOTHING
    assert _health(*steps, figures=_now(0.95, at=1)) == NOTHING
    verified = _health(*steps, *_verified("pass", 3), _turn("login", 3, "up", "down"))
    assert verified.words == "better since step 2 (Stop auth): login verified up"
    fallen = _health(*steps, *_verified("pass", 3), _turn("login", 4, "down", "up"))
    assert fallen.words.startswith("worse since step 2 (Stop auth): login DOWN since 08:57Z")


@pytest.mark.parametrize(
    "after, words, tone",
    [
        (
            Figures(error_rate=0.9, samples=9),
            "worse since step 4 (Drain it): login err 80.0 -> 90.0 %; rollback ready: undrain", "bad",
        ),
        (
            Figures(error_rate=0.1, samples=9),
            "better since step 4 (Drain it): login err 80.0 -> 10.0 %", "good",
        ),
        (Figures(error_rate=0.8, samples=9), "no change since step 4 (Drain it)", "plain"),
        (Figures(), "not clear since step 4 (Drain it): login not measured", "warn"),
    ],
)  # fmt: skip
def test_what_was_measured_after_a_step_without_a_verification_counts(after: Figures, words: str, tone: Tone) -> None:
    steps = _did("drain", 2)
    before, later = (ProbeFigures("login", "down", figures) for figures in (FAILING, after))
    expected = EffectExpected(
        subject="drain-2", about="step", what="Drain it", service="s", since=NOW, until=NOW, before=(before,)
    )
    measured = EffectMeasured(subject="drain-2", verdict="same", words="it is", after=(later,))
    assert _health(*steps, (2, expected), (4, measured)) == Health(words, tone)
    assert _health(*steps, (2, expected)) == NOTHING


def test_no_rollback_is_called_ready_that_cannot_be_taken_now() -> None:
    fallen = _turn("login", 3, "down", "up")
    words = "worse since step 2 (Stop auth): login DOWN since 08:56Z"
    flying = AttemptIntended(run="r", step="drain", attempt="b", command="c", digest="d")
    lost = AttemptUnknown(run="r", step="drain", attempt="b", why="no record")
    away = LockLost(run="r", lock="auth", words="bo works on it")
    for more in ([flying], [flying, lost], [away]):
        assert _health(*_did("stop", 2), fallen, *((4, body) for body in more)).words == words


def test_of_many_probes_the_first_are_named() -> None:
    turns: Sequence[At] = [_turn(name, 3, "down", "up") for name in "abcde"]
    found = _health(*_did("stop", 2), *turns)
    assert "a DOWN since 08:56Z, b DOWN since 08:56Z, c DOWN since 08:56Z, and 2 more; rollback" in found.words


def test_a_runbook_that_cannot_be_read_still_tells_what_turned() -> None:
    steps = (*_did("stop", 2), _turn("login", 3, "down", "up"))
    events = [Event("INC-1", 1, NOW, NOW, "ada", "h", STARTED)] + [
        Event("INC-1", seq, NOW + int(at * MINUTE), 0, "ada", "h", body) for seq, (at, body) in enumerate(steps, 2)
    ]
    state = fold(events)
    assert health(Plan({}), state.runs["r"], state.watching, {}).tone == "bad"
