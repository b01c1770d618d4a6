"""A whole incident told to every chat at once by the real program: each update once, each card in its place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.broadcast import chats
from tests.broadcast.chats import SECRET, Chat
from tests.cli.conftest import CONFIG, Shell
from tests.cli.test_statuspage import served

Chats = dict[str, Chat]


class Told:
    """Wakes whoever waits for something to have been told."""

    def __init__(self, all_chats: Chats) -> None:
        self._changed = threading.Condition()
        for chat in all_chats.values():
            chat.take = self._waking(chat.take)  # type: ignore[method-assign]

    def _waking(self, take: Callable[..., tuple[int, str]]) -> Callable[..., tuple[int, str]]:
        def taking(*request: object) -> tuple[int, str]:
            try:
                return take(*request)
            finally:
                with self._changed:
                    self._changed.notify_all()

        return taking

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for that; the test's own time limit ends the waiting."""
        with self._changed:
            self._changed.wait_for(condition)


@pytest.fixture
def everybody(shell: Shell) -> Iterator[Chats]:
    kinds = {
        "slack_webhook": chats.SlackHook, "mattermost": chats.Mattermost, "webhook": chats.Receiver,
        "zulip": chats.Zulip, "discord": chats.Discord,
    }  # fmt: skip
    with ExitStack() as stack:
        served_chats = {kind: stack.enter_context(served(make())) for kind, make in kinds.items()}
        lines = [f"{CONFIG}broadcast:", "  floor: 0s", "  destinations:"]
        for kind, chat in served_chats.items():
            shell.env[f"{kind}_secret"] = SECRET if kind == "zulip" else chat.url
            secret = f"{{env: {kind}_secret}}"
            where = f"url: {secret}"
            if kind == "zulip":
                where = f"site: '{chat.url}', email: {chats.Zulip.bot}, key: {secret}, channel: ops"
            lines.append(f"    - {{kind: {kind}, {where}}}")
        lines.append("    - {kind: mattermost, name: forgotten, url: {env: FORGOTTEN}}")
        shell.env["webhook_key"] = chats.Receiver.key
        text = "\n".join(lines).replace(
            "url: {env: webhook_secret}", "url: {env: webhook_secret}, key: {env: webhook_key}"
        )
        shell.write(text + "\n")
        yield served_chats


def test_an_incident_is_told_everywhere_once(shell: Shell, everybody: Chats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats.Receiver, "now", int(time.time()))
    told = Told(everybody)
    shell.run("declare", "Logins fail", "-s", "SEV2", "--impact", "All logins.")
    told.until(lambda: all("Logins fail" in str(chat.posted) for chat in everybody.values()))
    shell.run("update", "--know", "A flag broke it.")
    told.until(lambda: all("A flag broke it." in str(chat.posted) for chat in everybody.values()))
    shell.run("resolve", "reverted", "--override", "seen by hand")
    told.until(lambda: all("esolved" in str(chat.posted[-1]) for chat in everybody.values()))
    told.until(lambda: all("- Resolved" in str(everybody[name].posted[0]) for name in ("zulip", "discord")))

    for name, chat in everybody.items():
        texts = [str(post) for post in chat.posted]
        assert len(set(texts)) == len(texts), name
        cards = [text for text in texts if "Do you need to act?" in text]
        assert len(cards) == (1 if name in {"zulip", "discord"} else len(cards)), name
        assert cards or name in {"slack_webhook", "mattermost"}
