"""What the engine said last, view by view. A terminal keeps this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from cockpit.clock import SECOND
from cockpit.protocol.messages import VERSION, Welcome
from cockpit.protocol.older import READ_ONLY, REPLAY
from cockpit.protocol.views import (
    AlertsView,
    BroadcastView,
    ClockView,
    HeaderView,
    OutputView,
    Pane,
    PeopleView,
    ReplayView,
    RunView,
    SeenBeforeView,
    ServicesView,
    ServiceView,
)
from cockpit.text import SafeText
from cockpit.tui.clockface import Clockface

DOUBT, DOUBT_LEAST = 3.0, 15.0
"""Intervals, and seconds at the least, after which the last word of an engine that is gone proves nothing."""
NOWHERE = HeaderView(stream="", head=0, open=False, profile=SafeText(""))


@dataclass
class Frame:
    """The last view of each kind, the clock to read them by, and whether there is an engine.

    `misfit` when there is one of a version that this terminal cannot talk to; `stopped` when somebody stopped it, so
    that only a person starts it again. `read_only` when this terminal only looks, whatever the engine would allow.
    """

    clock: Clockface = field(default_factory=Clockface)
    welcome: Welcome | None = None
    header: HeaderView = NOWHERE
    services: ServicesView = ServicesView()
    alerts: AlertsView = AlertsView()
    run: RunView = RunView()
    output: OutputView | None = None
    broadcast: BroadcastView = BroadcastView()
    people: PeopleView = PeopleView()
    past: SeenBeforeView = SeenBeforeView()
    replay: ReplayView | None = None
    lost: str = "connecting to the engine"
    misfit: bool = False
    stopped: bool = False
    plain: bool = False
    read_only: bool = False

    def take(self, view: Pane) -> None:
        """Keep this view in place of the one before."""
        match view:
            case HeaderView():
                self.header = view
            case ServicesView():
                self.services = view
            case AlertsView():
                self.alerts = view
            case RunView():
                self.run = view
            case OutputView():
                self.output = view
            case BroadcastView():
                self.broadcast = view
            case PeopleView():
                self.people = view
            case ReplayView():
                self.replay = view
            case SeenBeforeView():
                self.past = view
            case ClockView():
                self.clock.turn(view)

    def doubt(self) -> None:
        """While no engine answers, what it said last ages all the same: no lane stays green for ever."""
        now = self.clock.now()
        if self.lost and any(_aged(service, now) for service in self.services.services):
            self.services = ServicesView(
                tuple(
                    msgspec.structs.replace(service, stale=True) if _aged(service, now) else service
                    for service in self.services.services
                )
            )

    @property
    def adrift(self) -> str:
        """That there is no engine, and what is done about it; empty while there is one."""
        return self.lost if self.stopped or not self.lost else f"{self.lost}, reconnecting"

    @property
    def replaying(self) -> bool:
        """Whether what is shown is a record that is played."""
        return self.welcome is not None and self.welcome.replay

    @property
    def only_looks(self) -> str:
        """Why nothing can be changed from here; empty when it can."""
        return REPLAY if self.replaying else READ_ONLY if self.read_only else ""

    @property
    def spoken(self) -> int:
        """The version of the protocol that the engine speaks: our own before we know better."""
        return VERSION if self.welcome is None else self.welcome.version

    @property
    def older(self) -> bool:
        """Whether the engine speaks an earlier version, in which not everything can be asked of it."""
        return self.spoken < VERSION

    @property
    def seen(self) -> tuple[str, int] | None:
        """The stream and its head as they stand on the screen, or None before anything does."""
        return (self.header.stream, self.header.head) if self.header.stream else None


def _aged(service: ServiceView, now: int) -> bool:
    """Whether it is believed although nobody can have looked for too long."""
    return not service.stale and now - service.checked > max(DOUBT * service.interval, DOUBT_LEAST) * SECOND


def plain_glyphs(environ: Mapping[str, str]) -> bool:
    """Whether to stay within ASCII: the locale says nothing of UTF-8, or the terminal is the bare console."""
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    return "utf" not in locale.lower() or environ.get("TERM") in {"linux", "dumb"}
