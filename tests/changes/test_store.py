"""Config stores over HTTP."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cockpit.changes.difference import differences
from cockpit.changes.source import Tools
from cockpit.changes.store import Store
from cockpit.clock import SECOND
from cockpit.config.sources import StoreSource
from tests.changes.conftest import NOON, Site, StillClock, status


def store(site: Site, tools: Tools, **more: Any) -> Store:
    return Store(StoreSource(name="flags", type="store", url=f"{site.url}/kv", **more), tools)


def later(tools: Tools, seconds: int) -> None:
    assert isinstance(tools.clock, StillClock)
    tools.clock.at += seconds * SECOND


async def test_the_first_look_is_what_later_ones_are_compared_with(site: Site, tools: Tools) -> None:
    site.answers["GET /kv"] = {"login": {"beta": False, "rate": 3}, "gone": 1, "list": [1, 2]}
    source = store(site, tools, service="auth")
    assert (await source.look()).changes == ()
    later(tools, 20)
    site.answers["GET /kv"] = {"login": {"beta": True, "rate": 3}, "new": "x", "list": [0, 1, 2]}
    looked = await source.look()
    assert [(at, seen.what, seen.service) for at, seen in looked.changes] == [
        (NOON + 10 * SECOND, f"config {what}", "auth")
        for what in ("gone removed", "list changed", "login.beta changed", "new added")
    ]
    later(tools, 20)
    assert (await source.look()).changes == ()


async def test_a_failing_look_loses_nothing_and_the_gap_is_told(site: Site, tools: Tools) -> None:
    site.answers["GET /kv"] = {"a": 1}
    source = store(site, tools)
    await source.look()
    later(tools, 60)
    for broken in (status(500), status(200, ["no object"])):
        site.answers["GET /kv"] = broken
        assert not (await source.look()).answered
    later(tools, 60)
    site.answers["GET /kv"] = {"a": 2}
    ((at, seen),) = (await source.look()).changes
    assert (at, seen.what) == (NOON + 60 * SECOND, "config a changed (between 12:00Z and 12:02Z)")


async def test_values_only_when_wanted_and_secrets_never(site: Site, tools: Tools) -> None:
    def pairs(**values: str) -> list[dict[str, object]]:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        return [{"Key": key, "Value": value, "ModifyIndex": 1, "Flags": 0} for key, value in encoded.items()]

    site.answers["GET /kv"] = pairs(beta="off", db_password="old", link="http://u:secretive@x/")
    source = store(site, tools, format="consul", show_values=True)
    await source.look()
    later(tools, 10)
    site.answers["GET /kv"] = pairs(beta="on", db_password="hunter22", link="http://u:hunter22@y/", z="Ab1" * 10)
    words = [seen.what for _, seen in (await source.look()).changes]
    assert words[0] == "config beta changed: off -> on"
    assert words[1] == "config db_password changed: [redacted] -> [redacted]"
    assert words[3] == "config z added: nothing -> [redacted]"
    assert "hunter22" not in str(words) and "secretive" not in str(words)
    site.answers["GET /kv"] = status(404)
    assert len((await source.look()).changes) == 4


def test_hidden_values_are_not_in_the_words() -> None:
    assert differences({"a": "old"}, {"a": "new"}, show_values=False) == [("a", "a changed")]


@pytest.mark.parametrize("size", [21, 500])
async def test_a_store_that_is_emptied_is_told_in_few_lines(site: Site, tools: Tools, size: int) -> None:
    site.answers["GET /kv"] = {f"key{number}": number for number in range(size)}
    source = store(site, tools)
    await source.look()
    site.answers["GET /kv"] = {}
    changes = (await source.look()).changes
    assert len(changes) == 21 and changes[-1][1].what == f"config {size - 20} more keys"
