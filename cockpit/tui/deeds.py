"""What each key does: opens the question that belongs to it, or sends the command where there is nothing to ask."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cockpit.protocol.commands import ProbeNow
from cockpit.protocol.taking import Reply, command_of
from cockpit.protocol.views import Offer
from cockpit.tui.calm import calmly
from cockpit.tui.offering import forward, held, offered, verb
from cockpit.tui.questions import question
from cockpit.tui.screens.alarms import AlarmsScreen
from cockpit.tui.screens.card import CardScreen
from cockpit.tui.screens.changes import ChangesScreen
from cockpit.tui.screens.declare import DeclareForm
from cockpit.tui.screens.help import HelpScreen
from cockpit.tui.screens.menu import MenuScreen
from cockpit.tui.screens.past import PastScreen
from cockpit.tui.screens.reasons import NoteForm, ResolveForm
from cockpit.tui.screens.row import RowScreen
from cockpit.tui.screens.runbooks import RunbooksScreen
from cockpit.tui.screens.state import StateForm
from cockpit.tui.screens.watching import FreezeForm, LiftForm, MarkForm, OverrideForm
from cockpit.tui.sending import do

if TYPE_CHECKING:
    from cockpit.tui.screens.cockpit import CockpitScreen


def declare(board: CockpitScreen) -> None:
    board.ask(DeclareForm(board.desk))


def note(board: CockpitScreen) -> None:
    board.ask(NoteForm(board.desk))


def state(board: CockpitScreen) -> None:
    board.ask(StateForm(board.desk))


def resolve(board: CockpitScreen) -> None:
    board.ask(ResolveForm(board.desk))


def start(board: CockpitScreen) -> None:
    board.ask(RunbooksScreen(board.desk))


def next_step(board: CockpitScreen) -> None:
    _take_up_if(board, forward(board.frame.run))


def stop(board: CockpitScreen) -> None:
    _take_up_if(board, held(board.frame.run))


def undo(board: CockpitScreen) -> None:
    _take_up_if(board, offered(board.frame.run, "undo"))


def _take_up_if(board: CockpitScreen, offer: Offer | None) -> None:
    if offer is not None:
        take_up(board, offer)


def offers(board: CockpitScreen) -> None:
    run = board.frame.run
    entries = [(verb(offer), _about(offer)) for offer in run.offers]
    board.ask(MenuScreen(board.desk, "What can be done", entries, lambda place: take_up(board, run.offers[place])))


def take_up(board: CockpitScreen, offer: Offer) -> None:
    """Ask what the offer needs: a yes, a reason, a choice. Only what reads, and says that it may, goes at once."""
    run = board.frame.run
    if offer.at_once and not (offer.typed or offer.secrets):
        do(board, command_of(Reply(offer), run.run, os.environ))
    else:
        board.ask(question(board.desk, run, offer, board.ask))


def _about(offer: Offer) -> str:
    return offer.command.line or offer.title.line


def card(board: CockpitScreen) -> None:
    """Look closer at the chosen service."""
    if (service := board.services.service) is not None:
        board.ask(CardScreen(board.desk, service.probe))


def probe(board: CockpitScreen) -> None:
    """Look at the chosen service at once."""
    if (service := board.services.service) is not None:
        do(board, ProbeNow(probe=service.probe))


def probe_unwell(board: CockpitScreen) -> None:
    do(board, ProbeNow())


def alarms(board: CockpitScreen) -> None:
    board.ask(AlarmsScreen(board.desk))


def past(board: CockpitScreen) -> None:
    board.ask(PastScreen(board.desk))


def changes(board: CockpitScreen) -> None:
    board.ask(ChangesScreen(board.desk))


def mark(board: CockpitScreen) -> None:
    board.ask(MarkForm(board.desk))


def freeze(board: CockpitScreen) -> None:
    board.ask(FreezeForm(board.desk))


def lift(board: CockpitScreen) -> None:
    board.ask(LiftForm(board.desk))


def override(board: CockpitScreen) -> None:
    board.ask(OverrideForm(board.desk))


def show(pane: str, board: CockpitScreen) -> None:
    board.show_pane(pane)


def turn(places: int, board: CockpitScreen) -> None:
    board.turn(places)


def scroll(lines: int, board: CockpitScreen) -> None:
    board.move(lines)


def narrow(board: CockpitScreen) -> None:
    board.show_pane("timeline")
    board.timeline.open_filter()


def widen(board: CockpitScreen) -> None:
    board.timeline.close_filter()


def view(board: CockpitScreen) -> None:
    if (row := board.timeline.lines.chosen_row) is not None:
        board.ask(RowScreen(board.desk, row))


def restart(board: CockpitScreen) -> None:
    if board.frame.stopped:
        board.desk.start()
        return
    board.tell("Restarting the engine; running steps go on.")
    board.app.run_worker(calmly(board.app, _restart(board)), exit_on_error=False, exclusive=True, group="restart")


async def _restart(board: CockpitScreen) -> None:
    board.tell(await board.desk.restart())


def show_help(board: CockpitScreen) -> None:
    board.ask(HelpScreen(board.desk, board.keys_help()))


def detach(board: CockpitScreen) -> None:
    board.detach()
