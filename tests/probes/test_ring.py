"""Figures and sparklines from the last samples."""

from __future__ import annotations

from cockpit.clock import SECOND
from cockpit.incident.vocabulary import Figures
from cockpit.probes.ring import KEPT, Ring
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
    assert made.figures(60, 30 * SECOND) == Figures(2 / 22, p50_ms=10.0, p95_ms=19.0, samples=22, at=22 * SECOND)
    assert made.figures(10, 30 * SECOND) == Figures(1.0, samples=2, at=22 * SECOND)


def test_the_endpoints_own_rate_counts_for_as_long_as_it_tells_one() -> None:
    told: tuple[Told, Told] = (1, "good", 5.0, 0.0), (2, "bad", 5.0, 0.82)
    assert ring(*told).figures(60, 3 * SECOND).error_rate == 0.82
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
