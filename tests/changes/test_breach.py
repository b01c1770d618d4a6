"""What a freeze means of a change."""

from __future__ import annotations

import pytest

from cockpit.changes.breach import breach, in_scope, let_through
from cockpit.incident.freezing import Freeze, Override
from cockpit.incident.vocabulary import ChangeSeen

DEPLOY = ChangeSeen(change="ci:4711", source="shop-ci", what="deploy #4711 shop 2.4", service="shop", who="jo")
FROZEN = Freeze(at=100, by="ada", scope=("ci",), reason="r", until=200)


@pytest.mark.parametrize(
    ("scope", "what", "source_type", "meant"),
    [
        ("ci", "deploy x", "feed", True),
        ("ci", "x", "github", True),
        ("ci", "config x", "feed", False),
        ("deploys", "deploy x", "feed", True),
        ("flags", "flag login on", "feed", True),
        ("config", "config a changed", "store", True),
        ("config", "flag login on", "feed", False),
        ("terraform", "terraform apply", "feed", True),
        ("terraform", "deploy x", "github", False),
        ("shop-ci", "anything", "feed", True),
        ("shop", "anything", "feed", True),
        ("git", "commit abc", "git", True),
        ("ci", "commit abc", "git", False),
        ("All", "anything", "", True),
    ],
)
def test_words_of_a_scope(scope: str, what: str, source_type: str, meant: bool) -> None:
    seen = ChangeSeen(change="1", source="shop-ci", what=what, service="shop")
    assert in_scope((scope,), seen, source_type) is meant


def test_only_what_was_made_within_the_freeze_breaches_it() -> None:
    assert [breach(FROZEN, at, DEPLOY) is not None for at in (99, 100, 199, 200)] == [False, True, True, False]
    assert breach(Freeze(), 150, DEPLOY) is None
    found = breach(FROZEN, 150, DEPLOY)
    assert found is not None and (found.change, found.what, found.who) == ("ci:4711", "deploy #4711 shop 2.4", "jo")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("4711", True), ("the hotfix, #4711, for login", True), ("deploy shop", True), ("shop", True),
        ("4712", False), ("deploy web", False), ("hotfix 47", False), ("...", False),
    ],
)  # fmt: skip
def test_what_a_person_let_through(said: str, meant: bool) -> None:
    assert let_through(said, DEPLOY) is meant
    override = Override(0, what=said, reason="r")
    allowed = Freeze(at=100, by="ada", scope=("ci",), reason="r", overrides=(override,))
    assert (breach(allowed, 150, DEPLOY) is None) is meant
