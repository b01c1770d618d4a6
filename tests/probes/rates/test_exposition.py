"""Metrics pages, read line by line as their two formats have them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.probes.rates.exposition import Malformed, MetricSample, read_samples

PAGE = """\
# HELP requests_total All requests.
# TYPE requests_total counter
requests_total{code="200",path="/a b"} 1027 1395066363000
requests_total{code="500",path="C:\\\\x\\n\\"y\\"",} 3
  requests_total\t{ code = "404" } 1e3
requests_total_other{code="500"} 9
requests_total 7
other 12.5
"""


def read(text: str, *names: str, openmetrics: bool = False) -> list[MetricSample]:
    return list(read_samples(text, names or ("requests_total",), openmetrics))


def test_the_text_format_is_read_with_labels_escapes_and_moments() -> None:
    assert read(PAGE) == [
        MetricSample("requests_total", (("code", "200"), ("path", "/a b")), 1027.0, 1_395_066_363_000_000),
        MetricSample("requests_total", (("code", "500"), ("path", 'C:\\x\n"y"')), 3.0),
        MetricSample("requests_total", (("code", "404"),), 1000.0),
        MetricSample("requests_total", (), 7.0),
    ]


def test_openmetrics_has_seconds_and_exemplars() -> None:
    page = 'a_total{b="c"} 17.0 1520879607.789 # {trace_id="oHg5SJ"} 9.8 1520879607.7\n# EOF\n'
    assert read(page, "a_total", openmetrics=True) == [
        MetricSample("a_total", (("b", "c"),), 17.0, 1_520_879_607_789_000)
    ]
    assert read('a_total 1 # {trace_id="x"} 0.5\n# EOF', "a_total", openmetrics=True) == [
        MetricSample("a_total", (), 1.0)
    ]


def test_an_openmetrics_page_that_was_cut_is_not_believed() -> None:
    with pytest.raises(Malformed, match="cut"):
        read("a_total 17\n", "a_total", openmetrics=True)


@pytest.mark.parametrize("text", ["NaN", "+Inf", "-Inf", "Inf"])
def test_what_is_no_finite_number_is_read_as_it_is(text: str) -> None:
    (sample,) = read(f"requests_total {text}\n")
    assert not math.isfinite(sample.value)


@pytest.mark.parametrize(
    "line",
    [
        "requests_total x", 'requests_total{a="b" 3', 'requests_total{a=b} 3', 'requests_total{a="b"c="d"} 3',
        'requests_total{a="b",a="c"} 3', "requests_total 1_000", "requests_total 1 2 3", 'requests_total{a="b"}',
    ],
)  # fmt: skip
def test_a_wanted_line_that_cannot_be_read_is_an_error_and_not_skipped(line: str) -> None:
    with pytest.raises(Malformed, match="requests_total"):
        read(f"ok 1\n{line}\n")


def test_lines_of_other_metrics_are_not_even_looked_at() -> None:
    assert read("rubbish {{{\nrequests_total 1\n") == [MetricSample("requests_total", (), 1.0)]


label_values = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20)


@given(st.dictionaries(st.sampled_from("abcdef"), label_values), st.floats(allow_nan=False))
def test_whatever_a_label_holds_comes_back(labels: dict[str, str], value: float) -> None:
    escaped = {
        name: text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') for name, text in labels.items()
    }
    shown = ",".join(f'{name}="{text}"' for name, text in escaped.items())
    assert read(f"x{{{shown}}} {value!r}\n", "x") == [MetricSample("x", tuple(sorted(labels.items())), value)]
