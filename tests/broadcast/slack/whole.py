"""What must be true of everything that Slack is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.broadcast.cutting import utf16
from tests.slack.checking import check_message
from tests.slack.content import UPDATED

PEOPLE = {"ana": "U024BE7LH", "bo": "W012A3CDE"}


def texts(value: Any, kind: str = "mrkdwn") -> Iterator[str]:
    """Every text of that kind in a payload."""
    if isinstance(value, dict):
        if value.get("type") == kind:
            yield value["text"]
        for each in value.values():
            yield from texts(each, kind)
    if isinstance(value, list):
        for each in value:
            yield from texts(each, kind)


def check_whole(built: dict[str, Any], people: Mapping[str, str] = PEOPLE) -> None:
    assert check_message(json.loads(json.dumps(built))) == []
    told = [*texts(built), *texts(built, "plain_text"), built["text"]]
    assert sum(map(utf16, told)) <= UPDATED
    for markup in (*texts(built), built["text"]):
        check_markup(markup, people)


def check_markup(markup: str, people: Mapping[str, str] = PEOPLE) -> None:
    """Nothing in it that Slack reads, but mentions of those who were typed, moments and links."""
    ids = "|".join(people.values())
    tokens = rf"<@(?:{ids})>|<!date\^\d+\^[^<>|^]+\|[^<>|]+>|<https?://[^<>|]+(?:\|[^<>|]+)?>"
    assert not re.search(r"[<>]", re.sub(tokens, "", markup))
    assert not re.search(r"&(?!amp;|lt;|gt;)", markup)
