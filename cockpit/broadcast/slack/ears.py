"""The listening that a config asks for: one line an app, however many of its channels we write to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.config.broadcasting import Destination, SlackDestination
from cockpit.config.fields import EnvReference, FileReference

if TYPE_CHECKING:
    from cockpit.broadcast.slack.room import Room
    from cockpit.broadcast.slack.socket_mode import SocketMode


@dataclass(frozen=True)
class Ear:
    """A line, and by their ids the channels in which what is said on it counts."""

    line: SocketMode
    rooms: Mapping[str, Room]


def ears(
    destinations: Sequence[Destination], reveal: Callable[[str | EnvReference | FileReference], str],
    environ: Mapping[str, str], clock: Clock,
) -> tuple[Ear, ...]:  # fmt: skip
    """One for each app; without its token, which is told of where the environment is read, there is none."""
    slacks = [each for each in destinations if isinstance(each, SlackDestination)]
    if not any(each.app_token for each in slacks):
        return ()
    # Slack's client takes a while to load: who does not listen does not wait for it.
    from cockpit.broadcast.slack.room import Room
    from cockpit.broadcast.slack.socket_mode import SocketMode
    from cockpit.broadcast.slack.web import DEADLINE, Web

    found: dict[tuple[str, str], list[tuple[SlackDestination, str]]] = {}
    for each in slacks:
        try:
            token, bot = reveal(each.app_token) if each.app_token else "", reveal(each.token)
        except KeyError:
            continue
        if token:
            found.setdefault((token, each.api), []).append((each, bot))
    # Of several lines of one app Slack tells each thing to one alone: so there is one, for all of its channels.
    return tuple(
        Ear(
            SocketMode(heard[0][0].name, token, api, environ, clock),
            {each.channel: Room(Web(bot, api, environ, clock, DEADLINE)) for each, bot in heard},
        )
        for (token, api), heard in found.items()
    )
