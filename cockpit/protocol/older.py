"""What goes between this program and one of the version before: nothing that the other would choke on."""

from __future__ import annotations

import msgspec

from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.messages import Fetch, FetchPreview
from cockpit.protocol.since import since
from cockpit.protocol.views import ClockView, Pane, ReplayView, RunView, SeenBeforeView

READ_ONLY = "this terminal only looks: it was started with --read-only"
REPLAY = "this is a replay of what was recorded: nothing can be done in it"
OLDER = (
    "the engine that runs is of an older version, which does not know this; "
    "`cockpit restart` puts this program's in its place, and running steps go on"
)

_SINCE_2 = frozenset({"approve", "object", "accept", "take_over"})


def told(pane: RunView, version: int) -> RunView:
    """The run as a client of that version may be sent it, without offers of actions that it does not know.

    Fields that are new to it are passed over where they arrive; a word that is new to it would end its session.
    """
    if version > 1 or not any(offer.action in _SINCE_2 for offer in pane.offers):
        return pane
    return msgspec.structs.replace(pane, offers=tuple(each for each in pane.offers if each.action not in _SINCE_2))


def known(pane: Pane, version: int) -> bool:
    """Whether a client of that version knows of such a pane at all; one it does not know would end its session."""
    return version > 1 or not isinstance(pane, ClockView | ReplayView | SeenBeforeView)


def unaskable(question: Fetch, version: int) -> str:
    """Why an engine of that version must not be asked this, in words: it would end the session; empty when it may."""
    return OLDER if isinstance(question, FetchPreview) and version < 2 else ""


def unsendable(command: AnyCommand, version: int, read_only: bool) -> str:
    """Why an engine of that version must not be sent this command, in words; empty when it may.

    An engine of version 1 does not know of clients that only look, so they hold themselves back.
    """
    if read_only and version < 2:
        return READ_ONLY
    if since(command) > version:
        return OLDER
    return ""
