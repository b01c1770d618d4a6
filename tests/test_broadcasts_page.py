"""The page of broadcasts: the manifest asks Slack for all that the program uses, for nothing else, and says why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests.slack.arguments import METHODS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "broadcasts.md").read_text("utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load(PAGE.partition("```yaml slack\n")[2].partition("```")[0])
SCOPES: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
FAMILIES = {":history": ("channels", "groups", "im"), ":read": ("channels", "groups")}
LISTENING = {"commands", "reactions:read"}
"""What Slack asks for telling us of something, and not for being called."""


def used() -> set[str]:
    """The methods of Slack that the program names."""
    sources = (path.read_text("utf-8") for path in (ROOT / "cockpit").rglob("*.py"))
    return {method for source in sources for method in METHODS if f'"{method}"' in source}


def test_the_manifest_has_every_scope_that_is_used_and_no_other() -> None:
    needed = set(LISTENING)
    for method in used():
        takes = METHODS[method]
        if takes.scope and not takes.app:
            needed |= {family + takes.scope for family in FAMILIES.get(takes.scope, ("",))}
    assert needed == set(SCOPES)


def test_every_scope_is_explained() -> None:
    explained = re.findall(r"^\| `([a-z]+(?::[a-z]+)?)` \|", PAGE, re.MULTILINE)
    assert [each for each in explained if each in SCOPES] == SCOPES


def test_what_is_listened_to_is_what_is_subscribed() -> None:
    source = (ROOT / "cockpit" / "broadcast" / "slack" / "listening.py").read_text("utf-8")
    assert MANIFEST["settings"]["event_subscriptions"]["bot_events"] == ["reaction_added"]
    assert MANIFEST["settings"]["socket_mode_enabled"] and MANIFEST["settings"]["interactivity"]["is_enabled"]
    for word in ('Literal["reaction_added"]', 'Literal["block_actions"]', 'Literal["/cockpit"]'):
        assert word in source
    (command,) = MANIFEST["features"]["slash_commands"]
    assert command["command"] == "/cockpit"
