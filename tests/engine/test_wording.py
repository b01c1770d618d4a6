"""A typing error in a team's own words silences nobody."""

from __future__ import annotations

from pathlib import Path

from cockpit.config.templates import PLAIN
from cockpit.engine.wording import wording


def test_none_are_asked_for(tmp_path: Path) -> None:
    assert wording(None, tmp_path) == (PLAIN, ())


def test_they_are_read_from_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("card: [{lines: [x]}]\n")
    words, wrong = wording("words.yaml", tmp_path)
    assert words.card[0].lines == ("x",) and wrong == ()


def test_what_cannot_be_read_is_told_and_left_aside(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("card: 7\n")
    words, wrong = wording("words.yaml", tmp_path)
    assert words == PLAIN
    assert wrong == (
        f"the broadcast templates are not used: {tmp_path}/words.yaml:1:7: card: "
        "must be a list (lines that begin with `- `), not a number",
    )
