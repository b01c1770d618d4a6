"""What `config.yaml` may say."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from cockpit.config.broadcasting import BroadcastConfig
from cockpit.config.dependencies import Parents, parents
from cockpit.config.fields import Deadline, Endpoint, Name, Strict, repeated
from cockpit.config.freezing import FreezeConfig
from cockpit.config.gates import GatesConfig
from cockpit.config.intake import Intake
from cockpit.config.services import ServiceConfig
from cockpit.config.sources import ChangeSource


class SelfCheck(Strict):
    """Addresses that answer whenever our own network works: while none does, nothing is called down."""

    targets: tuple[Endpoint, ...] = ()
    timeout: Deadline = 2.0


class Telemetry(Strict):
    """How long minute by minute figures are kept, and how long the probes of a changed service are watched after it."""

    keep: Deadline = 14 * 86400.0
    deploy_watch: Deadline = 600.0


class Config(Strict):
    """The whole file."""

    version: Literal[1]
    services: tuple[ServiceConfig, ...] = ()
    self_check: SelfCheck = SelfCheck()
    telemetry: Telemetry = Telemetry()
    changes: tuple[ChangeSource, ...] = ()
    freeze: FreezeConfig = FreezeConfig()
    intake: tuple[Intake, ...] = ()
    broadcast: BroadcastConfig = BroadcastConfig()
    runbooks: tuple[str, ...] = ()
    bundled: tuple[Name, ...] | None = None
    """Which of the runbooks that come with the program are there, by id; all of them if it is not said."""
    gates: GatesConfig = GatesConfig()

    @model_validator(mode="after")
    def _unique_names(self) -> Config:
        for what, names in (
            ("service", [service.name for service in self.services]),
            ("probe", [probe.name for service in self.services for probe in service.probes]),
            ("change source", [source.name for source in self.changes]),
            ("intake", [intake.name for intake in self.intake]),
            ("destination", [destination.name for destination in self.broadcast.destinations]),
        ):
            if twice := repeated(names):
                raise ValueError(f"a {what}'s name must be its own: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _no_circle(self) -> Config:
        parents(self.services)
        return self

    @property
    def parents(self) -> Parents:
        """The probes each probe depends on directly."""
        return parents(self.services)
