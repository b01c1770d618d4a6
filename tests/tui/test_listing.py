"""Which entries of a long list are in sight."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from cockpit.tui.widgets.listing import in_sight

heights = st.lists(st.integers(1, 5), min_size=1, max_size=60)


@given(heights, st.integers(0, 80), st.integers(0, 59), st.integers(8, 40))
def test_the_chosen_entry_is_whole_and_above_the_line_that_counts_the_rest(
    tall: list[int], top: int, wanted: int, room: int
) -> None:
    chosen = min(wanted, len(tall) - 1)
    drawn: list[int] = []

    def draw(place: int) -> list[Content]:
        drawn.append(place)
        return [Content(str(place))] * tall[place]

    first, blocks = in_sight(draw, len(tall), top, chosen, room)
    assert [len(block) for block in blocks] == tall[first : first + len(blocks)]
    before = sum(tall[first : chosen + 1])
    cut = first + len(blocks) < len(tall) or sum(map(len, blocks)) > room
    assert first <= chosen < first + len(blocks) and before <= room - cut
    assert len(drawn) <= 3 * room + 3


@given(heights, st.integers(0, 59), st.integers(8, 40))
def test_no_room_is_left_empty_while_something_is_hidden_above(tall: list[int], wanted: int, room: int) -> None:
    chosen = min(wanted, len(tall) - 1)
    first, blocks = in_sight(lambda place: [Content("")] * tall[place], len(tall), 10**6, chosen, room)
    used = sum(map(len, blocks))
    assert not first or used + tall[first - 1] > room - 1


def test_a_choice_in_sight_moves_nothing() -> None:
    def draw(place: int) -> list[Content]:
        return [Content("")]

    assert [in_sight(draw, 100, 40, chosen, 10)[0] for chosen in (40, 44, 48)] == [40, 40, 40]
    assert in_sight(draw, 100, 40, 49, 10)[0] == 41
    assert in_sight(draw, 100, 40, 39, 10)[0] == 39
