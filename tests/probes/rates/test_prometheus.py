"""Prometheus' answers, of every kind, over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from cockpit.clock import SECOND
from cockpit.probes.sample import Sample, Samples
from tests.probes.conftest import ManualClock
from tests.probes.rates.conftest import Probe, Server

ERRORS = 'sum(increase(r_total{code=~"5.."}[$window]))'
TOTAL = "sum(increase(r_total[$window]))"
AGE = "max(timestamp(r_total))"
NOW = 1_700_000_000.0


def vector(*values: str, at: float = NOW, **envelope: Any) -> dict[str, Any]:
    result = [{"metric": {}, "value": [at, value]} for value in values]
    return {"status": "success", "data": {"resultType": "vector", "result": result}} | envelope


@pytest.fixture
def probe(make_rate: Probe) -> Samples:
    return make_rate(type="prometheus", errors=ERRORS, total=TOTAL)


def serve(server: Server, answers: Mapping[str, dict[str, Any]], default: dict[str, Any] | None = None) -> None:
    """Answer each query by its text; those not told are empty."""

    async def handler(request: web.Request) -> web.StreamResponse:
        query = (await request.post()).get("query") if request.method == "POST" else request.query["query"]
        return web.json_response(answers.get(str(query), default or vector()))

    server.handler = handler


async def told(server: Server, probe: Samples, errors: dict[str, Any], total: dict[str, Any]) -> Sample:
    serve(
        server,
        {ERRORS.replace("$window", "5m"): errors, TOTAL.replace("$window", "5m"): total, AGE: vector(str(NOW - 8))},
    )
    return await probe.sample()


async def test_errors_and_total_are_asked_separately_by_post(server: Server, probe: Samples) -> None:
    sample = await told(server, probe, vector("504.3"), vector("4100"))
    assert (sample.outcome, sample.gap, sample.requests) == ("bad", "", 4100)
    assert sample.error_rate == pytest.approx(0.123)
    assert sample.words == "errors 12.3 % of 4.1k requests in 5 min, critical from 5 %"
    forms = [await request.post() for request in server.asked]
    assert {str(form["query"]) for form in forms} == {
        'sum(increase(r_total{code=~"5.."}[5m]))', "sum(increase(r_total[5m]))", AGE,
    }  # fmt: skip
    assert {(request.method, request.path) for request in server.asked} == {("POST", "/api/v1/query")}


async def test_the_queries_are_sent_at_the_same_time(server: Server, probe: Samples) -> None:
    all_asked = asyncio.Barrier(3)

    async def handler(request: web.Request) -> web.StreamResponse:
        await all_asked.wait()
        return web.json_response(vector(str(NOW)))

    server.handler = handler
    assert (await probe.sample()).gap == ""


async def test_the_age_is_that_of_the_newest_sample_and_not_of_the_evaluation(server: Server, probe: Samples) -> None:
    sample = await told(server, probe, vector("0"), vector("100"))
    assert sample.data_at == (NOW - 8) * SECOND and ("age of the data", "8 s") in sample.facts
    again = await told(server, probe, vector("0", at=NOW + 5), vector("100", at=NOW + 5))
    assert again.measured_at == sample.measured_at, "the same scrape is the same sample"


async def test_series_that_are_scraped_no_more_are_stale_while_the_window_still_holds_them(
    server: Server, probe: Samples
) -> None:
    serve(server, {TOTAL.replace("$window", "5m"): vector("100")})
    sample = await probe.sample()
    assert (sample.outcome, sample.gap) == ("indeterminate", "stale")


async def test_a_failing_age_query_costs_no_figures(server: Server, probe: Samples) -> None:
    broken = {"status": "success", "data": {"resultType": "string", "result": [NOW, "x"]}}
    serve(server, {AGE: broken}, vector("100"))
    sample = await probe.sample()
    assert (sample.outcome, sample.data_at) == ("bad", NOW * SECOND)


async def test_empty_errors_with_a_live_total_are_nought(server: Server, probe: Samples) -> None:
    sample = await told(server, probe, vector(), vector("4100"))
    assert (sample.outcome, sample.error_rate, sample.gap) == ("good", 0.0, "")


async def test_a_total_of_nought_is_no_traffic(server: Server, probe: Samples) -> None:
    sample = await told(server, probe, vector("NaN"), vector("0"))
    assert (sample.outcome, sample.gap, sample.error_rate) == ("indeterminate", "no traffic", None)


async def test_an_empty_total_is_no_data(server: Server, probe: Samples) -> None:
    sample = await told(server, probe, vector(), vector())
    assert (sample.outcome, sample.gap) == ("indeterminate", "no data")


async def test_one_error_of_one_request_is_too_few(server: Server, probe: Samples) -> None:
    sample = await told(server, probe, vector("1"), vector("1"))
    assert (sample.outcome, sample.words) == ("indeterminate", "1 request in 5 min, too few to judge")


async def test_nan_is_no_data(server: Server, probe: Samples) -> None:
    for errors, total in (("NaN", "4100"), ("1", "NaN"), ("1", "+Inf")):
        sample = await told(server, probe, vector(errors), vector(total))
        assert (sample.outcome, sample.gap) == ("indeterminate", "no data")


async def test_null_for_no_warnings_is_none(server: Server, probe: Samples) -> None:
    quiet = vector("100", warnings=None, infos=None)
    assert (await told(server, probe, vector("0"), quiet)).outcome == "good"


async def test_a_scalar_is_as_good_as_a_vector(server: Server, probe: Samples) -> None:
    scalar = {"status": "success", "data": {"resultType": "scalar", "result": [NOW, "100"]}}
    assert (await told(server, probe, scalar, scalar)).error_rate == 1.0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (vector("1", "2", "3"), "the query for total: gives 3 series: aggregate them with sum()"),
        ({"status": "success", "data": {"resultType": "matrix", "result": []}}, "gives a range of samples"),
        ({"status": "success", "data": {"resultType": "string", "result": [NOW, "x"]}}, "gives a string, not a number"),
        ({"status": "success", "data": {"resultType": "vector", "result": [{"histogram": [NOW, {}]}]}}, "histogram"),
        ({"status": "success", "data": {"resultType": "vector", "result": [{"value": 7}]}}, "not that of Prometheus'"),
        ({"status": "success"}, "not that of Prometheus'"),
    ],
)
async def test_an_answer_that_is_no_single_number_says_what_to_do(
    server: Server, probe: Samples, answer: dict[str, Any], words: str
) -> None:
    sample = await told(server, probe, vector("1"), answer)
    assert (sample.outcome, sample.gap) == ("indeterminate", "no data")
    assert words in sample.words and sample.words.startswith("Prometheus at 127.0.0.1:")


async def test_a_200_with_warnings_is_judged_and_the_warning_said(server: Server, probe: Samples) -> None:
    warned = vector("90", warnings=["store eu-1 unreachable", "and another"], infos=["metric might not be a counter"])
    sample = await told(server, probe, warned, vector("1000", warnings=["store eu-1 unreachable"]))
    assert sample.outcome == "bad"
    assert "; Prometheus warns: store eu-1 unreachable (and 1 more)" in sample.words
    assert "; Prometheus notes: metric might not be a counter" in sample.words
    assert sample.facts[1:] == (
        ("warning", "store eu-1 unreachable"), ("warning", "and another"), ("note", "metric might not be a counter"),
    )  # fmt: skip


@pytest.mark.parametrize("status", [400, 422])
async def test_a_refused_query_shows_why(server: Server, probe: Samples, status: int) -> None:
    error = {"status": "error", "errorType": "bad_data", "error": 'invalid parameter "query": 1:5: parse error'}
    server.says(json.dumps(error), status=status)
    sample = await probe.sample()
    assert (sample.outcome, sample.gap, sample.status) == ("indeterminate", "no data", status)
    assert 'bad_data: invalid parameter "query": 1:5: parse error' in sample.words
    assert "refuses the query for " in sample.words


async def test_a_503_is_prometheus_own_trouble_and_is_told_when_to_come_back(server: Server, probe: Samples) -> None:
    error = {"status": "error", "errorType": "timeout", "error": "query timed out in expression evaluation"}
    server.says(json.dumps(error), status=503, **{"Retry-After": "30"})
    sample = await probe.sample()
    assert (sample.outcome, sample.gap, sample.retry_after) == ("indeterminate", "no data", 30.0)
    assert sample.words.endswith("cannot answer now (HTTP 503): timeout: query timed out in expression evaluation")


async def test_a_login_page_is_no_answer(server: Server, probe: Samples) -> None:
    server.says("<html>Log in</html>", "text/html")
    sample = await probe.sample()
    assert (sample.outcome, sample.gap) == ("indeterminate", "no data")
    server.says("", status=302, Location="http://elsewhere.invalid/login")
    assert "a redirect (HTTP 302), not followed" in (await probe.sample()).words


async def test_a_prometheus_that_does_not_answer_is_no_fault_of_the_service(make_rate: Probe, server: Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        sample = await make_rate(type="prometheus", url=url, errors=ERRORS, total=TOTAL).sample()
    assert (sample.outcome, sample.gap, sample.failure) == ("indeterminate", "no data", "refused")
    assert sample.words.startswith(f"Prometheus at {url[7:]} does not answer: ")

    given_up = asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        await given_up.wait()
        return web.Response()

    server.handler = hang
    slow = await make_rate(type="prometheus", errors=ERRORS, total=TOTAL, timeout=0.1).sample()
    given_up.set()
    assert (slow.outcome, slow.failure) == ("indeterminate", "read_timeout")


async def test_a_rate_is_taken_times_the_window(make_rate: Probe, server: Server) -> None:
    serve(server, {"max(timestamp(t))": vector(str(NOW))}, vector("2"))
    probe = make_rate(type="prometheus", errors="sum(rate(e[$window]))", total="sum(rate(t[$window]))", window=60.0)
    assert (await probe.sample()).requests == 120


async def test_secrets_travel_in_headers_and_stay_out_of_words(make_rate: Probe, server: Server) -> None:
    server.says('{"status":"error","error":"bad token hunter22hunter22"}', status=422)
    headers = {"Authorization": {"env": "PROM_TOKEN"}, "X-Scope-OrgID": "shop"}
    fields = {"type": "prometheus", "errors": ERRORS, "total": TOTAL, "headers": headers}
    sample = await make_rate(env={"PROM_TOKEN": "hunter22hunter22"}, **fields).sample()
    assert server.asked[0].headers["Authorization"] == "hunter22hunter22"
    assert server.asked[0].headers["X-Scope-OrgID"] == "shop"
    assert "hunter22" not in sample.words and "bad token [redacted]" in sample.words
    for place in range(100, 240, 7):
        said = f'{{"status":"error","error":"{"x" * place}hunter22hunter22"}}'
        server.says(said, status=422)
        cut = await make_rate(env={"PROM_TOKEN": "hunter22hunter22"}, **fields).sample()
        assert "hunter2" not in cut.words, "not even a part of it, wherever the words are cut"
    unset = await make_rate(**fields).sample()
    assert unset.words == "not asked: the environment variable PROM_TOKEN (header Authorization) is not set"


async def test_a_path_and_parameters_of_the_address_are_kept_and_get_can_be_had(
    make_rate: Probe, server: Server
) -> None:
    serve(server, {AGE: vector(str(NOW))}, vector("10"))
    url = f"{server.url}/prom/?dedup=true"
    sample = await make_rate(type="prometheus", url=url, errors=ERRORS, total=TOTAL, method="GET").sample()
    assert sample.gap == ""
    assert {(asked.method, asked.path, asked.query["dedup"]) for asked in server.asked} == {
        ("GET", "/prom/api/v1/query", "true")
    }


async def test_burn_rates_ask_all_windows_and_the_long_ones_seldom(
    make_rate: Probe, server: Server, clock: ManualClock
) -> None:
    counts = {"5m": "20", "1h": "16"}
    answers = {ERRORS.replace("$window", window): vector(value) for window, value in counts.items()}
    answers |= {ERRORS.replace("$window", window): vector("0") for window in ("30m", "2h", "6h", "1d", "3d")}
    serve(server, answers | {AGE: vector(str(NOW))}, vector("1000"))
    probe = make_rate(type="prometheus", errors=ERRORS, total=TOTAL, objective=0.999)
    sample = await probe.sample()
    assert (sample.outcome, sample.error_rate) == ("bad", 0.02)
    assert sample.words == "burning the 99.9 % budget 16x (1 h) and 20x (5 min): gone in 1.9 days"
    assert ("1 h", "16x of the budget") in sample.facts and len(server.asked) == 15
    clock.advance(10)
    assert (await probe.sample()).words == sample.words
    assert len(server.asked) == 18, "only the five minutes and the age were asked again"
    clock.advance(60)
    await probe.sample()
    assert len(server.asked) == 18 + 3 + 4, "half an hour and an hour are due again"


async def test_a_long_window_without_data_is_asked_again_at_once(make_rate: Probe, server: Server) -> None:
    now = {TOTAL.replace("$window", "5m"): vector("1000"), AGE: vector(str(NOW))}
    serve(server, now)
    probe = make_rate(type="prometheus", errors=ERRORS, total=TOTAL, objective=0.999)
    assert (await probe.sample()).gap == "warming"
    serve(server, now | {TOTAL.replace("$window", "1h"): vector("1000")})
    assert (await probe.sample()).outcome == "good"


async def test_a_burn_without_a_backend_for_hours_says_insufficient_window(make_rate: Probe, server: Server) -> None:
    serve(server, {TOTAL.replace("$window", "5m"): vector("1000"), AGE: vector(str(NOW))})
    sample = await make_rate(type="prometheus", errors=ERRORS, total=TOTAL, objective=0.999).sample()
    assert (sample.outcome, sample.gap) == ("indeterminate", "warming")
    assert sample.words.startswith("insufficient window")
