"""What Block Kit takes, and how Slack words what it does not take. Only the blocks that messages are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

BLOCKS = 50
SECTION = 3000
FIELDS, FIELD = 10, 2000
HEADER = 150
BUTTON, VALUE, ACTION_ID, URL = 75, 2000, 255, 3000
CONTEXT = 10
ACTIONS = 25
BLOCK_ID = 255
CONTEXT_TEXT = 3000
ALT, TITLE = 2000, 2000
BUDGET = 10_000
"""Characters of text in all blocks of a message together: Slack accepts 9,597 and refuses 11,341."""

_STYLES = ("primary", "danger")


def faults(blocks: Any, place: str = "/blocks") -> list[str]:
    """Everything that Slack would not take, each with its place."""
    if not isinstance(blocks, list):
        return [f"must be an array [json-pointer:{place}]"]
    found = [f"no more than {BLOCKS} items allowed [json-pointer:{place}]"] if len(blocks) > BLOCKS else []
    for number, block in enumerate(blocks):
        found += _block(block, f"{place}/{number}")
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and "block_id" in block]
    found += [f"`block_id` {each} already exists [json-pointer:{place}]" for each in _twice(ids)]
    found += [f"`action_id` {each} already exists [json-pointer:{place}]" for each in _repeated(blocks)]
    return found


def length(blocks: Any) -> int:
    """The characters of text in all blocks together."""
    if isinstance(blocks, dict):
        own = len(blocks["text"]) if isinstance(blocks.get("text"), str) else 0
        return own + sum(length(value) for value in blocks.values())
    return sum(length(value) for value in blocks) if isinstance(blocks, list) else 0


def _repeated(blocks: list[Any]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        elements = block.get("elements", []) if isinstance(block, dict) else []
        found += _twice([each["action_id"] for each in elements if isinstance(each, dict) and "action_id" in each])
    return found


def _twice(names: list[str]) -> list[str]:
    return sorted({each for each in names if names.count(each) > 1})


def _block(block: Any, place: str) -> Iterator[str]:
    if not isinstance(block, dict):
        yield f"must be an object [json-pointer:{place}]"
        return
    known = _KNOWN.get(str(block.get("type")))
    if known is None:
        yield f"unsupported type: {block.get('type')} [json-pointer:{place}/type]"
        return
    names, check = known
    for name in block:
        if name not in names | {"type", "block_id"}:
            yield f"invalid additional property: {name} [json-pointer:{place}]"
    if "block_id" in block:
        yield from _words(block["block_id"], BLOCK_ID, f"{place}/block_id")
    yield from check(block, place)


def _words(value: Any, most: int, place: str, least: int = 1) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be a string [json-pointer:{place}]"
    elif len(value) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{place}]"
    elif len(value) < least:
        yield f"must be more than {least - 1} characters [json-pointer:{place}]"


def _text(value: Any, most: int, place: str, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"missing required field: text [json-pointer:{place}]"
        return
    kind = value.get("type")
    if kind not in kinds:
        yield f"unsupported type: {kind} [json-pointer:{place}/type]"
        return
    allowed = {"type", "text", "emoji"} if kind == "plain_text" else {"type", "text", "verbatim"}
    for name in value:
        if name not in allowed:
            yield f"invalid additional property: {name} [json-pointer:{place}]"
    for name in ("emoji", "verbatim"):
        if not isinstance(value.get(name, True), bool):
            yield f"must be a boolean [json-pointer:{place}/{name}]"
    yield from _words(value.get("text"), most, f"{place}/text")
    if isinstance(value.get("text"), str) and value["text"] and not value["text"].strip():
        yield f"must be more than 0 characters [json-pointer:{place}/text]"


def _items(block: dict[str, Any], name: str, most: int, place: str) -> list[Any] | str:
    items = block.get(name)
    if not isinstance(items, list):
        return f"missing required field: {name} [json-pointer:{place}]"
    if not items:
        return f"no less than 1 items allowed [json-pointer:{place}/{name}]"
    if len(items) > most:
        return f"no more than {most} items allowed [json-pointer:{place}/{name}]"
    return items


def _section(block: dict[str, Any], place: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text [json-pointer:{place}]"
    if "text" in block:
        yield from _text(block["text"], SECTION, f"{place}/text")
    if "fields" in block:
        fields = _items(block, "fields", FIELDS, place)
        if isinstance(fields, str):
            yield fields
        else:
            for number, each in enumerate(fields):
                yield from _text(each, FIELD, f"{place}/fields/{number}")
    if "accessory" in block:
        yield from _element(block["accessory"], f"{place}/accessory", ("button", "image"))
    if not isinstance(block.get("expand", True), bool):
        yield f"must be a boolean [json-pointer:{place}/expand]"


def _header(block: dict[str, Any], place: str) -> Iterator[str]:
    yield from _text(block.get("text"), HEADER, f"{place}/text", ("plain_text",))


def _divider(block: dict[str, Any], place: str) -> Iterator[str]:
    yield from ()


def _context(block: dict[str, Any], place: str) -> Iterator[str]:
    elements = _items(block, "elements", CONTEXT, place)
    if isinstance(elements, str):
        yield elements
        return
    for number, each in enumerate(elements):
        where = f"{place}/elements/{number}"
        if isinstance(each, dict) and each.get("type") == "image":
            yield from _element(each, where, ("image",))
        else:
            yield from _text(each, CONTEXT_TEXT, where)


def _actions(block: dict[str, Any], place: str) -> Iterator[str]:
    elements = _items(block, "elements", ACTIONS, place)
    if isinstance(elements, str):
        yield elements
        return
    for number, each in enumerate(elements):
        yield from _element(each, f"{place}/elements/{number}", ("button",))


def _image(block: dict[str, Any], place: str) -> Iterator[str]:
    yield from _words(block.get("image_url"), URL, f"{place}/image_url")
    yield from _words(block.get("alt_text"), ALT, f"{place}/alt_text")
    if "title" in block:
        yield from _text(block["title"], TITLE, f"{place}/title", ("plain_text",))


def _element(element: Any, place: str, kinds: tuple[str, ...]) -> Iterator[str]:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in kinds:
        yield f"unsupported type: {kind} [json-pointer:{place}/type]"
    elif kind == "image":
        yield from _words(element.get("image_url"), URL, f"{place}/image_url")
        yield from _words(element.get("alt_text"), ALT, f"{place}/alt_text")
    else:
        yield from _button(element, place)


def _button(button: dict[str, Any], place: str) -> Iterator[str]:
    for name in button:
        if name not in {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"}:
            yield f"invalid additional property: {name} [json-pointer:{place}]"
    yield from _text(button.get("text"), BUTTON, f"{place}/text", ("plain_text",))
    for name, most in (("action_id", ACTION_ID), ("value", VALUE), ("url", URL), ("accessibility_label", BUTTON)):
        if name in button:
            yield from _words(button[name], most, f"{place}/{name}")
    if "style" in button and button["style"] not in _STYLES:
        yield f"must be a valid enum value [json-pointer:{place}/style]"
    if "url" in button and not re.match(r"(https?|mailto|slack):", str(button["url"])):
        yield f"must be a valid URL [json-pointer:{place}/url]"


_Check = Callable[[dict[str, Any], str], Iterator[str]]
_KNOWN: dict[str, tuple[set[str], _Check]] = {
    "section": ({"text", "fields", "accessory", "expand"}, _section),
    "header": ({"text"}, _header),
    "divider": (set(), _divider),
    "context": ({"elements"}, _context),
    "actions": ({"elements"}, _actions),
    "image": ({"image_url", "alt_text", "title"}, _image),
}
