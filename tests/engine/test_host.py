"""What keeps an engine from starting is said in words."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from cockpit.exits import Exit
from cockpit.platform.drill import DrillMark
from cockpit.platform.places import Places
from cockpit.protocol.launch import EngineFailed, launch_engine


async def test_an_engine_of_a_drill_whose_simulator_is_gone_does_not_start(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("version: 1\nservices: []\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    places = Places(tmp_path / "p")
    places.make()
    DrillMark("login-flag", "login-flag", f"http://127.0.0.1:{port}").write(places.drill)
    with pytest.raises(EngineFailed) as failed:
        await launch_engine(places, profile="drill-1", config=config)
    assert failed.value.code == Exit.DRILL_LOST
    assert "the drill login-flag is over" in str(failed.value) and "--profile drill-1 replay" in str(failed.value)
