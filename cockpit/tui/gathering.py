"""What the keys about people do: who leads, who is needed and until when, where everybody stands, who looks where."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from cockpit.clock import hhmm
from cockpit.protocol.commands import DeclarePresence, Release, TakeRole
from cockpit.protocol.views import PersonView, TimerView
from cockpit.text import SafeText
from cockpit.tui.roster import over, task
from cockpit.tui.screens.menu import MenuScreen
from cockpit.tui.screens.people import EndLookForm, LookForm, NeedForm, RoleForm, StandDownForm
from cockpit.tui.sending import do

if TYPE_CHECKING:
    from cockpit.tui.screens.cockpit import CockpitScreen

Entry = tuple[str, str, Callable[[], None]]
"""A verb, what it is about, and what it does."""


def claim(board: CockpitScreen) -> None:
    """Take the lead at once while nobody has it; from somebody only with a card that says how things stand."""
    if board.frame.header.lead:
        role(board)
    else:
        do(board, TakeRole())


def role(board: CockpitScreen) -> None:
    board.ask(RoleForm(board.desk))


def people(board: CockpitScreen) -> None:
    """Everything there is to do about people; those who are needed come last, to be let go."""
    view = board.frame.people
    entries: list[Entry] = [("ask for", "somebody", lambda: board.ask(NeedForm(board.desk)))]
    for each in (person for person in view.people if person.offered):
        entries += [
            ("ask", _offer(each), partial(_ask_for, board, each)),
            ("decline", f"{each.name.line}, with thanks", partial(_release, board, each)),
        ]
    now = board.frame.clock.now()
    entries += [("ask again", _late(each), partial(_ask_for, board, each)) for each in view.people if over(each, now)]
    entries += [
        ("stand down", "these stay, thank you everyone else  (S)", partial(stand_down, board)),
        ("role", "take one, or hand it over  (l)", partial(role, board)),
        ("look", "into something, for some minutes  (w)", lambda: board.ask(LookForm(board.desk))),
        *(("found", _look(each), partial(_end, board, each)) for each in view.timers),
        ("say", "where you are: here, away, following  (P)", partial(presence, board)),
    ]
    if view.call:
        entries.append(("copy", f"the link of the call: {view.call.line}", partial(_copy_call, board)))
    entries += [("release", _needed(each), partial(_release, board, each)) for each in view.people if each.needed]
    _choose(board, "People", entries)


def stand_down(board: CockpitScreen) -> None:
    board.ask(StandDownForm(board.desk))


def presence(board: CockpitScreen) -> None:
    """Say where one stands: nobody is taken to be anywhere."""
    entries: list[Entry] = [
        ("here", "on the call", lambda: do(board, DeclarePresence(presence="here"))),
        ("away", "for now", lambda: do(board, DeclarePresence(presence="away"))),
        ("following", "in the channel, not on the call", lambda: do(board, DeclarePresence(presence="following"))),
    ]
    _choose(board, "Where are you?", entries)


def look(board: CockpitScreen) -> None:
    """Look into something for a while, or say what came of a look that goes on."""
    timers = board.frame.people.timers
    if not timers:
        board.ask(LookForm(board.desk))
        return
    entries: list[Entry] = [("look", "into something else", lambda: board.ask(LookForm(board.desk)))]
    entries += [("found", _look(each), partial(_end, board, each)) for each in timers]
    _choose(board, "Who looks into what", entries)


def _choose(board: CockpitScreen, heading: str, entries: list[Entry]) -> None:
    words = [(verb, about) for verb, about, _ in entries]
    board.ask(MenuScreen(board.desk, heading, words, lambda place: entries[place][2]()))


def _ask_for(board: CockpitScreen, person: PersonView) -> None:
    board.ask(NeedForm(board.desk, person.name, SafeText("") if person.offered else person.reason))


def _release(board: CockpitScreen, person: PersonView) -> None:
    do(board, Release(person=person.name))


def _end(board: CockpitScreen, timer: TimerView) -> None:
    board.ask(EndLookForm(board.desk, timer))


def _copy_call(board: CockpitScreen) -> None:
    board.app.copy_to_clipboard(board.frame.people.call)
    board.tell("The link is copied, where the terminal allows it.")


def _offer(person: PersonView) -> str:
    said = f": {person.reason.line}" if person.reason else ""
    return f"{person.name.line}, who offers help{said}"


def _late(person: PersonView) -> str:
    return f"{person.name.line}, who was needed until {hhmm(person.until)}"


def _needed(person: PersonView) -> str:
    return f"{person.name.line}  {task(person)}".rstrip()


def _look(timer: TimerView) -> str:
    return f"{timer.what.line}: what came of it  ({timer.who.line})"
