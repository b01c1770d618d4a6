"""Who may call what, and which function does it. Still no HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cockpit.clock import Clock
from tests.slack import blocks
from tests.slack.arguments import METHODS, Args, Takes
from tests.slack.chat import Chat
from tests.slack.content import check_content
from tests.slack.errors import SlackError
from tests.slack.looks import Looks
from tests.slack.workspace import Token, Workspace


class Service:
    """The Web API on one workspace."""

    def __init__(self, space: Workspace, clock: Clock, connect: Callable[[], str]) -> None:
        self.space = space
        self.clock = clock
        chat, looks = Chat(space, clock), Looks(space, clock)
        self._does: dict[str, Callable[[Args], dict[str, Any]]] = {
            "api.test": lambda args: {"args": args},
            "auth.test": lambda args: looks.auth_test(),
            "chat.postMessage": chat.post_message,
            "chat.update": chat.update,
            "chat.delete": chat.delete,
            "chat.postEphemeral": chat.post_ephemeral,
            "chat.scheduleMessage": chat.schedule,
            "chat.deleteScheduledMessage": chat.unschedule,
            "chat.scheduledMessages.list": chat.list_scheduled,
            "chat.getPermalink": chat.permalink,
            "conversations.open": looks.open,
            "conversations.info": looks.info,
            "conversations.history": looks.history,
            "conversations.replies": looks.replies,
            "pins.add": looks.pin,
            "pins.remove": looks.unpin,
            "reactions.add": looks.react,
            "users.info": looks.user,
            "blocks.validate": _validate,
            "apps.connections.open": lambda args: {"url": connect()},
        }

    def takes(self, method: str) -> Takes:
        """What a method takes."""
        if method not in METHODS:
            raise SlackError("unknown_method", req_method=method)
        return METHODS[method]

    def token(self, shown: str, takes: Takes) -> Token | None:
        """The token that was shown, when it is good for this kind of method; None where none is asked for."""
        if not shown and takes.open:
            return None
        if not shown:
            raise SlackError("not_authed")
        token = self.space.tokens.get(shown)
        if token is None:
            raise SlackError("invalid_auth")
        if token.refused:
            raise SlackError(token.refused)
        if (token.kind == "app") != takes.app and not takes.open:
            raise SlackError("not_allowed_token_type")
        return token

    def call(self, method: str, token: Token | None, args: Args) -> dict[str, Any]:
        """Do what was asked; `SlackError` and `TooMany` when it is refused."""
        takes = self.takes(method)
        if token is not None and takes.scope:
            self._permit(token, takes.scope, args)
        self.space.settle(self.clock)
        return {"ok": True} | self._does[method](args)

    def _permit(self, token: Token, scope: str, args: Args) -> None:
        needed = scope
        if scope.startswith(":"):
            channel = self.space.channels.get(args.get("channel", ""))
            family = "channels" if channel is None or not channel.private else "im" if channel.direct else "groups"
            needed = family + scope
        if needed not in token.scopes:
            raise SlackError("missing_scope", needed=needed, provided=",".join(token.scopes))


def _validate(args: Args) -> dict[str, Any]:
    if len(args) != 1:
        raise SlackError("invalid_arguments", ["must provide exactly one of `blocks`, `view`, or `message`"])
    (name, value), *_ = args.items()
    if name == "message":
        check_content({"text": "", "blocks": []} | value, 40_000)
    given = value if name == "blocks" else value.get("blocks", [])
    if found := blocks.faults(given, "" if name == "blocks" else "/blocks"):
        errors = [
            {"code": "failed_constraint", "message": words, "pointer": place.rstrip("]")}
            for words, _, place in (each.partition(" [json-pointer:") for each in found)
        ]
        raise SlackError("invalid_blocks", errors=errors)
    return {}
