"""What people ask of the watching itself."""

from __future__ import annotations

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.board import Board
from cockpit.engine.ordering import Impossible, order
from cockpit.incident.freezing import Freeze
from cockpit.incident.vocabulary import ProbePaused
from cockpit.incident.watching import Watching
from cockpit.protocol.commands import PauseProbe

NOW = 1_700_000_000 * SECOND
BOARD = Board(
    parse(
        'version: 1\nservices: [{name: web, probes: [{name: api, url: "http://api.test/", ip_protocol: each}]}]',
        "config.yaml", Config,
    ),
    Watching(),
)  # fmt: skip


@pytest.mark.parametrize("name", ["api", "api@ip4"])
def test_a_probe_of_several_lanes_is_paused_as_a_whole_or_lane_by_lane(name: str) -> None:
    body, _ = order(PauseProbe(probe=name, minutes=5, reason="noise"), Freeze(), BOARD.names, NOW)
    assert body == ProbePaused(probe=name, until=NOW + 300 * SECOND, reason="noise")


def test_what_is_not_asked_cannot_be_paused() -> None:
    with pytest.raises(Impossible, match="there is no probe apix"):
        order(PauseProbe(probe="apix", minutes=5, reason="noise"), Freeze(), BOARD.names, NOW)
