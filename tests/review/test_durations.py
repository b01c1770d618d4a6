from __future__ import annotations

import pytest

from cockpit.review.durations import claims, of_incident


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("3 h 30", [210]),
        ("3h30m", [210]),
        ("two hours", [120]),
        ("a two-hour outage", [120]),
        ("1 h 25", [85]),
        ("92 minutes", [92]),
        ("1.5 hours", [90]),
        ("an hour and a half", [90]),
        ("1 hour and 25 minutes", [85]),
        ("three days", [4320]),
        ("two hours; 1 h 25", [120, 85]),
        ("half an hour", [30]),
        ("two and a half hours", [150]),
        ("ninety minutes", [90]),
        ("90 seconds", [1.5]),
        ("two weeks", [20160]),
        ("10 pods and 30 nodes", []),
        ("80 % of logins at 10:52", []),
        ("", []),
    ],
)
def test_durations_are_read_from_words(text: str, minutes: list[int]) -> None:
    assert [claim.seconds / 60 for claim in claims(text)] == minutes


def test_a_duration_in_whole_hours_is_taken_as_rounded() -> None:
    (two,) = claims("two hours")
    assert two.fits(1.6 * 3600) and not two.fits(85 * 60)
    (exact,) = claims("1 h 25")
    assert exact.fits(86 * 60) and not exact.fits(92 * 60)


def test_in_running_text_only_those_of_the_incident_count() -> None:
    assert [claim.words for claim in of_incident("The outage lasted two hours. A deploy takes 7 minutes here.")] == [
        "two hours"
    ]
