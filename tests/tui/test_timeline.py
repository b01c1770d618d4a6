"""The timeline asks for what it shows, and follows the tail unless somebody looks further up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from cockpit.protocol.messages import FetchRows, Rows
from cockpit.protocol.views import HeaderView, Row
from cockpit.text import SafeText
from cockpit.tui.widgets.lines import draw_row

S = SafeText


def row(seq: int) -> Row:
    return Row(seq, seq * 1_000_000, S("note.added"), S(f"row {seq}"), "plain", S("ada"))


def head(number: int, stream: str = "INC-9") -> HeaderView:
    return HeaderView(stream=stream, head=number, open=True, profile=S("p"), title=S("long"), severity="SEV1")


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came to that")


def shown(app: Any) -> list[str]:
    lines = app.board.timeline.lines
    return ["".join(segment.text for segment in lines.render_line(y)) for y in range(lines.size.height)]


@pytest.fixture
def long(new_world: Callable[..., Any]) -> Any:
    world = new_world(head(100_000))
    world.client.rows = tuple(row(seq) for seq in (*range(1, 200), *range(99_700, 100_101)))
    return world


async def test_it_shows_the_tail_and_asks_for_little(long: Any) -> None:
    async with long.app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: "row 100000 " in shown(long.app)[-1])
        asked = [message for message in long.client.sent if isinstance(message, FetchRows)]
        assert sum(message.last - message.first + 1 for message in asked) <= 300
        assert not any("..." in line for line in shown(long.app))


async def test_what_is_erased_leaves_the_screen(long: Any) -> None:
    async with long.app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: any("row 99998 " in line for line in shown(long.app)))
        erased = Row(99_998, 0, S("erased"), S("note.added  erased"), "muted", S("ada"))
        said = Row(100_001, 0, S("redact"), S("event 99998 erased"), "muted", S("ada"), erases=99_998)
        long.client.rows = tuple(erased if row.seq == erased.seq else row for row in long.client.rows)
        long.client.tell(Rows("INC-9", (said,), live=True))
        await until(pilot, lambda: any("note.added  erased" in line for line in shown(long.app)))
        assert not any("row 99998 " in line for line in shown(long.app))
        asked = len(long.client.sent)
        long.client.tell(Rows("INC-9", (said,)))
        await pilot.pause()
        assert long.client.sent[asked:] == []


async def test_it_follows_until_somebody_scrolls_up_and_again_from_the_end(long: Any) -> None:
    async with long.app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: "row 100000 " in shown(long.app)[-1])
        long.client.tell(head(100_001))
        await until(pilot, lambda: "row 100001 " in shown(long.app)[-1])
        await pilot.press("2", "k", "k")
        await until(pilot, lambda: "row 99999 " in shown(long.app)[-1])
        long.client.tell(head(100_004))
        title = long.app.board.timeline.heading
        await until(pilot, lambda: "3 new below" in "".join(segment.text for segment in title.render_line(0)))
        assert "row 99999 " in shown(long.app)[-1]
        await pilot.press("G")
        await until(pilot, lambda: "row 100004 " in shown(long.app)[-1])
        long.client.tell(head(100_005))
        await until(pilot, lambda: "row 100005 " in shown(long.app)[-1])


async def test_far_up_it_asks_for_that_range_and_shows_placeholders_until_then(long: Any) -> None:
    async with long.app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: "row 100000 " in shown(long.app)[-1])
        await pilot.press("2", "g")
        await until(pilot, lambda: "row 1 " in shown(long.app)[0])
        assert any(message.first == 1 and message.last <= 200 for message in long.client.sent)
        long.app.board.timeline.lines.move(5_000)
        await until(pilot, lambda: "5001  ..." in shown(long.app)[0])


async def test_live_rows_need_no_asking_and_another_stream_starts_over(long: Any) -> None:
    async with long.app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: "row 100000 " in shown(long.app)[-1])
        before = len(long.client.sent)
        long.client.tell(Rows("INC-9", (row(100_001),), live=True))
        await until(pilot, lambda: "row 100001 " in shown(long.app)[-1])
        assert len(long.client.sent) == before
        long.client.tell(Rows("INC-8", (row(100_002),), live=True), head(2, "INC-10"))
        await until(pilot, lambda: "row 2 " in shown(long.app)[1])
        assert shown(long.app)[2].strip() == ""


async def test_what_a_lost_engine_never_sent_is_asked_of_the_next(new_world: Callable[..., Any]) -> None:
    world = new_world(head(50))
    world.client.rows = ()
    async with world.app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: len(world.client.sent) == 1)
        world.client.rows = tuple(row(seq) for seq in range(1, 51))
        world.client.tell(None)
        await until(pilot, lambda: "row 50 " in shown(world.app)[-1])


async def test_a_filter_leaves_the_rows_at_hand_that_match_and_says_so(long: Any) -> None:
    async with long.app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: "row 100000 " in shown(long.app)[-1])
        await pilot.press("slash", *"999", "space", *"ADA", "enter")
        lines, title = long.app.board.timeline.lines, long.app.board.timeline.heading
        await until(pilot, lambda: "row 99999 " in shown(long.app)[-1])
        assert all("row 999" in line for line in shown(long.app) if line.strip())
        matching, loaded = lines.found
        assert 0 < matching < loaded < 1000
        said = "".join(segment.text for segment in title.render_line(0))
        assert f"{matching} of {loaded} loaded rows say 999 ADA" in said and "Esc ends" in said
        await pilot.press("g", "j", "v")
        await until(pilot, lambda: "Event" in getattr(long.app.screen, "heading", ""))
        assert long.app.screen.heading == "Event 99902"
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not lines.words and "row 99902 " in "".join(shown(long.app)))


async def test_live_rows_that_match_come_in_under_a_filter(long: Any) -> None:
    async with long.app.run_test(size=(160, 45)) as pilot:
        await until(pilot, lambda: "row 100000 " in shown(long.app)[-1])
        await pilot.press("slash", *"100001")
        await until(pilot, lambda: long.app.board.timeline.lines.found[0] == 0)
        long.client.tell(Rows("INC-9", (row(100_001), row(100_002)), live=True))
        await until(pilot, lambda: "row 100001 " in shown(long.app)[0])
        assert not shown(long.app)[1].strip()
        await pilot.press("escape")
        await until(pilot, lambda: "row 100002 " in shown(long.app)[-1])


async def test_the_chosen_row_is_shown_in_full(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("2", "g", "j", "v")
        for words in ("Event 2", "2026-03-04 10:47:11 UTC", "dev-3", "change.seen", "on in prod, not"):
            await stage.sees(words)
        await stage.press("escape", "G", "k", "v")
        await stage.sees("Event 13")


@pytest.mark.parametrize("width", [40, 60, 90])
def test_what_happened_comes_before_the_step_it_happened_to(width: int) -> None:
    told = Row(1, 0, S("verify"), S("restore.revert  NO EFFECT  err 79.6 -> 79.4 %"), "warn", S("cockpit"))
    drawn = draw_row(told, width).plain
    assert "NO EFFECT" in drawn and "restore.re~" not in drawn
    assert ("restore.revert" in drawn) == (width >= 90)


async def test_on_a_small_screen_the_strip_keeps_the_news_when_a_message_arrived(new_world: Callable[..., Any]) -> None:
    world = new_world(head(2))
    sent = Row(2, 2_000_000, S("sent"), S("to chat"), "muted", S("cockpit"))
    world.client.rows = (row(1), sent)

    def screen() -> str:
        return "\n".join(strip.text for strip in world.app.screen._compositor.render_strips())

    async with world.app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: world.app.board.timeline.lines.found[1] == 2 and "TIMELINE" in screen())
        await until(pilot, lambda: "row 1" in screen())
        assert "to chat" not in screen()
