"""Which lines a config asks for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from cockpit.broadcast.slack.ears import ears
from cockpit.clock import SystemClock
from cockpit.config.broadcasting import FileDestination, SlackDestination
from cockpit.config.fields import EnvReference, FileReference

CLOCK = SystemClock()


def reveal(**values: str) -> Callable[[str | EnvReference | FileReference], str]:
    return lambda value: value if isinstance(value, str) else values[value.name]


def slack(name: str, channel: str, app: str = "") -> SlackDestination:
    listens = EnvReference(env=app) if app else None
    return SlackDestination(
        kind="slack", name=name, channel=channel, token=EnvReference(env="BOT"), app_token=listens,
        api="http://127.0.0.1:1/api/",
    )  # fmt: skip


def test_an_app_has_one_line_for_all_of_its_channels() -> None:
    given = [slack("ops", "C0OPS", "APP"), slack("second", "C0SECOND", "APP"), slack("other", "C0OTHER", "OTHER")]
    found = ears(given, reveal(BOT="xoxb", APP="xapp-1", OTHER="xapp-2"), {}, CLOCK)
    assert [(ear.line.name, set(ear.rooms)) for ear in found] == [
        ("ops", {"C0OPS", "C0SECOND"}),
        ("other", {"C0OTHER"}),
    ]


def test_a_channel_without_an_app_token_does_not_count() -> None:
    given = [slack("ops", "C0OPS", "APP"), slack("second", "C0SECOND")]
    (found,) = ears(given, reveal(BOT="xoxb", APP="xapp-1"), {}, CLOCK)
    assert set(found.rooms) == {"C0OPS"}


def test_a_token_that_is_not_set_makes_no_line() -> None:
    assert ears([slack("ops", "C0OPS", "APP")], reveal(BOT="xoxb"), {}, CLOCK) == ()


def test_who_does_not_listen_does_not_load_slacks_client() -> None:
    assert ears([FileDestination(kind="file", path="x"), slack("ops", "C0OPS")], reveal(BOT="xoxb"), {}, CLOCK) == ()
    program = "import sys, cockpit.broadcast.slack.ears, cockpit.engine.listening; sys.exit('slack_sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
