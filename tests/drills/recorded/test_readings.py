"""What a recorded probe showed at a moment, and not on the average of its window."""

from __future__ import annotations

from cockpit.drills.recorded.readings import Reading, lanes
from cockpit.incident.event import Body, Event
from cockpit.incident.runs import VerifyFinished
from cockpit.incident.vocabulary import Figures, IncidentDeclared, ProbeChanged, ProbeState

MINUTE = 60_000_000
T0 = 1_800_000_000_000_000


def _figures(minute: int, rate: float, window: int) -> Figures:
    return Figures(error_rate=rate, samples=30, at=T0 + minute * MINUTE, since=T0 + (minute - window) * MINUTE)


def _events(window: int) -> list[Event]:
    """Down from minute 10, up from minute 40, verified at minute 41; looked at over windows of so many minutes."""

    def turned(state: ProbeState, previous: ProbeState, minute: int, rate: float) -> ProbeChanged:
        return ProbeChanged(
            probe="pool", service="dev", state=state, previous=previous, since=T0 + minute * MINUTE, verdict="",
            figures=_figures(minute, rate, window),
        )  # fmt: skip

    told: list[tuple[int, Body]] = [
        (12, IncidentDeclared(title="t", severity="SEV2", seen=(turned("down", "up", 10, 0.2),))),
        (40, turned("up", "down", 40, 0.9)),
        (
            41,
            VerifyFinished(
                run="r", step="s", probe="pool", verdict="pass", before=_figures(39, 1.0, window),
                after=_figures(41, 0.8, window), words="",
            ),
        ),
    ]  # fmt: skip
    return [
        Event("INC-1", seq, T0 + minute * MINUTE, T0 + minute * MINUTE, "cockpit", "h", body)
        for seq, (minute, body) in enumerate(told, 1)
    ]


def test_the_rate_of_a_window_of_looks_is_left_to_looking_again() -> None:
    """An up that follows an hour of failures is recorded with nine of ten failed: it did not go on failing."""
    (lane,) = lanes(_events(window=5))
    assert not lane.rates
    assert [(each.state, each.rate) for each in lane.readings if each.at >= T0 + 40 * MINUTE] == [("up", None)]


def test_the_rate_of_a_counter_is_what_it_showed() -> None:
    (lane,) = lanes(_events(window=0))
    assert lane.rates and lane.readings[-1] == Reading(T0 + 41 * MINUTE, "up", 0.8)
