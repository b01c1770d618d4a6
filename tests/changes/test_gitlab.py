"""GitLab's REST interface."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from cockpit.changes.gitlab import GitLab
from cockpit.changes.source import CannotCancel, Tools
from cockpit.clock import SECOND
from cockpit.config.fields import EnvReference
from cockpit.config.sources import GitLabSource
from tests.changes.conftest import NOON, Site, status

PROJECT = "/projects/acme%2Fshop"
DEPLOYMENTS, PIPELINES = f"GET {PROJECT}/deployments", f"GET {PROJECT}/pipelines"


def deployment(number: int, word: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "iid": 1, "status": word, "ref": "main", "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
        "created_at": "2025-11-20T11:30:00.222Z", "updated_at": "2025-11-20T11:45:00Z",
        "user": {"name": "Jo", "username": "jo"}, "environment": {"id": 9, "name": "production"},
        "deployable": {
            "id": 1, "started_at": "2025-11-20T11:40:00.000Z", "finished_at": None,
            "pipeline": {"id": 3, "ref": "main", "sha": "a919", "web_url": "https://x/pipelines/3"},
        },
    } | more  # fmt: skip


@pytest.fixture
def source(site: Site, tools: Tools) -> GitLab:
    async def queue(request: web.Request) -> web.StreamResponse:
        word = request.query["status"]
        number = {"pending": 47, "running": 48}[word]
        return web.json_response([{
            "id": number, "status": word, "ref": "main", "sha": "a919", "source": "push",
            "web_url": f"https://x/pipelines/{number}", "created_at": "2025-11-20T11:55:00Z",
        }])  # fmt: skip

    site.answers[DEPLOYMENTS], site.answers[PIPELINES] = [], queue
    token = EnvReference(env="TOKEN")
    return GitLab(GitLabSource(name="ci", type="gitlab", project="acme/shop", token=token, url=site.url), tools)


async def test_deployments_that_have_begun_are_changes(site: Site, source: GitLab) -> None:
    site.answers[DEPLOYMENTS] = [
        deployment(1, "created"), deployment(2, "success"), deployment(3, "failed", deployable=None), {"id": 4},
    ]  # fmt: skip
    looked = await source.look()
    assert len(looked.problems) == 1 and looked.answered
    (first, failed), (second, good) = looked.changes
    assert (first, second) == (NOON - 1_800 * SECOND + 222_000, NOON - 1_200 * SECOND)
    assert (good.change, good.what, good.service) == (
        "ci:deployment-2", "deploy main (a91957a) to production", "shop",
    )  # fmt: skip
    assert (good.who, good.link) == ("jo", "https://x/pipelines/3")
    assert failed.what.endswith("FAILED")
    assert site.asked[0].query["updated_after"] == "2025-11-19T12:00:00Z"
    assert site.asked[0].headers["private-token"] == "t0k3n-value"


async def test_pipelines_are_jobs(source: GitLab) -> None:
    waiting, running = (await source.look()).jobs
    assert (waiting.id, waiting.state, waiting.what) == ("47", "waiting", "pipeline on main (push)")
    assert (running.id, running.state, running.since) == ("48", "running", NOON - 300 * SECOND)


@pytest.mark.parametrize(
    ("answer", "words", "pause"),
    [
        (status(401), "the token in TOKEN is wrong", 0),
        (status(403), "scope read_api", 0),
        (status(404), "no project acme/shop", 0),
        (status(429, ratelimit_reset=str(NOON // SECOND + 30)), "rate limit is used up", 30),
        (status(503, retry_after="5"), "rate limit is used up", 5),
    ],
)
async def test_what_goes_wrong_is_told(site: Site, source: GitLab, answer: Any, words: str, pause: float) -> None:
    site.answers[DEPLOYMENTS] = answer
    looked = await source.look()
    assert (looked.answered, looked.pause) == (False, pause)
    assert words in looked.problems[0] and "t0k3n" not in looked.problems[0]


async def test_a_pipeline_is_cancelled_or_it_is_told_why_not(site: Site, source: GitLab) -> None:
    site.answers[f"POST {PROJECT}/pipelines/47/cancel"] = {"id": 47, "status": "canceled"}
    assert await source.cancel("47") == "ci: GitLab was asked to cancel pipeline 47, and agreed"
    for job, words in (("48", "there is no pipeline 48"), ("x", "is no number")):
        with pytest.raises(CannotCancel, match=words):
            await source.cancel(job)
