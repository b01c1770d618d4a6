"""How much of the screen each half gets. Pure."""

from __future__ import annotations

from typing import Literal

Shape = Literal["rich", "compact", "small"]


def shape_of(width: int, height: int) -> Shape:
    """How much can be shown in a window of that size."""
    if width < 60 or height < 15:
        return "small"
    return "rich" if width >= 120 and height >= 30 else "compact"


def lower_half(room: int, upper: int, lower: int) -> int:
    """Lines for the lower half, of `room` for both: what it needs, as long as the upper keeps its need or half."""
    return max(room // 3, min(lower, max(room - upper, room // 2)))
