"""The state machine, against every sequence of samples Hypothesis can think of."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.config.probes import HttpProbeConfig
from cockpit.config.rates import PrometheusConfig
from cockpit.config.watched import BaseProbe
from cockpit.incident.vocabulary import Figures, ProbeChanged
from cockpit.probes.flapping import COMPARED
from cockpit.probes.machine import Track, anew, doubted, freeze, is_stale, kept_for, observe, resume, take_up, thaw
from cockpit.probes.sample import Gap, Outcome, Sample
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
    assert play("gbgbgb")[1] == ["up@10"]
    assert play("bb")[1] == [] and play("bbb")[1] == ["down@10"]


def test_slow_samples_degrade_and_never_turn_it_down() -> None:
    assert play("gsss")[1] == ["up@10", "degraded@20"]
    assert play("gsbsb")[1] == ["up@10", "degraded@20"]
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


def test_a_gap_or_a_wider_pace_is_taken_for_what_it_is() -> None:
    assert not is_stale(0, 80 * SECOND, 10.0, pace=60.0) and is_stale(0, 81 * SECOND, 10.0, pace=60.0)
    track, _ = play("gbb")
    assert is_stale(doubted(track).checked, 10**15, 10.0) and doubted(track).bad.count == 0
    assert doubted(track).state == "up" and doubted(track).overlay == "" and anew(track).checked == track.checked


# --- in time, not only in number


def rate(fires: str = "0s", keeps: str = "0s", interval: float = 10.0) -> BaseProbe:
    return PrometheusConfig.model_validate_json(
        msgspec.json.encode({
            "type": "prometheus", "name": "rate", "url": "http://127.0.0.1/", "errors": "a", "total": "b",
            "for": fires, "keep_firing_for": keeps, "interval": f"{interval}s", "timeout": "1s",
        })
    )  # fmt: skip


def timed(told: str, config: BaseProbe, every: float = 10.0, track: Track | None = None) -> tuple[Track, list[str]]:
    """One letter a sample, `every` so many seconds; a dot is a sample that was never taken."""
    track, turns = track or Track(), []
    for number, letter in enumerate(told, 1):
        if letter == ".":
            continue
        outcome = next(name for name in OUTCOMES if name[0] == letter)
        at = int(number * every * SECOND)
        track, turned = observe(track, sample(outcome, at), config, "rate", "auth", Figures())
        if turned is not None:
            turns.append(f"{turned.state}@{turned.since // SECOND}")
    return track, turns


def test_a_bad_streak_must_last_before_it_is_down() -> None:
    assert timed("g" + "b" * 12, rate(fires="2m"))[1] == ["up@10"]
    assert timed("g" + "b" * 13, rate(fires="2m"))[1] == ["up@10", "down@20"]
    assert timed("gbbbb", rate(fires="2m"))[0].overlay == "pending 30s/2m"
    assert timed("gbbb", rate())[1] == ["up@10", "down@20"]


def test_a_good_streak_must_last_before_it_is_up() -> None:
    assert timed("b" + "g" * 9, rate(keeps="90s"))[1] == ["down@10"]
    assert timed("b" + "g" * 10, rate(keeps="90s"))[1] == ["down@10", "up@20"]
    assert timed("bggg", rate(keeps="90s"))[0].overlay == "recovering 20s/1m30s"


def test_time_that_nobody_saw_does_not_make_a_streak_longer() -> None:
    track, turns = timed("gb" + "." * 30 + "b", rate(fires="2m"))
    assert turns == ["up@10"] and track.overlay == "pending 30s/2m"
    track, turns = timed("gbb" + "." * 100 + "b", rules())
    assert turns == ["up@10"] and track.overlay == "pending 1/3", "what was counted that long ago says nothing"


def test_a_clock_step_makes_no_streak_longer_and_no_start_later_than_its_sample() -> None:
    track = resume("up", SECOND)
    for at in (1_000, 1_010, 9_000, 1_030):
        track, turned = observe(track, sample("bad", at * SECOND), rate(fires="2m"), "rate", "auth", Figures())
        assert turned is None and track.bad.first <= at * SECOND


def test_the_same_data_count_once_however_often_they_are_fetched() -> None:
    track, rule = resume("up", SECOND), rules(failures=2)
    for at in (10, 20, 30):
        bad = Sample(at * SECOND, "bad", SafeText("5 %"), data_at=7 * SECOND)
        track, turned = observe(track, bad, rule, "api", "auth", Figures())
        assert turned is None and track.bad.count == 1
    assert track.checked == 30 * SECOND, "the source still answers"
    bad = Sample(40 * SECOND, "bad", SafeText("5 %"), data_at=37 * SECOND)
    _, turned = observe(track, bad, rule, "api", "auth", Figures())
    assert turned is not None and turned.state == "down"


@pytest.mark.parametrize("gap", ["no traffic", "no data", "warming"])
def test_a_gap_is_neither_good_nor_bad_and_never_resolves(gap: Gap) -> None:
    track, _ = play("gbbb")
    for at in range(50, 400, 10):
        nothing = Sample(at, "indeterminate", SafeText(gap), gap=gap)
        track, turned = observe(track, nothing, rules(), "api", "auth", Figures())
        assert turned is None and (track.state, track.overlay, track.checked) == ("down", gap, 40)


# --- flapping


def told(outcomes: str) -> list[str]:
    track, said = Track(), []
    for number, letter in enumerate(outcomes, 1):
        outcome = next(name for name in OUTCOMES if name[0] == letter)
        config = rules(failures=1, successes=1)
        track, turned = observe(track, sample(outcome, number * 10), config, "api", "auth", Figures())
        if turned is not None:
            said.append(f"{turned.state} {turned.verdict}")
            assert turned.state == track.told
    return said


def test_fail_ok_fail_ok_is_told_once_and_its_end_with_the_state() -> None:
    said = told("bg" * 10 + "g" * 20)
    assert said[:4] == ["down was bad", "up was good", "down was bad", "up was good"]
    assert said[-2:] == ["down flapping: 6 changes in 6 samples", "up no longer flapping: was good"]
    assert len(said) == 8
    assert play("bg" * 10)[0].overlay == "flapping" and play("bg" * 10)[0].state == "up"


def test_what_goes_down_while_it_flaps_is_seen_at_once_and_told_at_the_end() -> None:
    track, turns = play("gb" * 5 + "bbb")
    assert (track.state, track.overlay, turns) == ("down", "flapping", ["up@10", "up@10"])
    track, turns = play("gb" * 5 + "b" * 20)
    assert turns == ["up@10", "up@10", "down@100"] and track.overlay == ""


# --- a restart


def restarted(track: Track, after: float, interval: float = 10.0) -> Track:
    """Frozen, thawed and taken up so many seconds after its last sample, beside the state the journal tells."""
    kept = thaw(freeze({"api": track}))
    resumed = resume(track.told, track.since)
    return take_up(resumed, kept["api"], track.checked + int(after * SECOND), interval) if kept else resumed


def test_two_fails_a_restart_and_one_fail_are_three_fails() -> None:
    before, _ = play("gbb")
    track = restarted(before, after=30)
    assert (track.state, track.checked) == ("up", 0), "stale until its first sample"
    track, turned = observe(track, sample("bad", before.checked + 40 * SECOND), rules(), "api", "auth", Figures())
    assert turned is not None and (turned.state, turned.since, turned.verdict) == ("down", 20, "3/3 was bad")


def test_a_restart_tells_nothing_twice() -> None:
    before, _ = play("gbbb")
    _, turned = observe(restarted(before, 30), sample("bad", 70 * SECOND), rules(), "api", "auth", Figures())
    assert turned is None
    before, _ = play("gb" * 8)
    flapping = restarted(before, 30)
    _, turned = observe(flapping, sample("good", 190 * SECOND), rules(), "api", "auth", Figures())
    assert flapping.window.flapping and turned is None


def test_what_was_counted_long_ago_or_in_the_future_is_dropped() -> None:
    before, _ = play("gbb")
    assert restarted(before, 600).bad.count == 2 and restarted(before, 601).bad.count == 0
    assert restarted(before, 3000, interval=300).bad.count == 2 and kept_for(300.0) == 3000 * SECOND
    assert restarted(before, -1).bad.count == 0


def test_of_what_is_well_nothing_is_kept_and_junk_is_refused() -> None:
    assert thaw(freeze({"api": play("ggggg")[0]})) == {}
    for junk in (b"", b"junk", msgspec.msgpack.encode({"api": [1]})):
        with pytest.raises(ValueError):
            thaw(junk)


# --- whatever is told


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
        calm = not (before.window.flapping or track.window.flapping)
        assert not calm or (turned is not None) == (track.state != before.state)
        assert track.since <= max(at, before.since)
        if turned is not None:
            assert (turned.previous, turned.state, turned.since) == (before.told, track.state, track.since)
        if track.state == before.state:
            assert track.since == before.since
            continue
        assert track.since <= at
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
        assert settled.state == state and settled.overlay in {"", "flapping"}


@given(samples, thresholds, thresholds)
def test_flapping_always_ends_with_the_current_state(
    told: list[tuple[Outcome, int]], failures: int, successes: int
) -> None:
    config, track, at, journal = rules(failures, successes), Track(), 1_000, "unknown"
    calm: list[tuple[Outcome, int]] = [("good", 10)] * (COMPARED + 1)
    for outcome, step in [*told, *calm]:
        at += max(1, step)
        flapped = track.window.flapping
        track, turned = observe(track, sample(outcome, at), config, "api", "auth", Figures())
        if turned is not None:
            assert turned.previous == journal
            journal = turned.state
        if not track.window.flapping:
            assert journal == track.state == track.told
            assert turned is not None or not flapped
    assert (journal, track.overlay) == ("up", "")


@given(samples, thresholds, thresholds)
def test_indeterminate_samples_make_no_difference_but_to_words(
    told: list[tuple[Outcome, int]], failures: int, successes: int
) -> None:
    config, at = rules(failures, successes), 1_000
    tracks = [Track(), Track()]
    for outcome, step in told:
        at += step
        for place in range(2):
            if outcome != "indeterminate" or place:
                tracks[place], turned = observe(
                    tracks[place], sample(outcome, at), config, "api", "auth", Figures()
                )  # fmt: skip
                assert turned is None or outcome != "indeterminate"
    without, with_them = (msgspec.structs.replace(each, overlay="", verdict=SafeText()) for each in tracks)
    assert without == with_them
