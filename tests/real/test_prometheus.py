"""Error rates as a real Prometheus tells them, scraping a real exporter every second."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientError, ClientSession, web
from pydantic import TypeAdapter

from cockpit.clock import SECOND, SystemClock
from cockpit.config.probes import ProbeConfig
from cockpit.probes.make import make
from cockpit.probes.sample import Sample, Samples
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport
from tests.real.servers import free_port, required

pytestmark = pytest.mark.real

PATIENCE = 20.0
"""Seconds for a scrape or a start on a busy host."""
CONFIG = """\
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: shop, static_configs: [{targets: ["127.0.0.1:%d"]}]}
"""


@dataclass
class Shop:
    """An exporter with one counter by code, which grows at every scrape."""

    codes: dict[str, float] = field(default_factory=dict)
    growth: dict[str, float] = field(default_factory=dict)
    down: bool = False

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            raise web.HTTPServiceUnavailable
        for code, more in self.growth.items():
            self.codes[code] = self.codes.get(code, 0) + more
        lines = [f'shop_requests_total{{code="{code}"}} {value}' for code, value in self.codes.items()]
        return web.Response(text="\n".join(["# TYPE shop_requests_total counter", *lines, ""]))


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[tuple[Shop, int]]:
    made = Shop()
    app = web.Application()
    app.router.add_get("/metrics", made.metrics)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, runner.addresses[0][1]
    await runner.cleanup()


@pytest_asyncio.fixture
async def prometheus(shop: tuple[Shop, int], tmp_path: Path) -> AsyncIterator[str]:
    program = required("prometheus", "prometheus")
    config, port = tmp_path / "prometheus.yml", free_port()
    config.write_text(CONFIG % shop[1])
    process = await asyncio.create_subprocess_exec(
        program, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        await _ready(f"{url}/-/ready")
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _ready(url: str) -> None:
    async with asyncio.timeout(PATIENCE), ClientSession() as session:
        while True:
            with contextlib.suppress(ClientError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)


Ask = Callable[..., Samples]


@pytest_asyncio.fixture
async def ask(prometheus: str) -> AsyncIterator[Ask]:
    transport = ProbeTransport(ssl.create_default_context())

    def probe(**fields: Any) -> Samples:
        given = {
            "name": "rate", "type": "prometheus", "url": prometheus, "window": 5.0, "interval": 1.0, "timeout": 1.0,
            "errors": 'sum(increase(shop_requests_total{code=~"5.."}[$window]))',
            "total": "sum(increase(shop_requests_total[$window]))",
        } | fields  # fmt: skip
        config = TypeAdapter[ProbeConfig](ProbeConfig).validate_python(given)
        return make(Target("rate", "rate", "shop", config), Tools(transport, SystemClock(), {}, Path()))

    yield probe
    await transport.aclose()


async def until(look: Callable[[], Awaitable[Sample]], fits: Callable[[Sample], bool]) -> Sample:
    """The first sample that fits."""
    sample = await look()
    try:
        async with asyncio.timeout(PATIENCE):
            while not fits(sample):
                await asyncio.sleep(0.2)
                sample = await look()
    except TimeoutError:
        raise AssertionError(f"never came: {sample}") from None
    return sample


async def test_one_outage_from_no_data_over_errors_to_stale(shop: tuple[Shop, int], ask: Ask) -> None:
    service, _ = shop
    probe = ask()

    nothing = await probe.sample()
    assert (nothing.outcome, nothing.gap) == ("indeterminate", "no data")

    service.codes = {"200": 1000.0}
    quiet = await until(probe.sample, lambda sample: sample.gap == "no traffic")
    assert (quiet.outcome, quiet.error_rate) == ("indeterminate", None)

    service.growth = {"200": 100.0}
    good = await until(probe.sample, lambda sample: sample.outcome == "good")
    assert good.error_rate == 0.0, "errors are empty while there is no series of a 5xx"
    assert good.data_at and abs(good.at - good.data_at) < 5 * SECOND

    fresh = await until(probe.sample, lambda sample: sample.data_at != good.data_at)
    again = await probe.sample()
    assert again.data_at - fresh.data_at in range(2 * SECOND), "the age is that of the scrape"
    assert again.at >= again.data_at

    service.codes["503"], service.growth = 0.0, {"200": 20.0, "503": 80.0}
    bad = await until(probe.sample, lambda sample: sample.outcome == "bad")
    assert bad.error_rate is not None and bad.error_rate >= 0.05 and "critical from 5 %" in bad.words

    service.down = True
    stale = await until(probe.sample, lambda sample: sample.gap == "stale")
    assert (stale.outcome, stale.error_rate) == ("indeterminate", None)
    gone = await until(probe.sample, lambda sample: sample.gap == "no data")
    assert (gone.outcome, gone.error_rate) == ("indeterminate", None)


async def test_refused_queries_a_burn_on_a_young_prometheus_and_one_that_is_gone(
    shop: tuple[Shop, int], ask: Ask, prometheus: str
) -> None:
    service, _ = shop
    refused = await ask(errors="sum(increase(shop_requests_total[$window])").sample()
    assert (refused.outcome, refused.status) == ("indeterminate", 400)
    assert "refuses the query for errors: bad_data: " in refused.words and "parse error" in refused.words
    impossible = await ask(errors='label_replace(up, "job", "x", "job", "(")').sample()
    assert (impossible.outcome, impossible.status) == ("indeterminate", 422)
    assert "refuses the query for errors: execution: " in impossible.words
    service.codes = {"200": 1.0, "500": 1.0}
    several = ask(total="shop_requests_total")
    sample = await until(several.sample, lambda sample: "series" in sample.words)
    assert "the query for total: gives 2 series: aggregate them with sum()" in sample.words
    ranged = await ask(total="shop_requests_total[5m]").sample()
    assert "the query for total: gives a range of samples" in ranged.words

    service.codes, service.growth = {"200": 1.0, "500": 1.0}, {"200": 50.0, "500": 50.0}
    queries = {
        "errors": 'sum(increase(shop_requests_total{code="500"}[$window]))',
        "total": "sum(increase(shop_requests_total[$window]))",
    }
    config = {"name": "rate", "type": "prometheus", "url": prometheus, "objective": 0.999, **queries}
    transport = ProbeTransport(ssl.create_default_context())
    built = TypeAdapter[ProbeConfig](ProbeConfig).validate_python(config)
    burn = make(Target("rate", "rate", "shop", built), Tools(transport, SystemClock(), {}, Path()))
    burning = await until(burn.sample, lambda sample: sample.outcome == "bad")
    assert burning.words.startswith("burning the 99.9 % budget ") and "(1 h)" in burning.words
    await transport.aclose()
    gone = await ask(url=f"http://127.0.0.1:{free_port()}").sample()
    assert (gone.outcome, gone.gap, gone.failure) == ("indeterminate", "no data", "refused")
