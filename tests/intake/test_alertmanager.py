"""Alertmanager, and Grafana in its likeness, as strict servers."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from aiohttp import web

from cockpit.clock import SECOND, iso
from cockpit.config.fields import EnvReference
from cockpit.config.intake import AlertmanagerIntake, GrafanaIntake
from cockpit.intake.make import source
from cockpit.intake.source import CannotAct, Found, Source
from tests.intake.conftest import NOW, Handler, StillClock, asking, serving

TOKEN = "glsa_swordfish"
LOGIN: dict[str, Any] = {
    "fingerprint": "4f2a", "startsAt": "2025-11-20T10:40:00.123Z", "endsAt": "2025-11-20T10:52:00.123Z",
    "updatedAt": "2025-11-20T10:48:00.123Z", "generatorURL": "http://prom.test/graph?g0.expr=up",
    "labels": {"alertname": "LoginErrors", "severity": "page", "service": "auth"},
    "annotations": {"summary": "Logins fail", "description": "79 % of logins\nfail"},
    "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}, "receivers": [{"name": "x"}],
}  # fmt: skip


class Fake:
    """Answers as the API does, and refuses what it would refuse."""

    def __init__(self, authorization: str = "") -> None:
        self.authorization = authorization
        self.alerts: list[dict[str, Any]] = [copy.deepcopy(LOGIN)]
        self.began = NOW - 3600 * SECOND
        self.silences: list[dict[str, Any]] = []
        self.queries: list[list[tuple[str, str]]] = []
        self.broken: web.Response | None = None

    def _refusal(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization", "") != self.authorization:
            return web.json_response({"message": "Unauthorized"}, status=401)
        return self.broken

    async def listed(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        self.queries.append(list(request.query.items()))
        if any("=" not in value for name, value in request.query.items() if name == "filter"):
            return web.json_response("bad matcher format: team", status=400)
        return web.json_response(self.alerts)

    async def status(self, request: web.Request) -> web.Response:
        return self._refusal(request) or web.json_response({"uptime": iso(self.began), "cluster": {}})

    async def silence(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        if request.content_type != "application/json":
            return web.json_response("unsupported media type", status=415)
        self.silences.append(await request.json())
        return web.json_response({"silenceID": "s1"})

    def routes(self, below: str) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", f"{below}/alerts", self.listed),
            ("GET", f"{below}/status", self.status),
            ("POST", f"{below}/silences", self.silence),
        ]


def reveal(value: str | EnvReference) -> str:
    return value if isinstance(value, str) else {"GRAFANA_TOKEN": TOKEN}[value.env]


def made(url: str, filters: tuple[str, ...] = ()) -> Source:
    config = AlertmanagerIntake(type="alertmanager", name="prom", url=url, filter=filters)
    return source(config, asking(), reveal, StillClock())


async def looked(fake: Fake) -> Found:
    async with serving(*fake.routes("/api/v2")) as url:
        return await made(url).look()


async def test_an_alert_is_told_with_everything_a_person_needs() -> None:
    found = await looked(fake := Fake())
    (alert,) = found.alerts
    assert found.whole and not found.problems
    assert (alert.alert, alert.title, alert.severity) == ("prom:4f2a", "Logins fail", "page")
    assert (alert.service, alert.state, alert.detail) == ("auth", "firing", "79 % of logins fail")
    assert alert.link == "http://prom.test/graph?g0.expr=up"
    assert iso(alert.started) == "2025-11-20T10:40:00Z"
    assert dict(fake.queries[0])["active"] == "true"


async def test_what_is_silenced_is_snoozed_and_not_over() -> None:
    fake = Fake()
    fake.alerts[0]["status"] = {"state": "suppressed", "silencedBy": ["s1"], "inhibitedBy": []}
    (alert,) = (await looked(fake)).alerts
    assert alert.state == "snoozed"
    assert alert.detail.startswith("silenced: ")
    assert dict(fake.queries[0])["silenced"] == "true"


async def test_an_alert_listed_twice_is_one() -> None:
    fake = Fake()
    fake.alerts *= 2
    found = await looked(fake)
    assert len(found.alerts) == 1 and found.whole


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00.000Z", "", "soon"])
async def test_a_start_that_is_none_is_not_told(written: str) -> None:
    fake = Fake()
    fake.alerts[0]["startsAt"] = written
    assert (await looked(fake)).alerts[0].started == 0


async def test_one_that_has_just_started_has_not_been_told_everything() -> None:
    fake = Fake()
    fake.began, fake.alerts = NOW - 10 * SECOND, []
    found = await looked(fake)
    assert not found.whole and not found.problems


async def test_an_alert_that_cannot_be_read_ends_no_other() -> None:
    fake = Fake()
    fake.alerts.append({"labels": {"alertname": "odd"}})
    found = await looked(fake)
    assert len(found.alerts) == 1
    assert not found.whole
    assert found.problems == ("1 of 2 alerts cannot be read",)


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"<html>Log in</html>", b"[{"])
async def test_an_answer_that_is_no_list_says_nothing(body: bytes) -> None:
    fake = Fake()
    fake.broken = web.Response(body=body)
    found = await looked(fake)
    assert not found.whole and not found.alerts
    assert "is not a list of alerts" in found.problems[0]


async def test_a_bad_filter_is_told_in_the_words_of_the_api() -> None:
    async with serving(*Fake().routes("/api/v2")) as url:
        found = await made(url, ("team",)).look()
    assert found.problems == ("HTTP 400: bad matcher format: team",)


async def test_an_overloaded_one_is_left_alone_for_as_long_as_it_says() -> None:
    fake = Fake()
    fake.broken = web.Response(status=503, headers={"Retry-After": "17"})
    found = await looked(fake)
    assert found.pause == 17 and not found.whole


@pytest.mark.parametrize("wanted", ["nan", "inf", "-17", "soon", ""])
async def test_a_wait_that_is_no_number_of_seconds_is_none(wanted: str) -> None:
    fake = Fake()
    fake.broken = web.Response(status=503, headers={"Retry-After": wanted})
    assert (await looked(fake)).pause == 0


@pytest.mark.parametrize("body", [b"[" * 100_000, b'[{"fingerprint": "\xff"}]', b'["\xff"]', b"<html>", b""])
@pytest.mark.parametrize("status", [200, 500])
async def test_bytes_that_mean_nothing_end_no_alert_and_no_task(status: int, body: bytes) -> None:
    fake = Fake()
    fake.broken = web.Response(status=status, body=body)
    found = await looked(fake)
    assert found.problems and not found.whole


async def test_nobody_there_is_a_problem_and_never_an_end() -> None:
    found = await made("http://127.0.0.1:9").look()
    assert found.problems and not found.whole


async def test_a_snooze_silences_exactly_that_alert_in_the_name_of_the_person() -> None:
    fake = Fake()
    async with serving(*fake.routes("/api/v2")) as url:
        prom = made(url)
        with pytest.raises(CannotAct, match="does not list this alert"):
            await prom.act("prom:4f2a", "snooze", 30, "ada")
        await prom.look()
        done = await prom.act("prom:4f2a", "snooze", 30, "ada")
        assert prom.actions == ("snooze",)
        with pytest.raises(CannotAct, match="can only snooze"):
            await prom.act("prom:4f2a", "acknowledge", 0, "ada")
    assert done == f"silenced until {iso(NOW + 1800 * SECOND)[11:16]}Z"
    (silence,) = fake.silences
    assert {(m["name"], m["value"], m["isRegex"], m["isEqual"]) for m in silence["matchers"]} == {
        (name, value, False, True) for name, value in LOGIN["labels"].items()
    }
    assert (silence["createdBy"], silence["startsAt"]) == ("ada", iso(NOW))
    assert silence["endsAt"] == iso(NOW + 1800 * SECOND)


async def test_grafana_is_asked_with_its_token_and_below_its_own_path() -> None:
    fake = Fake(authorization=f"Bearer {TOKEN}")
    token = EnvReference(env="GRAFANA_TOKEN")
    async with serving(*fake.routes("/sub/api/alertmanager/grafana/api/v2")) as url:
        config = GrafanaIntake(type="grafana", name="graf", url=f"{url}/sub/", token=token, filter=('team="shop"',))
        graf = source(config, asking(), reveal, StillClock())
        found = await graf.look()
        assert await graf.act("graf:4f2a", "snooze", 5, "ada")
        fake.authorization = "Bearer another"
        refused = await graf.look()
    assert found.whole and found.alerts[0].alert == "graf:4f2a"
    assert ("filter", 'team="shop"') in fake.queries[0]
    assert refused.problems == ("HTTP 401: Unauthorized: the service account's token is wrong or has expired",)
    assert not refused.whole
