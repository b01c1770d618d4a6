from __future__ import annotations

from cockpit.tui.paint import say
from cockpit.tui.widgets.pane import title_line


def test_a_pane_s_title_stays_whole_beside_a_long_text() -> None:
    drawn = title_line("BROADCAST", say("x" * 60), True, 40).plain
    assert drawn.startswith("BROADCAST ") and len(drawn) <= 40
