from __future__ import annotations

from collections import Counter

from tests.slack.faults import Weather
from tests.slack.storm import WRITES, storm


def test_a_storm_hits_the_share_it_was_told_to_and_every_fault_alike() -> None:
    weather = Weather(seed=1)
    weather.rules = storm(0.5)
    met = Counter(fault.name if (fault := weather.meet("chat.update")) else "" for _ in range(20_000))
    assert 0.48 < met.pop("") / 20_000 < 0.52
    expected = Counter(fault.name for fault in WRITES)
    assert set(met) == set(expected)
    for name, number in expected.items():
        assert 0.7 < met[name] / (number * 10_000 / len(WRITES)) < 1.3
