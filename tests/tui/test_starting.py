"""Starting a runbook: values asked in a form, a lock taken over with a reason only, an edited text seen as a diff."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.protocol.commands import StartRun
from cockpit.protocol.messages import Answer, Runbooks
from cockpit.protocol.views import ParamView, RunbookView
from cockpit.text import SafeText
from cockpit.tui.screens.modal import Modal
from cockpit.tui.widgets.reading import signed

S = SafeText
PARAMS = (
    ParamView("release", S("Release to go back to"), default=S("v41")),
    ParamView("batch", S("Messages in one batch"), "integer", required=True),
    ParamView("zone", S("Zone"), options=(S("north"), S("south")), required=True),
    ParamView("drain", S("Drain it first"), "boolean", default=S("false")),
)
HELD = S("bo since 10:02 (Roll back the login flag)")


def runbook(**more: Any) -> RunbookView:
    fields: dict[str, Any] = {
        "id": "queue", "title": S("Drain the queue"), "service": S("auth"), "path": S("/etc/cockpit/queue.yaml"),
        "digest": "dd44", "trusted": True,
    }  # fmt: skip
    return RunbookView(**{**fields, **more})


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_values_are_asked_for_and_sent(play: Any, size: tuple[int, int]) -> None:
    async with play(size=size, runbooks=(runbook(params=PARAMS),)) as stage:
        await stage.press("r", "enter")
        for words in ("Start: Drain the queue", "Release to go back to", "v41", "(a whole number)", "not chosen"):
            await stage.sees(words)
        await stage.press("enter")
        await stage.sees("Give a value: Messages in one batch")
        await stage.press("backspace", "tab")
        await stage.type("50")
        await stage.press("enter")
        await stage.sees("Choose a value: Zone")
        await stage.press("tab", "right", "right", "tab", "left", "enter")
        values = {"release": "v4", "batch": "50", "zone": "south", "drain": "true"}
        await stage.sent(StartRun(runbook="queue", params=values))
        await stage.closed()


async def test_what_the_engine_says_against_values_stands_under_them_and_nothing_typed_is_lost(play: Any) -> None:
    async with play(runbooks=(runbook(params=PARAMS[:2]),)) as stage:
        refusal = "release does not match v[0-9]+; batch is a whole number"
        stage.world.client.answers.append(Answer("", False, S(refusal), "invalid"))
        await stage.press("r", "enter", "tab")
        await stage.type("some")
        await stage.press("enter")
        await stage.sees(refusal)
        assert "v41" in stage.text and "some" in stage.text
        await stage.press(*["backspace"] * 4)
        await stage.type("5")
        await stage.press("enter")
        await stage.closed()
        assert [each for each, _ in stage.commands][-1] == StartRun(
            runbook="queue", params={"release": "v41", "batch": "5"}
        )


async def test_a_default_that_was_wiped_out_is_not_taken_silently(play: Any) -> None:
    async with play(runbooks=(runbook(params=PARAMS[:1]),)) as stage:
        await stage.press("r", "enter", "backspace", "backspace", "backspace", "enter")
        await stage.sees("Give a value: Release to go back to")
        assert not stage.commands


async def test_many_words_scroll_by_and_the_chosen_one_is_in_sight(play: Any) -> None:
    zones = tuple(S(f"zone-{number:02d}") for number in range(30))
    async with play(size=(80, 24), runbooks=(runbook(params=(ParamView("zone", S("Zone"), options=zones),)),)) as stage:
        await stage.press("r", "enter")
        await stage.sees("zone-00")
        assert "zone-29" not in stage.text and " >" in stage.text
        await stage.press(*["right"] * 30)
        await stage.sees("zone-29")
        assert "zone-00" not in stage.text and "< " in stage.text
        await stage.press("left", "enter")
        await stage.sent(StartRun(runbook="queue", params={"zone": "zone-28"}))


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_a_lock_is_taken_over_with_a_reason_only(play: Any, size: tuple[int, int]) -> None:
    async with play(size=size, runbooks=(runbook(holder=HELD),)) as stage:
        await stage.press("r")
        await stage.sees("auth is worked on by bo since 10:02 (Roll back the login flag)")
        await stage.press("enter")
        await stage.sees("Take it over all the same: why, and who agreed")
        await stage.press("enter")
        await stage.sees("say why you take it over, or Esc")
        assert not stage.commands
        await stage.type("bo agreed")
        await stage.press("enter")
        await stage.sent(StartRun(runbook="queue", take_over="bo agreed", holder=HELD))


async def test_a_lock_that_was_taken_meanwhile_is_shown_and_what_was_typed_stays(play: Any) -> None:
    async with play(runbooks=(runbook(params=PARAMS[:1]),)) as stage:
        client = stage.world.client
        client.answers.append(Answer("", False, S("auth is worked on by bo"), "not_offered"))
        await stage.press("r", "enter")
        await stage.sees("v41")
        assert "Take it over" not in stage.text
        await stage.type("2")
        client.runbooks = Runbooks((runbook(params=PARAMS[:1], holder=HELD),))
        await stage.press("enter")
        await stage.sees("Take it over")
        await stage.press("tab")
        await stage.type("ok")
        await stage.press("enter")
        await stage.closed()
        assert [each for each, _ in stage.commands][-1] == StartRun(
            runbook="queue", params={"release": "v412"}, take_over="ok", holder=HELD
        )


async def test_the_list_shows_who_took_the_lock_when_a_start_was_refused(play: Any) -> None:
    async with play(runbooks=(runbook(id="other", path=S("/a.yaml"), title=S("Another")), runbook())) as stage:
        client = stage.world.client
        client.answers.append(Answer("", False, S("auth is worked on by bo"), "not_offered"))
        await stage.press("r")
        await stage.sees("Drain the queue")
        client.runbooks = Runbooks((client.runbooks.runbooks[0], runbook(holder=HELD)))
        await stage.press("j", "enter")
        await stage.sees("since 10:02")
        await stage.press("enter")
        await stage.sees("Start: Drain the queue")


DIFF = tuple(
    S(each)
    for each in (
        "--- queue.yaml (trusted)", "+++ queue.yaml (now)", "@@ -1,3 +1,3 @@", " title: Drain",
        "-  run: queuectl drain 10", "+  run: queuectl drain --all", " end",
    )
)  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_an_edited_runbook_shows_what_is_new_in_it(play: Any, size: tuple[int, int]) -> None:
    edited = runbook(trusted=False, source=(S("the whole text"),), diff=DIFF)
    async with play(size=size, runbooks=(edited,)) as stage:
        await stage.press("r")
        await stage.sees("edited")
        await stage.press("enter")
        for words in ("lines +1 -1", "-   run: queuectl drain 10", "+   run: queuectl drain --all"):
            await stage.sees(words)
        assert "the whole text" not in stage.text
        await stage.press("y")
        await stage.sent(StartRun(runbook="queue", trust="dd44"))


async def test_after_the_trust_come_values_and_lock_in_one_start(play: Any) -> None:
    edited = runbook(trusted=False, source=(S("the whole text"),), params=PARAMS[:1], holder=HELD)
    async with play(runbooks=(edited,)) as stage:
        await stage.press("r", "enter")
        await stage.sees("the whole text")
        await stage.press("y")
        await stage.sees("Take it over")
        assert not stage.commands
        await stage.press("tab")
        await stage.type("ok")
        await stage.press("enter")
        start = StartRun(runbook="queue", trust="dd44", params={"release": "v41"}, take_over="ok", holder=HELD)
        await stage.sent(start)
        await stage.until(lambda: not isinstance(stage.app.screen, Modal))


def test_a_line_of_the_text_that_looks_like_a_head_of_the_diff_keeps_its_sign() -> None:
    heads = ("--- a (trusted)", "+++ a (now)", "@@ -1 +1,2 @@")
    diff = (*heads, "--- gone", "+++ evil", "+@@ -0,0 +0,0 @@", "--- b (trusted)")
    assert list(signed(diff)) == [
        ("", "--- a (trusted)"), ("", "+++ a (now)"), ("", "@@ -1 +1,2 @@"), ("-", "-- gone"), ("+", "++ evil"),
        ("+", "@@ -0,0 +0,0 @@"), ("", "--- b (trusted)"),
    ]  # fmt: skip


def test_a_line_that_came_in_pieces_is_one() -> None:
    diff = ("@@ -0,0 +1,2 @@", "+abc", "\\def", "\\-ghi", "+j")
    assert list(signed(diff)) == [("", "@@ -0,0 +1,2 @@"), ("+", "abcdef-ghi"), ("+", "j")]


async def test_a_long_line_of_a_diff_is_not_taken_for_two(play: Any) -> None:
    long = S("+" + "x" * 70 + " - name: y")
    edited = runbook(trusted=False, diff=(S("@@ -0,0 +1 @@"), long))
    async with play(runbooks=(edited,)) as stage:
        await stage.press("r", "enter")
        await stage.sees("+…")
