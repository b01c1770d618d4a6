"""What every command knows, and how it tells what came of it."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from cockpit.endings import fail
from cockpit.exits import Exit
from cockpit.freeze import until as ends
from cockpit.platform.placement import settle
from cockpit.platform.places import Places, config_candidates, profile_places
from cockpit.protocol import commands, control, plain
from cockpit.protocol.client import Client
from cockpit.protocol.launch import attach
from cockpit.protocol.messages import Answer, Fetch, FetchFreeze
from cockpit.protocol.older import READ_ONLY, unaskable
from cockpit.protocol.views import (
    AlertsView,
    BroadcastView,
    CardView,
    ChangesView,
    FreezeView,
    PeopleView,
    PreviewView,
)

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@dataclass(frozen=True)
class Setting:
    """What every command knows: the config chosen or found, the profile, who acts, or that they only look."""

    chosen: Path | None
    config: Path | None
    profile: str
    actor: str
    read_only: bool = False

    @property
    def places(self) -> Places:
        """The files of the profile."""
        return settle(profile_places(self.profile))

    async def client(self, *, panes: bool = False, after: int = -1, data: bool = False) -> Client:
        """A connection to the profile's engine, which is started when none runs."""
        return await attach(
            self.places, profile=self.profile, config=self.config, actor=self.actor,
            panes=panes, after=after, data=data, read_only=self.read_only,
        )  # fmt: skip

    async def find(self) -> Client:
        """A screen's connection to the profile's engine; NoEngine when none runs."""
        return await Client.connect(self.places.socket, actor=self.actor, read_only=self.read_only)

    async def aloud(self, *, panes: bool = False, after: int = -1, data: bool = False) -> Client:
        """A connection for a command in plain lines, which says so when the engine works by another config."""
        client = await self.client(panes=panes, after=after, data=data)
        runs_with = client.welcome.config
        if self.chosen is not None and runs_with != str(self.chosen):
            words = f"the engine of this profile runs with {runs_with or 'no config'}; "
            click.echo(f"{words}`cockpit --config {self.chosen} restart` changes that", err=True)
        return client

    async def restart(self) -> str:
        """`cockpit restart` in a process of its own: what it loads has no place in a terminal."""
        if self.read_only:
            return READ_ONLY
        return await control.run_restart(self.profile)


def to_act(setting: Setting) -> Setting:
    """The same for a command that changes something, which ends here when this one only looks."""
    if setting.read_only:
        fail(READ_ONLY, Exit.REFUSED)
    return setting


def actor_of(chosen: str | None) -> str:
    for name in (chosen, os.environ.get("SUDO_USER"), os.environ.get("USER")):
        if name:
            return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def config_of(chosen: Path | None) -> Path | None:
    return chosen or next((path for path in config_candidates() if os.path.exists(path)), None)


def do(setting: Setting, command: commands.AnyCommand, as_json: bool) -> None:
    async def once() -> Answer:
        client = await to_act(setting).aloud()
        try:
            return await client.do(command)
        finally:
            await client.close()

    answer = asyncio.run(once())
    click.echo(plain.answer_text(answer, as_json=as_json), err=not (answer.ok or as_json))
    if not answer.ok:
        sys.exit(Exit.STORAGE if answer.refusal == "storage" else Exit.REFUSED)


Found = TypeVar("Found", CardView, ChangesView, FreezeView, PreviewView)


def ask(setting: Setting, question: Fetch, kind: type[Found]) -> Found:
    """What the engine answers to a question that changes nothing."""

    async def once() -> Found:
        client = await setting.aloud()
        try:
            if why := unaskable(question, client.welcome.version):
                fail(why, Exit.REFUSED)
            await client.send(question)
            async for message in client.messages():
                if isinstance(message, kind):
                    return message
        finally:
            await client.close()
        raise ConnectionError("the engine went away before it answered")

    return asyncio.run(once())


Shown = TypeVar("Shown", AlertsView, BroadcastView, PeopleView)


def look(setting: Setting, kind: type[Shown]) -> tuple[Shown, int]:
    """A pane as a screen would show it now, and what time it is there, in microseconds."""

    async def once() -> tuple[Shown, int]:
        client = await setting.aloud(panes=True)
        try:
            async for message in client.messages():
                if isinstance(message, kind):
                    return message, client.welcome.now
        finally:
            await client.close()
        raise ConnectionError("the engine went away before it answered")

    return asyncio.run(once())


def moment_of(setting: Setting, when: str, option: str) -> int:
    """The moment meant by what was given for that option, by the clock of the incident; 0 for nothing given."""
    if not when:
        return 0
    now = ask(setting, FetchFreeze(), FreezeView).now
    try:
        at = ends.parse(when, now)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
    click.echo(ends.understood(at, now), err=True)
    return at


def write_new(path: Path, text: str) -> None:
    """Write a file that must not be there yet."""
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{path} exists already: name a new file, and move what you want of it", Exit.BAD_INPUT)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", Exit.BAD_INPUT)


def tell(outcome: tuple[str, bool]) -> None:
    text, good = outcome
    click.echo(text, err=not good)
    if not good:
        sys.exit(Exit.BAD_INPUT)
