"""A whole incident told to every chat at once by the real program: each update once, each card in its place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.broadcast import chats
from tests.broadcast.chats import SECRET, Chat
from tests.cli.conftest import CONFIG, SECONDS, Shell
from tests.cli.test_statuspage import served

Chats = dict[str, Chat]


class Told:
    """Wakes whoever waits for something to have been told."""

    def __init__(self, all_chats: Chats) -> None:
        self._changed = threading.Condition()
        self._chats = all_chats
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

    def until(self, wanted: str, *names: str, place: slice = slice(None)) -> None:
        """Wait until those words are in one of the posts at that place of each of the chats named, or of all."""
        waited = {name: self._chats[name] for name in names or self._chats}

        def missing() -> dict[str, list[object]]:
            return {name: chat.posted for name, chat in waited.items() if wanted not in str(chat.posted[place])}

        with self._changed:
            assert self._changed.wait_for(lambda: not missing(), SECONDS), f"{wanted} was not told: {missing()}"


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
    told.until("Logins fail")
    shell.run("update", "--know", "A flag broke it.")
    told.until("A flag broke it.")
    shell.run("resolve", "reverted", "--override", "seen by hand")
    told.until("esolved", place=slice(-1, None))
    # The card is mostly the first; a newer one that takes its place before it went comes after the post.
    told.until("- Resolved", "zulip", "discord")

    for name, chat in everybody.items():
        texts = [str(post) for post in chat.posted]
        assert len(set(texts)) == len(texts), name
        cards = [text for text in texts if "Do you need to act?" in text]
        assert len(cards) == (1 if name in {"zulip", "discord"} else len(cards)), name
        assert cards or name in {"slack_webhook", "mattermost"}
