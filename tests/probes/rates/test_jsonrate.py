"""Error rates out of JSON answers: our own, and those of vendors in the shapes they document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cockpit.clock import SECOND
from cockpit.probes.rates.jsonrate import filled
from cockpit.probes.rates.points import Astray, Point, moment_of, points_at, values_at
from tests.probes.conftest import ManualClock
from tests.probes.rates.conftest import Probe, Server

NOW = 1_700_000_000


def datadog(*series: tuple[int, list[list[float | None]]]) -> str:
    """A v1 answer to a query of two metrics separated by a comma, one series for each that has data."""
    return json.dumps({
        "status": "ok", "res_type": "time_series", "resp_version": 1, "from_date": (NOW - 300) * 1000,
        "to_date": NOW * 1000, "group_by": [], "message": "",
        "series": [
            {
                "metric": "http.hits", "query_index": index, "aggr": "sum", "interval": 60, "scope": "env:prod",
                "start": (NOW - 300) * 1000, "end": NOW * 1000, "length": len(points), "pointlist": points,
            }
            for index, points in series
        ],
    })  # fmt: skip


def buckets(*values: float | None) -> list[list[float | None]]:
    """One point a minute, the last of them begun 20 s ago."""
    return [[(NOW - 20 - 60 * (len(values) - 1 - place)) * 1000.0, value] for place, value in enumerate(values)]


DATADOG = {
    "type": "json",
    "errors": "series.query_index=0.pointlist",
    "total": "series.query_index=1.pointlist",
    "skip_newest": True,
}


async def test_datadog_in_its_documented_shape_without_its_newest_partial_bucket(
    make_rate: Probe, server: Server
) -> None:
    server.says(datadog((0, buckets(10, 20, None, 30, 0)), (1, buckets(100, 100, 100, 100, 3))))
    url = f"{server.url}/api/v1/query?from=$from&to=$to&query=errors,hits"
    sample = await make_rate(
        url=url, headers={"DD-API-KEY": {"env": "DD"}}, env={"DD": "secret-key"}, **DATADOG
    ).sample()
    assert (sample.outcome, sample.error_rate, sample.requests) == ("bad", 0.15, 400)
    assert sample.data_at == (NOW - 20) * SECOND, "complete up to where the bucket still filling begins"
    (asked,) = server.asked
    assert (asked.query["from"], asked.query["to"]) == (str(NOW - 300), str(NOW))
    assert asked.headers["DD-API-KEY"] == "secret-key"


async def test_datadog_leaves_out_a_series_without_errors_and_it_is_not_taken_for_the_total(
    make_rate: Probe, server: Server
) -> None:
    server.says(datadog((1, buckets(100, 100, 100))))
    sample = await make_rate(**DATADOG).sample()
    assert (sample.outcome, sample.error_rate, sample.requests) == ("good", 0.0, 200)
    server.says(datadog())
    assert (await make_rate(**DATADOG).sample()).gap == "no data"


async def test_datadog_refusing_shows_what_it_says(make_rate: Probe, server: Server) -> None:
    server.says('{"errors": ["Forbidden"]}', status=403)
    sample = await make_rate(**DATADOG).sample()
    assert sample.outcome == "indeterminate"
    assert sample.words.endswith('refuses our credentials (HTTP 403): {"errors": ["Forbidden"]}')
    server.says('{"status": "error", "error": "Rate limit of 300 requests reached"}')
    assert "series is missing; it says" in (await make_rate(**DATADOG).sample()).words


async def test_cloudwatch_results_are_found_by_their_id(make_rate: Probe, server: Server) -> None:
    times = ["2023-11-14T22:12:00+00:00", "2023-11-14T22:11:00+00:00"]
    results = [
        {"Id": "errors", "Label": "5xx", "Timestamps": times[1:], "Values": [12.0], "StatusCode": "Complete"},
        {"Id": "requests", "Label": "all", "Timestamps": times, "Values": [140.0, 100.0], "StatusCode": "Complete"},
    ]
    server.says(json.dumps({"MetricDataResults": results, "Messages": []}))
    sample = await make_rate(
        type="json",
        errors="MetricDataResults.Id=errors.Values",
        total="MetricDataResults.Id=requests.Values",
        at="MetricDataResults.Id=requests.Timestamps.*",
    ).sample()
    assert (sample.error_rate, sample.requests) == (0.05, 240)
    assert sample.data_at == moment_of(times[0])


async def test_google_time_series_of_texts_are_numbers(make_rate: Probe, server: Server) -> None:
    def series(*values: str) -> dict[str, Any]:
        ends = [f"2023-11-14T22:{12 - place}:00Z" for place in range(len(values))]
        points = [
            {"interval": {"startTime": end, "endTime": end}, "value": {"int64Value": value}}
            for end, value in zip(ends, values, strict=True)
        ]
        return {"metric": {}, "resource": {}, "metricKind": "DELTA", "valueType": "INT64", "points": points}

    server.says(json.dumps({"errors": {"timeSeries": [series("3")]}, "all": {"timeSeries": [series("60", "40")]}}))
    path = "timeSeries.*.points.*.value.int64Value"
    probe = make_rate(
        type="json", errors=f"errors.{path}", total=f"all.{path}", at="all.timeSeries.*.points.*.interval.endTime"
    )
    sample = await probe.sample()
    assert (sample.outcome, sample.error_rate, sample.requests) == ("slow", 0.03, 100)


async def test_a_body_is_posted_with_the_window_in_it(make_rate: Probe, server: Server, clock: ManualClock) -> None:
    server.says('{"data": {"errors": 0, "all": 500}}')
    body = '{"from": $from_ms, "to": $to_ms, "since": "$from_iso", "cost": "$fromage"}'
    probe = make_rate(type="json", method="POST", body=body, errors="data.errors", total="data.all", window=60.0)
    assert (await probe.sample()).outcome == "good"
    assert json.loads(await server.asked[0].text()) == {
        "from": (NOW - 60) * 1000, "to": NOW * 1000, "since": "2023-11-14T22:12:20Z", "cost": "$fromage",
    }  # fmt: skip
    assert server.asked[0].headers["Content-Type"] == "application/json"


def test_moments_in_an_address_are_quoted() -> None:
    assert filled("?a=$to_iso", 0, NOW * SECOND, in_url=True) == "?a=2023-11-14T22%3A13%3A20Z"
    assert filled("$from-$to", SECOND, 2 * SECOND) == "1-2"


async def test_what_it_was_measured_at_makes_it_stale(make_rate: Probe, server: Server) -> None:
    server.says(json.dumps({"errors": 90, "all": 100, "at": "2023-11-14T22:00:00Z"}))
    sample = await make_rate(type="json", errors="errors", total="all", at="at").sample()
    assert (sample.outcome, sample.gap, sample.error_rate) == ("indeterminate", "stale", None)
    server.says(json.dumps({"errors": 90, "all": 100, "at": "yesterday"}))
    sample = await make_rate(type="json", errors="errors", total="all", at="at").sample()
    assert (sample.gap, "at is no moment" in sample.words) == ("no data", True)


async def test_points_before_the_window_are_not_counted(make_rate: Probe, server: Server) -> None:
    points = [[NOW - 400, 9000], [NOW - 200, 60], [NOW - 100, None], [NOW - 50, 40]]
    server.says(json.dumps({"errors": [[NOW - 400, 9000]], "all": points}))
    sample = await make_rate(type="json", errors="errors", total="all").sample()
    assert (sample.error_rate, sample.requests, sample.data_at) == (0.0, 100, (NOW - 50) * SECOND)


async def test_zero_traffic_and_null_are_told_apart(make_rate: Probe, server: Server) -> None:
    probe = make_rate(type="json", errors="errors", total="all")
    server.says('{"errors": 0, "all": 0}')
    assert (await probe.sample()).gap == "no traffic"
    server.says('{"errors": 0, "all": null}')
    assert (await probe.sample()).gap == "no data"
    server.says('{"errors": null, "all": 100}')
    assert (await probe.sample()).error_rate == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html>", "answers no JSON: <html>"),
        ('{"errors": 1}', "all is missing"),
        ('{"errors": "many", "all": 1}', "errors is no number"),
        ('{"errors": true, "all": 1}', "errors is no number, nor points of time and number, but true"),
        ('{"errors": {"a": 1}, "all": 1}', "but an object"),
        ("[1]", "errors is missing: the answer is a list"),
    ],
)
async def test_another_shape_than_expected_is_said_and_blames_nobody(
    make_rate: Probe, server: Server, body: str, words: str
) -> None:
    server.says(body)
    sample = await make_rate(type="json", errors="errors", total="all").sample()
    assert (sample.outcome, sample.gap) == ("indeterminate", "no data")
    assert words in sample.words


def test_paths_lead_through_objects_lists_and_choices() -> None:
    document = {"a": [{"id": "x", "v": [1, 2]}, {"id": "y", "v": [3]}]}
    assert values_at(document, "a.0.v.1") == [2]
    assert values_at(document, "a.*.v") == [[1, 2], [3]]
    assert values_at(document, "a.id=y.v") == [[3]]
    assert values_at(document, "a.id=z.v") == values_at(document, "a.7.v") == []
    assert points_at(document, "a.*.v") == (Point(1.0), Point(2.0), Point(3.0))
    with pytest.raises(Astray, match=r"a\.0\.w is missing"):
        values_at(document, "a.0.w")


def test_moments_are_seconds_milliseconds_or_rfc_3339() -> None:
    assert moment_of(NOW) == moment_of(NOW * 1000) == moment_of(str(NOW)) == moment_of("2023-11-14T22:13:20Z")
    assert moment_of("2023-11-14T22:13:20") is None and moment_of(True) is None and moment_of(None) is None
