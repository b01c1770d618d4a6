"""One lane looked at closely, and what can be done about the watching of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.protocol.client import Told
from cockpit.protocol.commands import ProbeNow, ResumeProbe
from cockpit.protocol.messages import Fetch, FetchCard
from cockpit.protocol.views import CardView, LinkView
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.live import Live
from cockpit.tui.screens.watching import PauseForm
from cockpit.tui.widgets.card import Card

KEYS = "t probe now   p pause   r resume   o copy a link"


class CardScreen(Live):
    """Asks again whenever the services change."""

    CSS_PATH = ["modal.tcss", "live.tcss", "card.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "probe", show=False),
        Binding("p", "pause", show=False),
        Binding("r", "resume", show=False),
    ]

    def __init__(self, desk: Attachment, probe: str) -> None:
        self.card = Card(desk.frame, probe)
        super().__init__(desk, KEYS, self.card)
        self._services = desk.frame.services

    def question(self) -> Fetch:
        return FetchCard(self.card.probe)

    def answered(self, told: Told) -> None:
        if isinstance(told, CardView) and told.probe == self.card.probe:
            self.card.view = told
            self.card.redraw()

    def follow(self) -> None:
        super().follow()
        if self.desk.frame.services is not self._services:
            self._services = self.desk.frame.services
            self.ask()

    def links(self) -> Sequence[LinkView]:
        return self.card.view.links if self.card.view else ()

    def action_probe(self) -> None:
        if self.may_act():
            self.send(ProbeNow(probe=self.card.probe))

    def action_pause(self) -> None:
        if self.may_act():
            self.app.push_screen(PauseForm(self.desk, self.card.probe))

    def action_resume(self) -> None:
        if self.may_act():
            self.send(ResumeProbe(probe=self.card.probe))
