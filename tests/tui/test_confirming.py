"""The last look: what it changes, what undoes it, for whom; secrets, typed words, reasons; over after a sleep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from textual import events
from textual.widgets import Input

from cockpit.protocol.commands import Accept, Approve, Choose, Confirm, Object, StopAttempt, TakeOver
from cockpit.protocol.messages import Answer
from cockpit.protocol.views import Offer, RunView
from cockpit.text import SafeText
from cockpit.tui.screens.confirm import SLEPT_AT_LEAST
from cockpit.tui.screens.modal import Modal
from cockpit.tui.widgets.choice import Secret

S = SafeText
changed = msgspec.structs.replace
UNTIL = 1_772_621_980_000_000
"""11:19:40, 21 minutes after the screen's moment."""
APPROVE = Offer(
    action="approve", step="drop", title=S("Drop the sessions"), command=S("sessionctl drop --all"), digest="d3",
    said=S("needs the approval of 1 operations"),
)  # fmt: skip
OBJECT = Offer(action="object", step="drop", title=S("Drop the sessions"), said=S("announced by bo"), until=UNTIL)
ACCEPT = Offer(action="accept", step="rung2", title=S("Restore v41"), said=S("v43 serves, v42 was applied last"))
TAKE_OVER = Offer(action="take_over", title=S(""), said=S("taken"), holder=S("bo since 10:55 (Drain the queue)"))
END = Offer(action="end", title=S("Roll back"))


@pytest.fixture
def secretive(offers: dict[str, Offer]) -> Offer:
    return changed(offers["run"], secrets=("db-password", "token"), env=())


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_all_there_is_to_know_is_in_sight(offering: Any, offers: dict[str, Offer], size: tuple[int, int]) -> None:
    final = changed(
        offers["destructive"], irreversible=S("sessions are gone for good"), role=S("operations"),
        consequence=S("DESTROYS something: read it twice"), said=S("v43 had no effect"),
    )  # fmt: skip
    async with offering(final, size=size) as stage:
        await stage.press("enter")
        for words in (
            "v43 had no effect", "For            operations", "CANNOT BE UNDONE: sessions are gone for good",
            "sessionctl drop --all", "Type drop to confirm", "Esc back", "Run this command?",
        ):  # fmt: skip
            await stage.sees(words)
        assert "Undone by" not in stage.text


async def test_white_space_around_the_typed_word_is_none_of_its_letters(
    offering: Any, offers: dict[str, Offer]
) -> None:
    async with offering(offers["destructive"]) as stage:
        await stage.press("enter")
        await stage.sees("Type drop to confirm")
        stage.app.post_message(events.Paste("  drop \n"))
        await stage.until(lambda: stage.app.screen.query_one("#typed", Input).value.strip() == "drop")
        await stage.press("enter")
        await stage.sent(Confirm(run="run1", step="drop", digest="d3", typed="drop"))


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_secrets_are_asked_for_masked_and_sent(offering: Any, secretive: Offer, size: tuple[int, int]) -> None:
    async with offering(secretive, size=size) as stage:
        await stage.press("enter")
        await stage.sees("Secret db-password")
        await stage.type("hunter2y")
        await stage.sees("••••••••")
        await stage.press("enter")
        await stage.sees("token is empty")
        await stage.press("escape", "enter")
        await stage.type("hunter2y")
        await stage.press("tab")
        await stage.type(" tok en")
        assert "hunter2" not in stage.text and "tok en" not in stage.text
        await stage.press("enter")
        secrets = {"db-password": "hunter2y", "token": " tok en"}
        await stage.sent(Confirm(run="run1", step="restore.override", digest="d1", secrets=secrets))
        await stage.closed()


async def test_a_secret_is_taken_as_it_is_and_never_copied_or_cut(offering: Any, secretive: Offer) -> None:
    async with offering(changed(secretive, secrets=("token",))) as stage:
        await stage.press("enter")
        await stage.sees("Secret token")
        field = stage.app.screen.query_one(Secret)
        field.post_message(events.Paste("one\ntwo"))
        await stage.sees("None of it was taken")
        assert field.value == ""
        stage.app.post_message(events.Paste("  a\u00e9 \u4e2d[b]\n"))
        await stage.until(lambda: field.value == "  a\u00e9 \u4e2d[b]")
        field.select_all()
        await stage.press("ctrl+c", "ctrl+x")
        assert stage.app.clipboard == "" and field.value


async def test_a_refused_secret_does_not_stay(offering: Any, secretive: Offer) -> None:
    async with offering(changed(secretive, secrets=("token",))) as stage:
        stage.world.client.answers.append(Answer("", False, S("another command now"), "stale"))
        await stage.press("enter")
        await stage.type("abc")
        await stage.press("enter")
        await stage.sees("another command now")
        assert stage.app.screen.query_one(Secret).value == ""


async def test_secret_and_word_together_want_both(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(changed(offers["destructive"], secrets=("token",)), size=(80, 24)) as stage:
        await stage.press("enter")
        await stage.sees("Secret token")
        await stage.type("abc")
        await stage.press("enter")
        await stage.sees("Type exactly: drop")
        await stage.type("drop")
        await stage.press("enter")
        await stage.sent(Confirm(run="run1", step="drop", digest="d3", typed="drop", secrets={"token": "abc"}))


async def test_after_a_sleep_the_question_is_over(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(offers["run"]) as stage:
        await stage.press("enter")
        await stage.sees("y  yes, do it")
        stage.world.asleep.seconds += SLEPT_AT_LEAST
        await stage.press("y")
        await stage.sees("This question is over: the host slept. Esc, look again.")
        await stage.press("y", "y")
        assert not stage.commands
        await stage.press("escape", "enter", "y")
        await stage.until(lambda: len(stage.commands) == 1)


async def test_that_it_is_over_is_said_before_any_key(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(offers["run"]) as stage:
        await stage.press("enter")
        await stage.sees("y  yes, do it")
        stage.world.asleep.seconds += 3600
        await stage.sees("the host slept")
        assert "yes, do it" not in stage.text


async def test_an_approval_takes_a_reason_where_the_engine_wants_one(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(APPROVE, offers["run"]) as stage:
        await stage.sees("Enter  approve  sessionctl drop --all")
        barrier = Answer("", False, S("say why it may go below the barrier"), "invalid")
        stage.world.client.answers.append(barrier)
        await stage.press("enter", "enter")
        await stage.sees("you are on record")
        assert not stage.commands
        await stage.press("y")
        await stage.sees("say why it may go below the barrier")
        await stage.type("yes it may")
        await stage.press("enter")
        await stage.sent(
            Approve(run="run1", step="drop", digest="d3"),
            Approve(run="run1", step="drop", digest="d3", reason="yes it may"),
        )
        await stage.closed()


async def test_an_approval_of_another_command_is_over(offering: Any) -> None:
    async with offering(APPROVE) as stage:
        stage.world.client.answers.append(Answer("", False, S("not the one that was shown"), "stale"))
        await stage.press("enter", "y")
        await stage.sees("not the one that was shown")
        await stage.press("y")
        assert len(stage.commands) == 1


@pytest.mark.parametrize(
    ("offer", "key", "shown", "command"),
    [
        (OBJECT, "ctrl+k", "announced by bo", Object(run="run1", step="drop", reason="no")),
        (ACCEPT, "enter", "v43 serves, v42 was applied last", Accept(run="run1", step="rung2", reason="no")),
        (TAKE_OVER, "enter", "bo since 10:55", TakeOver(run="run1", reason="no", holder=TAKE_OVER.holder)),
    ],
)
async def test_what_nobody_does_without_a_reason(
    offering: Any, offer: Offer, key: str, shown: str, command: Any
) -> None:
    async with offering(offer, END) as stage:
        await stage.press(key)
        await stage.sees(shown)
        await stage.press("enter")
        await stage.sees("Say ")
        assert not stage.commands
        await stage.type("no")
        await stage.press("enter")
        await stage.sent(command)
        await stage.closed()


async def test_an_announced_command_is_kept_back_by_ctrl_k_and_enter_says_so(offering: Any) -> None:
    async with offering(OBJECT, size=(160, 45)) as stage:
        await stage.sees("runs at 10:59 unless somebody objects; ctrl+k objects")
        await stage.press("enter")
        await stage.sees("It runs by itself unless somebody objects")
        assert not isinstance(stage.app.screen, Modal)


async def test_a_series_is_stopped_between_its_batches(
    play: Any, mid_incident: Callable[..., tuple[Any, ...]], offers: dict[str, Offer]
) -> None:
    stop = Offer(
        action="stop", step="restore.override", attempt="a2", title=S("Drain"), said=S("batch 7 of at most 50")
    )
    views = []
    for view in mid_incident(stop):
        if isinstance(view, RunView):
            steps = tuple(
                changed(step, word=S("in batches"), words=S("batch 7 of at most 50, queue-depth DOWN: depth 4312"))
                if step.active else step for step in view.steps
            )  # fmt: skip
            view = changed(view, steps=steps)
        views.append(view)
    async with play(*views, size=(160, 45)) as stage:
        await stage.sees("batch 7 of at most 50, queue-depth DOWN: depth 4312")
        await stage.sees("the next batch follows by itself; ctrl+k stops the series")
        await stage.press("ctrl+k")
        await stage.sees("Stop the series? No further batch is run.")
        await stage.press("y")
        await stage.sent(StopAttempt(run="run1", attempt="a2"))


async def test_a_look_that_needs_no_confirmation_goes_at_once(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(changed(offers["run"], at_once=True, env=())) as stage:
        await stage.press("enter")
        await stage.sent(Confirm(run="run1", step="restore.override", digest="d1"))
        assert not isinstance(stage.app.screen, Modal)


async def test_a_look_that_needs_a_secret_does_not(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(changed(offers["run"], at_once=True, secrets=("token",))) as stage:
        await stage.press("enter")
        await stage.sees("Secret token")
        assert not stage.commands


async def test_why_it_was_decided_so_goes_on_record(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(changed(offers["choose"], until=UNTIL, said=S("Is the mend known?"))) as stage:
        await stage.press("enter")
        await stage.sees("decide by 10:59")
        await stage.sees("Is the mend known?")
        await stage.press("enter")
        await stage.sees("Turned down    Go forward with a fix")
        await stage.press("tab")
        await stage.type("safer")
        await stage.press("enter")
        await stage.sent(Choose(run="run1", step="which", option="back", why="safer"))


async def test_what_an_older_engine_does_not_know_is_never_sent(offering: Any, secretive: Offer) -> None:
    async with offering(changed(secretive, secrets=("token",)), version=1, size=(160, 45)) as stage:
        await stage.sees("E new engine")
        await stage.press("enter")
        await stage.type("abc")
        await stage.press("enter")
        await stage.sees("does not know how: E restarts it")
        assert not stage.commands


async def test_what_an_older_engine_knows_is_sent(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(changed(offers["run"], env=()), version=1) as stage:
        await stage.press("enter", "y")
        await stage.sent(Confirm(run="run1", step="restore.override", digest="d1"))


async def test_a_terminal_that_only_looks_says_why_not_on_every_acting_key(play: Any) -> None:
    async with play(read_only=True, size=(80, 24)) as stage:
        await stage.sees(" READ ONLY ")
        for key in "luspnrRxotTmfE":
            await stage.press(key)
            await stage.sees("this terminal only looks")
            assert not isinstance(stage.app.screen, Modal), key
            stage.app.board.message._fall_silent()
        for key in ("enter", "ctrl+k"):
            await stage.press(key)
            await stage.sees("this terminal only looks")
            stage.app.board.message._fall_silent()
        assert not stage.commands


@pytest.mark.parametrize("keys", ["at", "ae", "as", "cx", "cm", "it", "ip", "ir"])
async def test_nor_does_it_act_on_any_other_screen(play: Any, keys: str) -> None:
    async with play(read_only=True, size=(120, 40)) as stage:
        await stage.press(keys[0])
        await stage.until(lambda: isinstance(stage.app.screen, Modal))
        screen = stage.app.screen
        await stage.still()
        await stage.press(keys[1])
        if keys != "at":
            await stage.sees("this terminal only looks")
        assert stage.app.screen is screen and not stage.commands


async def test_who_only_looks_is_told_what_the_run_waits_for(play: Any) -> None:
    async with play(read_only=True, size=(160, 45), hints=True) as stage:
        await stage.sees("waits for somebody:  run  svcctl redeploy auth")
        assert "x  undo" not in stage.text and "Enter  run" not in stage.text
        await stage.sees("this terminal changes nothing")


async def test_a_read_only_terminal_sends_nothing_even_from_a_form_of_before(play: Any) -> None:
    async with play() as stage:
        await stage.press("n")
        await stage.type("abc")
        stage.app.frame.read_only = True
        await stage.press("enter")
        await stage.sees("this terminal only looks")
        assert not stage.commands


async def test_nothing_is_confirmed_in_a_window_too_small_to_see_it(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(offers["run"], size=(50, 12)) as stage:
        await stage.press("enter", "y")
        await stage.until(
            lambda: "Make the window larger first" in str(stage.app.screen.query_one("#refusal").render())
        )
        assert not stage.commands
