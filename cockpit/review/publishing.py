"""The incident from the journal as a status page would show it, and how it gets there."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import msgspec

from cockpit.broadcast.compose import card
from cockpit.broadcast.measured import clean
from cockpit.broadcast.sender import Ambiguous, Refused, Sent
from cockpit.broadcast.statuspage import NAME, Publication, StatusPage, publication
from cockpit.clock import Clock, SystemClock
from cockpit.config.broadcasting import Statuspage
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.config.secrets import missing, resolve
from cockpit.incident.fold import fold
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import open_reader
from cockpit.probes.fetch import ask
from cockpit.probes.transport import ProbeTransport
from cockpit.review.reading import every, latest
from cockpit.text import Redactor


class Unpublished(Exception):
    """There is nothing that could be published, or nowhere to publish it: why, in words."""


class Login:
    """The key of the page, which no representation shows."""

    def __init__(self, key: str) -> None:
        self.key = key


class Ready(msgspec.Struct, frozen=True):
    """A publication, and the page that is to take it."""

    publication: Publication
    page: Statuspage
    login: Login


class Told(msgspec.Struct, frozen=True):
    """What came of it: in words for the person, and for the timeline."""

    words: str
    record: str
    good: bool


async def ready(journal: Path, config: Path | None, clock: Clock | None = None) -> Ready:
    """What would be published now of the latest incident; Unpublished when nothing can be."""
    page, key, redact = _page(config)
    try:
        reader = await open_reader(journal)
        try:
            events = await every(reader, await latest(reader))
        finally:
            await reader.close()
    except JournalError as error:
        raise Unpublished(str(error)) from None
    if not events:
        raise Unpublished("there is no incident to publish")
    state = fold(events)
    if state.lifecycle.drill:
        raise Unpublished("this is a drill: nothing of it is published")
    shown = card(state, (clock or SystemClock()).now())
    told = publication(shown, clean(state.lifecycle.title, NAME), f"{state.stream}:{state.lifecycle.declared}")
    told = msgspec.structs.replace(told, name=redact(told.name), body=redact(told.body))
    return Ready(told, page, Login(key))


async def publish(what: Ready) -> Sent | Refused | Ambiguous:
    """Put it on the page."""
    transport = ProbeTransport()
    try:
        return await StatusPage(what.page, what.login.key, partial(ask, transport)).publish(what.publication)
    finally:
        await transport.aclose()


def told(outcome: Sent | Refused | Ambiguous, what: Ready) -> Told:
    """What is said of an attempt to publish."""
    text = f"{what.publication.name} ({what.publication.status}): {' '.join(what.publication.body.split())}"
    match outcome:
        case Sent(where=where):
            return Told(f"Published, as {where}.", f"published on the status page, as {where}: {text}", True)
        case Refused(why=why):
            return Told(f"Nothing was published: {why}", f"not published on the status page, {why}: {text}", False)
        case Ambiguous(why=why):
            words = f"Nobody knows whether it was published: {why}. Look at the page before you do it again."
            return Told(words, f"perhaps published on the status page, {why}: {text}", False)


def _page(path: Path | None) -> tuple[Statuspage, str, Redactor]:
    if path is None:
        raise Unpublished("there is no config, and so no status page")
    try:
        config = read(path, Config)
    except ConfigError as error:
        raise Unpublished(str(error)) from None
    if (page := config.broadcast.statuspage) is None:
        raise Unpublished(f"{path} names no status page: add broadcast.statuspage")
    secrets = resolve(config, os.environ, str(path))
    try:
        return page, secrets.reveal(page.key), Redactor(secrets.values.values())
    except KeyError:
        raise Unpublished(missing(page.key.name)) from None
