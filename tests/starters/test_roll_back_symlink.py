"""`roll-back-symlink` for real: directories, a link, and something that serves through it."""

from __future__ import annotations

import os
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
RELEASES = ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06")
"""The second works; the fourth is marked as failed; the fifth serves; the sixth was rolled back before."""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name in RELEASES:
        (tmp_path / "releases" / name).mkdir(parents=True)
    (tmp_path / "releases" / "2026-02" / "healthy").touch()
    (tmp_path / "releases" / "2026-04" / "FAILED").touch()
    (tmp_path / "current").symlink_to(tmp_path / "releases" / "2026-05")
    return tmp_path


@pytest.fixture
async def person(app: Path, home: Path) -> AsyncIterator[Night]:
    async with serving(lambda: (app / "current" / "healthy").exists()) as url:
        async with night(home, CONFIG.format(url=url), {}) as made:
            yield made


async def begin(person: Night, app: Path) -> None:
    await person.begin("roll-back-symlink", releases=str(app / "releases"), link=str(app / "current"))
    await person.done("freeze")


async def test_it_goes_down_until_a_release_helps_and_comes_back_up_on_request(person: Night, app: Path) -> None:
    await begin(person, app)
    await person.run("release.current")
    await person.run("release.1")
    await person.shows("release.1", "NO EFFECT")
    assert os.readlink(app / "current") == str(app / "releases" / "2026-03")
    await person.run("release.2")
    await person.shows("release.2", "RECOVERED")
    assert os.readlink(app / "current") == str(app / "releases" / "2026-02")
    await person.shows("release.exhausted", "not needed")
    assert "2026-04: it failed" in person.timeline and "2026-06" not in person.timeline
    await person.run("release.2", undo=True)
    await person.shows("release.2", "undone")
    assert os.readlink(app / "current") == str(app / "releases" / "2026-03")
    assert sorted(os.listdir(app)) == ["current", "releases"]


async def test_a_barrier_wants_a_word_first(person: Night, app: Path) -> None:
    (app / "releases" / "2026-03" / "BARRIER").write_text('drops a column; "orders.state" is gone\n')
    await begin(person, app)
    await person.run("release.current")
    offer = await person.offered("approve", "release.1")
    assert "drops a column" in offer.said
    assert os.readlink(app / "current") == str(app / "releases" / "2026-05")


async def test_too_few_older_releases_is_an_error_in_words(person: Night, app: Path) -> None:
    (app / "current").unlink()
    (app / "current").symlink_to(app / "releases" / "2026-02")
    (app / "releases" / "2026-02" / "healthy").unlink()
    await begin(person, app)
    await person.run("release.current")
    await person.shows("release.list", "found 1 releases to go back to, needs at least 2")
    assert not [each for each in person.sight.run.offers if each.step == "release.1"]
