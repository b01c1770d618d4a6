"""What every check looks at: the config, the person's own environment, and where the cockpit keeps its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.clock import Clock
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.config.secrets import Secrets
from cockpit.platform.places import Places
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport
from cockpit.runbooks.library import Entry


@dataclass(frozen=True)
class Scene:
    """`path` is the config file and `error` what is wrong with it; `config` is what it says, empty when unusable."""

    path: Path | None
    config: Config
    error: ConfigError | None
    environ: Mapping[str, str] = field(repr=False)
    secrets: Secrets
    places: Places
    transport: ProbeTransport
    clock: Clock
    runbooks: tuple[Entry, ...] = ()

    @property
    def base(self) -> Path:
        """The directory that relative paths of the config start from."""
        return self.path.parent if self.path is not None else Path()

    @property
    def tools(self) -> Tools:
        """What probes are given."""
        return Tools(self.transport, self.clock, self.environ, self.base)
