from __future__ import annotations

from typing import Any

import pytest

from tests.slack.blocks import faults, length


def text(number: int, kind: str = "mrkdwn") -> dict[str, Any]:
    """So many characters."""
    return {"type": kind, "text": "x" * number}


def button(**more: Any) -> dict[str, Any]:
    """A button with that about it."""
    return {"type": "button", "text": text(4, "plain_text"), "action_id": "a"} | more


AT_THE_LIMIT: list[dict[str, Any]] = [
    {"type": "section", "text": text(3000), "fields": [text(2000)] * 10, "block_id": "b" * 255},
    {"type": "header", "text": text(150, "plain_text")},
    {"type": "context", "elements": [text(3000)] * 10},
    {"type": "actions", "elements": [button(action_id=str(number), value="v" * 2000) for number in range(25)]},
    {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "x" * 2000},
]


@pytest.mark.parametrize("block", AT_THE_LIMIT, ids=lambda block: str(block["type"]))
def test_what_is_at_the_limit_is_taken(block: dict[str, Any]) -> None:
    assert faults([block]) == []


@pytest.mark.parametrize(
    "block, place",
    [
        ({"type": "section", "text": text(3001)}, "/blocks/0/text/text"),
        ({"type": "section", "text": text(0)}, "/blocks/0/text/text"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "\n "}}, "/blocks/0/text/text"),
        ({"type": "section", "text": text(1) | {"emoji": True}}, "/blocks/0/text"),
        ({"type": "section", "fields": [text(2001)]}, "/blocks/0/fields/0/text"),
        ({"type": "section", "fields": [text(1)] * 11}, "/blocks/0/fields"),
        ({"type": "section"}, "/blocks/0"),
        ({"type": "header", "text": text(151, "plain_text")}, "/blocks/0/text/text"),
        ({"type": "header", "text": text(1)}, "/blocks/0/text/type"),
        ({"type": "context", "elements": [text(1)] * 11}, "/blocks/0/elements"),
        ({"type": "context", "elements": []}, "/blocks/0/elements"),
        ({"type": "actions", "elements": [button()] * 26}, "/blocks/0/elements"),
        ({"type": "actions", "elements": [button(value="v" * 2001)]}, "/blocks/0/elements/0/value"),
        ({"type": "actions", "elements": [button(text=text(76, "plain_text"))]}, "/blocks/0/elements/0/text/text"),
        ({"type": "actions", "elements": [button(text=text(1))]}, "/blocks/0/elements/0/text/type"),
        ({"type": "actions", "elements": [button(style="loud")]}, "/blocks/0/elements/0/style"),
        ({"type": "divider", "block_id": "b" * 256}, "/blocks/0/block_id"),
        ({"type": "divider", "surprise": 1}, "/blocks/0"),
        ({"type": "marquee"}, "/blocks/0/type"),
    ],
)
def test_what_is_beyond_it_is_refused_with_its_place(block: dict[str, Any], place: str) -> None:
    assert any(each.endswith(f"[json-pointer:{place}]") for each in faults([block])), faults([block])


def test_ids_come_once() -> None:
    assert faults([{"type": "divider", "block_id": "b"}] * 2) == ["`block_id` b already exists [json-pointer:/blocks]"]
    assert faults([{"type": "actions", "elements": [button(), button()]}]) != []


def test_the_length_of_all_texts_counts_each_once() -> None:
    assert length([{"type": "section", "text": text(7), "fields": [text(5), text(3)]}]) == 15
