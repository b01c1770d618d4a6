"""The run as it is drawn: sections, deadlines, roles, health, a lost lock; a long run keeps its step in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.protocol.views import Offer, OutputView, RunView, StepView
from cockpit.text import SafeText
from cockpit.tui import words

S = SafeText
NOW = 1_772_621_920 * SECOND
"""10:58:40, the screen's moment."""
OFFER = Offer(action="choose", step="decide", title=S("Fix or revert"), until=NOW + 250 * SECOND)


def step(ident: str, number: int, **more: Any) -> StepView:
    fields: dict[str, Any] = {
        "id": ident, "number": str(number), "title": S(f"Do {ident}"), "word": S("to do"), "tone": "muted",
        "effect": "read",
    }  # fmt: skip
    return StepView(**{**fields, **more})


STEPS = (
    step("announce", 1, word=S("ok"), tone="good", section=S("contain"), role=S("communications")),
    step("decide", 2, word=S("decide"), tone="act", section=S("contain"), active=True, until=NOW + 250 * SECOND),
    step("look", 3, section=S("verify")),
    step("count", 4, section=S("reconcile"), role=S("operations")),
    step("write", 5, section=S("follow up")),
)


@pytest.fixture
def running(play: Any, mid_incident: Callable[..., tuple[Any, ...]]) -> Any:
    """Plays this run beside all else as it is mid-incident."""

    def running(run: RunView, *, output: OutputView | None = None, **more: Any) -> Any:
        views = [view for view in mid_incident() if not isinstance(view, RunView | OutputView)]
        return play(*views, run, *([output] if output else []), **more)

    return running


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_sections_head_their_steps_and_the_deadline_is_in_words(running: Any, size: tuple[int, int]) -> None:
    run = RunView("run1", S("Roll back"), steps=STEPS, offers=(OFFER,))
    async with running(run, size=size) as stage:
        await stage.press("3")
        await stage.sees("decide by 11:02, 4:")
        lines = stage.text.splitlines()
        heads = [next(n for n, each in enumerate(lines) if f" {head} " in each[:40]) for head in (
            "CONTAIN", "VERIFY", "RECONCILE", "FOLLOW UP"
        )]  # fmt: skip
        assert heads == sorted(heads)
        assert {each.index(each.strip()[0]) for each in (lines[n][:40] for n in heads)} == {1}
        assert "Do announce  communications" in stage.text and "Do count  operations" in stage.text
        assert "step 2 of 5" in stage.text
        stage.world.clock.seconds += 400
        await stage.sees("decide by 11:02: OVERDUE 2 m, decide now")


async def test_what_is_true_of_the_whole_run_stands_above_what_to_do_next(running: Any) -> None:
    run = RunView(
        "run1", S("Roll back"), steps=STEPS, offers=(OFFER,), lock=S("taken over by bo: drain"),
        health=S("worse since step 4; rollback ready: x"), health_tone="bad",
    )  # fmt: skip
    async with running(run, size=(80, 24)) as stage:
        await stage.sees("LOCK LOST")
        await stage.press("3")
        for words_ in ("LOCK LOST  taken over by bo: drain", "worse since step 4; rollback ready: x", "Enter  decide"):
            await stage.sees(words_)


@pytest.mark.parametrize("size", [(80, 24), (80, 30), (160, 45)])
@pytest.mark.parametrize("place", [1, 12, 30])
async def test_a_long_run_keeps_its_step_in_sight(running: Any, size: tuple[int, int], place: int) -> None:
    steps = tuple(
        step(f"s{n:02d}", n, section=S("contain" if n < 15 else "verify"), active=n == place, command=S(f"run-{n}"),
             undo=S(f"undo-{n}"), since=NOW - (40 - n) * SECOND if n <= place else 0)
        for n in range(1, 31)
    )  # fmt: skip
    offer = Offer(action="run", step=f"s{place:02d}", title=S("t"), command=S(f"run-{place}"))
    run = RunView("run1", S("Long"), steps=steps, offers=(offer,), attempt="a", undo_depth=3, printed=f"s{place:02d}")
    output = OutputView("a", 9, S("\n".join(f"printed {n}" for n in range(40))))
    async with running(run, output=output, size=size) as stage:
        await stage.press("3")
        for words_ in (
            f"Do s{place:02d}",
            f"$ run-{place}",
            f"undo: undo-{place}",
            "printed 39",
            f"step {place} of 30",
        ):
            await stage.sees(words_)
        if place == 30:
            assert "more below" not in stage.text
        await stage.press("g")
        await stage.sees("Do s01")
        stage.world.clock.seconds += 3
        await stage.still()
        assert "Do s01" in stage.text, "whoever scrolls is not pulled back by the next second"


async def test_two_steps_that_go_on_do_not_pull_the_reader_back(running: Any) -> None:
    steps = tuple(step(f"s{n:02d}", n, active=n in {20, 21}, word=S("verifying")) for n in range(1, 31))
    async with running(RunView("run1", S("Long"), steps=steps), size=(80, 24)) as stage:
        await stage.press("3", "g")
        await stage.sees("Do s01")
        stage.world.clock.seconds += 5
        stage.app.board.paint()
        await stage.still()
        assert "Do s01" in stage.text


async def test_which_rollback_is_ready_is_not_cut_off(running: Any) -> None:
    health = (
        "worse since step 4 (Restore the release before): login-synthetic err 0.2 -> 79.4 %; rollback ready: undo it"
    )
    run = RunView("run1", S("Roll back"), steps=STEPS, offers=(OFFER,), health=S(health), health_tone="bad")
    async with running(run, size=(80, 24)) as stage:
        await stage.press("3")
        await stage.sees("rollback ready: undo it")
        await stage.sees("Enter  decide")


async def test_why_a_step_was_passed_over_stands_beside_it(running: Any) -> None:
    steps = (step("fix", 1, word=S("skipped"), words=S("not needed: chosen was revert")), *STEPS[1:])
    async with running(RunView("run1", S("Roll back"), steps=steps), size=(80, 24)) as stage:
        await stage.press("3")
        await stage.sees("Do fix  not needed: chosen was revert")
        long = S("a title as long as titles ever are in a runbook of this kind")
        stage.world.client.tell(RunView("run1", S("Roll back"), steps=(msgspec.structs.replace(steps[0], title=long),)))
        await stage.sees("a title as long as titles")
        assert "\n       not needed: chosen was revert" in stage.text, "what does not fit beside it stands below"


async def test_a_role_that_does_not_fit_is_left_out_whole(running: Any) -> None:
    long = step("x", 1, title=S("a title as long as titles are in a runbook such"), role=S("communications"))
    async with running(RunView("run1", S("Roll back"), steps=(long,)), size=(80, 24)) as stage:
        await stage.press("3")
        await stage.sees("a title as long as titles are in a runbook such")
        assert "comm" not in stage.text


async def test_nothing_undoes_it_is_said_where_the_step_stands(running: Any) -> None:
    last = step("drop", 1, active=True, undo=S("cannot be undone: sessions are gone"), command=S("drop"))
    async with running(RunView("run1", S("Drop"), steps=(last,)), size=(80, 24)) as stage:
        await stage.press("3")
        await stage.sees("      cannot be undone: sessions are gone")
        assert "undo: cannot" not in stage.text


@pytest.mark.parametrize(
    ("word", "left", "said"),
    [
        ("decide", 250, ("decide by 11:02, 4:10 left", "act")),
        ("decide", 59, ("decide by 10:59, 0:59 left", "warn")),
        ("decide", 0, ("decide by 10:58, 0:00 left", "warn")),
        ("decide", -30, ("decide by 10:58: OVERDUE 30 s, decide now", "bad")),
        ("decide", -130, ("decide by 10:56: OVERDUE 2 m, decide now", "bad")),
        ("announced", 4000, ("objections until 12:05, 1:06:40 left", "act")),
        ("announced", -5, ("objections until 10:58: that is over", "muted")),
        ("verifying", 60, ("", "plain")),
    ],
)
def test_a_deadline_in_words(word: str, left: int, said: tuple[str, str]) -> None:
    assert words.deadline(step("a", 1, word=S(word), until=NOW + left * SECOND), NOW) == said


def test_a_decision_that_is_late_is_so_in_the_strip_too() -> None:
    late = step("a", 1, word=S("decide"), until=NOW - SECOND, active=True, since=NOW - 99 * SECOND)
    assert words.step_timer(late, NOW) == "OVERDUE"
