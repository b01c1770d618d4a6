"""A change feed, well and badly written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.changes.document import read as read_document
from cockpit.changes.feed import Feed
from cockpit.changes.source import CannotCancel, Tools, Unanswered
from cockpit.clock import SECOND
from cockpit.config.fields import EnvReference
from cockpit.config.sources import FeedSource
from cockpit.incident.event import encode
from cockpit.incident.kinds import decode
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText
from tests.changes.conftest import NOBODY, Site, status

AT = 1_763_635_620 * SECOND


def read(body: bytes) -> tuple[tuple[tuple[int, ChangeSeen], ...], tuple[SafeText, ...]]:
    return read_document(body, "configs", None)


def document(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"changes": entries}).encode()


def test_changes_come_oldest_first_with_everything_said_of_them() -> None:
    whole = {
        "id": "4711", "at": "2025-11-20T10:47:00Z", "kind": "config", "what": "features.onboarding_revamp",
        "service": "auth", "who": "jo", "reviewed": False, "link": "http://x/4711", "undo": "configctl revert 4711",
    }  # fmt: skip
    later = {"id": "v12", "at": AT + SECOND, "kind": "deploy", "what": "web v12", "note": "not known to us"}
    changes, problems = read(document(later, whole))
    assert not problems
    assert changes == (
        (AT, ChangeSeen(
            change="configs:4711", source="configs", what="config #4711 features.onboarding_revamp", service="auth",
            who="jo", reviewed=False, link="http://x/4711", undo="configctl revert 4711",
        )),
        (AT + SECOND, ChangeSeen(change="configs:v12", source="configs", what="deploy web v12")),
    )  # fmt: skip
    assert decode("change.seen", encode(changes[0][1])) == changes[0][1]


def test_a_number_already_in_the_words_is_not_said_twice() -> None:
    changes, _ = read(document({"id": 4711, "at": AT, "kind": "config", "what": "#4711 features.x"}))
    assert changes[0][1].what == "config #4711 features.x"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"at": AT, "what": "x"}, "entry 1: Object missing required field `id`"),
        ({"id": "1", "at": "2025-11-20T10:47:00", "what": "x"}, "at needs its zone"),
        ({"id": "1", "at": 1_763_635_620, "what": "x"}, "at must be RFC 3339 or microseconds"),
        ({"id": "1", "at": "yesterday", "what": "x"}, "Invalid RFC3339"),
        ({"id": "1", "at": AT, "what": ["x"]}, "$.what"),
        ({"id": "1", "at": AT, "what": "x", "reviewed": "no"}, "$.reviewed"),
    ],
)
def test_a_bad_entry_is_told_and_spoils_no_other(entry: dict[str, Any], words: str) -> None:
    changes, problems = read(document(entry, {"id": "2", "at": AT, "what": "fine"}))
    assert [seen.what for _, seen in changes] == ["#2 fine"]
    assert len(problems) == 1 and problems[0].startswith("entry 1: ") and words in problems[0]


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"changes": {}}', b"\xff", b"[" * 60_000])
def test_a_bad_document_is_told(body: bytes) -> None:
    with pytest.raises(Unanswered, match="not a list of changes"):
        read(body)


@given(st.binary(max_size=200))
def test_no_bytes_raise(noise: bytes) -> None:
    for body in (noise, b'{"changes": [' + noise + b"]}", b'{"changes": [{"id": "' + noise + b'"}]}'):
        try:
            changes, problems = read(body)
        except Unanswered:
            continue
        assert changes or problems or not noise.strip()


def test_hostile_text_is_made_safe() -> None:
    entry = {"id": "1", "at": AT, "what": "a\x1b[31mb\nc\u202e", "who": "x" * 5_000}
    changes, _ = read(document(entry))
    assert changes[0][1].what.startswith("#1 ab c") and len(changes[0][1].who) <= 300
    assert type(changes[0][1].what) is str


def feed(url: str, tools: Tools, **more: Any) -> Feed:
    return Feed(FeedSource(name="configs", url=url, **more), tools)


async def test_over_http_with_a_secret_header(site: Site, tools: Tools) -> None:
    site.answers["GET /changes"] = {"changes": [{"id": "1", "at": AT, "what": "x"}]}
    source = feed(f"{site.url}/changes", tools, headers={"authorization": EnvReference(env="TOKEN")}, service="shop")
    looked = await source.look()
    assert [(at, seen.change, seen.service) for at, seen in looked.changes] == [(AT, "configs:1", "shop")]
    assert looked.answered and not looked.problems
    assert site.asked[0].headers["authorization"] == "t0k3n-value"
    with pytest.raises(CannotCancel, match="configs has no queue"):
        await source.cancel("1")


async def test_a_feed_that_does_not_answer_is_told(site: Site, tools: Tools) -> None:
    site.answers["GET /broken"] = status(500)
    for url, words in ((f"{site.url}/broken", "configs: HTTP 500"), (NOBODY, "configs: connect")):
        looked = await feed(url, tools).look()
        assert len(looked.problems) == 1 and looked.problems[0].startswith(words) and not looked.answered


async def test_an_unset_secret_is_told_by_its_name(site: Site, tools: Tools) -> None:
    looked = await feed(site.url, tools, headers={"x-key": EnvReference(env="UNSET")}).look()
    assert looked.problems == ("configs: the environment variable UNSET is not set: export it, then `cockpit restart`",)
    assert not site.asked


async def test_a_flood_of_problems_is_counted(site: Site, tools: Tools) -> None:
    site.answers["GET /"] = {"changes": [{}] * 50}
    looked = await feed(f"{site.url}/", tools).look()
    assert len(looked.problems) == 6 and looked.problems[-1] == "configs: and 45 more"
