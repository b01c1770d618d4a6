"""From counters to requests within a window: restarts, new labels, other instances."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from cockpit.config.selectors import parse_selector
from cockpit.probes.rates.counters import (
    ABSENT_KEPT,
    Growth,
    Scrape,
    Window,
    baseline,
    created_name,
    grown,
    restarted,
    take,
    wanted,
)
from cockpit.probes.rates.exposition import read_samples

TOTAL, ERRORS = parse_selector("r_total"), parse_selector('r_total{code=~"5.."}')


def scrape(page: str) -> Scrape:
    return take(read_samples(page, wanted((TOTAL, ERRORS)), False), (TOTAL, ERRORS))


def growth(before: str, now: str) -> tuple[float, float]:
    """How much errors and total grew."""
    first, second = scrape(before), scrape(now)
    return grown(first, second, ERRORS), grown(first, second, TOTAL)


def test_growth_is_summed_over_series() -> None:
    before = 'r_total{code="200"} 100\nr_total{code="500"} 5\n'
    now = 'r_total{code="200"} 190\nr_total{code="500"} 15\n'
    assert growth(before, now) == (10, 100)


def test_a_counter_reset_counts_from_nought_and_never_below() -> None:
    before = 'r_total{code="200"} 100\nr_total{code="500"} 50\n'
    assert growth(before, 'r_total{code="200"} 30\nr_total{code="500"} 3\n') == (3, 33)


def test_a_new_5xx_label_in_mid_incident_counts_whole() -> None:
    assert growth('r_total{code="200"} 100\n', 'r_total{code="200"} 110\nr_total{code="503"} 40\n') == (40, 50)


def test_a_changed_process_start_restarts_the_baseline() -> None:
    before = 'process_start_time_seconds 1000\nr_total{code="200"} 100\n'
    now = 'process_start_time_seconds 2000\nr_total{code="200"} 900\nr_total{code="500"} 3\n'
    assert growth(before, now) == (0, 0)
    assert restarted(scrape(before), scrape(now)) == {""}
    jitter = before.replace("1000", "1000.4")
    assert restarted(scrape(before), scrape(jitter)) == set()


def test_a_changed_created_restarts_that_series_only() -> None:
    before = 'r_total{code="200"} 100\nr_created{code="200"} 1\nr_total{code="500"} 5\nr_created{code="500"} 1\n'
    now = 'r_total{code="200"} 900\nr_created{code="200"} 2\nr_total{code="500"} 9\nr_created{code="500"} 1\n'
    assert growth(before, now) == (4, 4)


def test_a_new_instance_does_not_bring_its_past_along() -> None:
    before = 'r_total{instance="a",code="200"} 100\n'
    now = 'r_total{instance="a",code="200"} 110\nr_total{instance="b",code="500"} 90000\n'
    assert growth(before, now) == (0, 10)
    assert restarted(scrape(before), scrape(now)) == {"b"}


def test_an_instance_that_went_takes_nothing_away() -> None:
    before = 'r_total{instance="a"} 100\nr_total{instance="b"} 900\n'
    assert growth(before, 'r_total{instance="a"} 130\n') == (0, 30)


def test_one_restarted_instance_of_two_leaves_the_other() -> None:
    before = (
        'process_start_time_seconds{instance="a"} 1\nprocess_start_time_seconds{instance="b"} 1\n'
        'r_total{instance="a"} 100\nr_total{instance="b"} 100\n'
    )
    now = before.replace('seconds{instance="b"} 1', 'seconds{instance="b"} 7').replace("100", "150")
    assert growth(before, now) == (0, 50)


def test_nan_is_ignored_and_keeps_what_the_series_stood_at() -> None:
    first = scrape('r_total{code="200"} 100\nr_total{code="500"} 5\n')
    second = scrape('r_total{code="200"} 110\nr_total{code="500"} NaN\n')
    assert second.ignored == 1 and grown(first, second, ERRORS) == 0 and grown(first, second, TOTAL) == 10
    third = scrape('r_total{code="200"} 120\nr_total{code="500"} 8\n')
    assert grown(baseline(first, second), third, ERRORS) == 3


def test_a_series_missing_for_once_does_not_count_whole_when_it_is_back() -> None:
    first, second = scrape('r_total{code="200"} 1\nr_total{code="500"} 900\n'), scrape('r_total{code="200"} 2\n')
    assert grown(baseline(first, second), first, ERRORS) == 0


def test_series_that_come_and_go_for_ever_do_not_fill_the_memory() -> None:
    known = Scrape({("r_total", (("pod", ""), ("id", str(number)))): 1.0 for number in range(ABSENT_KEPT + 5)})
    for number in range(3):
        known = baseline(known, Scrape({("r_total", (("id", f"new {number}"),)): 1.0}))
    assert len(known.counters) == ABSENT_KEPT + 1
    assert ("r_total", (("id", "new 1"),)) in known.counters, "the one that has just gone is remembered"


def test_histograms_and_counters_have_their_created_by_the_family() -> None:
    assert [created_name(name) for name in ("r_total", "d_count", "d_bucket")] == [
        "r_created",
        "d_created",
        "d_created",
    ]


values = st.floats(0, 1e12)


@given(st.lists(st.tuples(values, values), min_size=2, max_size=20))
def test_no_restart_however_often_makes_growth_negative(scrapes: list[tuple[float, float]]) -> None:
    pages = [Scrape({("r_total", (("code", "200"),)): ok, ("r_total", (("code", "500"),)): bad}) for ok, bad in scrapes]
    for before, now in zip(pages, pages[1:], strict=False):
        errors, total = grown(before, now, ERRORS), grown(before, now, TOTAL)
        assert 0 <= errors <= total and math.isfinite(total)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30), st.sets(st.integers(1, 29)))
def test_growth_is_what_was_really_counted_however_often_the_process_restarts(
    increments: list[int], restarts: set[int]
) -> None:
    """A restart is only noticed when the counter is below what it was: what it lost until then is never made up."""
    value, seen, real = 0.0, 0.0, 0
    before: Scrape | None = None
    for place, increment in enumerate(increments):
        value = increment if place in restarts else value + increment
        now = Scrape({("r_total", ()): value})
        if before is not None:
            seen += grown(before, now, TOTAL)
            real += increment
        before = now
    assert seen <= real
    if not restarts:
        assert seen == real


def test_the_window_forgets_and_tells_how_long_it_counted() -> None:
    window = Window(60)
    for step in range(10):
        window.add(Growth(step * 10.0, step * 10.0 + 10, 1, 100))
    assert (window.errors, window.total, window.elapsed) == (6, 600, 60)
    window.add(Growth(130.0, 140.0, 0, 5))
    assert window.elapsed == 30, "the gap is not counted as time in which nobody asked"
    window.clear()
    assert (window.total, window.elapsed) == (0, 0)
