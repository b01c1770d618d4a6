"""One engine to a journal."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from cockpit.engine.lock import EngineLock, EngineRuns


def test_a_lock_that_is_held_names_its_holder_until_it_is_let_go(tmp_path: Path) -> None:
    held = EngineLock(tmp_path / "engine.lock")
    with pytest.raises(EngineRuns, match="pid [1-9]"):
        EngineLock(tmp_path / "engine.lock")
    held.release()
    EngineLock(tmp_path / "engine.lock").release()


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EIO])
def test_a_place_without_locks_is_not_taken_for_an_engine_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fail(_fd: int, _operation: int) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(OSError, match="no lock can be had"):
        EngineLock(tmp_path / "engine.lock")
