"""What is said to an offer, and what may be said where nobody is asked."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest

from cockpit.exits import Exit
from cockpit.protocol import commands
from cockpit.protocol.taking import Reply, command_of, due
from cockpit.protocol.unattended import Halt, unattended
from cockpit.protocol.views import Offer, RunView, StepView
from cockpit.text import SafeText

ACTIONS = get_args(get_type_hints(Offer)["action"])


def step(name: str, word: str = "to do", tone: Any = "muted", effect: Any = "write", words: str = "") -> StepView:
    return StepView(
        id=name, number="1", title=SafeText(name.upper()), word=SafeText(word), tone=tone, effect=effect,
        words=SafeText(words),
    )  # fmt: skip


def offer(action: Any = "run", name: str = "a", **fields: Any) -> Offer:
    return Offer(action=action, step=name, title=SafeText(name.upper()), digest="d", attempt="t", **fields)


def run(*offers: Offer, steps: tuple[StepView, ...] = (step("a"),), outcome: str = "") -> RunView:
    return RunView(run="r", steps=steps, offers=offers, outcome=SafeText(outcome))


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_its_command(action: str) -> None:
    reply = Reply(offer(action), option="took_effect", reason="because")
    assert isinstance(command_of(reply, "r", {}), commands.Command)


def test_of_the_environment_only_what_is_offered_is_taken_along() -> None:
    wanted = offer(env=("PATH", "TOKEN", "UNSET"), secrets=("password",))
    reply = Reply(wanted, typed="a", secrets={"password": "x"})
    command = command_of(reply, "r", {"PATH": "/bin", "TOKEN": "new", "AWS_SECRET": "never"})
    assert command == commands.Confirm(
        run="r", step="a", digest="d", typed="a", env={"PATH": "/bin", "TOKEN": "new"}, secrets={"password": "x"}
    )


def test_a_run_that_goes_on_by_itself_waits_for_nobody() -> None:
    verifying = (step("a", "verifying", "act"),)
    assert due(run(offer("undo"), offer("end", ""), steps=verifying)) is None
    assert due(run(offer("skip"), offer("end", ""), steps=(step("a", "waiting", "act"),))) is None
    assert due(run(offer("stop"))) is None
    assert due(run(offer("object"))) is None
    assert due(run()) is None
    assert due(run(offer("undo"), outcome="done")) is None


def test_a_run_that_waits_for_a_person_says_for_what() -> None:
    first = offer("run")
    assert due(run(first, offer("skip"))) is first
    choice = offer("choose", "b")
    deciding = (step("a", "ok, WORSE", "bad"), step("b", "decide", "act"))
    back = offer("undo", "a")
    assert due(run(choice, steps=deciding)) is choice
    assert due(run(back, choice, steps=deciding)) is back


def halt(*offers: Offer, steps: tuple[StepView, ...] = (step("a"),), seen: tuple[str, ...] = ()) -> Halt:
    said = unattended(run(*offers, steps=steps), offers[0], {"password": "x"}, seen)
    assert isinstance(said, Halt)
    return said


@pytest.mark.parametrize("effect", ["read", "write"])
def test_what_reads_or_writes_is_confirmed_unattended(effect: str) -> None:
    first = offer(secrets=("password",))
    said = unattended(run(first, steps=(step("a", effect=effect),)), first, {"password": "x", "other": "y"}, ())
    assert said == Reply(first, secrets={"password": "x"})


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"run"}))
def test_nothing_else_ever_is(action: str) -> None:
    assert halt(offer(action)).code is Exit.PERSON_NEEDED


def test_nothing_destructive_ever_is() -> None:
    assert halt(offer(typed=SafeText("a"))).code is Exit.PERSON_NEEDED
    assert halt(offer(), steps=(step("a", effect="destructive"),)).code is Exit.PERSON_NEEDED


def test_nothing_is_confirmed_again_or_after_bad_news() -> None:
    assert halt(offer(), steps=(step("a", "FAILED", "bad"),)).code is Exit.PERSON_NEEDED
    assert halt(offer(said=SafeText("A: NO EFFECT"))).words == "A: A: NO EFFECT"
    assert halt(offer(secrets=("pin",))).words == "A: it needs the secret pin; give --secret"


def test_a_wait_is_begun_but_no_step_by_hand_is_called_done() -> None:
    wait = offer("done", waits=True)
    assert unattended(run(wait), wait, {}, ()) == Reply(wait)
    assert halt(offer("done")).words == "A: it is done by hand"


def test_what_failed_before_our_eyes_ends_with_1_and_its_words() -> None:
    failed = (step("a", "FAILED", "bad", words="exit 3"),)
    assert halt(offer(), steps=failed, seen=("a",)) == Halt(Exit.REFUSED, "A: FAILED  exit 3")
    worse = (step("a", "ok, WORSE", "bad", words="err 1 -> 5 %"), step("b"))
    assert halt(offer("undo"), steps=worse, seen=("a",)).code is Exit.REFUSED
    assert halt(offer("skip"), steps=(step("a", "ok, NO EFFECT", "warn"),), seen=("a",)).code is Exit.REFUSED


def test_what_failed_and_may_goes_on_unattended() -> None:
    first = offer("run", "b")
    steps = (step("a", "FAILED", "bad"), step("b"))
    assert unattended(run(first, steps=steps), first, {}, ("a",)) == Reply(first)
