"""Every channel of Slack is looked at against a fake: nothing is posted, no token is said."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cockpit.clock import SECOND, SystemClock
from cockpit.config.broadcasting import SlackDestination
from cockpit.config.fields import EnvReference
from cockpit.doctor import slack as doctor
from cockpit.doctor.finding import Finding
from tests.doctor.conftest import Examine
from tests.slack import faults
from tests.slack.server import FakeSlack
from tests.slack.workspace import ARCHIVED, CHANNEL, FULL, OUTSIDE, WRITE_ONLY


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace whose clock is right."""
    async with FakeSlack() as server:
        yield server


def config(slack: FakeSlack, channel: str = CHANNEL, more: str = "", people: str = "") -> str:
    return f"""broadcast:
  destinations:
    - {{kind: slack, name: ops, channel: {channel}, token: {{env: SLACK_TOKEN}}, api: "{slack.api}"{more}}}
{people}"""


def bad(found: list[Finding], *states: str) -> str:
    return " | ".join(each.words for each in found if each.state in (states or ("bad",)))


async def test_one_that_can_do_everything_is_ok(examined: Examine, slack: FakeSlack) -> None:
    found = (await examined(config(slack), {"SLACK_TOKEN": FULL}))["slack"]
    assert {each.state for each in found} == {"ok"} and len(found) == 4
    assert "speaks as cockpit in Fake" in bad(found, "ok") and "#incident" in bad(found, "ok")
    assert slack.books.methods() == ["auth.test", "conversations.info"] and not slack.books.everything()


@pytest.mark.parametrize(
    ("channel", "words"),
    [(OUTSIDE, "the app is not in #outside"), (ARCHIVED, "is archived"), ("C0NOWHERE", "channel_not_found")],
)
async def test_a_channel_that_would_take_nothing_is_bad(
    examined: Examine, slack: FakeSlack, channel: str, words: str
) -> None:
    assert words in bad((await examined(config(slack, channel), {"SLACK_TOKEN": FULL}))["slack"])


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_token_that_is_no_good_is_bad(examined: Examine, slack: FakeSlack, code: str) -> None:
    slack.space.tokens[FULL].refused = code
    found = (await examined(config(slack), {"SLACK_TOKEN": FULL}))["slack"]
    assert code in bad(found) and FULL not in repr(found)


async def test_what_a_token_may_not_do_is_named(examined: Examine, slack: FakeSlack) -> None:
    text = config(slack, people="  people: {ada: U0ADA}\n")
    found = (await examined(text, {"SLACK_TOKEN": WRITE_ONLY}))["slack"]
    lacking = bad(found, "warn")
    assert all(scope in lacking for scope in ("channels:history", "pins:write", "im:write", "im:history"))
    assert "channels:read" in bad(found, "skipped") and not bad(found)


async def test_a_token_that_is_not_set_is_bad_and_asks_nothing(examined: Examine, slack: FakeSlack) -> None:
    found = (await examined(config(slack), {}))["slack"]
    assert bad(found) == "its secret is not there" and not slack.books.calls


async def test_a_clock_that_is_off_is_told(examined: Examine, slack: FakeSlack) -> None:
    slack.clock = Behind()
    assert "ahead of Slack's" in bad((await examined(config(slack), {"SLACK_TOKEN": FULL}))["slack"])


async def test_nobody_there_is_told(examined: Examine, slack: FakeSlack) -> None:
    await slack.down()
    assert "nothing was sent" in bad((await examined(config(slack), {"SLACK_TOKEN": FULL}))["slack"])


async def test_a_captive_portal_is_told(examined: Examine, slack: FakeSlack) -> None:
    slack.weather.add(faults.captive_portal(), times=None)
    assert "not Slack's own" in bad((await examined(config(slack), {"SLACK_TOKEN": FULL}))["slack"])


async def test_without_a_channel_of_slack_nothing_is_looked_at(examined: Examine) -> None:
    assert {each.state for each in (await examined("broadcast: {}\n"))["slack"]} == {"skipped"}


async def test_the_token_that_listens_has_its_own_form(examined: Examine, slack: FakeSlack) -> None:
    text = config(slack, more=", app_token: {env: SLACK_APP}")
    assert "app-level" in bad((await examined(text, {"SLACK_TOKEN": FULL, "SLACK_APP": "xoxb-wrong-one"}))["slack"])
    assert not bad((await examined(text, {"SLACK_TOKEN": FULL, "SLACK_APP": "xapp-right-one"}))["slack"])


@pytest.mark.parametrize(
    ("token", "state"),
    [
        ("xoxb-1", ""),
        ("xoxb-1\nx", "bad"),
        ("xapp-1", "bad"),
        ("xoxp-1", "warn"),
        ("hunter22", "warn"),
        ("xoxb-ü", "bad"),
    ],
)
def test_the_form_of_a_token(token: str, state: str) -> None:
    found = list(doctor.token_shape("ops", token))
    assert [each.state for each in found] == [state] * bool(state) and token not in repr(found)


def test_scopes_that_are_not_said_are_not_called_missing() -> None:
    made = SlackDestination(kind="slack", channel="G0PRIVATE", token=EnvReference(env="A"))
    assert [each.state for each in doctor.scopes(made, None, people=True)] == ["skipped"]
    assert "groups:history" in bad(list(doctor.scopes(made, "chat:write,channels:history", people=False)), "warn")
    assert not bad(list(doctor.scopes(made, "chat:write,groups:history,pins:write", people=False)), "warn")
    assert "may not post" in bad(list(doctor.scopes(made, "", people=False)))


def test_what_listening_lacks_is_told_to_those_only_who_listen() -> None:
    given = "chat:write,pins:write,channels:history"
    deaf = SlackDestination(kind="slack", channel="C0OPS", token=EnvReference(env="A"))
    listens = SlackDestination(
        kind="slack", channel="C0OPS", token=EnvReference(env="A"), app_token=EnvReference(env="B")
    )
    assert [each.state for each in doctor.scopes(deaf, given, people=False)] == ["ok"]
    told = bad(list(doctor.scopes(listens, given, people=False)), "warn")
    assert all(scope in told for scope in ("commands", "reactions:read", "users:read"))
    # A button gives its presser's name by itself: the scope is for the writers of what is pinned.
    assert "whoever wrote what is pinned is called by an id: users:read is missing" in told


@pytest.mark.parametrize(("ahead", "state"), [(None, "skipped"), (0.9, "ok"), (-8.0, "warn"), (99.0, "bad")])
def test_how_far_a_clock_may_be_off(ahead: float | None, state: str) -> None:
    assert doctor.clock("ops", ahead).state == state


class Behind:
    """A clock that is ten minutes late."""

    speed = 1.0

    def __init__(self) -> None:
        self._true = SystemClock()

    def now(self) -> int:
        return self._true.now() - 600 * SECOND

    def monotonic(self) -> float:
        return self._true.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._true.sleep(seconds)
