"""A ladder over a real git repository, and a real nginx that serves what is built of it.

The page is blank, as in the incident that this grew out of: every answer is 200, only the page's words are missing.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.protocol.commands import Accept
from tests.real.servers import free_port, required, running
from tests.starters.conftest import home
from tests.starters.night import Night, night

__all__ = ["home"]
pytestmark = pytest.mark.real

SPEED = 20.0
NGINX = """\
daemon off;
master_process off;
pid {place}/pid;
error_log {place}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
  default_type text/html;
  server {{ listen 127.0.0.1:{port}; root {place}/current; }}
}}
"""
CONFIG = """\
version: 1
services:
  - name: web
    probes:
      - name: page-body
        url: http://127.0.0.1:{port}/
        interval: 10s
        failures: 2
        successes: 2
        conditions: [{{body_contains: "<h1>Quotes</h1>"}}]
"""
DEPLOY = """\
#!/bin/bash
# Builds a commit and switches to it, unless somebody has held the pipeline.
set -eo pipefail
cd {place}
echo "building $1"
test ! -e held || {{ echo "queued"; exit 0; }}
mkdir -p "builds/$1"
git -C {repository} archive "$1" | tar -x -C "builds/$1"
cat "builds/$1"/parts/*.html > "builds/$1/index.html"
ln -sfn "builds/$1" next && mv -fT next current
echo "$1" >> deployed
"""
RUNBOOK = """\
version: 1
id: page
title: Go back until the page has words
service: web
requires: {{commands: [git, deploy, readlink]}}
probes: [page-body]
steps:
  - id: back
    title: Go back
    ladder:
      verify: {{probe: page-body, within: 60s, hold: 10s}}
      releases:
        current: {{run: basename "$(readlink {place}/current)"}}
        list:
          run: git -C {repository} log --format="%H %s" "$(basename "$(readlink {place}/current)")~1"
        apply: {{argv: [deploy, {{target: id}}]}}
        at_least: 2
        at_most: 5
"""
STORY = ("Quotes", "a call to the old service", "a new colour", "a typo", "the feature")
"""What each commit says; all but the first leave the page without words."""


@dataclass
class Site:
    """A repository with a commit for each word of the story, of which the last one serves."""

    place: Path
    port: int

    def __post_init__(self) -> None:
        self.repository = self.place / "repository"
        self.env = {
            "PATH": f"{self.place}:{os.environ['PATH']}", "HOME": str(self.place),
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "a@example.com",
        }  # fmt: skip
        (self.repository / "parts").mkdir(parents=True)
        deploy = self.place / "deploy"
        deploy.write_text(DEPLOY.format(place=self.place, repository=self.repository))
        deploy.chmod(0o755)
        self.runbook.write_text(RUNBOOK.format(place=self.place, repository=self.repository))
        self.git("init", "--quiet")
        self.commits = [self.commit(words) for words in STORY]
        self.deploy(self.commits[-1])

    @property
    def runbook(self) -> Path:
        return self.place / "page.yaml"

    def git(self, *words: str) -> str:
        argv = ["git", *words]
        return subprocess.run(
            argv, cwd=self.repository, env=self.env, check=True, capture_output=True, text=True
        ).stdout.strip()  # fmt: skip

    def commit(self, words: str) -> str:
        body = f"<h1>{words}</h1>\n" if words == "Quotes" else f"<!-- {words} -->\n"
        (self.repository / "parts" / "body.html").write_text(body)
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", words)
        return self.git("rev-parse", "HEAD")

    def deploy(self, commit: str) -> None:
        subprocess.run(["deploy", commit], env=self.env, check=True, capture_output=True)

    @property
    def deployed(self) -> list[str]:
        """Every commit that was ever switched to, in order."""
        return (self.place / "deployed").read_text().splitlines()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    program, port = required("nginx", "nginx-light"), free_port()
    made = Site(tmp_path, port)
    (tmp_path / "nginx.conf").write_text(NGINX.format(place=tmp_path, port=port))
    argv = [program, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")]
    with running(argv, port, tmp_path / "log"):
        yield made


@pytest.fixture
async def person(site: Site, home: Path) -> AsyncIterator[Night]:
    config = CONFIG.format(port=site.port) + f"runbooks: [{site.runbook}]\n"
    async with night(home, config, site.env, site.runbook, speed=SPEED) as made:
        await made.begin("page")
        await made.run("back.current")
        yield made


async def test_it_finds_the_release_that_works_and_says_what_helped(person: Night, site: Site) -> None:
    first, bad3, bad2, bad1, original = site.commits
    for rung in ("back.1", "back.2", "back.3"):
        await person.run(rung)
        await person.shows(rung, "NO EFFECT")
    await person.run("back.4")
    await person.shows("back.4", "RECOVERED")
    await person.until(lambda: person.sight.run.outcome == "done")
    assert site.deployed == [original, bad1, bad2, bad3, first]
    told = [line.split("  ")[:2] for line in person.timeline.splitlines()]
    verdicts = [words for words in told if words[-1] in {"NO EFFECT", "PASS", "RECOVERED"}]
    assert [step for step, _ in verdicts] == ["back.1", "back.2", "back.3", "back.4"]
    assert [verdict for _, verdict in verdicts][:3] == ["NO EFFECT"] * 3 and verdicts[3][1] != "NO EFFECT"
    assert f"from {original} back to {bad1}, {bad2}, {bad3}, {first}" in person.timeline


async def test_while_somebody_else_deploys_it_is_held(person: Night, site: Site) -> None:
    await person.run("back.1")
    await person.shows("back.1", "NO EFFECT")
    hotfix = site.commit("a hotfix of somebody else")
    site.deploy(hotfix)
    await person.run("back.2")
    await person.shows("back.2", f"{hotfix} serves, not {site.commits[-2]}: somebody else has deployed meanwhile")
    assert site.deployed[-1] == hotfix
    offer = await person.offered("accept", "back.2")
    await person.do(Accept(run=person.sight.run.run, step=offer.step, reason="bo did, and wants it gone"))
    await person.run("back.2")
    await person.until(lambda: site.deployed[-1] == site.commits[-3])


async def test_a_deploy_that_exits_0_and_changes_nothing_is_no_success(person: Night, site: Site) -> None:
    (site.place / "held").touch()
    await person.run("back.1")
    await person.until(lambda: f"exit 0, but {site.commits[-1]} serves, not {site.commits[-2]}" in person.timeline)
    assert site.deployed == [site.commits[-1]] and "NO EFFECT" not in person.timeline


async def test_fewer_releases_than_asked_is_an_error_in_words(site: Site, home: Path) -> None:
    site.deploy(site.commits[1])
    config = CONFIG.format(port=site.port) + f"runbooks: [{site.runbook}]\n"
    async with night(home, config, site.env, site.runbook, speed=SPEED) as person:
        await person.begin("page")
        await person.run("back.current")
        await person.shows("back.list", "found 1 releases to go back to, needs at least 2")
        assert not [each for each in person.sight.run.offers if each.step == "back.1"]
