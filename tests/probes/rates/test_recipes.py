"""The recipes of docs/error-rates.md: each is read as a config, and run against the shape its vendor documents."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from pydantic import TypeAdapter

from cockpit.clock import SystemClock
from cockpit.config.probes import ProbeConfig
from cockpit.probes.make import make
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport
from tests.probes.rates.conftest import Probe, Server
from tests.probes.rates.test_jsonrate import buckets, datadog
from tests.probes.rates.test_prometheus import vector

PAGE = (Path(__file__).parents[3] / "docs/error-rates.md").read_text("utf-8")
RECIPES: list[dict[str, Any]] = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
(SCRIPT,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


def recipe(words: str) -> dict[str, Any]:
    (found,) = [each for each in RECIPES if words in json.dumps(each)]
    return found


@pytest.mark.parametrize("fields", RECIPES, ids=lambda fields: f"{fields['type']}-{fields['name']}")
def test_every_recipe_is_a_config(fields: dict[str, Any]) -> None:
    # Through JSON, as a file is read.
    TypeAdapter[ProbeConfig](ProbeConfig).validate_json(json.dumps(fields))


def floats(fields: dict[str, Any]) -> dict[str, Any]:
    """The recipe without its durations, which a program gives as numbers."""
    return {name: value for name, value in fields.items() if name not in {"interval", "timeout", "window"}}


async def test_datadog(make_rate: Probe, server: Server) -> None:
    server.says(datadog((0, buckets(10, 10, 0)), (1, buckets(100, 100, 3))))
    fields = floats(recipe("datadoghq"))
    fields["url"] = fields["url"].replace("https://api.datadoghq.com", server.url)
    sample = await make_rate(env={"DD_API_KEY": "k" * 8, "DD_APP_KEY": "a" * 8}, **fields).sample()
    assert (sample.outcome, sample.error_rate, sample.requests) == ("bad", 0.1, 200)
    (asked,) = server.asked
    assert asked.query["query"].startswith("sum:trace.http.request.errors{service:shop}.as_count(),sum:")
    assert asked.headers["DD-APPLICATION-KEY"] == "a" * 8


async def test_google(make_rate: Probe, server: Server) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        query = request.query["query"]
        value = "1700000000" if "timestamp" in query else "3" if "500" in query else "100"
        return web.json_response(vector(value))

    server.handler = handler
    fields = floats(recipe("googleapis"))
    fields["url"] = fields["url"].replace("https://monitoring.googleapis.com", server.url)
    sample = await make_rate(env={"GOOGLE_AUTHORIZATION": "Bearer ya29.token"}, **fields).sample()
    assert (sample.outcome, sample.error_rate, sample.requests) == ("slow", 0.03, 100)
    assert {(asked.method, asked.path) for asked in server.asked} == {
        ("GET", "/v1/projects/PROJECT/location/global/prometheus/api/v1/query")
    }
    assert server.asked[0].headers["Authorization"] == "Bearer ya29.token"


def results(errors: list[float], requests: list[float]) -> str:
    """What `aws cloudwatch get-metric-data` prints; with an expired credential it prints nothing."""

    def result(name: str, values: list[float]) -> dict[str, Any]:
        times = [f"2026-11-21T12:0{place}:00+00:00" for place in range(len(values))]
        return {"Id": name, "Label": name, "Timestamps": times, "Values": values, "StatusCode": "Complete"}

    told = [result("errors", errors), result("requests", requests)]
    return json.dumps({"MetricDataResults": told, "Messages": []})


@pytest.mark.skipif(shutil.which("jq") is None, reason="the recipe needs jq")
@pytest.mark.parametrize(
    ("answer", "outcome", "ratio"),
    [
        (results([10.0, 20.0], [100.0, 100.0]), "bad", 0.15),
        (results([], [100.0, 100.0]), "good", 0.0),
        (results([1.0], [1.0]), "indeterminate", None),
        (results([], []), "indeterminate", None),
        ("", "indeterminate", None),
    ],
)
async def test_cloudwatch(tmp_path: Path, answer: str, outcome: str, ratio: float | None) -> None:
    (tmp_path / "answer").write_text(answer)
    for name, text in (
        ("cloudwatch-ratio", SCRIPT),
        ("aws", f"#!/bin/sh\ntest -s '{tmp_path}/answer' || exit 254\ncat '{tmp_path}/answer'\n"),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    fields = recipe("cloudwatch-ratio")
    config = TypeAdapter[ProbeConfig](ProbeConfig).validate_json(json.dumps(fields))
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"} | {name: "12345678" for name in fields["env"]}
    transport = ProbeTransport()
    tools = Tools(transport, SystemClock(), env, tmp_path)
    sample: Sample = await make(Target("rate", "rate", "shop", config), tools).sample()
    await transport.aclose()
    assert (sample.outcome, sample.error_rate) == (outcome, ratio), sample.words
