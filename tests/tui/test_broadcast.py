"""The broadcast on the screen: how it travels, what waits, and one key each to change, hold and send it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cockpit.protocol.commands import Hold, SendNow, SetCadence, Update
from cockpit.protocol.messages import Answer, FetchPreview
from cockpit.protocol.older import OLDER, READ_ONLY
from cockpit.protocol.views import BroadcastView, DestinationView, HeaderView, PreviewView, ToldView, Tone, WaitingView
from cockpit.text import SafeText
from cockpit.tui.screens.modal import Modal
from cockpit.tui.screens.readers import CopyScreen, ReadersScreen

S = SafeText
MINUTE = 60_000_000
NOW = 1_772_621_920_000_000
"""10:58:40, as the mid-incident views have it."""
SLACK = DestinationView(S("slack"), S("unreachable"), "warn", S("no answer"), NOW - 12 * MINUTE, 3, S("hook"))
FILE = DestinationView(S("file"), S("ok"), "good", delivered_at=NOW - MINUTE)
HOOK = DestinationView(S("hook"), S("not used yet"), "muted")
FIRST = WaitingView("u8", S("SEV1: no effect"), True, NOW + 2 * MINUTE, S("no effect. 80 % fail"), S("comparing"))
LAST = WaitingView("u9", S("SEV1: compared"), True, 0, S("compared. 80 % fail"), S("reading"), S("why"))


@pytest.fixture
def telling(play: Any, mid_incident: Any) -> Any:
    """The app at 10:58 with these changes to the broadcast."""

    def telling(*, delivery: str = "chat ok", tone: Tone = "good", size: tuple[int, int] = (120, 40), app: Any = None,
                **changes: Any) -> Any:  # fmt: skip
        views = [
            msgspec.structs.replace(view, **changes)
            if isinstance(view, BroadcastView)
            else msgspec.structs.replace(view, delivery=S(delivery), delivery_tone=tone)
            if isinstance(view, HeaderView)
            else view
            for view in mid_incident()
        ]
        return play(*views, size=size, **(app or {}))

    return telling


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (160, 45)])
async def test_every_destination_says_how_it_stands_and_since_when(telling: Any, size: tuple[int, int]) -> None:
    async with telling(destinations=(SLACK, FILE, HOOK), queued=3, size=size) as stage:
        await stage.press("4")
        await stage.sees("~ slack  unreachable   told 12 m ago   3 wait   to hook")
        await stage.sees("o file   ok            told 1 m ago")
        await stage.sees("? hook   not used yet  never told")
        await stage.sees("#incidents")
        await stage.sees("next update in 6 m")


async def test_trouble_with_the_telling_stays_in_the_header_of_a_small_screen(telling: Any) -> None:
    async with telling(delivery="slack DOWN, to hook", tone="warn", size=(80, 24)) as stage:
        await stage.sees("slack DOWN, to hook")
        assert "slack DOWN, to hook" in stage.text.splitlines()[1]


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_what_waits_and_what_is_held_is_said_with_its_keys(telling: Any, size: tuple[int, int]) -> None:
    async with telling(waiting=(FIRST, LAST, LAST), held_until=NOW + 9 * MINUTE, size=size) as stage:
        await stage.press("4")
        await stage.sees("HELD until 11:07 UTC   h or N lets it go")
        await stage.sees("WAITS  SEV1: no effect   until 11:00")
        await stage.sees("and 1 more")
        await stage.press("1")
        await stage.sees("HELD until 11:07")


async def test_one_key_holds_and_lets_go_and_one_held_down_does_it_once(telling: Any) -> None:
    async with telling() as stage:
        await stage.pilot.press("h", "h", "h")
        await stage.sent(Hold())
        stage.world.client.tell(msgspec.structs.replace(stage.app.frame.broadcast, held_until=NOW + 10 * MINUTE))
        await stage.until(lambda: stage.app.frame.broadcast.held_until)
        await stage.pilot.press("h", "h")
        await stage.press("h")
        await stage.sent(Hold(), SendNow())


async def test_a_hold_that_is_over_is_held_anew(telling: Any) -> None:
    async with telling(held_until=NOW - MINUTE) as stage:
        await stage.press("h")
        await stage.sent(Hold())


async def test_what_waits_is_sent_at_once(telling: Any) -> None:
    async with telling(waiting=(FIRST,)) as stage:
        await stage.sees("send now")
        await stage.press("N")
        await stage.sent(SendNow())


async def test_where_nothing_waits_the_keys_say_so(telling: Any) -> None:
    async with telling() as stage:
        await stage.press("N")
        await stage.sees("Nothing waits and nothing is held.")
        await stage.press("e")
        await stage.sees("No update waits")
        assert not stage.commands


async def test_what_waits_is_edited_and_replaced(telling: Any) -> None:
    async with telling(waiting=(FIRST, LAST)) as stage:
        await stage.press("e")
        await stage.sees("Edit what waits")
        await stage.sees("compared. 80 % fail")
        await stage.type(" still")
        await stage.press("enter")
        await stage.sent(Update(know="compared. 80 % fail still", doing="reading", unknown="why", replaces="u9"))
        await stage.closed()


async def test_an_edit_keeps_the_estimate_of_what_it_replaces(telling: Any) -> None:
    waits = msgspec.structs.replace(LAST, eta=NOW + 30 * MINUTE + 7)
    async with telling(waiting=(waits,), eta=waits.eta, eta_by=S("bo")) as stage:
        await stage.press("e")
        await stage.sees("compared. 80 % fail")
        await stage.press("enter")
        kept = Update(know="compared. 80 % fail", doing="reading", unknown="why", replaces="u9", eta=waits.eta)
        await stage.sent(kept)


async def test_what_is_told_meanwhile_is_not_replaced_and_what_was_typed_stays(telling: Any) -> None:
    async with telling(waiting=(LAST,)) as stage:
        stage.world.client.answers += [Answer("", False, S("told already: sent again, it goes beside it"), "invalid")]
        await stage.press("e")
        await stage.sees("compared. 80 % fail")
        stage.world.client.tell(msgspec.structs.replace(stage.app.frame.broadcast, waiting=()))
        await stage.until(lambda: not stage.app.frame.broadcast.waiting)
        await stage.press("enter")
        await stage.sees("told already")
        await stage.press("enter")
        beside = Update(know="compared. 80 % fail", doing="reading", unknown="why")
        await stage.sent(msgspec.structs.replace(beside, replaces="u9"), beside)


@pytest.mark.parametrize("typed, eta", [("11:20", 1_772_623_200_000_000), ("+30m", NOW + 30 * MINUTE)])
async def test_an_estimate_is_a_time_or_a_length(telling: Any, typed: str, eta: int) -> None:
    async with telling(eta=NOW + MINUTE, eta_by=S("bo")) as stage:
        await stage.press("u")
        await stage.sees("empty withdraws 10:59 of bo")
        await stage.press("tab", "tab", "tab", "tab")
        await stage.type("soon")
        await stage.press("enter")
        await stage.sees("A time such as 11:20")
        await stage.press(*["backspace"] * 4)
        await stage.type(typed)
        await stage.press("enter")
        await stage.until(lambda: stage.commands)
        ((update, _),) = stage.commands
        # The clock of the test goes on by a second a key.
        assert 0 <= update.eta - eta < MINUTE


async def test_the_form_of_an_update_is_whole_on_a_small_screen(telling: Any) -> None:
    async with telling(size=(80, 24)) as stage:
        await stage.press("u")
        for words in ("Status update", "What we know", "When it may be over", "monitoring", "Esc back"):
            await stage.sees(words)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_a_form_that_refuses_stays_where_it_is(telling: Any, size: tuple[int, int]) -> None:
    async with telling(size=size) as stage:
        await stage.press("C")
        await stage.sees("How often updates come")
        place = stage.app.screen.query_one("#card").region
        await stage.press("enter")
        await stage.sees("A length such as 20")
        assert stage.app.screen.query_one("#card").region == place


async def test_another_pace_needs_a_length(telling: Any) -> None:
    async with telling() as stage:
        await stage.press("C", "enter")
        await stage.sees("A length such as 20")
        await stage.type("1 h")
        await stage.press("tab")
        await stage.type("the vendor looks")
        await stage.press("enter")
        await stage.sent(SetCadence(minutes=60, why="the vendor looks"))


TOLD = ToldView(NOW - 4 * MINUTE, S("SEV1: 80 % fail\nNext update by 11:04 UTC."), S("told"), "good")
LATER = ToldView(NOW, S("SEV1: compared"), S("not told yet"), "warn")


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_card_and_the_thread_are_shown_as_readers_have_them(telling: Any, size: tuple[int, int]) -> None:
    async with telling(destinations=(SLACK,), size=size) as stage:
        stage.world.client.preview = PreviewView(thread=(TOLD, LATER))
        await stage.press("b")
        for words in ("WHAT READERS SEE", "~ slack", "CARD", "Needed: ada, ops-2", "THREAD"):
            await stage.sees(words)
        await stage.press("G")
        for words in ("10:54 UTC  o told", "SEV1: 80 % fail", "10:58 UTC  ~ not told yet", "SEV1: compared"):
            await stage.sees(words)


async def test_the_thread_is_asked_for_anew_only_when_something_was_told(telling: Any) -> None:
    async with telling() as stage:
        stage.world.client.preview = PreviewView(thread=(TOLD,))
        await stage.press("b")
        await stage.sees("SEV1: 80 % fail")
        for _ in range(3):
            screen = stage.app.screen
            assert isinstance(screen, ReadersScreen)
            screen.ask()
            screen.follow()
            await stage.pilot.pause()
        assert stage.world.client.sent.count(FetchPreview()) == 1
        stage.world.client.preview = PreviewView(thread=(TOLD, LATER))
        stage.world.client.tell(msgspec.structs.replace(stage.app.frame.broadcast, posted=5))
        await stage.sees("SEV1: compared")


async def test_an_older_engine_is_not_asked_what_it_does_not_know(telling: Any) -> None:
    async with telling(app={"version": 1}) as stage:
        await stage.press("b")
        await stage.sees("THREAD  not known to this engine")
        await stage.sees("Needed: ada, ops-2")
        assert FetchPreview() not in stage.world.client.sent


async def test_the_text_to_paste_stands_alone_and_is_copied(telling: Any) -> None:
    text = S("SEV1 - Logins fail\nImpact: 80 % [of] people\nNext update by 11:04 UTC.")
    async with telling(
        destinations=(SLACK,), preview=text, copy_text=text, app={"hints": True}, size=(80, 24)
    ) as stage:
        await stage.sees("Y  nobody can be told by itself")
        await stage.press("4")
        await stage.sees("NOBODY CAN BE TOLD   Y shows the text to paste by hand")
        await stage.press("Y")
        await stage.until(lambda: isinstance(stage.app.screen, CopyScreen))
        await stage.sees("Impact: 80 % [of] people")
        assert [line.rstrip() for line in stage.text.splitlines()[:3]] == text.split("\n")
        assert stage.app.clipboard == text
        await stage.press("escape")
        await stage.closed()


async def test_a_long_card_can_be_scrolled_to_its_end(telling: Any) -> None:
    async with telling(preview=S("\n".join(f"line {number}" for number in range(60))), size=(80, 24)) as stage:
        await stage.press("Y", "end")
        await stage.sees("line 59")


async def test_a_terminal_that_only_looks_sees_all_and_sends_nothing(telling: Any) -> None:
    async with telling(waiting=(LAST,), app={"read_only": True}) as stage:
        for key in ("h", "N", "e", "C", "u"):
            await stage.press(key)
            await stage.sees(READ_ONLY)
            assert not isinstance(stage.app.screen, Modal)
        await stage.press("b")
        await stage.sees("WHAT READERS SEE")
        await stage.press("y")
        await stage.until(lambda: isinstance(stage.app.screen, CopyScreen))
        assert not stage.commands


async def test_the_refusal_of_an_older_engine_is_said(telling: Any) -> None:
    async with telling() as stage:
        stage.world.client.answers += [Answer("", False, S(OLDER), "invalid")]
        await stage.press("h")
        await stage.until(lambda: "older version" in stage.text or stage.app._notifications)
