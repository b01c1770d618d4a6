"""A look at earlier incidents like the one that runs."""

from __future__ import annotations

from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.live import Live
from cockpit.tui.widgets.past import Past


class PastScreen(Live):
    """The frame has it all."""

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "", Past(desk.frame))
