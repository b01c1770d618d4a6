"""The cockpit as a person meets it: keys in, commands out, panes drawn at every size."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from textual.widgets import Input

from cockpit.protocol.commands import (
    AnyCommand,
    Choose,
    Confirm,
    Declare,
    EndRun,
    FinishStep,
    Need,
    Note,
    Release,
    Resolve,
    SetImpact,
    SetSeverity,
    SetStatus,
    Settle,
    Skip,
    StartRun,
    StopAttempt,
    TakeRole,
    Update,
)
from cockpit.protocol.messages import Answer
from cockpit.protocol.views import HeaderView, Offer
from cockpit.text import SafeText
from cockpit.tui.screens.cockpit import GOODBYE_DRILL
from cockpit.tui.screens.modal import GONE, Modal
from cockpit.tui.widgets.reading import Reading

S = SafeText
SEEN = ("INC-7", 14)
NOON = 1_772_625_600_000_000


Play = Callable[..., Any]


# --- what is drawn


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (120, 40), (160, 45), (60, 15), (200, 60)])
async def test_the_worst_the_promise_and_the_next_step_are_always_in_sight(play: Play, size: tuple[int, int]) -> None:
    async with play(size=size) as stage:
        for words in ("SEV1", "next update in 6 m", "1 DOWN", "Enter  run", "mitigating", "DRILL"):
            await stage.sees(words)
        for pane in "23451":
            await stage.press(pane)
            await stage.sees("SEV1")


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (1, 1), (59, 40), (100, 14)])
async def test_a_window_too_small_says_so_and_still_what_matters_most(play: Play, size: tuple[int, int]) -> None:
    async with play(size=size) as stage:
        if size[0] >= 40:
            for words in ("SEV1", "next update", "1 DOWN", "make the window larger"):
                await stage.sees(words)
        await stage.press("enter", "escape", "d", "escape", "question_mark", "escape", "5", "j", "G")


async def test_resizing_back_and_forth_loses_nothing(play: Play) -> None:
    async with play(size=(160, 45)) as stage:
        await stage.sees("p95")
        for size in ((40, 10), (80, 24), (160, 45)):
            await stage.pilot.resize_terminal(*size)
        for words in ("login-synthetic", "10:58:20", "1 difference", "Needed: ada"):
            await stage.sees(words)


async def test_the_due_clock_turns_from_calm_to_overdue(play: Play) -> None:
    async with play() as stage:
        await stage.sees("next update in 6 m")
        stage.world.clock.seconds += 5 * 60
        await stage.sees("next update in 1 m")
        stage.world.clock.seconds += 5 * 60
        await stage.sees("OVERDUE 3 m")


async def test_without_an_incident_it_is_calm_and_hints_at_declaring(play: Play, mid_incident: Any) -> None:
    quiet = HeaderView(stream="watch", head=4, open=False, profile=S("drill"))
    async with play(quiet, mid_incident()[1], hints=True) as stage:
        await stage.sees("No incident is open")
        await stage.sees("d  declare the incident: auth is down")
        await stage.press("u")
        await stage.sees("No incident is open: d declares one.")
        assert not isinstance(stage.app.screen, Modal)


async def test_every_key_is_in_the_help_and_every_action_in_the_palette(play: Play, leaderless: Any) -> None:
    async with play(*leaderless, size=(160, 90)) as stage:
        await stage.press("question_mark")
        for words in ("Resolve the incident", "Undo the last step", "Ctrl+P", "Detach"):
            await stage.sees(words)
        await stage.press("escape", "ctrl+p")
        await stage.type("take the lead")
        await stage.pilot.pause(0.3)
        await stage.press("enter", "enter")
        await stage.sent(TakeRole())


async def test_a_repaint_while_the_screen_is_taken_apart_is_no_fault(play: Play) -> None:
    async with play(size=(160, 45)) as stage:
        await stage.sees("SEV1")
        await stage.app.board.remove_children()
        stage.app.board.paint()
        stage.app.board.touch()
        await stage.pilot.pause(0.3)


async def test_the_way_back_from_the_help_is_in_sight_on_a_small_screen(play: Play) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("question_mark")
        await stage.sees("Declare an incident")
        await stage.sees("Esc back")


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_an_alarm_is_cut_rather_than_left_out(play: Play, mid_incident: Any, size: tuple[int, int]) -> None:
    header, *others = mid_incident()
    alarm = SafeText("checkpoints stopped by a fault of the cockpit: TypeError; see " + "x" * 100)
    async with play(msgspec.structs.replace(header, alarms=(alarm,)), *others, size=size) as stage:
        await stage.sees("checkpoints stopped")


@pytest.mark.parametrize(("size", "reasons"), [((80, 24), 1), ((160, 45), 2)])
async def test_what_nobody_is_told_stands_before_the_reasons_for_it(
    play: Play, mid_incident: Any, size: tuple[int, int], reasons: int
) -> None:
    header, *others = mid_incident()
    alarms = tuple(SafeText(f"{name} cannot be reached (the connection to Slack broke)") for name in ("ops", "second"))
    down = msgspec.structs.replace(header, alarms=alarms, delivery=SafeText("ops DOWN, NOT SENT"), delivery_tone="bad")
    async with play(down, *others, size=size) as stage:
        await stage.sees("ops DOWN, NOT SENT")
        second = stage.text.splitlines()[1]
        assert [word in second for word in ("ops can", "second can")].count(True) == reasons


async def test_two_alarms_leave_the_freeze_in_sight(play: Play) -> None:
    alarms = (SafeText("pipelines refuse the freeze: not signed"), SafeText("alerts of alertmanager: refused, " * 3))
    quiet = HeaderView(
        stream="watch",
        head=4,
        open=False,
        profile=SafeText("default"),
        freeze=SafeText("ci"),
        freeze_until=1_772_640_000_000_000,
        alarms=alarms,
    )
    async with play(quiet, size=(80, 24)) as stage:
        await stage.sees("FREEZE ci")
        second = stage.text.splitlines()[1]
        assert "pipelines refuse" in second and "alerts of alert" in second


async def test_without_an_incident_the_run_says_what_comes_first(play: Play) -> None:
    async with play(HeaderView(stream="watch", head=4, open=False, profile=SafeText("drill")), size=(160, 45)) as stage:
        await stage.sees("No run. d declares an incident")


async def test_how_to_start_a_runbook_is_among_the_keys(play: Play, mid_incident: Any) -> None:
    async with play(*mid_incident()[:2], size=(80, 24)) as stage:
        await stage.until(lambda: "r runbook" in stage.text.splitlines()[-1])


async def test_words_in_passing_cover_nothing_and_move_nothing(play: Play) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.sees("next update in 6 m")
        before = stage.text.splitlines()
        await stage.press("ctrl+k")
        await stage.sees("No command is running.")
        after = stage.text.splitlines()
        assert [place for place, line in enumerate(after) if line != before[place] and place > 1] == [22]


async def test_words_too_long_for_that_come_up_below_the_header(play: Play) -> None:
    async with play(size=(80, 24)) as stage:
        stage.app.board.tell("word " * 30)
        await stage.sees("word word")
        lines = stage.text.splitlines()
        assert "SEV1" in lines[0] and not any("word" in line for line in lines[17:])


async def test_a_resolved_incident_says_so_with_what_it_lasted(play: Play, mid_incident: Any) -> None:
    ended = HeaderView(
        stream="INC-7", head=14, open=False, profile=S("p"), title=S("Logins fail"), severity="SEV1",
        status="resolved", began=NOON, ended=NOON + 2_232_000_000,
    )  # fmt: skip
    async with play(ended, mid_incident()[1], size=(80, 24), hints=True) as stage:
        await stage.sees("RESOLVED after 00:37:12")
        await stage.sees("cockpit report INC-7")


async def test_output_stays_with_the_step_that_printed_it(play: Play, mid_incident: Any) -> None:
    header, services, run, output, *_ = mid_incident()
    look = msgspec.structs.replace(run.steps[2], active=False, word=S("ok"))
    ahead = msgspec.structs.replace(run.steps[3], active=True, command=S("svcctl redeploy"))
    now = msgspec.structs.replace(run, steps=(*run.steps[:2], look, ahead))
    async with play(header, services, now, output, size=(160, 45)) as stage:
        await stage.sees("1 difference")
        assert stage.text.index("1 difference") < stage.text.index("$ svcctl redeploy")


# --- what is asked, and sent


async def test_declare(play: Play, mid_incident: Any) -> None:
    quiet = HeaderView(stream="watch", head=4, open=False, profile=S("drill"))
    async with play(quiet) as stage:
        await stage.press("d", "enter")
        await stage.sees("Say in a few words what is wrong.")
        await stage.type("Logins fail")
        await stage.press("tab", "right", "tab")
        await stage.type("everybody")
        await stage.press("enter")
        await stage.sent(Declare(title="Logins fail", severity="SEV2", impact="everybody"))
        assert stage.commands[0][1] == ("watch", 4)
        await stage.closed()


async def test_claim(play: Play, leaderless: Any) -> None:
    async with play(*leaderless) as stage:
        await stage.press("l")
        await stage.sent(TakeRole())
        assert stage.commands[0][1] == SEEN


async def test_note(play: Play) -> None:
    async with play() as stage:
        await stage.press("n")
        await stage.type("db is fine")
        await stage.press("enter")
        await stage.sent(Note(text="db is fine"))


async def test_update_starts_from_the_drafts(play: Play) -> None:
    async with play() as stage:
        await stage.press("u")
        await stage.sees("Comparing staging and prod.")
        await stage.press("tab", "tab", "tab", "right", "enter")
        await stage.sent(
            Update(
                know="80 % of logins fail since 10:50.",
                doing="Comparing staging and prod.",
                unknown="Why the rollback had no effect.",
                status="monitoring",
            )
        )


@pytest.mark.parametrize("typed", ["Sessions are back", "Sessions are back."])
async def test_what_is_typed_comes_before_the_draft_and_does_not_stick_to_it(play: Play, typed: str) -> None:
    async with play() as stage:
        await stage.press("u")
        await stage.sees("Comparing staging and prod.")
        await stage.type(typed)
        await stage.press("tab", "delete", "enter")
        await stage.sent(
            Update(
                know="Sessions are back. 80 % of logins fail since 10:50.",
                doing="Comparing staging and prod.",
                unknown="Why the rollback had no effect.",
            )
        )


async def test_a_draft_can_be_changed_or_done_away_with(play: Play) -> None:
    async with play() as stage:
        await stage.press("u")
        await stage.sees("Comparing staging and prod.")
        await stage.press("f7")
        await stage.type("All is well")
        await stage.press("tab", "down", "end")
        await stage.type(" Slowly.")
        await stage.press("enter")
        await stage.sent(
            Update(
                know="All is well",
                doing="Comparing staging and prod. Slowly.",
                unknown="Why the rollback had no effect.",
            )
        )


async def test_state_sends_only_what_changed_one_after_the_other(play: Play) -> None:
    async with play() as stage:
        stage.world.client.answers += [Answer("", True, S("ok"), stream="INC-7", seq=15)]
        await stage.press("s", "enter")
        await stage.sees("Nothing has been changed.")
        await stage.press("left", "tab", "right", "tab")
        await stage.type("known")
        await stage.press("tab")
        await stage.type("half")
        await stage.press("tab")
        await stage.type("checkout, search")
        await stage.press("enter")
        await stage.sent(
            SetStatus(status="identified", why="known"),
            SetSeverity(severity="SEV2", why="known"),
            SetImpact(impact="half", unaffected=("checkout", "search")),
        )
        assert [seen for _, seen in stage.commands[:2]] == [SEEN, ("INC-7", 15)]


async def test_a_trusted_runbook_starts(play: Play) -> None:
    async with play() as stage:
        await stage.press("r")
        await stage.sees("Drain a zone")
        await stage.press("j", "j", "enter")
        await stage.sees("It cannot be started: line 3: no such step")
        await stage.press("g", "enter")
        await stage.sent(StartRun(runbook="login-flag"))
        await stage.closed()


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_whole_text_of_an_untrusted_runbook_can_be_read_first(play: Play, size: tuple[int, int]) -> None:
    async with play(size=size) as stage:
        await stage.press("r")
        await stage.sees("not trusted yet")
        await stage.press("j", "enter")
        await stage.sees("Trust this runbook?")
        assert "/etc/cockpit/new.yaml" in stage.text and "bb22" in stage.text
        await stage.sees("line 1 of it")
        await stage.until(lambda: isinstance(stage.app.focused, Reading) and stage.app.focused.max_scroll_y > 0)
        await stage.press("G")
        await stage.sees("      line 60 of it")
        await stage.press("enter")
        assert not stage.commands
        await stage.press("y")
        await stage.sent(StartRun(runbook="new", trust="bb22"))


async def test_a_step_is_confirmed_with_all_its_consequences_in_sight(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with play() as stage:
        await stage.press("enter")
        for words in (
            "--without USER_ONBOARDING_BETA",
            "logins pause",
            "--with USER",
            "Not set here   ",
            "NOT_SET_HERE",
        ):
            await stage.sees(words)
        stage.world.client.tell(stage.app.frame.header.__class__(stream="INC-7", head=15, open=True, profile=S("p")))
        await stage.until(lambda: bool(stage.app.frame.header.head == 15))
        monkeypatch.setenv("COCKPIT_DRILL_URL", "http://127.0.0.1:1")
        await stage.press("enter")
        assert not stage.commands
        await stage.press("y")
        env = {"COCKPIT_DRILL_URL": "http://127.0.0.1:1"}
        await stage.sent(Confirm(run="run1", step="restore.override", digest="d1", env=env))
        assert stage.commands[0][1] == SEEN
        await stage.closed()


async def test_a_held_key_confirms_nothing(play: Play) -> None:
    async with play() as stage:
        await stage.press("enter")
        await stage.sees("Run this command?")
        for _ in range(20):
            stage.world.clock.seconds += 0.033
            await stage.pilot.press("enter", "y")
        assert not stage.commands
        await stage.press("y")
        await stage.until(lambda: len(stage.commands) == 1)


async def test_a_destructive_step_wants_its_word_exactly(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(offers["destructive"]) as stage:
        await stage.press("enter", "enter", "y", "enter")
        await stage.sees("Type exactly: drop")
        await stage.press("backspace")
        await stage.type("Drop")
        await stage.press("enter")
        assert not stage.commands
        await stage.press("home", "delete", "d", "enter")
        await stage.sent(Confirm(run="run1", step="drop", digest="d3", typed="drop"))


async def test_undo(play: Play) -> None:
    async with play() as stage:
        await stage.press("x")
        await stage.sees("Undo with this command?")
        await stage.press("y")
        await stage.sent(Confirm(run="run1", step="restore.revert", digest="d2", undo=True))


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("done", FinishStep(run="run1", step="announce")),
        ("stop", StopAttempt(run="run1", attempt="a2")),
        ("end", EndRun(run="run1")),
    ],
)
async def test_a_yes_is_enough(offering: Any, offers: dict[str, Offer], name: str, command: AnyCommand) -> None:
    async with offering(offers["choose"], offers[name]) as stage:
        await stage.press("o", "j", "enter", "y")
        await stage.sent(command)
        await stage.closed()


async def test_while_a_command_runs_enter_stops_nothing(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(offers["stop"], size=(160, 45)) as stage:
        await stage.sees("running 4 s; ctrl+k stops it")
        stage.world.clock.seconds += 13
        await stage.sees("running 17 s; ctrl+k stops it")
        await stage.press("enter")
        await stage.sees("The command is still running; ctrl+k stops it.")
        assert not isinstance(stage.app.screen, Modal)
        await stage.press("ctrl+k")
        await stage.sees("Stop the running command?")
        await stage.press("y")
        await stage.sent(StopAttempt(run="run1", attempt="a2"))


async def test_enter_goes_on_also_where_an_undo_is_suggested(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(offers["undo"], offers["run"], offers["end"]) as stage:
        await stage.sees("x  undo  configctl apply 4711")
        await stage.sees("Enter  run  svcctl redeploy auth")
        await stage.press("enter")
        await stage.sees("Run this command?")


async def test_what_to_know_before_is_in_the_question(offering: Any, offers: dict[str, Offer]) -> None:
    said = msgspec.structs.replace(offers["run"], said=S("that change may not be the cause"))
    async with offering(said) as stage:
        await stage.press("enter")
        await stage.sees("that change may not be the cause")


async def test_somebody_is_asked_for_and_somebody_let_go(play: Play) -> None:
    async with play() as stage:
        await stage.press("p", "enter")
        await stage.sees("Who is needed?")
        await stage.press("enter")
        await stage.sees("Say who.")
        await stage.type("dba")
        await stage.press("tab")
        await stage.type("locks")
        await stage.press("enter")
        await stage.closed()
        await stage.press("p", "G")
        assert "release     ada" in stage.text and "release     dev-3" not in stage.text
        await stage.press("enter")
        await stage.sent(Need(person="dba", reason="locks"), Release(person="ops-2"))


async def test_choose(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(offers["choose"]) as stage:
        await stage.press("enter", "j", "enter")
        await stage.sees("Go forward with a fix")
        assert not stage.commands
        await stage.press("y")
        await stage.sent(Choose(run="run1", step="which", option="on"))


async def test_skip_wants_a_reason(play: Play) -> None:
    async with play() as stage:
        await stage.press("o", "G", "enter", "enter")
        await stage.sees("Say why")
        await stage.type("done by hand")
        await stage.press("enter")
        await stage.sent(Skip(run="run1", step="restore.override", reason="done by hand"))


async def test_settle(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(offers["settle"]) as stage:
        await stage.press("enter", "tab")
        await stage.type("looked")
        await stage.press("enter")
        await stage.sees("Choose what became of it")
        await stage.press("shift+tab", "right", "right", "enter")
        await stage.sent(Settle(run="run1", attempt="a1", verdict="no_effect", reason="looked"))


async def test_to_go_on_after_what_ran_is_not_called_a_skip(offering: Any, offers: dict[str, Offer]) -> None:
    async with offering(msgspec.structs.replace(offers["skip"], began=True)) as stage:
        await stage.sees("o  go on after  ")
        await stage.press("o")
        await stage.sees("go on after")
        await stage.press("enter")
        await stage.sees("Why it can stay as it is")
        assert "skip" not in stage.text.lower()


async def test_what_is_done_by_hand_is_read_whole_before_it_is_marked(offering: Any) -> None:
    words = "\n".join(f"{number}. turn it" for number in range(1, 6))
    async with offering(Offer("done", step="announce", title=S("By hand"), manual=S(words))) as stage:
        await stage.press("enter")
        await stage.sees("5. turn it")
        assert "By hand" in stage.text


async def test_resolve_lists_what_stands_against_it_and_asks_why(play: Play) -> None:
    async with play() as stage:
        against = "login-synthetic is down\n1 step can still be undone"
        stage.world.client.answers.append(Answer("", False, S(against), "unmet"))
        await stage.press("R")
        await stage.type("fixed")
        await stage.press("enter")
        await stage.sees("1 step can still be undone")
        await stage.press("enter")
        await stage.sees("give a reason")
        await stage.type("moved elsewhere")
        await stage.press("enter")
        await stage.sent(Resolve(note="fixed"), Resolve(note="fixed", override="moved elsewhere"))
        await stage.closed()


# --- refusals, losses, leaving


async def test_a_refusal_is_shown_and_what_was_typed_stays(play: Play) -> None:
    async with play() as stage:
        stage.world.client.answers.append(Answer("", False, S("the incident moved on"), "stale"))
        await stage.press("n")
        await stage.type("abc")
        stage.world.client.tell(HeaderView(stream="INC-7", head=20, open=True, profile=S("p")))
        await stage.until(lambda: bool(stage.app.frame.header.head == 20))
        await stage.press("enter")
        await stage.sees("the incident moved on")
        assert stage.app.screen.query_one("#text", Input).value == "abc"
        await stage.press("enter")
        await stage.until(lambda: len(stage.commands) == 2)
        assert [seen for _, seen in stage.commands] == [SEEN, ("INC-7", 20)]


async def test_a_refused_confirmation_is_over(play: Play) -> None:
    async with play() as stage:
        stage.world.client.answers.append(Answer("", False, S("another command now"), "not_offered"))
        await stage.press("enter", "y")
        await stage.sees("another command now")
        await stage.press("y", "y")
        assert len(stage.commands) == 1


async def test_a_command_without_an_answer_goes_again_under_its_own_id(play: Play) -> None:
    async with play() as stage:
        stage.world.client.answers.append(ConnectionError("gone"))
        await stage.press("n")
        await stage.type("abc")
        await stage.press("enter")
        await stage.sees(GONE[:40])
        await stage.press("enter")
        await stage.closed()
        first, second = stage.world.client.ids
        assert first == second


async def test_it_attaches_again_when_the_engine_is_gone(play: Play, leaderless: Any) -> None:
    async with play(*leaderless) as stage:
        stage.world.refuse = True
        stage.world.client.tell(None)
        await stage.sees("reconnecting")
        await stage.press("l")
        await stage.sees("The engine is gone")
        stage.world.refuse = False
        await stage.until(lambda: stage.world.connects == 2)
        await stage.until(lambda: "reconnecting" not in stage.text)


async def test_ctrl_c_only_says_how_to_leave(play: Play) -> None:
    async with play() as stage:
        await stage.press("ctrl+c")
        await stage.sees("q detaches")
        assert stage.app.is_running


@pytest.mark.parametrize("key", ["q", "ctrl+d", "ctrl+q"])
async def test_leaving(play: Play, key: str) -> None:
    async with play() as stage:
        await stage.press(key)
        await stage.until(lambda: bool(stage.app._exit))
        assert stage.app.return_code == 0


async def test_who_leaves_a_drill_is_not_told_that_its_engine_goes_on(play: Play) -> None:
    async with play() as stage:
        await stage.press("q")
        await stage.until(lambda: bool(stage.app._exit_renderables))
        assert stage.app._exit_renderables == [GOODBYE_DRILL]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_leaves_in_order(play: Play, number: signal.Signals) -> None:
    async with play() as stage:
        os.kill(os.getpid(), number)
        await stage.until(lambda: bool(stage.app._exit))
        assert stage.app.return_code == 0


async def test_a_fault_is_told_and_the_cockpit_goes_on(
    new_world: Callable[..., Any], new_stage: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, leaderless: Any
) -> None:
    world = new_world(*leaderless)
    async with world.app.run_test(size=(120, 40), notifications=True) as pilot:
        stage = new_stage(world, pilot)
        await stage.sees("SEV1")

        async def broken(*_: object) -> Awaitable[None]:
            raise RuntimeError("[/x] broken")

        monkeypatch.setattr(world.app.desk, "do", broken)
        await stage.press("l")
        await stage.sees("RuntimeError: [/x] broken")
        monkeypatch.undo()
        await stage.press("l")
        await stage.sent(TakeRole())
