from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest

from cockpit.platform import places
from cockpit.platform.places import Places


@pytest.mark.parametrize("length", [10, 70, 120])
def test_a_socket_finds_a_path_short_enough(length: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/tmp/" + "t" * length)
    path = Places(Path("/state/" + "x" * 150)).socket
    with socket.socket(socket.AF_UNIX) as caller, pytest.raises(FileNotFoundError):
        caller.connect(os.fspath(path))
    assert Places(Path("/state/short")).socket == Path("/state/short/engine.sock")


def test_a_socket_is_never_put_into_a_strangers_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: os.fspath(tmp_path))
    monkeypatch.setattr(places, "_SOCKET_PATH_LIMIT", 2 * len(os.fspath(tmp_path)))
    far = Places(tmp_path / "home" / ("x" * 200))
    far.make()
    assert far.socket.parent == tmp_path / f"cockpit-{os.getuid()}"
    monkeypatch.setattr(os, "getuid", lambda: far.home.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="another user"):
        squatted = tmp_path / f"cockpit-{os.getuid()}"
        squatted.mkdir()
        far.make()
