"""Where changes and alarms are learnt from, each looked at once."""

from __future__ import annotations

import functools
import socket
from collections.abc import AsyncIterator

from cockpit.changes.make import make
from cockpit.changes.source import Source
from cockpit.changes.source import Tools as Given
from cockpit.config.fields import split_endpoint
from cockpit.config.intake import WebhookIntake
from cockpit.config.sources import ChangeSource, GitSource
from cockpit.doctor.aside import EACH, each
from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.intake.make import make as intakes
from cockpit.intake.source import Source as Alarms
from cockpit.probes.fetch import ask
from cockpit.protocol import control
from cockpit.protocol.client import NoEngine

CHANGES, INTAKE = "changes", "intake"


async def changes(scene: Scene) -> AsyncIterator[Finding]:
    """Whether each source of changes answers, with its token where it has one."""
    given = Given(functools.partial(ask, scene.transport), scene.clock, scene.environ, scene.base)

    async def look(config: ChangeSource) -> list[Finding]:
        # A fetch would change the clone.
        quiet = config.model_copy(update={"fetch": False}) if isinstance(config, GitSource) else config
        source: Source = make(quiet, given)
        looked = await source.look()
        told = [_problem(CHANGES, config.name, str(words), not looked.answered) for words in looked.problems]
        return told or [finding(CHANGES, config.name, "ok", f"answers: {len(looked.changes)} changes")]

    def late(config: ChangeSource) -> Finding:
        return _late(CHANGES, config.name)

    if not scene.config.changes:
        yield finding(CHANGES, "", "skipped", "no source in the config")
    async for found in each(scene.config.changes, look, late):
        yield found


async def intake(scene: Scene) -> AsyncIterator[Finding]:
    """Whether each system that alarms answers, and whether each listener's port can be had."""
    made = intakes(scene.config.intake, functools.partial(ask, scene.transport), scene.secrets.reveal, scene.clock)
    known = {source.name for source in made.sources} | {listener.name for listener in made.listeners}

    async def look(source: Alarms) -> list[Finding]:
        found = await source.look()
        told = [_problem(INTAKE, source.name, str(words), not found.whole) for words in found.problems]
        return told or [finding(INTAKE, source.name, "ok", f"answers: {len(found.alerts)} alarms")]

    async def port(config: WebhookIntake) -> list[Finding]:
        return [await _port(scene, config)]

    if not scene.config.intake:
        yield finding(INTAKE, "", "skipped", "none in the config")
    for config in scene.config.intake:
        if config.name not in known:
            yield finding(INTAKE, config.name, "bad", "its secret is not set", "see environment")
    async for found in each(made.sources, look, lambda late: _late(INTAKE, late.name)):
        yield found
    listeners = [config for config in scene.config.intake if isinstance(config, WebhookIntake)]
    async for found in each(listeners, port, lambda late: _late(INTAKE, late.name)):
        yield found


async def _port(scene: Scene, config: WebhookIntake) -> Finding:
    host, port = split_endpoint(config.listen)
    try:
        addresses = await scene.transport.resolver.resolve(host, port)
        for family, address, _ in addresses:
            with socket.socket(family, socket.SOCK_STREAM) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((address, port))
    except (OSError, ConnectionError) as error:
        try:
            ours = await control.config_of(scene.places)
        except NoEngine:
            ours = None
        if ours is not None and ours == scene.path:
            return finding(INTAKE, config.name, "ok", f"{config.listen} is held, and our own engine runs")
        words = f"cannot listen on {config.listen}: {getattr(error, 'strerror', None) or error}"
        return finding(INTAKE, config.name, "bad", words, "end what holds the port, or give another in listen")
    return finding(INTAKE, config.name, "ok", f"{config.listen} is free")


def _problem(theme: str, name: str, words: str, bad: bool) -> Finding:
    mend = "look at its address, its token and what the token may read"
    return finding(theme, name, "bad" if bad else "warn", words.removeprefix(f"{name}: "), mend)


def _late(theme: str, name: str) -> Finding:
    return finding(theme, name, "bad", f"gave no answer within {EACH:.0f} s", "look at its address, and the way there")
