"""The state machine, against every sequence of samples Hypothesis can think of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.config.probes import HttpProbeConfig
from cockpit.config.watched import BaseProbe
from cockpit.incident.vocabulary import Figures, ProbeChanged
from cockpit.probes.machine import Track, is_stale, observe, resume
from cockpit.probes.sample import Outcome, Sample
from cockpit.text import SafeText

OUTCOMES: tuple[Outcome, ...] = ("good", "slow", "bad", "indeterminate")
samples = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.integers(-5, 30)), max_size=40)
thresholds = st.integers(1, 5)


def rules(failures: int = 3, successes: int = 2) -> BaseProbe:
    return HttpProbeConfig(name="api", url="http://127.0.0.1/", failures=failures, successes=successes)


def sample(outcome: Outcome, at: int) -> Sample:
    return Sample(at, outcome, SafeText(f"was {outcome}"))


def play(outcomes: str, track: Track | None = None, config: BaseProbe | None = None) -> tuple[Track, list[str]]:
    """One letter a sample, ten seconds apart, from 10 s on: g, s, b, i. Returns the states turned to."""
    track, turns = track or Track(), []
    for number, letter in enumerate(outcomes, 1):
        outcome = next(name for name in OUTCOMES if name[0] == letter)
        track, turned = observe(track, sample(outcome, number * 10), config or rules(), "api", "auth", Figures())
        if turned is not None:
            turns.append(f"{turned.state}@{turned.since}")
    return track, turns


def test_it_turns_slowly_and_says_since_when() -> None:
    assert play("gggbb")[1] == ["up@10"]
    assert play("gggbbb")[1] == ["up@10", "down@40"]
    assert play("gbbbg")[1] == ["up@10", "down@20"]
    assert play("gbbbgg")[1] == ["up@10", "down@20", "up@50"]
    assert play("gbgbgbgb")[1] == ["up@10"]
    assert play("bb")[1] == [] and play("bbb")[1] == ["down@10"]


def test_slow_samples_degrade_and_never_turn_it_down() -> None:
    assert play("gsss")[1] == ["up@10", "degraded@20"]
    assert play("gsbsbsb")[1] == ["up@10", "degraded@20"]
    assert play("gsssbbb")[1] == ["up@10", "degraded@20", "down@50"]
    assert play("bbbss")[1] == ["down@10", "degraded@40"]
    assert play("sgg")[1] == ["degraded@10", "up@20"]


def test_an_indeterminate_sample_moves_no_counter_and_ages() -> None:
    assert play("gbbib")[1] == ["up@10", "down@20"]
    track, turns = play("iiiiiii")
    assert (track.state, turns, track.checked) == ("unknown", [], 0)
    track, _ = play("giii")
    assert (track.state, track.checked, track.verdict) == ("up", 10, "was indeterminate")


def test_overlays_say_how_far_it_is() -> None:
    assert [play(outcomes)[0].overlay for outcomes in ("g", "gb", "gbb", "gbbb", "gbbbg", "gbbbgg", "b", "gsssg")] == [
        "", "pending 1/3", "pending 2/3", "", "recovering 1/2", "", "pending 1/3", "recovering 1/2",
    ]  # fmt: skip


def test_the_event_carries_the_streak_and_the_figures() -> None:
    track, figures = resume("up", 5), Figures(error_rate=0.8, samples=3, at=30)
    for at in (10, 20, 30):
        track, turned = observe(track, sample("bad", at), rules(), "api", "auth", figures)
    assert turned == ProbeChanged(
        probe="api", service="auth", state="down", previous="up", since=10, verdict="3/3 was bad", figures=figures
    )
    assert type(turned.verdict) is str and track.verdict == "3/3 was bad"


def test_a_restart_remembers_the_state() -> None:
    track, turns = play("b", resume("down", 5))
    assert (track.state, track.since, turns) == ("down", 5, [])
    assert play("g", resume("down", 5))[1] == [] and play("gg", resume("down", 5))[1] == ["up@10"]
    assert play("bb", resume("up", 5))[1] == []


def test_the_same_sample_counts_once() -> None:
    track = resume("up", 5)
    for _ in range(5):
        track, turned = observe(track, sample("bad", 10), rules(), "api", "auth", Figures())
    assert track.bad.count == 1 and turned is None


def test_what_is_not_sampled_goes_stale() -> None:
    assert not is_stale(100 * SECOND, 130 * SECOND, 10.0)
    assert is_stale(100 * SECOND, 131 * SECOND, 10.0)
    assert not is_stale(100 * SECOND, 115 * SECOND, 0.5) and is_stale(100 * SECOND, 116 * SECOND, 0.5)
    assert is_stale(resume("up", 1).checked, 100 * SECOND, 10.0)


@given(samples, thresholds, thresholds)
def test_it_turns_only_on_enough_evidence_and_only_with_an_event(
    told: list[tuple[Outcome, int]], failures: int, successes: int
) -> None:
    config, track, at, counted = rules(failures, successes), Track(), 1_000, list[Outcome]()
    for outcome, step in told:
        at += step
        before = track
        if outcome != "indeterminate" and at != track.checked:
            counted.append(outcome)
        track, turned = observe(track, sample(outcome, at), config, "api", "auth", Figures())
        assert (turned is not None) == (track.state != before.state)
        assert track.since <= max(at, before.since)
        if turned is None:
            assert track.since == before.since
            continue
        assert (turned.previous, turned.state, turned.since) == (before.state, track.state, track.since)
        assert turned.since <= at
        needed = 1 if before.state == "unknown" and track.state != "down" else successes
        match track.state:
            case "down":
                assert counted[-failures:] == ["bad"] * failures
            case "up":
                assert counted[-needed:] == ["good"] * needed
            case "degraded" if before.state == "up":
                assert len(counted) >= failures and "good" not in counted[-failures:]
            case "degraded":
                assert len(counted) >= needed and "bad" not in counted[-needed:]
            case "unknown":
                raise AssertionError("nothing turns unknown by itself")


@given(samples, thresholds, thresholds)
def test_enough_of_one_sort_always_decides(told: list[tuple[Outcome, int]], failures: int, successes: int) -> None:
    config, track, at = rules(failures, successes), Track(), 1_000
    for outcome, step in told:
        at += step
        track, _ = observe(track, sample(outcome, at), config, "api", "auth", Figures())
    ends: tuple[tuple[Outcome, int, str], ...] = (("bad", failures, "down"), ("good", successes, "up"))
    for sort, count, state in ends:
        settled = track
        for number in range(1, count + 1):
            settled, _ = observe(settled, sample(sort, at + 1_000 + number), config, "api", "auth", Figures())
        assert settled.state == state and settled.overlay == ""
