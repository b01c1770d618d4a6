"""A fault in a handler, a timer or a worker is told, and never ends the program in the middle of an incident."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

from cockpit.text import SafeText

log = logging.getLogger(__name__)

TROUBLE = "The cockpit stumbled"


def report(app: App[Any], error: BaseException) -> None:
    """Log a fault in full, and tell of it in one line."""
    log.error("a fault on the screen", exc_info=error)
    words = SafeText(f"{type(error).__name__}: {error}", 200).line
    app.notify(words, title=TROUBLE, severity="error", markup=False)


async def calmly(app: App[Any], work: Awaitable[None]) -> None:
    """Do the work of a worker; its fault is told."""
    try:
        await work
    except Exception as error:
        report(app, error)


def guarded(app: App[Any], work: Callable[[], None]) -> None:
    """Do the work of a timer or an action; its fault is told."""
    try:
        work()
    except Exception as error:
        report(app, error)


class Calm(MessagePump):
    """Keeps a widget's, a screen's or the app's message loop going when one of its handlers raises."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            report(self.app, error)
