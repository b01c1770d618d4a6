"""The window of changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.probes.flapping import COMPARED, Window
from cockpit.probes.sample import Outcome

LETTERS: dict[str, Outcome] = {"g": "good", "s": "slow", "b": "bad", "i": "indeterminate"}


def play(letters: str, window: Window | None = None) -> Window:
    window = window or Window()
    for letter in letters:
        window = window.after(LETTERS[letter])
    return window


def test_every_change_of_twenty_is_a_whole_share() -> None:
    assert play("gb" * 20).share == 1.0 and play("g" * 40).share == 0.0
    assert play("gb" * 20).words == "flapping: 20 changes in 20 samples"


def test_a_newer_change_counts_for_more() -> None:
    shares = [play("g" + "b" * age).share for age in range(1, COMPARED + 1)]
    assert shares == sorted(shares, reverse=True) and shares[0] > 1.1 / COMPARED and shares[-1] < 0.9 / COMPARED


def test_it_begins_high_and_ends_low() -> None:
    assert not play("gbgbgb").flapping and play("gbgbgbg").flapping
    window = play("gbgbgbg")
    calm = next(count for count in range(1, 40) if not play("g" * count, window).flapping)
    assert play("g" * (calm - 1), window).share >= 0.25 > play("g" * calm, window).share
    assert play("g" * (calm - 1), window).share < 0.30, "between the two it stays as it was"


def test_one_outage_is_no_flapping() -> None:
    assert not play("gggggbbbbbbbsssgggggg").flapping


def test_an_indeterminate_sample_is_no_change() -> None:
    assert play("gigigibi") == play("gggb")


@given(st.text("gsbi", max_size=80))
def test_the_window_is_bounded(letters: str) -> None:
    window = play(letters)
    assert len(window.outcomes) <= COMPARED + 1 and 0 <= window.share <= 1.0
    assert not play("g" * (COMPARED + 1), window).flapping
