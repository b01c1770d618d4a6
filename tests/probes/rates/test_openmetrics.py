"""Counters scraped from a real page over a real socket, with a clock that moves when told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.clock import SECOND
from cockpit.config.rates import OpenMetricsConfig
from cockpit.probes.rates.openmetrics import LIMIT
from cockpit.probes.sample import Sample, Samples
from tests.probes.conftest import ManualClock
from tests.probes.rates.conftest import Probe, Server

TEXT = "text/plain; version=0.0.4"
Scrape = Callable[..., object]


@pytest.fixture
def probe(make_rate: Probe) -> Samples:
    return make_rate(type="openmetrics", errors='r_total{code=~"5.."}', total="r_total")


class Service:
    """A service with two counters, scraped every ten seconds."""

    def __init__(self, server: Server, probe: Samples, clock: ManualClock) -> None:
        self._server, self._probe, self._clock = server, probe, clock

    async def shows(self, extra: str = "", kind: str = TEXT, **codes: float) -> Sample:
        page = "".join(f'r_total{{code="{code[1:]}"}} {value}\n' for code, value in codes.items())
        self._server.says(page + extra, kind)
        self._clock.advance(10)
        return await self._probe.sample()


@pytest.fixture
def service(server: Server, probe: Samples, clock: ManualClock) -> Service:
    return Service(server, probe, clock)


async def test_the_first_scrape_is_warming_and_the_next_one_tells(service: Service) -> None:
    first = await service.shows(c200=1000, c500=900)
    assert (first.outcome, first.gap, first.error_rate) == ("indeterminate", "warming", None)
    assert first.words == "warming: the first scrape; the next one tells"
    second = await service.shows(c200=1090, c500=910)
    assert (second.outcome, second.gap, second.error_rate, second.requests) == ("bad", "", 0.1, 100)
    assert second.words == "errors 10.0 % of 100 requests in 10 s, critical from 5 %"
    assert ("traffic", "10 requests/s") in second.facts


async def test_a_restart_of_the_process_is_a_counter_reset_and_not_negative(service: Service) -> None:
    await service.shows(c200=100_000, c500=0)
    sample = await service.shows(c200=99, c500=1)
    assert (sample.outcome, sample.error_rate, sample.requests) == ("slow", 0.01, 100)


async def test_a_new_5xx_label_in_mid_incident_is_seen_at_once(service: Service) -> None:
    await service.shows(c200=1000)
    assert (await service.shows(c200=1100)).error_rate == 0
    assert (await service.shows(c200=1100, c503=100)).error_rate == 0.5


async def test_a_changed_process_start_is_warming_once_and_keeps_what_was_counted(service: Service) -> None:
    await service.shows("process_start_time_seconds 1000\n", c200=100)
    await service.shows("process_start_time_seconds 1000\n", c200=200)
    started = await service.shows("process_start_time_seconds 2000\n", c200=900)
    assert (started.outcome, started.gap) == ("indeterminate", "warming")
    assert "was started again (process_start_time_seconds changed)" in started.words
    after = await service.shows("process_start_time_seconds 2000\n", c200=1000)
    assert (after.outcome, after.requests) == ("good", 200)
    elsewhere = await service.shows("process_start_time_seconds 1000\n", c200=300)
    assert elsewhere.gap == "warming" and "scrape each instance by itself" in elsewhere.words


async def test_nan_is_ignored_and_said(service: Service) -> None:
    await service.shows(c200=100, c500=0)
    sample = await service.shows(c200=200, c500=float("nan"))
    assert sample.outcome == "good" and sample.words.endswith("; 1 NaN ignored")


async def test_zero_traffic_is_neither_good_nor_zero_percent(service: Service) -> None:
    await service.shows(c200=100, c500=3)
    sample = await service.shows(c200=100, c500=3)
    assert (sample.outcome, sample.gap, sample.error_rate) == ("indeterminate", "no traffic", None)


async def test_one_error_of_one_request_says_nothing(service: Service) -> None:
    await service.shows(c200=100, c500=0)
    sample = await service.shows(c200=100, c500=1)
    assert (sample.outcome, sample.words) == ("indeterminate", "1 request in 10 s, too few to judge")


async def test_a_total_that_fits_no_series_is_no_data(service: Service, server: Server) -> None:
    sample = await service.shows("other 1\n")
    assert (sample.outcome, sample.gap) == ("indeterminate", "no data")
    assert sample.words.endswith("fits the total, r_total")


async def test_the_window_is_a_ring_over_monotonic_time(service: Service) -> None:
    for step in range(40):
        sample = await service.shows(c200=step * 100, c500=100)
    assert sample.requests == 3000 and "in 5 min" in sample.words


async def test_after_a_pause_longer_than_the_window_the_baseline_is_new(service: Service, clock: ManualClock) -> None:
    await service.shows(c200=100)
    await service.shows(c200=200)
    clock.advance(3600)
    assert (await service.shows(c200=90_000)).words == "warming: the scrape before is older than the window"
    assert (await service.shows(c200=90_100)).requests == 100


async def test_what_was_counted_while_this_host_slept_is_not_of_the_window(
    service: Service, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.shows(c200=100)
    await service.shows(c200=200)
    awake = clock.now
    monkeypatch.setattr(clock, "now", lambda: awake() + 8 * 3600 * SECOND)
    told = "warming: this host slept, or its clock was set; the next scrape tells"
    assert (await service.shows(c200=200, c500=90_000)).words == told
    assert (await service.shows(c200=300, c500=90_000)).error_rate == 0.0


async def test_openmetrics_is_asked_for_and_a_cut_page_is_not_believed(service: Service, server: Server) -> None:
    kind = "application/openmetrics-text; version=1.0.0"
    sample = await service.shows(kind=kind, c200=1)
    assert (sample.gap, "it was cut" in sample.words) == ("no data", True)
    assert (await service.shows("# EOF\n", kind=kind, c200=1)).gap == "warming"
    accept = server.asked[0].headers["Accept"]
    assert accept.startswith("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4")


async def test_old_moments_on_the_page_are_stale_and_the_same_moment_is_the_same_data(
    server: Server, probe: Samples, clock: ManualClock
) -> None:
    at = clock.now() // 1000
    for value in (100, 200):
        server.says(f"r_total {value} {at + value}\n", TEXT)
        sample = await probe.sample()
        clock.advance(10)
    assert (sample.outcome, sample.data_at, sample.requests) == ("good", (at + 200) * 1000, 100)
    again = await probe.sample()
    assert (again.measured_at, again.requests) == (sample.measured_at, 100)
    clock.advance(280)
    for _ in range(4):
        clock.advance(10)
        sample = await probe.sample()
    assert (sample.outcome, sample.gap) == ("indeterminate", "stale")


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        ("<html>Log in</html>", "text/html", 200, "answers with a web page, not with metrics"),
        ("r_total x\n", TEXT, 200, "not a number for r_total"),
        (b"r_total 1\n\xff", TEXT, 200, "is not UTF-8"),
        ("gone", TEXT, 404, "answers HTTP 404: gone"),
        ("no", TEXT, 401, "refuses our credentials (HTTP 401)"),
        (b"# \n" * (LIMIT // 3 + 1), TEXT, 200, "answers with more than 10240 KiB"),
    ],
)
async def test_a_page_that_cannot_be_read_says_nothing_of_the_service(
    server: Server, probe: Samples, body: str | bytes, kind: str, status: int, words: str
) -> None:
    server.says(body, kind, status)
    sample = await probe.sample()
    assert (sample.outcome, sample.gap) == ("indeterminate", "no data")
    assert words in sample.words and sample.words.startswith("the metrics page at 127.0.0.1:")


def test_the_config_takes_selectors_only() -> None:
    with pytest.raises(ValueError, match="not a query"):
        OpenMetricsConfig(name="r", type="openmetrics", url="http://x", errors="sum(r)", total="r")
