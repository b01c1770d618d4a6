"""From counters, scraped again and again, to how many requests there were within a window. Pure.

What counts is how much each series grew since the scrape before, never what it stands at: counters live as long as
their process, and the window is ours.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping

import msgspec

from cockpit.config.selectors import Selector
from cockpit.probes.rates.exposition import Labels, MetricSample

PROCESS_START = "process_start_time_seconds"
INSTANCE_LABELS = ("instance", "pod")
JITTER = 1.0
"""Seconds by which a start that is worked out from an uptime may seem to move."""

ABSENT_KEPT = 20_000
"""Series that are gone from a page and remembered all the same: those gone longest are forgotten first."""

Key = tuple[str, Labels]


class Scrape(msgspec.Struct, frozen=True):
    """What one look at the page found: counters by series, when each began, and when each instance's process did."""

    counters: Mapping[Key, float]
    created: Mapping[Key, float] = {}
    started: Mapping[str, float] = {}
    ignored: int = 0
    at: int = 0

    def fits(self, selector: Selector) -> bool:
        """Whether any of its series is selected."""
        return any(selector.fits(name, dict(labels)) for name, labels in self.counters)


class Growth(msgspec.Struct, frozen=True):
    """By how much errors and total grew between two moments, in monotonic seconds."""

    since: float
    until: float
    errors: float
    total: float


def created_name(counter: str) -> str:
    """The metric that tells when a counter began."""
    for ending in ("_total", "_count", "_sum", "_bucket"):
        counter = counter.removesuffix(ending)
    return f"{counter}_created"


def wanted(selectors: Iterable[Selector]) -> set[str]:
    """The names of all metrics that must be read of a page for these."""
    names = {selector.name for selector in selectors}
    return names | {created_name(name) for name in names} | {PROCESS_START}


def take(samples: Iterable[MetricSample], selectors: Iterable[Selector]) -> Scrape:
    """A scrape of the series that are selected; one that is NaN or infinite is ignored and counted."""
    chosen = tuple(selectors)
    counters: dict[Key, float] = {}
    created: dict[Key, float] = {}
    started: dict[str, float] = {}
    ignored = at = 0
    for sample in samples:
        labels = dict(sample.labels)
        if any(selector.fits(sample.name, labels) for selector in chosen):
            if not math.isfinite(sample.value):
                ignored += 1
                continue
            counters[sample.name, sample.labels] = sample.value
            at = max(at, sample.at)
        elif sample.name == PROCESS_START:
            started[instance(sample.labels)] = sample.value
        else:
            created[sample.name, sample.labels] = sample.value
    return Scrape(counters, created, started, ignored, at)


def instance(labels: Labels) -> str:
    """Which of several instances on one page a series is of; empty where the page knows only one."""
    return "\0".join(value for label, value in labels if label in INSTANCE_LABELS)


def restarted(before: Scrape, now: Scrape) -> set[str]:
    """Instances that are not those of the scrape before: new, or with a process that began at another time."""
    known, current = _instances(before), _instances(now)
    changed = {
        name
        for name, start in now.started.items()
        if name in before.started and abs(start - before.started[name]) > JITTER
    }
    if "" in changed:
        # The page is one process's own, and that is another one now.
        return current
    return (current - known) | changed


def grown(before: Scrape, now: Scrape, selector: Selector) -> float:
    """By how much all series of a selector grew since the scrape before.

    A counter below what it was began again at 0. A series that is new in an instance known already began at 0 too: that
    is the first 500 of an incident. Of a restarted instance nothing can be said before the next scrape.
    """
    skipped, known = restarted(before, now), _instances(before)
    growth = 0.0
    for key, value in now.counters.items():
        name, labels = key
        place = instance(labels)
        if place in skipped or place not in known or not selector.fits(name, dict(labels)):
            continue
        was = before.counters.get(key, 0.0)
        if _began_again(before, now, key):
            continue
        growth += value - was if value >= was else value
    return growth


def baseline(before: Scrape, now: Scrape) -> Scrape:
    """What the next scrape is held against: a series that is missing for once, or NaN, keeps what it stood at."""
    goes_on = _instances(now) - restarted(before, now)
    gone = [key for key in before.counters if key not in now.counters and instance(key[1]) in goes_on]
    kept = {key: before.counters[key] for key in gone[-ABSENT_KEPT:]}
    return msgspec.structs.replace(now, counters={**kept, **now.counters})


def _began_again(before: Scrape, now: Scrape, key: Key) -> bool:
    created = created_name(key[0]), key[1]
    return created in before.created and before.created[created] != now.created.get(created)


def _instances(scrape: Scrape) -> set[str]:
    return {instance(labels) for _, labels in scrape.counters}


class Window:
    """Growth over the last so many seconds, kept as a ring."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ring: deque[Growth] = deque()

    def add(self, growth: Growth) -> None:
        """One more; what lies wholly before the window goes."""
        self._ring.append(growth)
        while self._ring and self._ring[0].until <= growth.until - self._seconds:
            self._ring.popleft()

    def clear(self) -> None:
        """Forget everything."""
        self._ring.clear()

    @property
    def errors(self) -> float:
        """How many errors there were."""
        return sum(growth.errors for growth in self._ring)

    @property
    def total(self) -> float:
        """How many requests there were."""
        return sum(growth.total for growth in self._ring)

    @property
    def elapsed(self) -> float:
        """The monotonic seconds in which they were counted: less than the window at first, and where scrapes failed."""
        return sum(growth.until - growth.since for growth in self._ring)
