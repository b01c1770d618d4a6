"""What the house promises about itself: what a terminal loads, what the wheel carries, what is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
ENGINES_OWN = ("pydantic", "sqlalchemy", "httpx", "aiohttp", "yaml")
"""What belongs to the engine: a terminal that loads one of these starts late."""
LOADED = f"print(sorted(name for name in {ENGINES_OWN} if name in __import__('sys').modules))"
ATTACHED = """
import asyncio
from cockpit.cli import Setting, main
from cockpit.tui.app import CockpitApp

setting = Setting(None, None, "default", "ada")
app = CockpitApp(lambda: setting.client(panes=True), actor="ada", restart=setting.restart)

async def attached():
    async with app.run_test(size=(120, 40)) as pilot:
        async with asyncio.timeout(20):
            while not app.frame.services.services:
                await pilot.pause(0.01)
        await pilot.press("question_mark", "escape", "r", "escape", "n", "escape", "d", "escape")

asyncio.run(attached())
"""


def _python(code: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        "import cockpit.tui.app, cockpit.cli",
        "import cockpit.cli\ntry: cockpit.cli.main(['--help'])\nexcept SystemExit: pass",
        "import cockpit.cli\ntry: cockpit.cli.main(['status'])\nexcept SystemExit: pass",
    ],
)
def test_a_command_line_loads_nothing_of_the_engine(code: str, tmp_path: Path) -> None:
    assert _python(f"{code}\n{LOADED}", {"COCKPIT_HOME": str(tmp_path)}) == "[]"


def test_an_attached_terminal_loads_nothing_of_the_engine(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "version: 1\nservices: [{name: web, probes: [{name: front, url: 'http://127.0.0.1:9/', interval: 1s}]}]\n"
    )
    env = {"COCKPIT_HOME": str(tmp_path / "state")}
    cockpit = [sys.executable, "-m", "cockpit", "--config", str(config)]
    subprocess.run([*cockpit, "note", "x"], env={**os.environ, **env}, check=True, timeout=60)
    try:
        assert _python(f"{ATTACHED}\n{LOADED}", env) == "[]"
    finally:
        subprocess.run([*cockpit, "stop"], env={**os.environ, **env}, check=True, timeout=60)


def test_check_looks_at_the_layers() -> None:
    commands = (ROOT / "Makefile").read_text("utf-8").partition("\ncheck:")[2].partition("\n\n")[0]
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports"):
        assert tool in commands


def test_the_lock_names_no_index_and_hashes_every_line() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock and "--index" not in lock and "--find-links" not in lock
    pinned = [entry for entry in re.split(r"\n(?=\S)", lock.strip()) if not entry.startswith("#")]
    assert len(pinned) > 30
    for entry in pinned:
        assert re.match(r"[\w.\[\]-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert any(entry.startswith("hatchling==") for entry in pinned)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network."""
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=ROOT, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    (built,) = place.glob("*.whl")
    return built


def test_the_wheel_carries_all_that_is_not_python(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"cockpit/py.typed", "cockpit/bundled/runbooks/login-flag.yaml"} <= names
    for path in (ROOT / "cockpit").rglob("*"):
        if path.suffix in {".tcss", ".yaml", ".py"}:
            assert path.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".pyc")]


def test_an_installed_wheel_has_its_runbooks_and_plays_a_drill(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(target), "COCKPIT_HOME": str(tmp_path / "state")}

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "cockpit", *words], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=110,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert str(target) in run("runbook", "list", "--json")
    story = run("drill", "login-flag", "--play", "shortcut", "--speed", "60")
    for words in ("login-synthetic DOWN", "by hand   exit 0", "Report: "):
        assert words in story


def test_a_loaded_machine_fails_no_property() -> None:
    assert settings().deadline is None
    assert settings().print_blob
    assert settings().derandomize == (os.environ.get("CI") == "true")
