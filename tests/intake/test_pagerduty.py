"""PagerDuty's REST API, as a strict server."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from aiohttp import web

from cockpit.clock import SECOND, hhmm, iso
from cockpit.config.fields import EnvReference
from cockpit.config.intake import PagerDutyIntake
from cockpit.intake.pagerduty import PagerDuty
from cockpit.intake.source import CannotAct, Found
from tests.intake.conftest import NOW, Handler, StillClock, asking, serving

TOKEN = "u+swordfish"
ADA, BOB, EVE = (
    {"id": f"P{name.upper()}", "type": "user_reference", "summary": name} for name in ("ada", "bob", "eve")
)


def incident(number: int, **said: Any) -> dict[str, Any]:
    return {
        "id": f"PT{number}", "type": "incident", "title": f"Logins fail {number}", "status": "triggered",
        "urgency": "high", "created_at": "2025-11-20T10:40:00Z",
        "html_url": f"https://x.pagerduty.com/incidents/PT{number}",
        "service": {"id": "PSVC", "type": "service_reference", "summary": "auth"},
        "escalation_policy": {"id": "PPOL", "type": "escalation_policy_reference", "summary": "shop"},
        "priority": None, "assignments": [{"at": "2025-11-20T10:40:00Z", "assignee": ADA}], "acknowledgements": [],
        "pending_actions": [],
    } | said  # fmt: skip


class Fake:
    """Answers as the API does, and refuses what it would refuse; `on_page` may change things between two pages."""

    def __init__(self, *incidents: dict[str, Any]) -> None:
        self.incidents = list(incidents)
        self.writes: list[tuple[str, str, Any]] = []
        self.queries: list[list[tuple[str, str]]] = []
        self.broken: web.Response | None = None
        self.resolves_after_a_page = False
        self.oncalls = [(1, ADA), (2, BOB), (2, EVE), (4, EVE)]

    def _refusal(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Accept") != "application/vnd.pagerduty+json;version=2":
            return _error(406, "Not acceptable")
        if request.headers.get("Authorization") != f"Token token={TOKEN}":
            return web.Response(status=401, text="")
        if request.method != "GET" and (request.content_type != "application/json" or "From" not in request.headers):
            return _error(400, "Invalid Input Provided", "From header required")
        return self.broken

    async def listed(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        self.queries.append(list(request.query.items()))
        limit, offset = int(request.query["limit"]), int(request.query["offset"])
        assert limit <= 100 and request.query["date_range"] == "all"
        total = len(self.incidents)
        page = self.incidents[offset : offset + limit]
        if self.resolves_after_a_page:
            del self.incidents[0]
        more = offset + limit < total
        return web.json_response({"incidents": page, "limit": limit, "offset": offset, "more": more, "total": total})

    async def one(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        found = next((each for each in self.incidents if each["id"] == request.match_info["id"]), None)
        return _error(404, "Not Found") if found is None else web.json_response({"incident": found})

    async def levels(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        assert request.query["escalation_policy_ids[]"] == "PPOL"
        return web.json_response({"oncalls": [{"escalation_level": n, "user": who} for n, who in self.oncalls]})

    async def write(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        self.writes.append((request.method, request.path, await request.json()))
        return web.json_response({"incident": {"id": request.match_info["id"]}})

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/incidents", self.listed),
            ("GET", "/incidents/{id}", self.one),
            ("PUT", "/incidents/{id}", self.write),
            ("POST", "/incidents/{id}/snooze", self.write),
            ("GET", "/oncalls", self.levels),
        ]


def _error(status: int, message: str, *errors: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": 2001, "errors": list(errors)}}, status=status)


def made(url: str, token: str = TOKEN) -> PagerDuty:
    config = PagerDutyIntake(
        type="pagerduty", name="pager", token=EnvReference(env="PD"), user="ada@shop.test", url=url,
        services=("PSVC",), teams=("PTEAM",),
    )  # fmt: skip
    return PagerDuty(config, token, asking(), StillClock())


async def looked(fake: Fake, token: str = TOKEN) -> Found:
    async with serving(*fake.routes()) as url:
        return await made(url, token).look()


async def test_an_incident_is_told_with_everything_a_person_needs() -> None:
    acknowledged = incident(
        2, status="acknowledged", acknowledgements=[{"at": "x", "acknowledger": BOB}],
        pending_actions=[{"type": "unacknowledge", "at": iso(NOW)}], priority={"id": "P1", "summary": "SEV1"},
    )  # fmt: skip
    fake = Fake(incident(1), acknowledged)
    found = await looked(fake)
    assert found.whole and not found.problems
    first, second = found.alerts
    assert (first.alert, first.title, first.state, first.who) == ("pager:PT1", "Logins fail 1", "firing", "")
    assert (first.severity, first.service, first.detail) == ("high", "auth", "with ada")
    assert iso(first.started) == "2025-11-20T10:40:00Z"
    assert first.link == "https://x.pagerduty.com/incidents/PT1"
    assert (second.state, second.who, second.severity) == ("acknowledged", "bob", "SEV1")
    assert second.detail == f"with ada; comes back at {hhmm(NOW)}Z"
    query = fake.queries[0]
    assert [value for name, value in query if name == "statuses[]"] == ["triggered", "acknowledged"]
    assert ("service_ids[]", "PSVC") in query and ("team_ids[]", "PTEAM") in query


async def test_every_page_is_read() -> None:
    found = await looked(fake := Fake(*(incident(n) for n in range(250))))
    assert len(found.alerts) == 250 and found.whole
    assert [dict(query)["offset"] for query in fake.queries] == ["0", "100", "200"]


async def test_a_list_that_moves_while_it_is_read_ends_nothing() -> None:
    fake = Fake(*(incident(n) for n in range(150)))
    fake.resolves_after_a_page = True
    found = await looked(fake)
    assert len(found.alerts) == 149
    assert not found.whole and not found.problems


async def test_none_open_is_a_whole_answer() -> None:
    assert await looked(Fake()) == Found(whole=True)


async def test_an_incident_that_cannot_be_read_ends_no_other() -> None:
    found = await looked(Fake(incident(1), {"id": 7}))
    assert len(found.alerts) == 1 and not found.whole
    assert found.problems == ("1 incidents cannot be read",)


@pytest.mark.parametrize("header", ["ratelimit-reset", "Retry-After"])
async def test_a_rate_limit_is_obeyed(header: str) -> None:
    fake = Fake(incident(1))
    fake.broken = web.Response(status=429, headers={header: "41"})
    found = await looked(fake)
    assert found.pause == 41 and not found.whole
    assert found.problems == ("HTTP 429: too many requests for this token",)


@pytest.mark.parametrize(
    ("status", "mend"),
    [(402, "plan does not allow"), (403, "write access"), (404, "EU account")],
)
async def test_a_refusal_says_how_to_mend_it(status: int, mend: str) -> None:
    fake = Fake()
    fake.broken = _error(status, "No.", "Really")
    (problem,) = (await looked(fake)).problems
    assert problem.startswith(f"HTTP {status}: No.; Really: ") and mend in problem


async def test_a_wrong_token_is_not_repeated_in_words() -> None:
    found = await looked(Fake(incident(1)), token="u+wrong-one")
    assert found.problems == ("HTTP 401: the token is wrong or was revoked",)
    assert not found.whole


async def test_a_page_of_html_says_nothing() -> None:
    fake = Fake(incident(1))
    for odd in (b"[" * 100_000, b'{"incidents": ["\xff"]}'):
        fake.broken = web.Response(body=odd)
        assert not (await looked(fake)).whole
    fake.broken = web.Response(text="<html>")
    found = await looked(fake)
    assert not found.whole and "is not a list of incidents" in found.problems[0]


async def test_acknowledge_and_snooze_are_asked_in_the_name_of_the_user() -> None:
    fake = Fake(incident(1))
    async with serving(*fake.routes()) as url:
        assert await made(url).act("pager:PT1", "acknowledge", 0, "bob") == "acknowledged as ada@shop.test"
        done = await made(url).act("pager:PT1", "snooze", 30, "bob")
    assert done == f"snoozed until {hhmm(NOW + 1800 * SECOND)}Z"
    assert fake.writes == [
        ("PUT", "/incidents/PT1", {"incident": {"type": "incident_reference", "status": "acknowledged"}}),
        ("POST", "/incidents/PT1/snooze", {"duration": 1800}),
    ]


@pytest.mark.parametrize(("holder", "level"), [(ADA, 2), (BOB, 4)])
async def test_an_escalation_goes_to_the_next_level_there_is(holder: dict[str, str], level: int) -> None:
    fake = Fake(incident(1, assignments=[{"at": "x", "assignee": holder}]))
    async with serving(*fake.routes()) as url:
        assert await made(url).act("pager:PT1", "escalate", 0, "bob") == f"escalated to level {level}"
    assert fake.writes[0][2] == {"incident": {"type": "incident_reference", "escalation_level": level}}


async def test_there_is_nobody_above_the_last_level() -> None:
    fake = Fake(incident(1))
    fake.oncalls = [(1, ADA)]
    async with serving(*fake.routes()) as url:
        with pytest.raises(CannotAct, match="nobody to escalate to"):
            await made(url).act("pager:PT1", "escalate", 0, "bob")
    assert not fake.writes


async def test_what_the_api_refuses_is_told_in_its_words() -> None:
    fake = Fake(incident(1))
    fake.broken = _error(400, "Invalid Input Provided", "Requester User Not Found")
    async with serving(*fake.routes()) as url:
        with pytest.raises(CannotAct, match="Invalid Input Provided; Requester User Not Found"):
            await made(url).act("pager:PT1", "acknowledge", 0, "bob")


def test_a_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(made("http://127.0.0.1:9")) and TOKEN not in str(msgspec.json.encode(Found()))
