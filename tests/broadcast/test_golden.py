"""Every message as readers get it, word for word; `python -m tests.broadcast.scenes` writes them anew."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from cockpit.broadcast.message import Card, Message, Post
from cockpit.config.templates import Reason
from tests.broadcast.scenes import GOLDEN, PEOPLE, scenes, written
from tests.broadcast.slack.whole import check_whole
from tests.slack.checking import check_message

SCENES = dict(scenes())
EVERY = pytest.mark.parametrize("name", SCENES)


@EVERY
def test_it_reads_as_before(name: str) -> None:
    assert json.loads((GOLDEN / f"{name}.json").read_text()) == json.loads(written(SCENES[name]))


@EVERY
def test_slack_takes_it(name: str) -> None:
    kept = json.loads((GOLDEN / f"{name}.json").read_text())
    assert check_message(kept["slack"]) == []
    assert check_message(kept["minimal"]) == []
    check_whole(kept["slack"], PEOPLE)


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(SCENES)


def test_every_reason_is_among_them() -> None:
    assert {message.reason for message in SCENES.values() if isinstance(message, Post)} == set(get_args(Reason))


@EVERY
def test_every_line_is_one_line(name: str) -> None:
    message: Message = SCENES[name]
    assert all(len(line.splitlines()) == 1 for line in message.lines)
    if isinstance(message, Card | Post):
        assert "<!" not in " ".join(section.heading for section in message.sections)
