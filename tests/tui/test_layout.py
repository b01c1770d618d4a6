"""How much of the screen each half gets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.tui.layout import lower_half, shape_of

needs = st.integers(0, 100)


def test_the_shape_follows_the_size() -> None:
    assert [shape_of(*size) for size in ((160, 45), (120, 30), (119, 45), (80, 24), (59, 24), (80, 14))] == [
        "rich", "rich", "compact", "compact", "small", "small",
    ]  # fmt: skip


@given(st.integers(12, 100), needs, needs)
def test_nobody_goes_short_while_there_is_room(room: int, upper: int, lower: int) -> None:
    share = lower_half(room, upper, lower)
    assert room // 3 <= share <= room
    assert share >= min(lower, room // 2)
    if upper + lower <= room:
        assert share >= lower
    assert room - share >= min(upper, room - room // 2)
