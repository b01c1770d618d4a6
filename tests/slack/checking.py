"""Two judges of a message who are not us: Slack's own types as a JSON Schema, and the limits that slackblocks knows.

The schema knows which fields there are and what kind each is; lengths it does not know. slackblocks 3 measures texts,
ids, values and numbers of elements. It reads no buttons from JSON, so each is made for it by hand, and it silently
drops a field that it does not know: both judges are needed. Neither knows of blank texts, of ids that come twice, or
of the budget for all texts together: the fake's own rules do, and they are asked last.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from slackblocks import ActionsBlock, Button, Message
from slackblocks.blocks import Block
from slackblocks.errors import InvalidUsageError

from tests.slack.content import check_content
from tests.slack.errors import SlackError

SCHEMA = Path(__file__).parent / "schema" / "message.schema.json"
_DEFINITIONS = {
    "actions": "Buttons", "context": "ContextBlock", "divider": "DividerBlock", "header": "HeaderBlock",
    "image": "ImageBlock", "section": "Section",
}  # fmt: skip
MOST = 4_000
"""Characters of text with which a message can still be edited."""


def check_message(payload: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a message, in words with places; nothing for a good one."""
    found = [*_against_types(payload), *_measured(payload)]
    try:
        check_content(payload, MOST)
    except SlackError as refused:
        found += [f"Slack: {refused.code}", *refused.details]
    return found


def _against_types(payload: dict[str, Any]) -> list[str]:
    schema = json.loads(SCHEMA.read_text())
    envelope = payload | {"blocks": []} if "blocks" in payload else payload
    found = _violations(schema, envelope, "")
    for number, block in enumerate(payload.get("blocks", [])):
        name = _DEFINITIONS.get(block.get("type", ""))
        if name is None:
            found.append(f"types: /blocks/{number}: a block of the type {block.get('type')} is none of ours")
        else:
            found += _violations(schema | {"$ref": f"#/definitions/{name}"}, block, f"/blocks/{number}")
    return found


def _violations(schema: dict[str, Any], value: Any, place: str) -> list[str]:
    # It has no types of its own, and what it is asked for here is one call.
    errors = import_module("jsonschema").Draft7Validator(schema).iter_errors(value)
    return [f"types: {place}/{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def _measured(payload: dict[str, Any]) -> list[str]:
    made, found = list[Block](), list[str]()
    for number, block in enumerate(payload.get("blocks", [])):
        try:
            made.append(_rebuilt(block))
        except (InvalidUsageError, KeyError, TypeError) as error:
            found.append(f"slackblocks: /blocks/{number}: {error}")
    try:
        Message("C0", text=payload.get("text", ""), blocks=made or None)
    except InvalidUsageError as error:
        found.append(f"slackblocks: {error}")
    return found


def _rebuilt(block: dict[str, Any]) -> Block:
    if block["type"] == "actions":
        return ActionsBlock([_button(each) for each in block["elements"]], block_id=block.get("block_id"))
    plain = {name: value for name, value in block.items() if name != "accessory"}
    if "accessory" in block:
        _button(block["accessory"])
    return Block.from_dict(plain)


def _button(element: dict[str, Any]) -> Button:
    return Button(
        element["text"]["text"], element.get("action_id"), url=element.get("url"), value=element.get("value"),
        style=element.get("style"), accessibility_label=element.get("accessibility_label"),
    )  # fmt: skip
