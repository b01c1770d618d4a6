"""Counters scraped from the service itself, for where no Prometheus keeps them."""

from __future__ import annotations

from cockpit.clock import SECOND
from cockpit.config.rates import OpenMetricsConfig
from cockpit.config.selectors import parse_selector
from cockpit.probes.rates.counters import (
    PROCESS_START,
    Growth,
    Scrape,
    Window,
    baseline,
    grown,
    instance,
    restarted,
    take,
    wanted,
)
from cockpit.probes.rates.exposition import Malformed, read_samples
from cockpit.probes.rates.judging import Judgement, Measured, judge
from cockpit.probes.rates.source import Facts, Source, Unmeasured
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools
from cockpit.web import Reply

LIMIT = 10 * 1024 * 1024
"""Bytes read of one page."""
SLEPT = 10.0
"""Real seconds by which the clocks may differ between two scrapes: more than that was a sleep, or a step."""
OPENMETRICS = "application/openmetrics-text"
ACCEPT = f"{OPENMETRICS};version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


class OpenMetricsProbe:
    """Scrapes one page and keeps how its counters grew within the window."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, OpenMetricsConfig)
        self._config = config = target.config
        self._clock = tools.clock
        self._source = Source(config, tools, "the metrics page")
        self._errors, self._total = parse_selector(config.errors), parse_selector(config.total)
        self._names = wanted((self._errors, self._total))
        self._window = Window(config.window)
        self._before: Scrape | None = None
        self._scraped = 0.0
        self._scraped_at = 0

    async def sample(self) -> Sample:
        """One look; a page that cannot be read says nothing of errors."""
        return await self._source.sample(self._look)

    async def _look(self, at: int) -> Sample:
        reply = await self._source.ask(self._config.url, headers={"accept": ACCEPT}, limit=LIMIT)
        # A moment of the monotonic clock, so that a clock that is set does not change the rate.
        scraped, scraped_at = self._clock.monotonic(), self._clock.now()
        scrape = self._read(reply)
        facts = _facts(scrape)
        if not scrape.fits(self._total):
            raise Unmeasured(f"no data: no series of {self._source.where} fits the total, {self._config.total}")
        if warming := self._grow(scrape, scraped, scraped_at):
            notes = f"{scrape.ignored} NaN ignored" if scrape.ignored else ""
            judgement = Judgement("indeterminate", f"warming: {warming}", "warming")
            return self._source.judged(at, judgement, data_at=scrape.at, notes=notes, facts=facts)
        return self._judged(at, scrape, facts)

    def _read(self, reply: Reply) -> Scrape:
        if reply.status != 200:
            raise self._source.refusal(reply, self._source.excerpt(reply.body))
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            raise Unmeasured(f"{self._source.where} answers with a web page, not with metrics")
        try:
            samples = read_samples(reply.body.decode(), self._names, kind == OPENMETRICS)
            return take(samples, (self._errors, self._total))
        except UnicodeDecodeError:
            raise Unmeasured(f"{self._source.where} is not UTF-8") from None
        except Malformed as malformed:
            raise Unmeasured(f"{self._source.where}: {malformed}") from None

    def _grow(self, scrape: Scrape, scraped: float, at: int) -> str:
        """Add what grew since the scrape before; else, in words, why nothing can be said yet."""
        before, since, since_at = self._before, self._scraped, self._scraped_at
        if before is not None and scrape.at and scrape.at == before.at:
            return ""  # The same data once more.
        self._scraped, self._scraped_at = scraped, at
        if before is None:
            self._before = scrape
            return "the first scrape; the next one tells"
        self._before = baseline(before, scrape)
        if scraped - since > self._config.window:
            self._window.clear()
            return "the scrape before is older than the window"
        # The monotonic clock stands still while the host sleeps, and counters do not.
        if abs((at - since_at) / SECOND - (scraped - since)) > SLEPT * max(1.0, self._clock.speed):
            self._window.clear()
            return "this host slept, or its clock was set; the next scrape tells"
        gone = restarted(before, scrape)
        if all(instance(labels) in gone for _, labels in scrape.counters):
            return _another_process(before, scrape)
        errors, total = (grown(before, scrape, selector) for selector in (self._errors, self._total))
        self._window.add(Growth(since, scraped, errors, total))
        return ""

    def _judged(self, at: int, scrape: Scrape, facts: Facts) -> Sample:
        window = self._window
        age = max(0.0, (at - scrape.at) / SECOND) if scrape.at else 0.0
        measured = Measured(window.errors, window.total, age)
        elapsed = window.elapsed
        judgement = judge(measured, self._config, round(elapsed) or elapsed)
        notes = f"{scrape.ignored} NaN ignored" if scrape.ignored else ""
        told = [*facts, ("traffic", f"{window.total / elapsed:.3g} requests/s")] if elapsed else facts
        return self._source.judged(at, judgement, data_at=scrape.at, notes=notes, facts=told)


def _another_process(before: Scrape, scrape: Scrape) -> str:
    started = [(start, before.started.get(place)) for place, start in scrape.started.items()]
    if any(was is not None and start < was for start, was in started):
        return f"another process answered ({PROCESS_START} went back): scrape each instance by itself"
    if scrape.started != before.started:
        return f"the process was started again ({PROCESS_START} changed); the next scrape tells"
    return "the instances on the page changed; the next scrape tells"


def _facts(scrape: Scrape) -> Facts:
    places = {instance(labels) for _, labels in scrape.counters} - {""}
    facts = [("series", str(len(scrape.counters)))]
    if places:
        facts.append(("instances", str(len(places))))
    if scrape.ignored:
        facts.append(("ignored", f"{scrape.ignored} series that are NaN or infinite"))
    return facts
