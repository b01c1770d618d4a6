"""People on the screen: who is needed until when, who stays, who takes over, and where everybody says they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from cockpit.protocol.commands import (
    DeclarePresence,
    EndTimer,
    Need,
    Release,
    SetTimer,
    StandDown,
    TakeRole,
)
from cockpit.protocol.messages import Answer
from cockpit.protocol.views import HeaderView, Pane, PeopleView, PersonView, TimerView
from cockpit.text import SafeText
from cockpit.tui.widgets.choice import Menu
from tests.tui.conftest import NOW, at

S = SafeText
SIZES = [(80, 24), (160, 45)]
CALL = "https://meet.test/inc-7"
LOOK = TimerView("t1", S("database latency"), S("ops-2"), at(10, 55), at(11, 3))
ADA = PersonView(
    S("ada"), S("incident commander"), True, roles=(S("lead"),), presence=S("here"), presence_at=at(10, 54)
)
OPS = PersonView(S("ops-2"), S("knows the auth deploy"), True, until=at(10, 40))
BO = PersonView(S("bo"), S("database"), True, until=at(11, 30), presence=S("following"), presence_at=at(10, 10))
CY = PersonView(S("cy"), S("I know auth"), False, offered=True)
DEV = PersonView(S("dev-3"), S("config reverted"), False)
WHOLE = PeopleView((ADA, OPS, BO, CY, DEV), (LOOK,), S(CALL), S("ada has led for 4 h 10 m: think of relief"))


@pytest.fixture
def with_people(mid_incident: Callable[..., tuple[Pane, ...]]) -> Callable[..., tuple[Pane, ...]]:
    """The mid-incident views with these people."""

    def views(people: PeopleView = WHOLE, **header: object) -> tuple[Pane, ...]:
        return tuple(
            people
            if isinstance(view, PeopleView)
            else msgspec.structs.replace(view, **header)
            if isinstance(view, HeaderView)
            else view
            for view in mid_incident()
        )

    return views


def line_of(text: str, *words: str) -> str:
    found = [line for line in text.splitlines() if all(word in line for word in words)]
    assert found, f"{words} not in:\n{text}"
    return found[0]


@pytest.mark.parametrize("size", SIZES)
async def test_the_board_shows_role_task_until_when_and_presence_with_its_age(
    play: Any, with_people: Any, size: tuple[int, int]
) -> None:
    async with play(*with_people(), size=size) as stage:
        await stage.press("5")
        await stage.sees("PEOPLE")
        await stage.sees("here 4 m")
        assert "lead" in line_of(stage.text, "ada", "here 4 m")
        assert "until 10:40, over" in line_of(stage.text, "needed", "ops-2", "unknown")
        assert "knows the auth deploy" in stage.text
        assert "database" in line_of(stage.text, "bo  ", "until 11:30", "following 48 m")
        assert "I know auth" in line_of(stage.text, "offers", "cy")
        assert "config reverted" in line_of(stage.text, "may leave", "dev-3")
        assert " left" in line_of(stage.text, "looks", "ops-2", "database latency")
        assert CALL in line_of(stage.text, "the call")
        assert "ada has led for 4 h 10 m: think of relief" in line_of(stage.text, "PEOPLE", "3 needed", "1 offers help")


async def test_presence_is_unknown_until_it_is_declared_and_ages_by_the_clock(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("5")
        await stage.sees("here 4 m")
        assert "unknown" in line_of(stage.text, "dev-3")
        stage.world.clock.seconds += 3600
        await stage.sees("here 1 h")


async def test_a_line_stays_where_it_is_while_time_goes_on(play: Any, with_people: Any) -> None:
    soon = PersonView(S("ops-2"), S("auth deploy needed"), True, until=at(11, 0))
    async with play(*with_people(PeopleView((ADA, soon, BO), (LOOK,))), size=(80, 24)) as stage:

        def rows() -> list[str]:
            return [line[:38] for line in stage.text.splitlines() if " needed " in line or "looks" in line]

        await stage.press("5")
        await stage.sees("here 4 m")
        before = rows()
        stage.world.clock.seconds += 600
        await stage.sees("here 14 m")
        await stage.sees("until 11:00, over")
        assert len(before) >= 4 and rows() == before


@pytest.mark.parametrize("size", SIZES)
async def test_sixty_people_scroll_and_nothing_breaks(play: Any, with_people: Any, size: tuple[int, int]) -> None:
    people = tuple(PersonView(S(f"responder-{n}"), S("it takes all of them " * 5), True) for n in range(60))
    async with play(*with_people(PeopleView(people, call=S(CALL + "x" * 300))), size=size) as stage:
        await stage.press("5")
        await stage.sees("60 needed")
        await stage.sees("more below")
        await stage.press("G")
        await stage.sees("responder-59")
        await stage.press("S")
        await stage.sees("Who stays?")


async def test_without_a_call_link_none_is_spoken_of(play: Any, with_people: Any) -> None:
    async with play(*with_people(PeopleView((ADA, BO)))) as stage:
        await stage.press("5")
        await stage.sees("2 needed")
        assert "the call" not in stage.text


async def test_the_strip_says_who_waits_for_a_word(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.sees("offers help: cy   ops-2 until 10:40, over")


async def test_somebody_is_needed_until_when(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("p", "enter")
        await stage.sees("Who is needed?")
        await stage.type("dba")
        await stage.press("tab")
        await stage.type("locks")
        await stage.press("tab")
        await stage.type("soon")
        await stage.press("enter")
        await stage.sees("A time such as 16:00")
        await stage.press(*["backspace"] * 4)
        await stage.type("11:30")
        await stage.press("enter")
        await stage.sent(Need(person="dba", reason="locks", until=at(11, 30)))


async def test_an_offer_is_accepted_or_declined_from_the_same_key(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("p")
        await stage.sees("cy, who offers help: I know auth")
        await stage.press("j", "enter")
        await stage.sees("Who is needed?")
        await stage.press("enter")
        await stage.closed()
        await stage.press("p")
        await stage.sees("decline")
        await stage.press("j", "j", "enter")
        await stage.sent(Need(person="cy"), Release(person="cy"))


async def test_who_was_needed_until_now_is_asked_about_and_never_let_go_by_itself(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("p")
        await stage.sees("ops-2, who was needed until 10:40")
        assert not stage.commands
        await stage.press("j", "j", "j", "enter")
        await stage.sees("knows the auth deploy")
        await stage.press("tab", "tab")
        await stage.type("30 m")
        await stage.press("enter")
        await stage.until(lambda: bool(stage.commands))
        ((need, _),) = stage.commands
        assert isinstance(need, Need)
        assert (need.person, need.reason) == ("ops-2", "knows the auth deploy") and need.until > NOW


@pytest.mark.parametrize("size", SIZES)
async def test_one_key_drafts_who_stays_and_thanks_the_others(
    play: Any, with_people: Any, size: tuple[int, int]
) -> None:
    async with play(*with_people(), size=size) as stage:
        await stage.press("S")
        await stage.sees("Who stays?")
        await stage.sees("ada (lead) stays. Thank you, everyone else:")
        await stage.sees("Released: ops-2, bo.")
        await stage.press("j", "j", "space")
        await stage.sees("ada (lead) and bo (database) stay. Thank you")
        await stage.sees("Released: ops-2.")
        assert not stage.commands, "nothing is told before it was shown"
        await stage.press("enter")
        await stage.sent(StandDown(stay=("ada", "bo")))
        await stage.closed()


async def test_whoever_is_asked_for_meanwhile_stays_unless_somebody_says_otherwise(play: Any, with_people: Any) -> None:
    async with play(*with_people(PeopleView((ADA, BO))), size=(80, 24)) as stage:
        stage.world.client.answers.append(Answer("", False, S("things changed since you looked"), "stale"))
        await stage.press("S")
        await stage.sees("Released: bo.")
        fay = PersonView(S("fay"), S("network"), True)
        stage.world.client.tell(PeopleView((ADA, BO, fay)))
        await stage.until(lambda: len(stage.app.frame.people.people) == 3)
        await stage.press("enter")
        await stage.sees("things changed since you looked")
        await stage.sees("[x] stays   fay")
        await stage.sees("Released: bo.")
        await stage.press("enter")
        await stage.sent(StandDown(stay=("ada",)), StandDown(stay=("ada", "fay")))


async def test_the_lead_is_never_stood_down_nor_everybody(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("S", "space", "enter")
        await stage.sees("Somebody has to stay")
        await stage.press("j", "space", "enter")
        await stage.sees("ada leads and has to stay")
        await stage.press("k", "space", "j", "j", "space", "enter")
        await stage.sees("Everybody stays: nobody to thank yet.")
        assert not stage.commands


async def test_a_click_ticks_and_sends_nothing(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("S")
        await stage.sees("[ ] leaves  bo")
        row = next(y for y, line in enumerate(stage.text.splitlines()) if "[ ] leaves  bo" in line)
        await stage.pilot.click(offset=(20, row))
        await stage.sees("[x] stays   bo")
        assert not stage.commands


async def test_one_alone_cannot_stand_anybody_down(play: Any, with_people: Any) -> None:
    async with play(*with_people(PeopleView((ADA, DEV)))) as stage:
        await stage.press("S")
        await stage.sees("Nobody else is needed: nobody to stand down.")


@pytest.mark.parametrize("size", SIZES)
async def test_the_lead_is_handed_over_with_a_card_that_says_how_it_stands(
    play: Any, with_people: Any, size: tuple[int, int]
) -> None:
    async with play(*with_people(), size=size) as stage:
        await stage.press("l")
        await stage.sees("Hand over a role; ada leads now")
        await stage.press("tab")
        await stage.type("bo")
        await stage.press("enter")
        await stage.until(lambda: bool(stage.commands))
        ((command, _),) = stage.commands
        assert isinstance(command, TakeRole)
        assert (command.role, command.person) == ("incident_commander", "bo")
        for words in (
            "SEV1 mitigating since 10:50 UTC.", "login-synthetic DOWN", "search STALE",
            "Tried: Revert config 4711: NO EFFECT.", "stands at 2b", "Not known: Why the rollback had no effect.",
            "Next update by 11:04 UTC.", "Looking: ops-2 into database latency until 11:03.",
            "Needed: ada, ops-2, bo.",
        ):  # fmt: skip
            assert words in command.note, command.note


async def test_a_lead_is_not_taken_from_somebody_by_one_key(play: Any, with_people: Any) -> None:
    async with play(*with_people()) as stage:
        await stage.press("l")
        await stage.sees("ada leads now")
        await stage.press("escape")
        await stage.closed()
        assert not stage.commands


async def test_another_role_is_taken_without_a_lead(play: Any, leaderless: Any) -> None:
    async with play(*leaderless, size=(80, 24)) as stage:
        await stage.press("p", "j", "j", "enter")
        await stage.sees("Take or hand over a role")
        await stage.press("right", "tab", "tab", "ctrl+a", "ctrl+k", "enter")
        await stage.until(lambda: bool(stage.commands))
        command = stage.commands[0][0]
        assert isinstance(command, TakeRole) and (command.role, command.person) == ("operations", "")


@pytest.mark.parametrize("moves, said", [(0, "here"), (1, "away"), (2, "following")])
async def test_presence_is_declared_by_a_key(play: Any, moves: int, said: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("P")
        await stage.sees("Where are you?")
        await stage.press(*["j"] * moves, "enter")
        await stage.sent(DeclarePresence(presence=said))


async def test_a_look_is_started_and_ended_with_what_was_found(play: Any, with_people: Any) -> None:
    async with play(*with_people(PeopleView((ADA, BO))), size=(80, 24)) as stage:
        await stage.press("w", "enter")
        await stage.sees("Say what is looked into")
        await stage.type("database latency")
        await stage.press("tab", "backspace", "backspace")
        await stage.type("x")
        await stage.press("enter")
        await stage.sees("A length such as 10")
        await stage.press("backspace")
        await stage.type("15")
        await stage.press("tab")
        await stage.type("bo")
        await stage.press("enter")
        await stage.sent(SetTimer(what="database latency", minutes=15, who="bo"))
        await stage.closed()
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("w")
        await stage.sees("Who looks into what")
        await stage.press("j", "enter")
        await stage.sees("What came of it? database latency (ops-2)")
        await stage.type("replication lag")
        await stage.press("enter")
        await stage.sent(EndTimer(timer="t1", found="replication lag"))


async def test_a_choice_that_is_made_twice_before_it_has_closed_is_made_once(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("P")
        await stage.sees("Where are you?")
        menu = stage.app.screen.query_one(Menu)
        for _ in range(2):
            menu.action_select()
        await stage.closed()
        await stage.sent(DeclarePresence(presence="here"))


async def test_the_call_link_is_copied(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        await stage.press("p")
        await stage.sees(f"the link of the call: {CALL}")
        places = [
            line.split()[0] for line in stage.text.splitlines() if "│" not in line and line.split()[:1] == ["copy"]
        ]
        assert places
        await stage.press("G", "k", "k", "k", "enter")
        await stage.sees("The link is copied")
        assert stage.app.clipboard == CALL


@pytest.mark.parametrize("key", ["p", "S", "P", "w", "l"])
async def test_a_terminal_that_only_looks_changes_nothing_about_people(play: Any, with_people: Any, key: str) -> None:
    async with play(*with_people(), read_only=True) as stage:
        await stage.press(key)
        await stage.sees("this terminal only looks")
        assert not stage.commands


@pytest.mark.parametrize("keys", [("S", "enter"), ("P", "enter"), ("w", "enter", "x", "enter")])
async def test_an_older_engine_is_never_asked_what_it_does_not_know(
    play: Any, with_people: Any, keys: Sequence[str]
) -> None:
    async with play(*with_people(PeopleView((ADA, BO))), version=1) as stage:
        for key in keys:
            await stage.press(key)
            await stage.still()
        await stage.sees("is older and does not know")
        assert not stage.commands


async def test_an_older_engine_still_takes_a_hand_over_without_a_card(play: Any, with_people: Any) -> None:
    async with play(*with_people(), version=1) as stage:
        await stage.press("l")
        await stage.sees("Hand over a role")
        assert "What they must know" not in stage.text
        await stage.press("tab")
        await stage.type("bo")
        await stage.press("enter")
        await stage.sent(TakeRole(person="bo"))


async def test_a_refusal_is_shown_and_what_was_ticked_stays(play: Any, with_people: Any) -> None:
    async with play(*with_people(), size=(80, 24)) as stage:
        stage.world.client.answers.append(Answer("", False, S("bo is not on the roster: needed are ada"), "invalid"))
        await stage.press("S", "j", "j", "space", "enter")
        await stage.sees("bo is not on the roster")
        assert "[x] stays   bo" in stage.text
