"""Two versions of the program, both really installed: they talk, or the engine is replaced while its steps run on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import cockpit
from cockpit.exits import Exit
from cockpit.platform.places import Places
from cockpit.protocol.client import Client
from cockpit.protocol.commands import AnyCommand, Confirm, Declare, StartRun
from cockpit.protocol.views import Offer, RunView
from cockpit.runbooks.library import read_entry
from cockpit.runbooks.trust import trust
from tests.cli.conftest import CONFIG, Shell, read_until

RUNBOOK = """\
version: 1
id: patience
title: Wait for a sign
steps:
  - id: wait
    title: Wait until the file is there
    effect: write
    command: {{argv: [sh, -c, 'until [ -e "$0" ]; do sleep 0.02; done; echo over', {sign}]}}
    irreversible: waiting cannot be undone
"""
Install = Callable[[str, tuple[int, ...]], Shell]


@pytest.fixture
def install(shell: Shell, tmp_path: Path) -> Install:
    """Installs the program under another version, which speaks these versions of the protocol; a shell that has it."""

    def installed(program: str, spoken: tuple[int, ...]) -> Shell:
        place = tmp_path / program
        package = place / "cockpit"
        shutil.copytree(Path(cockpit.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
        _rewrite(package / "__init__.py", r"__version__ = .*", f'__version__ = "{program}"')
        _rewrite(package / "protocol" / "messages.py", r"\nVERSION = .*", f"\nVERSION = {spoken[0]}")
        _rewrite(package / "protocol" / "messages.py", r"\nSPOKEN = .*", f"\nSPOKEN = {spoken!r}")
        return replace(shell, env={**shell.env, "PYTHONPATH": str(place)})

    return installed


def _rewrite(file: Path, pattern: str, text: str) -> None:
    changed, times = re.subn(pattern, text, file.read_text())
    assert times == 1
    file.write_text(changed)


def _running(shell: Shell) -> dict[str, object]:
    found: dict[str, object] = json.loads(shell.run("status", "--json").stdout)
    return found


def test_the_version_before_is_still_spoken_in_both_directions(install: Install) -> None:
    old, new = install("7.1", (1,)), install("7.2", (2, 1))
    old.write(CONFIG)
    assert old.run("note", "from the old").stdout == "noted\n"
    assert new.run("note", "from the new").stdout == "noted\n"
    assert _running(new)["program"] == "7.1"
    with new.watching() as watch:
        read_until(watch, "from the old", "from the new")
    assert new.run("restart").stdout.startswith("engine 7.2 runs")
    assert old.run("note", "from the old again").stdout == "noted\n"
    assert _running(old)["program"] == "7.2"


async def test_without_a_common_version_a_restart_is_named_and_steps_run_on(install: Install, tmp_path: Path) -> None:
    old, new = install("7.1", (1,)), install("7.3", (3, 2))
    sign = tmp_path / "sign"
    runbook = old.write(RUNBOOK.format(sign=sign), "patience.yaml")
    # The newcomer stands elsewhere: the config it goes on with is the running engine's.
    config = old.write(CONFIG + "runbooks: [patience.yaml]\n", "elsewhere.yaml")
    places = Places(old.home / "default")
    places.make()
    trust(places.trust, read_entry(runbook))
    assert old.run("--config", config, "note", "x").returncode == Exit.OK
    await _start_the_step(places)

    away = new.run("note", "y")
    assert away.returncode == Exit.NO_ENGINE
    assert "is of cockpit 7.1" in away.stderr and "`cockpit restart`" in away.stderr
    assert "`cockpit restart`" in new.run("status").stdout

    assert new.run("restart").stdout.startswith(f"engine 7.3 runs, pid {_running(new)['pid']}, config {config}\n")
    with new.watching() as watch:
        read_until(watch, "started 7.3")
        sign.touch()
        read_until(watch, "wait  ok", "run       done")
    assert new.run("note", "y").stdout == "noted\n"


async def _start_the_step(places: Places) -> None:
    client = await Client.connect(places.socket, actor="ada")
    try:
        for command in (Declare(title="it burns", severity="SEV2"), StartRun(runbook="patience")):
            await _do(client, command)
        offer, run = await _offered(client, "run")
        await _do(client, Confirm(run=run, step=offer.step, digest=offer.digest, env={"PATH": "/usr/bin:/bin"}))
        await _offered(client, "stop")
    finally:
        await client.close()


async def _do(client: Client, command: AnyCommand) -> None:
    answer = await client.do(command)
    assert answer.ok, answer.text


async def _offered(client: Client, action: str) -> tuple[Offer, str]:
    async for told in client.messages():
        if isinstance(told, RunView):
            for offer in told.offers:
                if offer.action == action:
                    return offer, told.run
    raise AssertionError(f"nobody offered to {action}")
