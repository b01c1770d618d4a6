"""Real clones."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.changes.git import Clone
from cockpit.changes.source import Looked, Tools
from cockpit.clock import SECOND, moment
from cockpit.config.sources import GitPath, GitSource
from tests.changes.conftest import NOON

SHOP = GitPath(service="shop", path="shop", tags="shop-*")


class Repository:
    """A repository in which each commit is a minute younger than the one before; the last is of 11:59 and so on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at = NOON - 3600 * SECOND
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        when = moment(self.at).isoformat()
        env = {
            "PATH": os.environ["PATH"], "HOME": str(self.path.parent), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "a@x",
            "GIT_COMMITTER_NAME": "Bob", "GIT_COMMITTER_EMAIL": "b@x",
        }  # fmt: skip
        done = subprocess.run(["git", "-C", self.path, *words], env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, file: str, *message: str) -> str:
        self.at += 60 * SECOND
        place = self.path / file
        place.parent.mkdir(exist_ok=True)
        place.write_text(str(self.at))
        self.git("add", ".")
        self.git("commit", "-q", *(word for each in message for word in ("-m", each)))
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


async def look(tools: Tools, path: str = "repo", **more: Any) -> Looked:
    return await Clone(GitSource(name="code", type="git", path=path, **more), tools).look()


def given(tools: Tools, tmp_path: Path, **more: str) -> Tools:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **more}
    return Tools(tools.ask, tools.clock, env, tools.base)


@pytest.fixture
def here(tools: Tools, tmp_path: Path) -> Tools:
    return given(tools, tmp_path)


async def test_a_commit_says_all_that_is_known_of_it(repository: Repository, here: Tools) -> None:
    sha = repository.commit("shop/a", "Sell\x1b[31m more", "Why\n\nReviewed-by: Eve <e@x>")
    looked = await look(here, services=(SHOP,))
    assert not looked.problems
    ((at, seen),) = looked.changes
    assert at == repository.at
    assert msgspec.to_builtins(seen) | {"v": 1} == {
        "change": f"code:{sha[:12]}:shop", "source": "code", "what": f"commit {sha[:7]} Sell more", "service": "shop",
        "who": "Ada", "reviewed": True, "undo": f"git revert {sha[:12]}", "v": 1,
    }  # fmt: skip


async def test_paths_belong_to_services_and_the_rest_is_left_out(repository: Repository, here: Tools) -> None:
    repository.commit("README", "Words")
    repository.commit("shop/a", "Shop")
    repository.commit("web/a", "Web")
    looked = await look(here, services=(SHOP, GitPath(service="site", path="web")))
    assert [(seen.service, seen.what.split()[-1]) for _, seen in looked.changes] == [("shop", "Shop"), ("site", "Web")]
    everything = await look(here, service="all-of-it")
    assert [seen.service for _, seen in everything.changes] == ["all-of-it"] * 3


@pytest.mark.parametrize(
    ("message", "reviewed"),
    [
        (("Merge pull request #7 from x/y", "Title"), True),
        (("Merge branch 'x' into 'main'", "See merge request a/b!12"), True),
        (("Merge branch 'x'",), False),
    ],
)
async def test_a_merge_of_a_request_was_reviewed_and_is_one_change(
    repository: Repository, here: Tools, message: tuple[str, ...], reviewed: bool
) -> None:
    repository.commit("shop/a", "First")
    repository.git("checkout", "-q", "-b", "x")
    repository.commit("shop/b", "Part one")
    repository.commit("shop/c", "Part two")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "x", *(word for each in message for word in ("-m", each)))
    sha = repository.git("rev-parse", "HEAD")
    looked = await look(here, services=(SHOP,))
    changes = {seen.what.partition(" ")[2][:7]: seen for _, seen in looked.changes}
    assert len(changes) == 2
    assert changes[sha[:7]].reviewed is reviewed and changes[sha[:7]].undo == f"git revert -m 1 {sha[:12]}"


async def test_tags_are_changes_with_a_way_back(repository: Repository, here: Tools) -> None:
    repository.commit("other", "Sell")
    repository.git("tag", "shop-1")
    repository.git("tag", "web-1")
    repository.at += 60 * SECOND
    repository.git("tag", "-a", "shop-2", "-m", "Second | one")
    looked = await look(here, services=(SHOP,))
    assert [(seen.what, seen.undo, seen.who) for _, seen in looked.changes] == [
        ("tag shop-1 Sell", "", "Bob"),
        ("tag shop-2 Second | one", "back to shop-1", "Bob"),
    ]


async def test_only_the_last_day_counts(repository: Repository, here: Tools) -> None:
    repository.at = NOON - 30 * 3600 * SECOND
    repository.commit("a", "Old")
    repository.git("tag", "shop-old")
    assert (await look(here, services=(SHOP, GitPath(service="all", path=".")))).changes == ()


async def test_a_remote_is_asked_first_when_that_is_wanted(repository: Repository, here: Tools, tmp_path: Path) -> None:
    repository.commit("a", "First")
    repository.git("clone", "-q", ".", str(tmp_path / "clone"))
    repository.commit("a", "Second")
    assert len((await look(here, "clone")).changes) == 1
    assert len((await look(here, "clone", fetch=True)).changes) == 2
    (tmp_path / "repo").rename(tmp_path / "gone")
    looked = await look(here, "clone", fetch=True)
    assert len(looked.changes) == 2 and looked.problems[0].startswith("code: not fetched, so this is as of the last")


async def test_no_program_named_by_a_repository_or_the_environment_runs(
    repository: Repository, tools: Tools, tmp_path: Path
) -> None:
    repository.commit("a", "First")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    repository.git("config", "core.fsmonitor", str(trap))
    repository.git("config", "core.pager", str(trap))
    repository.git("config", "pager.log", str(trap))
    hostile = given(tools, tmp_path, GIT_DIR=str(tmp_path), GIT_PAGER=str(trap), GIT_EXTERNAL_DIFF=str(trap))
    assert len((await look(hostile)).changes) == 1
    assert not (tmp_path / "sprung").exists()


async def test_a_program_that_a_repository_names_for_its_remote_does_not_run(
    repository: Repository, here: Tools, tmp_path: Path
) -> None:
    repository.commit("shop/a", "first")
    repository.git("clone", "-q", ".", str(tmp_path / "copy"))
    told = tmp_path / "told"
    repository.git("-C", str(tmp_path / "copy"), "config", "remote.origin.uploadpack", f"touch {told}; git-upload-pack")
    looked = await look(here, "copy", fetch=True)
    assert len(looked.changes) == 1 and not looked.problems
    assert not told.exists()


@pytest.mark.parametrize("date", ["-5 +0000", "99999999999999 +0000", "18446744073709551614 +0000"])
async def test_a_commit_whose_date_no_calendar_has_spoils_no_other(
    repository: Repository, here: Tools, date: str
) -> None:
    tip = repository.commit("shop/a", "good")
    raw = (
        f"tree {repository.git('rev-parse', 'HEAD^{tree}')}\nparent {tip}\n"
        f"author a <a@x> {date}\ncommitter a <a@x> {date}\n\nodd\n"
    )
    (repository.path.parent / "raw").write_text(raw)
    odd = repository.git("hash-object", "-t", "commit", "-w", "--literally", str(repository.path.parent / "raw"))
    repository.git("update-ref", "refs/heads/main", odd)
    repository.git("reset", "-q", "--hard")
    repository.commit("shop/b", "later")
    looked = await look(here)
    assert {seen.what.split(" ", 2)[2] for _, seen in looked.changes} == {"good", "later"}


async def test_what_is_no_repository_is_told(here: Tools, tmp_path: Path) -> None:
    looked = await look(here, "nowhere")
    assert not looked.answered and "nowhere: not found" in looked.problems[0]
    (tmp_path / "empty").mkdir()
    looked = await look(here, "empty")
    assert not looked.answered and "git ended with 128: fatal: not a git repository" in looked.problems[0]


async def test_a_branch_is_never_an_option(repository: Repository, here: Tools, tmp_path: Path) -> None:
    repository.commit("a", "First")
    looked = await look(here, branch=f"--output={tmp_path}/written")
    assert not looked.answered and not (tmp_path / "written").exists()
