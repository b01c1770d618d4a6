"""`cockpit probe` explains one look, without an engine."""

from __future__ import annotations

import json
import socket

from tests.cli.conftest import Shell


def test_an_address_is_explained_and_no_engine_is_started(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        done = shell.run("probe", address)
        data = json.loads(shell.run("probe", address, "--json").stdout)
    assert done.returncode == 0, done.stderr
    assert f"{address}: GOOD" in done.stdout and "connect  " in done.stdout
    assert data[0]["outcome"] == "good" and data[0]["phases"]["connect"] > 0
    assert not shell.home.exists() or not list(shell.home.rglob("*.sock"))
    assert shell.run("probe", address).returncode == 1
    wrong = shell.run("probe", "tcp://nothing")
    assert wrong.returncode == 3 and "tls://host:port" in wrong.stderr and not wrong.stdout
