from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.drills.model.plays import Move, When
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.play import ByHand, Stuck, Waiting, command, next_move
from cockpit.drills.sight import Sight, missing, see
from cockpit.protocol.commands import Confirm, Declare, FinishStep, Resolve, StartRun, Update
from cockpit.protocol.messages import Rows, Runbooks
from cockpit.protocol.views import (
    HeaderView,
    Offer,
    Row,
    RunbookView,
    RunView,
    ServicesView,
    ServiceView,
    StepView,
)
from cockpit.text import SafeText

ENV = {"PATH": "/drill/bin", "HOME": "/home/ana", "COCKPIT_DRILL_URL": "http://127.0.0.1:1"}


def move(**fields: Any) -> Move:
    """A move as a scenario would have it; `with_` stands for `with`."""
    return Move.model_validate_json(json.dumps({name.rstrip("_"): value for name, value in fields.items()}))


def service(state: str) -> ServicesView:
    return ServicesView(
        (
            ServiceView(
                probe=SafeText("login-synthetic"), service=SafeText("auth"),
                state="down" if state == "down" else "up", since=0, checked=0, interval=10, stale=False,
                verdict=SafeText(""),
            ),
        )
    )  # fmt: skip


def header(*, is_open: bool) -> HeaderView:
    return HeaderView(stream="INC-1", head=7, open=is_open, profile=SafeText("p"))


def running(step: str, word: str = "to do", outcome: str = "") -> RunView:
    view = StepView(id=step, number="1", title=SafeText(step), word=SafeText(word), tone="muted", effect="write")
    offer = Offer(action="run", step=step, digest="abc", typed=SafeText("revert"), env=("PATH", "LANG"))
    return RunView(run="r1", outcome=SafeText(outcome), steps=(view,), offers=(Offer(action="skip", step=step), offer))


def test_a_move_waits_for_its_condition_then_is_made() -> None:
    step = move(when={"minute": 6, "down": ["login-synthetic"]}, do="declare",
                with_={"title": "Logins fail", "severity": "SEV1"})  # fmt: skip
    sight = Sight(minute=5)
    assert next_move(step, 0, sight, ENV) == Waiting("T6")
    sight = see(replace(sight, minute=6.5), service("up"))
    assert next_move(step, 0, sight, ENV) == Waiting("login-synthetic down")
    sight = see(sight, service("down"))
    assert next_move(step, 0, sight, ENV) == Declare(title="Logins fail", severity="SEV1")


def test_a_condition_that_does_not_come_ends_in_a_sentence() -> None:
    step = move(when={"offered": "restore.revert"}, within="2m", do="confirm", with_={"step": "restore.revert"})
    assert isinstance(next_move(step, 6, Sight(minute=7.9), ENV), Waiting)
    stuck = next_move(step, 6, Sight(minute=8.1), ENV)
    assert stuck == Stuck("stuck at T8.1 before `confirm`: waited since T6.0 for an offer of the step restore.revert")


def test_waiting_for_a_minute_is_never_stuck() -> None:
    step = move(when={"minute": 85}, within="1m", do="resolve")
    assert isinstance(next_move(step, 10, Sight(minute=84), ENV), Waiting)


def test_a_confirmation_takes_digest_word_and_environment_from_the_offer() -> None:
    step = move(when={"offered": "restore.revert"}, do="confirm", with_={"step": "restore.revert"})
    made = next_move(step, 0, Sight(run=running("restore.revert")), ENV)
    assert made == Confirm(run="r1", step="restore.revert", digest="abc", typed="revert", env={"PATH": "/drill/bin"})


def test_what_a_command_wants_to_be_shown_is_taken_from_the_offer_of_its_kind() -> None:
    offers = (
        Offer(action="run", step="fix", digest="of-run"), Offer(action="undo", step="fix", digest="of-undo"),
        Offer(action="approve", step="fix", digest="of-approval"), Offer(action="settle", step="fix", attempt="r1-3"),
        Offer(action="stop", step="drain", attempt="r1-7"),
    )  # fmt: skip
    sight = Sight(run=RunView(run="r1", offers=offers))

    def made(do: str, **arguments: object) -> Any:
        return command(move(do=do, with_=arguments), sight, ENV)

    assert made("confirm", step="fix").digest == "of-run"
    assert made("confirm", step="fix", undo=True).digest == "of-undo"
    assert made("approve", step="fix", reason="go").digest == "of-approval"
    assert made("settle", attempt="fix", verdict="by_hand", reason="seen").attempt == "r1-3"
    assert made("stop_attempt", attempt="drain").attempt == "r1-7"
    # What is not offered is nothing that could be taken up.
    assert made("approve", step="drain", reason="go").digest == made("stop_attempt", attempt="fix").attempt == ""


def test_a_step_may_be_waited_for_to_show_one_of_several_words() -> None:
    wanted = When(steps={"fix": ("no effect", "worse")})
    assert missing(wanted, Sight(run=running("fix", "ok, WORSE"))) == ""
    assert missing(wanted, Sight(run=running("fix"))) == "the step fix to show 'no effect' or 'worse'"


def test_a_move_of_a_run_names_the_run_on_the_screen() -> None:
    made = command(move(do="finish_step", with_={"step": "watch"}), Sight(run=running("watch")), ENV)
    assert made == FinishStep(run="r1", step="watch")


@pytest.mark.parametrize(("trusted", "trust"), [(True, ""), (False, "d1")])
def test_a_runbook_is_trusted_by_the_digest_that_was_shown(trusted: bool, trust: str) -> None:
    known = RunbookView(
        id="login-flag", title=SafeText(""), service=SafeText(""), path=SafeText(""), digest="d1", trusted=trusted
    )
    sight = see(Sight(), Runbooks((known,)))
    made = command(move(do="start_run", with_={"runbook": "login-flag"}), sight, ENV)
    assert made == StartRun(runbook="login-flag", trust=trust)


def test_typing_into_the_own_shell_is_no_protocol_command() -> None:
    step = move(by_hand=("svcctl", "setenv"))
    assert next_move(step, 0, Sight(), ENV) == ByHand(("svcctl", "setenv"))


@pytest.mark.parametrize(
    ("when", "sight", "want"),
    [
        (When(open=True), Sight(), "an open incident"),
        (When(open=True), Sight(header=header(is_open=True)), ""),
        (When(open=False), Sight(header=header(is_open=True)), "no open incident"),
        (When(steps={"a": "no effect"}), Sight(run=running("a", "running")), "the step a to show 'no effect'"),
        (When(steps={"a": "no effect"}), Sight(run=running("a", "ok, NO EFFECT")), ""),
        (When(finished=True), Sight(run=running("a")), "the run finished"),
        (When(finished=True), Sight(run=running("a", outcome="done")), ""),
        (When(up=("login-synthetic",)), Sight(services=service("up")), ""),
        (When(offered="b"), Sight(run=running("a")), "an offer of the step b"),
    ],
)
def test_conditions(when: When, sight: Sight, want: str) -> None:
    assert missing(when, sight) == want


def test_a_probe_with_instances_is_down_with_one_of_them_and_up_with_all() -> None:
    def lanes(*states: str) -> Sight:
        views = tuple(
            replace_name(service(state).services[0], f"ready@127.0.0.1:{port}") for port, state in enumerate(states, 1)
        )
        return Sight(services=ServicesView(views))

    down, up = When(down=("ready",)), When(up=("ready",))
    assert (missing(down, lanes("up", "down")), missing(up, lanes("up", "down"))) == ("", "ready up")
    assert (missing(down, lanes("up", "up")), missing(up, lanes("up", "up"))) == ("ready down", "")


def replace_name(view: ServiceView, name: str) -> ServiceView:
    return msgspec.structs.replace(view, probe=SafeText(name))


def test_a_command_that_does_not_exist_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        command(move(do="reboot_everything"), Sight(), ENV)


def test_every_move_of_every_bundled_play_is_a_command_of_the_protocol(scenario: Scenario) -> None:
    for play in scenario.plays.values():
        for step in play.moves:
            if step.do is None:
                continue
            sight = Sight(run=running(step.when.offered or "x"))
            made = command(step, sight, ENV)
            assert set(step.arguments) <= set(made.__struct_fields__)


def test_only_the_plays_that_say_so_resolve(scenario: Scenario) -> None:
    resolving = {
        name
        for name, play in scenario.plays.items()
        if any(step.do and isinstance(command(step, Sight(run=running("x")), ENV), Resolve) for step in play.moves)
    }
    assert resolving == {"good", "original", "shortcut"}


def test_moments_stand_in_a_play_as_minutes_after_t0() -> None:
    t0 = 1_800_000_000 * SECOND
    told = command(move(do="update", with_={"doing": "Applying", "eta": 36.5}), Sight(t0=t0), ENV)
    assert told == Update(doing="Applying", eta=t0 + 2190 * SECOND)
    with pytest.raises(msgspec.ValidationError):
        command(move(do="update", with_={"eta": "soon"}), Sight(t0=t0), ENV)


def test_words_are_waited_for_on_the_timeline_in_any_case() -> None:
    step = move(when={"heard": "rate limit"}, do="resolve")
    text = SafeText("gateway: your Rate Limit")
    told = Row(seq=1, at=0, kind=SafeText("note"), text=text, tone="plain", actor=SafeText("drill"))
    assert next_move(step, 0, Sight(), ENV) == Waiting("'rate limit' on the timeline")
    assert next_move(step, 0, see(Sight(), Rows("INC-1", (told,))), ENV) == Resolve()
