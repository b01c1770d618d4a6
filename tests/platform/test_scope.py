from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.platform.scope import surviving_logout

ENGINE = ["python", "-m", "cockpit.engine"]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with systemd-run on the PATH and a user manager that answers."""
    runtime, programs = tmp_path / "run", tmp_path / "bin"
    (runtime / "systemd").mkdir(parents=True)
    (runtime / "systemd" / "private").touch()
    programs.mkdir()
    (programs / "systemd-run").write_text("#!/bin/sh\n")
    (programs / "systemd-run").chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("PATH", str(programs))
    return tmp_path


def test_where_a_logout_would_end_it_the_engine_gets_a_scope_of_its_own(host: Path) -> None:
    argv = surviving_logout(ENGINE)
    assert argv[0] == str(host / "bin" / "systemd-run")
    assert {"--user", "--scope"} <= set(argv)
    assert argv[argv.index("--") + 1 :] == ENGINE


@pytest.mark.parametrize("missing", ["run/systemd/private", "bin/systemd-run"])
def test_without_a_user_manager_it_starts_as_it_is(host: Path, missing: str) -> None:
    (host / missing).unlink()
    assert surviving_logout(ENGINE) == ENGINE


def test_without_a_runtime_directory_it_starts_as_it_is(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert surviving_logout(ENGINE) == ENGINE
