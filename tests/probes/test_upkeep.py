"""Windows in which nobody is woken."""

from __future__ import annotations

from datetime import datetime

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.config.maintenance import Maintenance
from cockpit.probes.upkeep import in_maintenance


def window(text: str) -> Maintenance:
    return parse(text, "config.yaml", Maintenance)


def at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp()) * SECOND


ONCE = window('{from: "2026-11-20T22:00:00+01:00", until: "2026-11-20T23:30:00+01:00", reason: new disks}')
WEEKLY = window("{days: [sun], at: '01:30', for: 2h, zone: Europe/Berlin}")
NIGHT = window("{days: [fri], at: '23:00', for: 3h}")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-20T20:59:59Z", ""),
        ("2026-11-20T21:00:00Z", "maintenance until 22:30Z: new disks"),
        ("2026-11-20T22:29:59Z", "maintenance until 22:30Z: new disks"),
        ("2026-11-20T22:30:00Z", ""),
    ],
)
def test_once(moment: str, words: str) -> None:
    assert in_maintenance([ONCE], at(moment)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        # Winter, UTC+1.
        ("2026-01-11T00:29:00Z", ""),
        ("2026-01-11T00:30:00Z", "maintenance until 02:30Z"),
        ("2026-01-11T02:30:00Z", ""),
        ("2026-01-12T00:30:00Z", ""),
        # Summer, UTC+2: it is still Saturday in UTC.
        ("2026-07-11T23:29:00Z", ""),
        ("2026-07-11T23:30:00Z", "maintenance until 01:30Z"),
        # The clocks go forward at 01:00Z within the window: it lasts two hours all the same.
        ("2026-03-29T02:29:00Z", "maintenance until 02:30Z"),
        ("2026-03-29T02:30:00Z", ""),
        # They go back at 01:00Z.
        ("2026-10-24T23:30:00Z", "maintenance until 01:30Z"),
        ("2026-10-25T01:29:00Z", "maintenance until 01:30Z"),
        ("2026-10-25T01:30:00Z", ""),
    ],
)
def test_weekly_by_the_clocks_of_its_zone(moment: str, words: str) -> None:
    assert in_maintenance([WEEKLY], at(moment)) == words


def test_an_hour_that_is_left_out_in_spring_comes_as_much_later() -> None:
    skipped = window("{days: [sun], at: '02:30', for: 1h, zone: Europe/Berlin}")
    assert in_maintenance([skipped], at("2026-03-29T01:29:00Z")) == ""
    assert in_maintenance([skipped], at("2026-03-29T01:30:00Z")) == "maintenance until 02:30Z"


def test_over_midnight_and_over_days() -> None:
    assert in_maintenance([NIGHT], at("2026-11-21T01:59:00Z")) == "maintenance until 02:00Z"
    assert in_maintenance([NIGHT], at("2026-11-20T01:59:00Z")) == ""
    long = window("{days: [fri], at: '20:00', for: 60h}")
    assert in_maintenance([long], at("2026-11-23T07:59:00Z")) == "maintenance until 08:00Z"
    assert in_maintenance([long], at("2026-11-23T08:00:00Z")) == ""


def test_of_several_windows_the_one_that_ends_last_tells() -> None:
    assert in_maintenance([], at("2026-11-20T23:30:00Z")) == ""
    assert in_maintenance([ONCE, NIGHT, ONCE], at("2026-11-20T22:15:00Z")) == "maintenance until 22:30Z: new disks"
    shorter = window("{days: [fri], at: '23:00', for: 1h}")
    assert in_maintenance([NIGHT, shorter], at("2026-11-20T23:30:00Z")) == "maintenance until 02:00Z"
