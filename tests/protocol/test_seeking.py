"""The place in a replay that a person means."""

from __future__ import annotations

import pytest

from cockpit.moments import SECOND
from cockpit.protocol.messages import Wind
from cockpit.protocol.seeking import sought

START = 1_763_635_830 * SECOND + 400_000
"""2025-11-20T10:50:30.4Z."""
END = START + 26 * 3600 * SECOND


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("#41", Wind("event", 41)),
        ("+12m", Wind("moment", START + 720 * SECOND)),
        ("+1h2m3s", Wind("moment", START + 3723 * SECOND)),
        ("+0s", Wind("moment", START)),
        ("10:50", Wind("moment", START)),
        ("10:50:30", Wind("moment", START)),
        ("11:00", Wind("moment", START + 569_600_000)),
        # Before it began on its first day is on the second.
        ("09:50:30", Wind("moment", START + 23 * 3600 * SECOND - 400_000)),
        ("2025-11-20T10:50:30Z", Wind("moment", START)),
        ("2025-11-20T12:00:00+01:00", Wind("moment", START + 569_600_000)),
        ("2025-11-21T12:50:30Z", Wind("moment", END - 400_000)),
    ],
)
def test_what_is_meant(text: str, there: Wind) -> None:
    assert sought(text, START, END, 60) == there


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#61", "there is no event 61: the record has events 1 to 60"),
        ("#0", "there is no event 0"),
        ("+27h", "outside the record, which goes from 2025-11-20T10:50:30Z to 2025-11-21T12:50:30Z"),
        ("2025-11-20T10:50:29Z", "outside the record"),
        ("2025-11-20T10:55:00", "needs its zone"),
        ("2025-02-30T10:55:00Z", "not in the calendar"),
        ("+", "write 10:55"),
        ("-5m", "write 10:55"),
        ("25:00", "write 10:55"),
        ("noon", "write 10:55"),
    ],
)
def test_what_is_not_understood_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("+", r"\+")):
        sought(text, START, END, 60)
