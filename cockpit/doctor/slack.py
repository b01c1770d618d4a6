"""Each channel of Slack that updates go to: its token, what the app may do, the channel. Nothing is posted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from cockpit.broadcast.sender import Ambiguous, Refused
from cockpit.broadcast.slack.errors import Answer
from cockpit.broadcast.slack.web import Web
from cockpit.config.broadcasting import SlackDestination
from cockpit.doctor.aside import EACH, each
from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.doctor.times import BAD, WARN
from cockpit.text import SafeText

THEME = "slack"
WITHIN = 3.5
"""Real seconds for one call, of which a destination has two."""
REINSTALL = "add it at api.slack.com/apps under OAuth & Permissions, and install the app again"


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Whether each token is good, what it lacks, and whether the channel would take a message."""
    there = [each for each in scene.config.broadcast.destinations if isinstance(each, SlackDestination)]
    if not there:
        yield finding(THEME, "", "skipped", "no destination of kind slack in the config")

    async def look(destination: SlackDestination) -> list[Finding]:
        return [found async for found in _looked(scene, destination)]

    async for found in each(there, look, _late):
        yield found


async def _looked(scene: Scene, config: SlackDestination) -> AsyncIterator[Finding]:
    for reference in (config.token, config.app_token):
        if reference is not None and reference.name not in scene.secrets.values:
            yield finding(THEME, config.name, "bad", "its secret is not there", "see environment")
    if config.app_token is not None and (app := scene.secrets.values.get(config.app_token.name)):
        for found in app_shape(config.name, app):
            yield found
    token = scene.secrets.values.get(config.token.name)
    if token is None:
        return
    for found in token_shape(config.name, token):
        yield found
    web = Web(token, config.api, scene.environ, scene.clock, WITHIN)
    said = await web.call("auth.test", {})
    if not isinstance(said, Answer) or not said.done:
        yield _refused(config.name, web.refused(said))
        return
    yield finding(THEME, config.name, "ok", f"speaks as {_word(said, 'user')} in {_word(said, 'team')}")
    for found in scopes(config, said.headers.get("x-oauth-scopes"), people=bool(scene.config.broadcast.people)):
        yield found
    yield clock(config.name, web.ahead)
    yield channel(config, await web.call("conversations.info", {"channel": config.channel}), web)


def token_shape(name: str, token: str) -> Iterator[Finding]:
    """What the token's own form says, without a word of it. Pure."""
    if re.search(r"[^\x21-\x7e]", token):
        words = "the token holds a space, a line break or a letter that no token has"
        yield finding(THEME, name, "bad", words, "set it anew, on one line")
    elif token.startswith("xapp-"):
        yield finding(THEME, name, "bad", "token is an app-level token", "that one goes to app_token; token is xoxb-")
    elif token.startswith("xoxp-"):
        yield finding(THEME, name, "warn", "token is a person's: it posts in their name", "take the bot token, xoxb-")
    elif not token.startswith("xoxb-"):
        yield finding(THEME, name, "warn", "token does not begin as a bot token does", "take the bot token, xoxb-")


def app_shape(name: str, token: str) -> Iterator[Finding]:
    """The same of the token that listens. Pure."""
    if not token.startswith("xapp-"):
        mend = "make one with connections:write; it begins with xapp-"
        yield finding(THEME, name, "bad", "app_token is not an app-level token", mend)


def scopes(config: SlackDestination, given: str | None, *, people: bool) -> Iterator[Finding]:
    """What the app may not do and would be asked to; `given` is Slack's own list, None when it gives none. Pure."""
    if given is None:
        yield finding(THEME, config.name, "skipped", "Slack did not say what the app may do")
        return
    have = {scope.strip() for scope in given.split(",")}
    kind = "channels" if config.channel.startswith("C") else "groups"
    if "chat:write" not in have:
        yield finding(THEME, config.name, "bad", "may not post: chat:write is missing", REINSTALL)
    wanted = {f"{kind}:history": "a message in doubt cannot be looked for, and may be repeated"}
    if config.pin:
        wanted["pins:write"] = "the card cannot be pinned"
    if people:
        wanted |= {"im:write": "a summons is posted to a person's id", "im:history": "a summons cannot be looked for"}
    if config.app_token is not None:
        wanted |= {
            "commands": "/cockpit status is not there", "reactions:read": "pushpins are not heard",
            "users:read": "whoever wrote what is pinned is called by an id",
        }  # fmt: skip
    lacking = [(scope, why) for scope, why in wanted.items() if not _has(have, scope)]
    for scope, why in lacking:
        yield finding(THEME, config.name, "warn", f"{why}: {scope} is missing", REINSTALL)
    if not lacking and "chat:write" in have:
        yield finding(THEME, config.name, "ok", "has every scope that is used")


def _has(have: set[str], scope: str) -> bool:
    # A private channel made after 2021 has an id that begins with C too.
    return scope in have or (scope == "channels:history" and "groups:history" in have)


def clock(name: str, ahead: float | None) -> Finding:
    """How far our clock is from Slack's, by the date of its answer. Pure."""
    if ahead is None:
        return finding(THEME, name, "skipped", "Slack did not say what time it is")
    # A date is cut to whole seconds.
    off = ahead - 0.5
    if abs(off) <= WARN:
        return finding(THEME, name, "ok", f"its clock and ours agree within {WARN:.0f} s")
    words = f"our clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} Slack's"
    return finding(THEME, name, "bad" if abs(off) > BAD else "warn", words, "have the clock kept by NTP")


def channel(config: SlackDestination, said: Answer | Refused | Ambiguous, web: Web) -> Finding:
    """Whether the channel is there, open, and has the app in it."""
    if isinstance(said, Answer) and said.error == "missing_scope":
        words = f"the channel {config.channel} was not looked at: that needs channels:read or groups:read"
        return finding(THEME, config.name, "skipped", words)
    if not isinstance(said, Answer) or not said.done:
        return _refused(config.name, web.refused(said))
    found = (said.body or {}).get("channel")
    told = found if isinstance(found, dict) else {}
    called = f"#{SafeText(str(told.get('name', '')), 80).line} ({config.channel})"
    if told.get("is_archived"):
        return finding(THEME, config.name, "bad", f"{called} is archived", "take another channel, or unarchive it")
    if not told.get("is_member"):
        return finding(THEME, config.name, "bad", f"the app is not in {called}", "invite it there")
    return finding(THEME, config.name, "ok", f"is in {called}")


def _refused(name: str, refused: Refused | Ambiguous) -> Finding:
    return finding(THEME, name, "bad", refused.why, "look at the token, the channel, and the way to Slack")


def _word(said: Answer, name: str) -> str:
    return SafeText(str((said.body or {}).get(name, "")), 80).line or "somebody"


def _late(config: SlackDestination) -> Finding:
    return finding(THEME, config.name, "bad", f"gave no answer within {EACH:.0f} s", "look at the way to Slack")
