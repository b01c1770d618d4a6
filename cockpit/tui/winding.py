"""The keys that wind a replay. They change nothing but where it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from cockpit.protocol.messages import Turn, Wind
from cockpit.tui.calm import calmly
from cockpit.tui.screens.seeking import SeekForm

if TYPE_CHECKING:
    from cockpit.tui.screens.cockpit import CockpitScreen


def to(turn: Turn) -> Callable[[CockpitScreen], None]:
    """Winds there."""
    return partial(_send, Wind(turn))


def play(board: CockpitScreen) -> None:
    """Play, or stand still."""
    view = board.frame.replay
    _send(Wind("pause" if view is not None and view.playing else "play"), board)


def seek(board: CockpitScreen) -> None:
    """Ask where to go."""
    board.ask(SeekForm(board.desk))


def _send(said: Wind, board: CockpitScreen) -> None:
    board.app.run_worker(calmly(board.app, board.desk.send(said)), exit_on_error=False)
