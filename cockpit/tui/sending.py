"""Sends a command where there is nothing to ask, and says what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.protocol.commands import AnyCommand
from cockpit.tui.calm import calmly

if TYPE_CHECKING:
    from cockpit.tui.screens.cockpit import CockpitScreen


def do(board: CockpitScreen, command: AnyCommand) -> None:
    """Send it without waiting; the answer is told in passing."""
    board.app.run_worker(calmly(board.app, _send(board, command)), exit_on_error=False)


async def _send(board: CockpitScreen, command: AnyCommand) -> None:
    try:
        answer = await board.desk.do(command, board.frame.seen)
    except ConnectionError:
        board.tell("The engine is gone; nothing was done.", "warning")
        return
    board.tell(answer.text, "information" if answer.ok else "warning")
