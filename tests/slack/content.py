"""What a message may consist of: text, blocks, metadata."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.slack import blocks
from tests.slack.errors import SlackError

POSTED = 40_000
UPDATED = 4_000
METADATA = 16_000
"""The most bytes of metadata."""
_TYPE = re.compile(r"[A-Za-z0-9_.:-]{1,255}")


def check_content(args: dict[str, Any], most: int) -> None:
    """Refuse what Slack would refuse, in its order; `most` is how long the text can be."""
    text = args.get("text", "")
    if not text.strip() and not args.get("blocks") and not args.get("attachments"):
        raise SlackError("no_text")
    if len(text) > most:
        raise SlackError("msg_too_long")
    check_blocks(args.get("blocks", []))
    if "metadata" in args:
        check_metadata(args["metadata"])


def check_blocks(given: Any) -> None:
    """Refuse blocks that Slack does not take."""
    if found := blocks.faults(given):
        raise SlackError("invalid_blocks", found)
    if blocks.length(given) > blocks.BUDGET:
        raise SlackError("msg_blocks_too_long")


def check_metadata(given: Any) -> None:
    """Refuse metadata that has another shape than Slack keeps: plain values, or objects of plain values."""
    if given == {}:
        return
    if not isinstance(given, dict) or set(given) - {"entities"} != {"event_type", "event_payload"}:
        raise SlackError("invalid_metadata_format")
    kind, payload = given["event_type"], given["event_payload"]
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind) or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_format")
    for value in payload.values():
        inner = value.values() if isinstance(value, dict) else [value]
        if not all(isinstance(each, str | int | float | bool) for each in inner):
            raise SlackError("invalid_metadata_schema")
    if len(json.dumps(given).encode()) > METADATA:
        raise SlackError("metadata_too_large")
