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

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


def to(turn: Turn) -> Callable[[CockpitScreen], None]:
    """Winds there."""
    return partial(_send, Wind(turn))


def play(board: CockpitScreen) -> None:
    """Play, or stand still."""
    view = board.frame.replay
    _send(Wind("pause" if view is not None and view.playing else "play"), board)


def faster(board: CockpitScreen) -> None:
    _paced(board, lambda speed: next((each for each in SPEEDS if each > speed), speed))


def slower(board: CockpitScreen) -> None:
    _paced(board, lambda speed: next((each for each in reversed(SPEEDS) if each < speed), speed))


def seek(board: CockpitScreen) -> None:
    """Ask where to go."""
    board.ask(SeekForm(board.desk))


def _paced(board: CockpitScreen, other: Callable[[float], float]) -> None:
    view = board.frame.replay
    if view is not None:
        _send(Wind("play" if view.playing else "pause", speed=other(view.speed)), board)


def _send(said: Wind, board: CockpitScreen) -> None:
    board.app.run_worker(calmly(board.app, board.desk.send(said)), exit_on_error=False)
