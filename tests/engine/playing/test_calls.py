"""Requests and calls for help: what was sent, what nobody knows, and what has arrived."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from cockpit.protocol.commands import FinishStep
from tests.engine.playing.conftest import Stage


class Desk:
    """A service that is asked: it keeps what it got, and may leave without an answer."""

    def __init__(self) -> None:
        self.got: list[dict[str, object]] = []
        self.port = 0
        self.silent = False

    async def take(self, request: web.Request) -> web.Response:
        self.got.append({"headers": dict(request.headers), "body": await request.json()})
        if self.silent and request.transport is not None:
            request.transport.abort()
        return web.json_response({"status": "success"}, status=202)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    app = web.Application()
    app.router.add_post("/v2/enqueue", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


PAGE = """\
  - id: page
    title: Page the database people
    escalate:
      whom: database on-call
      pagerduty: {{routing_key: {{env: PD_KEY}}, summary: The shop is down, url: "http://127.0.0.1:{port}/v2/enqueue"}}
"""


async def test_a_page_is_delivered_and_its_key_is_told_to_nobody_else(stage: Stage, desk: Desk) -> None:
    key = "R0UT1NGKEY-of-the-database-team"
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, PAGE.format(port=desk.port), "requires: {secrets: [PD_KEY]}\n")
        offer = await ada.offer("run page")
        assert offer.consequence == "calls database on-call"
        assert (await ada.confirm("page", PD_KEY=key)).ok
        await ada.until(lambda: ada.run.outcome == "done")
        (got,) = desk.got
        body = got["body"]
        assert isinstance(body, dict)
        assert (body["routing_key"], body["payload"]["summary"]) == (key, "The shop is down")
        assert body["dedup_key"] == f"{ada.run.run}-page"
    for file in (file for file in stage.home.rglob("*") if file.is_file()):
        assert key.encode() not in file.read_bytes(), file


async def test_a_request_without_an_answer_is_unknown(stage: Stage, desk: Desk) -> None:
    desk.silent = True
    steps = f"""\
  - id: switch
    title: Switch it off
    effect: write
    irreversible: it is off
    http: {{method: POST, url: "http://127.0.0.1:{desk.port}/v2/enqueue", json: {{retries: "off"}}}}
"""
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, steps)
        assert (await ada.confirm("switch")).ok
        step = await ada.word("switch", "UNKNOWN")
        assert "it may have taken effect" in step.words
        assert ada.offered() == ["settle switch"]


async def test_a_message_is_done_when_it_has_arrived(stage: Stage) -> None:
    steps = """\
  - id: call
    title: Call for help
    escalate: {whom: everybody, message: The shop is down and nothing helps}
"""
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, steps)
        await ada.offer("done call")
        assert (await ada.do(FinishStep(run=ada.run.run, step="call"))).ok
        step = await ada.word("call", "ok")
        assert step.words.startswith("delivered to updates")
    sent = [json.loads(line) for line in (stage.home / "updates.jsonl").read_text().splitlines()]
    assert any("nothing helps" in letter["text"] for letter in sent)


async def test_a_value_is_taken_from_what_a_service_answers(stage: Stage, desk: Desk) -> None:
    steps = f"""\
  - id: ask
    title: Ask
    effect: read
    http: {{method: POST, url: "http://127.0.0.1:{desk.port}/v2/enqueue", json: {{a: b}}}}
    outputs: {{state: {{json: status}}}}
  - id: say
    title: Say
    effect: read
    command: {{argv: [echo, {{output: ask.state}}]}}
"""
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, steps)
        assert (await ada.confirm("ask")).ok
        assert (await ada.offer("run say")).command == "echo success"
