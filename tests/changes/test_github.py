"""GitHub's REST interface, well and badly."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from cockpit.changes.github import GitHub
from cockpit.changes.source import CannotCancel, Tools
from cockpit.clock import SECOND
from cockpit.config.fields import EnvReference
from cockpit.config.sources import GitHubSource
from tests.changes.conftest import NOON, Site, StillClock, status

REPO = "/repos/acme/shop"
DEPLOYMENTS, RUNS = f"GET {REPO}/deployments", f"GET {REPO}/actions/runs"
SHA = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d"


def deployment(number: int, at: str = "2025-11-20T11:40:00Z") -> dict[str, Any]:
    return {
        "id": number, "sha": SHA, "ref": "v2.4", "task": "deploy", "environment": "production", "description": None,
        "creator": {"login": "jo", "id": 1}, "created_at": at, "updated_at": at, "payload": {},
    }  # fmt: skip


def state(word: str, minute: int) -> dict[str, Any]:
    link = f"https://x/{word}"
    return {"id": minute, "state": word, "created_at": f"2025-11-20T11:{minute}:00Z", "log_url": link, "target_url": ""}


def run(number: int, word: str) -> dict[str, Any]:
    return {
        "id": number, "name": "deploy", "display_title": "Sell more", "head_branch": "main", "status": word,
        "event": "push", "html_url": f"https://x/runs/{number}", "created_at": "2025-11-20T11:50:00Z",
        "run_started_at": "2025-11-20T11:55:00Z", "actor": {"login": "jo"}, "triggering_actor": {"login": "kim"},
    }  # fmt: skip


def statuses(site: Site, number: int, *found: dict[str, Any]) -> None:
    site.answers[f"GET {REPO}/deployments/{number}/statuses"] = list(found)


@pytest.fixture
def source(site: Site, tools: Tools) -> GitHub:
    async def queue(request: web.Request) -> web.StreamResponse:
        word = request.query["status"]
        listed = {"queued": [run(1, word)], "in_progress": [run(2, word)], "waiting": []}[word]
        return web.json_response({"total_count": len(listed), "workflow_runs": listed})

    site.answers[DEPLOYMENTS], site.answers[RUNS] = [], queue
    token = EnvReference(env="TOKEN")
    return GitHub(GitHubSource(name="ci", type="github", repository="acme/shop", token=token, url=site.url), tools)


async def test_a_deployment_is_a_change_once_it_has_begun(site: Site, source: GitHub) -> None:
    site.answers[DEPLOYMENTS] = [deployment(5), deployment(4), deployment(3), deployment(2, "2025-11-19T11:00:00Z")]
    statuses(site, 5, state("waiting", 41))
    statuses(site, 4, state("success", 45), state("in_progress", 42), state("queued", 41))
    statuses(site, 3, state("failure", 44))
    looked = await source.look()
    assert not looked.problems and looked.answered
    four, three = (seen for _, seen in looked.changes)
    assert looked.changes[0][0] == NOON - 18 * 60 * SECOND
    assert (four.change, four.what, four.who) == ("ci:deployment-4", "deploy v2.4 (a84d88e) to production", "jo")
    assert (four.service, four.link) == ("shop", "https://x/success")
    assert three.what.endswith("FAILED")
    assert {each.headers["authorization"] for each in site.asked} == {"Bearer t0k3n-value"}


async def test_what_was_told_once_is_not_asked_about_again_and_stays_told(site: Site, source: GitHub) -> None:
    site.answers[DEPLOYMENTS] = [deployment(4)]
    statuses(site, 4, state("success", 45))
    first = await source.look()
    del site.answers[f"GET {REPO}/deployments/4/statuses"]
    assert await source.look() == first


async def test_a_deployment_that_nobody_gives_a_state_counts_after_a_minute(
    site: Site, source: GitHub, tools: Tools
) -> None:
    site.answers[DEPLOYMENTS] = [deployment(4, "2025-11-20T11:59:30Z")]
    statuses(site, 4)
    assert (await source.look()).changes == ()
    assert isinstance(tools.clock, StillClock)
    tools.clock.at += 60 * SECOND
    assert len((await source.look()).changes) == 1


async def test_runs_that_wait_or_go_on_are_jobs(source: GitHub) -> None:
    waiting, running = (await source.look()).jobs
    assert (waiting.id, waiting.state, waiting.who, waiting.link) == ("1", "waiting", "kim", "https://x/runs/1")
    assert (running.what, running.state, running.since) == (
        "deploy Sell more on main", "running", NOON - 300 * SECOND,
    )  # fmt: skip


async def test_an_answer_that_did_not_change_is_not_sent_again(site: Site, source: GitHub) -> None:
    async def tagged(request: web.Request) -> web.StreamResponse:
        if request.headers.get("if-none-match") == 'W/"1"':
            return web.Response(status=304)
        return web.json_response([deployment(4)], headers={"etag": 'W/"1"'})

    site.answers[DEPLOYMENTS] = tagged
    statuses(site, 4, state("success", 45))
    first = await source.look()
    assert len(first.changes) == 1 and await source.look() == first


@pytest.mark.parametrize(
    ("answer", "words", "pause"),
    [
        (status(401), "HTTP 401: the token in TOKEN is wrong or has expired", 0),
        (status(403), "HTTP 403: the token in TOKEN may not do this: give it Deployments", 0),
        (status(404), "HTTP 404: no acme/shop for the token in TOKEN", 0),
        (status(500), "HTTP 500", 0),
        (status(301), "HTTP 301", 0),
        (status(403, retry_after="90"), "rate limit is used up (HTTP 403): asked again at 12:01Z", 90),
        (
            status(403, x_ratelimit_remaining="0", x_ratelimit_reset=str(NOON // SECOND + 600)),
            "rate limit is used up (HTTP 403): asked again at 12:10Z", 600,
        ),
        (status(429), "rate limit is used up (HTTP 429)", 60),
        (status(429, x_ratelimit_reset="1"), "rate limit", 1),
        (status(429, retry_after="999999999"), "rate limit", 3600),
        (status(429, retry_after="soon"), "rate limit", 60),
        (status(200, {"message": "what?"}), "not a list of deployments", 0),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_told_with_the_way_to_mend_it(
    site: Site, source: GitHub, answer: Any, words: str, pause: float
) -> None:
    site.answers[DEPLOYMENTS] = answer
    looked = await source.look()
    assert not looked.answered and looked.pause == pause
    assert len(looked.problems) == 1 and looked.problems[0].startswith("ci: ") and words in looked.problems[0]
    assert "t0k3n" not in looked.problems[0]


async def test_a_slow_answer_is_given_up(site: Site, tools: Tools) -> None:
    given_up = asyncio.Event()

    async def never(_: web.Request) -> web.StreamResponse:
        await given_up.wait()
        return web.Response()

    site.answers[DEPLOYMENTS] = never
    token = EnvReference(env="TOKEN")
    config = GitHubSource(
        name="ci", type="github", repository="acme/shop", token=token, url=site.url, timeout=0.05
    )  # fmt: skip
    looked = await GitHub(config, tools).look()
    given_up.set()
    assert not looked.answered and "no answer within" in looked.problems[0]


async def test_one_bad_entry_spoils_no_other(site: Site, source: GitHub) -> None:
    site.answers[DEPLOYMENTS] = [{"id": "x"}, deployment(4) | {"created_at": "2025-11-20T11:00:00"}, deployment(5)]
    statuses(site, 5, state("success", 45))
    looked = await source.look()
    assert len(looked.changes) == 1 and len(looked.problems) == 2 and looked.answered


async def test_a_queue_that_is_not_told_hides_no_deployment(site: Site, source: GitHub) -> None:
    site.answers[DEPLOYMENTS] = [deployment(4)]
    statuses(site, 4, state("success", 45))
    site.answers[RUNS] = status(403)
    looked = await source.look()
    assert len(looked.changes) == 1 and not looked.answered and "no queue: HTTP 403" in looked.problems[0]


async def test_a_run_is_cancelled(site: Site, source: GitHub) -> None:
    site.answers[f"POST {REPO}/actions/runs/1/cancel"] = status(202, {})
    assert await source.cancel("1") == "ci: GitHub was asked to cancel run 1, and agreed"
    assert site.asked[-1].headers["authorization"] == "Bearer t0k3n-value"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (409, "it is over, or not in the queue yet"),
        (404, "there is no workflow run 1"),
        (403, "write to cancel"),
        (500, "500"),
    ],
)
async def test_a_run_that_cannot_be_cancelled(site: Site, source: GitHub, code: int, words: str) -> None:
    site.answers[f"POST {REPO}/actions/runs/1/cancel"] = status(code)
    with pytest.raises(CannotCancel, match=words):
        await source.cancel("1")


@pytest.mark.parametrize("job", ["", "1/../2", "x", "¹", "1?a"])
async def test_only_numbers_are_sent(site: Site, source: GitHub, job: str) -> None:
    with pytest.raises(CannotCancel, match="is no number of a workflow run"):
        await source.cancel(job)
    assert not site.asked
