"""`revert-config-commit` for real: a repository, a pipeline that applies what is pushed, a service that reads it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.starters.night import BUNDLED, Night, night, serving

CONFIG = """\
version: 1
services:
  - name: web
    probes:
      - {{name: web-front, url: "{url}", interval: 10s, failures: 2, successes: 2}}
"""
IDENTITY = "[user]\nname = Ada\nemail = ada@example.com\n"
PIPELINE = """\
#!/bin/sh
while read -r _ commit _; do
  git --work-tree="{live}" checkout --force "$commit" -- . && echo "$commit" >> "{live}.applied"
done
"""


@dataclass
class Shop:
    """A config repository with three commits, of which the second is bad, and the directory that its pipeline fills."""

    root: Path

    def __post_init__(self) -> None:
        self.env = {"HOME": str(self.root), "PATH": os.environ["PATH"]}
        self.clone, self.live, self.origin = self.root / "clone", self.root / "live", self.root / "origin.git"
        self.live.mkdir()
        (self.root / ".gitconfig").write_text(IDENTITY)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin), at=self.root)
        hook = self.origin / "hooks" / "post-receive"
        hook.write_text(PIPELINE.format(live=self.live))
        hook.chmod(0o755)
        self.git("clone", "--quiet", str(self.origin), str(self.clone), at=self.root)
        self.commit("flag.conf", "flag = off\n")
        self.bad = self.commit("flag.conf", "flag = on\n")
        self.commit("other.conf", "colour = green\n")

    def git(self, *words: str, at: Path | None = None) -> str:
        return subprocess.run(
            ["git", *words], cwd=at or self.clone, env=self.env, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, file: str, text: str) -> str:
        """Change a file and push that; its id."""
        (self.clone / file).write_text(text)
        self.git("add", file)
        self.git("commit", "--quiet", "-m", f"change {file}")
        self.git("push", "--quiet", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")

    @property
    def healthy(self) -> bool:
        return (self.live / "flag.conf").read_text() == "flag = off\n"

    @property
    def subjects(self) -> list[str]:
        """What the pipeline's branch says, the newest first."""
        return self.git("log", "--format=%s", "main", at=self.origin).splitlines()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture
async def person(shop: Shop, home: Path) -> AsyncIterator[Night]:
    async with serving(lambda: shop.healthy) as url, night(home, CONFIG.format(url=url), shop.env) as made:
        yield made


async def test_the_commit_is_reverted_the_pipeline_applies_it_and_it_can_be_undone(person: Night, shop: Shop) -> None:
    head = shop.git("rev-parse", "HEAD")
    await person.begin("revert-config-commit", repository=str(shop.clone), commit=shop.bad[:10])
    await person.done("announce")
    await person.run("look")
    await person.run("revert")
    await person.shows("revert", "RECOVERED")
    assert shop.subjects[0] == 'Revert "change flag.conf"'
    assert (shop.live / "other.conf").read_text() == "colour = green\n"
    assert (shop.root / "live.applied").read_text().splitlines()[-1] == shop.git("rev-parse", "main", at=shop.origin)
    await person.run("revert", undo=True)
    await person.shows("revert", "undone")
    assert len(shop.subjects) == 5 and not shop.healthy
    assert shop.git("rev-parse", "HEAD") == head and shop.git("status", "--porcelain") == ""
    assert len(shop.git("worktree", "list").splitlines()) == 1


async def test_a_commit_that_cannot_be_reverted_cleanly_changes_nothing(person: Night, shop: Shop) -> None:
    shop.commit("flag.conf", "flag = maybe\n")
    await person.begin("revert-config-commit", repository=str(shop.clone), commit=shop.bad)
    await person.done("announce")
    await person.run("look")
    await person.shows("look", "FAILED")
    assert len(shop.subjects) == 4
    assert not [each for each in person.sight.run.offers if (each.action, each.step) == ("run", "revert")]
    assert len(shop.git("worktree", "list").splitlines()) == 1


def test_its_check_tells_whether_the_push_arrived_and_says_when_it_cannot_tell(shop: Shop) -> None:
    steps = {step["id"]: step for step in yaml.safe_load((BUNDLED / "revert-config-commit.yaml").read_text())["steps"]}
    values = {"REPOSITORY": str(shop.clone), "BRANCH": "main", "COMMIT": shop.bad}
    values["HEAD"] = shop.git("rev-parse", "HEAD")

    def check() -> int:
        script = steps["revert"]["check"]["run"]
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], env={**shop.env, **values}, capture_output=True
        ).returncode

    assert check() == 1
    script = steps["revert"]["command"]["run"]
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], env={**shop.env, **values}, check=True)
    assert check() == 0
    shop.origin.rename(shop.root / "elsewhere")
    assert check() == 2
