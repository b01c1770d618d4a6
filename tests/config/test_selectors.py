"""Selectors of series, as strict as a query's."""

from __future__ import annotations

import pytest

from cockpit.config.rates import OpenMetricsConfig, PrometheusConfig
from cockpit.config.selectors import Matcher, Selector, parse_selector


def test_a_selector_is_a_name_and_demands_on_labels() -> None:
    assert parse_selector(' requests_total { code =~ "5..", method!="GET", } ') == Selector(
        "requests_total", (Matcher("code", "=~", "5.."), Matcher("method", "!=", "GET"))
    )
    assert parse_selector("a:b") == parse_selector("a:b{}") == Selector("a:b")


def test_every_demand_must_be_met_and_a_missing_label_is_empty() -> None:
    selector = parse_selector('r{code=~"5..",path!~"/health.*",zone=""}')
    assert selector.fits("r", {"code": "503", "path": "/"})
    assert not selector.fits("r", {"code": "5030", "path": "/"})
    assert not selector.fits("r", {"code": "503", "path": "/healthz"})
    assert not selector.fits("r", {"code": "503", "path": "/", "zone": "a"})
    assert not selector.fits("other", {"code": "503", "path": "/"})


def test_escapes_are_those_of_a_query() -> None:
    assert parse_selector(r'r{a="x\"y\\z\n"}').matchers[0].value == 'x"y\\z\n'
    assert parse_selector(r'r{a=~"\\d+"}').fits("r", {"a": "42"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begins with the name"),
        ('{code="500"}', "begins with the name"),
        ("sum(requests_total)", "not a query"),
        ("rate(requests_total[5m])", "not a query"),
        ("requests_total[5m]", "not a query"),
        ("r{code=500}", "closing brace"),
        ('r{code="500"', "closing brace"),
        ('r{code="500" method="GET"}', "closing brace"),
        ('r{code="500"} > 0', "nothing may follow"),
        ('r{code=~"5("}', "not a regular expression"),
        (r'r{code=~"\d+"}', r"write \\d"),
    ],
)
def test_what_is_no_selector_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_selector(text)
    assert words in str(refused.value)


def test_a_config_with_a_bad_selector_is_refused_when_it_is_read() -> None:
    with pytest.raises(ValueError, match="closing brace"):
        OpenMetricsConfig(name="r", type="openmetrics", url="http://x", errors="r{a=1}", total="r")


def test_an_objective_that_could_never_burn_fast_is_refused() -> None:
    errors, total = "sum(rate(e[$window]))", "sum(rate(t[$window]))"
    with pytest.raises(ValueError, match="never burn fast"):
        PrometheusConfig(name="r", type="prometheus", url="http://x", objective=0.9, errors=errors, total=total)
