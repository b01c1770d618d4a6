"""`roll-back-systemd` with a systemctl that only pretends: it notes what the link pointed to when the unit started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.starters.night import Night, night, serving

CONFIG = """\
version: 1
services:
  - name: web
    probes:
      - {{name: web-front, url: "{url}", interval: 10s, failures: 2, successes: 2}}
"""
SYSTEMCTL = """\
#!/bin/sh
echo "$*" >> {root}/asked
case "$1" in
  restart) readlink {root}/current > {root}/serving; test ! -e {root}/current/crashes ;;
  is-active) if test -e {root}/current/crashes; then echo failed; exit 3; fi; echo active ;;
  status) echo "web.service: pretended"; exit 3 ;;
esac
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name in ("1.07", "1.08", "1.09", "1.10"):
        (tmp_path / "releases" / name).mkdir(parents=True)
    (tmp_path / "releases" / "1.08" / "healthy").touch()
    (tmp_path / "releases" / "1.09" / "crashes").touch()
    (tmp_path / "current").symlink_to(tmp_path / "releases" / "1.10")
    (tmp_path / "serving").write_text(f"{tmp_path}/releases/1.10\n")
    (tmp_path / "bin").mkdir()
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.write_text(SYSTEMCTL.format(root=tmp_path))
    systemctl.chmod(0o755)
    return tmp_path


def serves(app: Path) -> Path:
    return Path((app / "serving").read_text().strip())


@pytest.fixture
async def person(app: Path, home: Path) -> AsyncIterator[Night]:
    env = {"PATH": f"{app / 'bin'}:/usr/bin:/bin"}
    async with serving(lambda: (serves(app) / "healthy").exists()) as url:
        async with night(home, CONFIG.format(url=url), env) as made:
            yield made


async def test_a_release_whose_unit_does_not_start_is_said_to_have_failed_and_the_next_one_helps(
    person: Night, app: Path
) -> None:
    where = {"releases": str(app / "releases"), "link": str(app / "current")}
    await person.begin("roll-back-systemd", unit="web.service", **where)
    await person.done("freeze")
    await person.run("status")
    await person.run("release.current")
    await person.run("release.1")
    await person.shows("release.1", "FAILED")
    await person.run("release.2")
    await person.shows("release.2", "RECOVERED")
    assert serves(app).name == "1.08"
    await person.run("release.2", undo=True)
    # What served before it does not start, and that is said.
    await person.until(lambda: "undoing Roll back: second release back: FAILED" in person.timeline)
    asked = (app / "asked").read_text().splitlines()
    assert asked[0] == "status --no-pager --lines 20 web.service"
    assert asked.count("restart web.service") == 3 and serves(app).name == "1.09"
