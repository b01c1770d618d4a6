"""Figures and sparklines from the last samples."""

from __future__ import annotations

import sys

from cockpit.clock import SECOND
from cockpit.incident.vocabulary import Figures
from cockpit.probes.ring import KEPT, Point, Ring
from cockpit.probes.sample import Outcome, Sample
from cockpit.protocol.views import FAILED, MISSING
from cockpit.text import SafeText

Told = tuple[int, Outcome, float | None, float | None]


def ring(*told: Told) -> Ring:
    made = Ring()
    for second, outcome, latency, rate in told:
        made.add(Sample(second * SECOND, outcome, SafeText(), latency_ms=latency, error_rate=rate))
    return made


def test_no_samples_are_no_figures() -> None:
    assert Ring().figures(60, 100 * SECOND) == Figures()
    assert ring((10, "good", 5.0, None)).figures(60, 100 * SECOND) == Figures()
    assert ring((99, "indeterminate", None, None)).figures(60, 100 * SECOND) == Figures()


def test_percentiles_leave_failures_out_and_the_share_counts_them() -> None:
    good: list[Told] = [(n, "good", float(n), None) for n in range(1, 21)]
    made = ring(*good, (21, "bad", 9000.0, None), (22, "bad", None, None))
    at, since = 22 * SECOND, SECOND
    assert made.figures(60, 30 * SECOND) == Figures(2 / 22, p50_ms=10.0, p95_ms=19.0, samples=22, at=at, since=since)
    assert made.figures(10, 30 * SECOND) == Figures(1.0, samples=2, at=22 * SECOND, since=21 * SECOND)


def test_the_endpoints_own_rate_counts_for_as_long_as_it_tells_one() -> None:
    told: tuple[Told, Told] = (1, "good", 5.0, 0.0), (2, "bad", 5.0, 0.82)
    assert ring(*told).figures(60, 3 * SECOND).error_rate == 0.82
    assert ring(*told).figures(60, 3 * SECOND).since == 2 * SECOND
    assert ring(*told, (3, "indeterminate", None, None)).figures(60, 3 * SECOND).error_rate == 0.82
    assert ring((1, "good", 5.0, 0.0), (2, "bad", None, None)).figures(60, 3 * SECOND).error_rate == 0.5


def test_the_sparkline() -> None:
    made = ring(
        (1, "good", 0.4, None), (2, "good", 10.0, None), (3, "slow", 5000.0, None), (4, "bad", 20.0, None),
        (5, "indeterminate", None, None),
    )  # fmt: skip
    assert made.spark(7) == (MISSING, MISSING, 0, 1, 7, FAILED, MISSING)
    assert made.spark(2) == (FAILED, MISSING)


def test_it_is_bounded() -> None:
    made = ring(*[(n, "good", 5.0, None) for n in range(10 * KEPT)])
    assert made.figures(1e9, 10 * KEPT * SECOND).samples == KEPT


def test_the_same_data_are_kept_once_and_figures_are_as_old_as_their_data() -> None:
    made = Ring()
    for asked, data in ((10, 5), (20, 5), (30, 25)):
        made.add(Sample(asked * SECOND, "bad", SafeText(), error_rate=0.5, requests=asked * 10, data_at=data * SECOND))
    assert made.figures(60, 31 * SECOND) == Figures(0.5, samples=2, at=25 * SECOND, requests=300, since=25 * SECOND)


def test_figures_are_made_anew_when_the_window_moves_on_or_back() -> None:
    made = ring(*[(n, "good", float(n), None) for n in range(10, 60, 10)])
    for now in (*range(20, 140), *range(140, 20, -7)):
        inside = [float(n) for n in range(10, 60, 10) if n > now - 30]
        found = made.figures(30, now * SECOND)
        assert (found.samples, found.p95_ms) == (len(inside), inside[-1] if inside else None)


def test_a_point_is_small() -> None:
    point = Point(1, "good", 1.0, None, None)
    assert sys.getsizeof(point) <= 64
