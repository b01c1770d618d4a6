"""What is told of a query without evaluating it."""

from __future__ import annotations

import pytest

from cockpit.probes.rates.promql import duration, newest, over, per_second


def test_a_window_is_written_as_a_query_has_it() -> None:
    assert [duration(seconds) for seconds in (300, 90, 3600, 259_200, 0.25, 1.5)] == [
        "5m", "90s", "1h", "3d", "250ms", "1500ms",
    ]  # fmt: skip
    assert over("sum(increase(r[$window]))", 300) == "sum(increase(r[5m]))"


@pytest.mark.parametrize(
    ("query", "rate"),
    [
        ("sum(rate(r[5m]))", True),
        ("sum(irate (r[5m]))", True),
        ("job:requests:rate5m", True),
        ("sum(increase(r[5m]))", False),
        ("sum(error_rate(r))", False),
        ("requests", False),
    ],
)
def test_a_rate_is_told_from_a_count(query: str, rate: bool) -> None:
    assert per_second(query) is rate


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("sum(rate(r_total[5m]))", "max(timestamp(r_total))"),
        ('sum by (job) (increase(r_total{code=~"5..",path="/(a)"}[$window]))',
         'max(timestamp(r_total{code=~"5..",path="/(a)"}))'),
        ("increase(r_total[1h])", "max(timestamp(r_total))"),
        ("job:requests:rate5m", "max(timestamp(job:requests:rate5m))"),
        ("sum(r)", "max(timestamp(r))"),
        ("sum(rate(a[5m])) + sum(rate(b[5m]))", ""),
        ("sum(rate(a[5m] offset 1h))", ""),
        ("sum(max_over_time(a[5m:1m]))", ""),
        ("sum(rate(a[5m:1m]))", ""),
        ("vector(0)", ""),
        ("sum(rate(a[5m])", ""),
        ('{__name__=~"a|b"}', ""),
    ],
)  # fmt: skip
def test_the_age_is_asked_only_where_the_series_are_known_for_sure(query: str, asked: str) -> None:
    assert newest(query) == asked
