"""What the keys about the telling do: write, change what waits, hold it, let it go, see it as readers do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.protocol.commands import Hold, SendNow
from cockpit.tui.screens.readers import CopyScreen, ReadersScreen
from cockpit.tui.screens.telling import CadenceForm
from cockpit.tui.screens.update import UpdateForm
from cockpit.tui.sending import do

if TYPE_CHECKING:
    from cockpit.tui.screens.cockpit import CockpitScreen


def update(board: CockpitScreen) -> None:
    board.ask(UpdateForm(board.desk))


def edit(board: CockpitScreen) -> None:
    """Change the newest update that waits: what is sent takes its place."""
    board.ask(UpdateForm(board.desk, board.frame.broadcast.waiting[-1]))


def hold(board: CockpitScreen) -> None:
    """Hold what waits, or let it go again; a key that is held down does it once."""
    if board.rested("hold"):
        held = board.frame.broadcast.held_until > board.frame.clock.now()
        do(board, SendNow() if held else Hold())


def send_now(board: CockpitScreen) -> None:
    do(board, SendNow())


def cadence(board: CockpitScreen) -> None:
    board.ask(CadenceForm(board.desk))


def readers(board: CockpitScreen) -> None:
    board.ask(ReadersScreen(board.desk))


def copy(board: CockpitScreen) -> None:
    board.ask(CopyScreen(board.desk, board.frame.broadcast.preview))
