from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.slack.checking import SCHEMA, check_message

TEXT = {"type": "mrkdwn", "text": "hello"}
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Help"}, "action_id": "help", "value": "x"}
GOOD: dict[str, Any] = {
    "text": "A whole sentence.",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "SEV1"}},
        {"type": "section", "text": TEXT, "fields": [TEXT] * 10},
        {"type": "section", "text": TEXT, "accessory": BUTTON},
        {"type": "divider"},
        {"type": "context", "elements": [TEXT]},
        {"type": "actions", "block_id": "b", "elements": [BUTTON]},
    ],
    "metadata": {"event_type": "cockpit", "event_payload": {"key": "a", "revision": 3}},
}


def words(number: int) -> dict[str, str]:
    """So many characters."""
    return {"type": "mrkdwn", "text": "x" * number}


def test_a_good_message_has_nothing_against_it() -> None:
    assert check_message(GOOD) == []
    assert check_message({"text": "only words"}) == []


@pytest.mark.parametrize(
    "judge, block",
    [
        ("types", {"type": "section", "text": TEXT, "surprise": 1}),
        ("types", {"type": "section", "text": {"type": "markdown", "text": "x"}}),
        ("types", {"type": "header", "text": TEXT}),
        ("types", {"type": "actions", "elements": [BUTTON | {"surprise": 1}]}),
        ("types", {"type": "video"}),
        ("slackblocks", {"type": "section", "text": words(3001)}),
        ("slackblocks", {"type": "section", "text": words(0)}),
        ("slackblocks", {"type": "section", "fields": [words(2001)]}),
        ("slackblocks", {"type": "section", "fields": [TEXT] * 11}),
        ("slackblocks", {"type": "context", "elements": [TEXT] * 11}),
        ("slackblocks", {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}),
        ("slackblocks", {"type": "actions", "elements": [BUTTON] * 26}),
        ("slackblocks", {"type": "actions", "elements": [BUTTON | {"value": "x" * 2001}]}),
        (
            "slackblocks",
            {"type": "section", "text": TEXT, "accessory": BUTTON | {"text": {"type": "plain_text", "text": "x" * 76}}},
        ),
        ("Slack", {"type": "section", "text": {"type": "mrkdwn", "text": " "}}),
        ("Slack", {"type": "actions", "elements": [BUTTON, BUTTON]}),
    ],
)
def test_each_judge_finds_what_it_knows(judge: str, block: dict[str, Any]) -> None:
    found = check_message({"text": "x", "blocks": [block]})
    assert any(each.startswith(f"{judge}: ") for each in found), found


@pytest.mark.parametrize(
    "payload, words",
    [
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "max_size"),
        ({"text": "x", "blocks": [{"type": "section", "text": words(2600)}] * 4}, "msg_blocks_too_long"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"text": "x", "surprise": 1}, "surprise"),
        ({"blocks": [{"type": "divider"}]}, "'text' is a required property"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": None}}}, "invalid_metadata_schema"),
    ],
)
def test_a_whole_message_is_judged(payload: dict[str, Any], words: str) -> None:
    assert any(words in each for each in check_message(payload))


def test_the_schema_is_the_one_that_the_script_makes() -> None:
    script = (SCHEMA.parent / "generate.sh").read_text()
    types, generator, _ = re.findall(r"[A-Z]+=([0-9.]+)", script)
    comment = json.loads(SCHEMA.read_text())["$comment"]
    assert comment == f"made by generate.sh from @slack/types {types} with ts-json-schema-generator {generator}"
