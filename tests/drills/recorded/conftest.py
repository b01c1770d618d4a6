"""One play of login-flag, for whatever is made of its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.probes import HttpProbeConfig
from tests.drills.warp.played import Played, played


@dataclass(frozen=True)
class Good:
    """The good play, and the probes that it was measured by."""

    seen: Played
    known: Mapping[str, HttpProbeConfig]


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Good:
    home: Path = tmp_path_factory.mktemp("g") / "a"
    seen = played("login-flag", "good", home=home)
    probes = (probe for service in read(home / "drill/config.yaml", Config).services for probe in service.probes)
    return Good(seen, {probe.name: probe for probe in probes if isinstance(probe, HttpProbeConfig)})
