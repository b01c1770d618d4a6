"""A way behind the scene of a drill that runs: to look, to turn its clock, and to say what comes from outside."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cockpit.clock import SECOND
from cockpit.drills.hidden import Hidden
from cockpit.drills.model.values import Source
from cockpit.drills.script import Coming, Script
from cockpit.drills.stage import DrillFailed, ask
from cockpit.facilitator.scene import Scene, passed
from cockpit.incident.event import WATCH, Event
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import open_reader
from cockpit.platform.drill import DrillMark, read_mark
from cockpit.platform.drillclock import ClockBroken, SharedClock, resume, turn
from cockpit.platform.placement import settle
from cockpit.platform.places import Places, profile_places, state_home
from cockpit.review.reading import every, latest
from cockpit.text import SafeText


class NoDrill(Exception):
    """There is no drill to lead; the text is for people."""


class Backstage:
    """A drill that runs, from behind. What reaches the simulator raises DrillFailed when it is gone or refuses."""

    def __init__(self, profile: str, places: Places, mark: DrillMark, clock: SharedClock, script: Script) -> None:
        self._profile = profile
        self._places = places
        self._mark = mark
        self._clock = clock
        self._script = script

    @property
    def speed(self) -> float:
        """How fast the drill is to run; 0 while it is paused, and not while a recorded move holds it for a moment."""
        return self._clock.asked

    async def look(self) -> Scene:
        """Everything as it is now."""
        hidden = msgspec.json.decode(await asyncio.to_thread(ask, self._mark.url, "/sim/state"), type=Hidden)
        now = self._clock.now()
        return Scene(
            profile=self._profile,
            now=now,
            minute=(now - self._mark.t0) / (60 * SECOND),
            speed=self._clock.asked,
            hidden=hidden,
            script=self._script,
            passed=passed(await _events(self._places), self._mark.t0),
        )

    def turn(self, speed: float) -> float:
        """Have the drill run so fast, 0 to pause it; how fast it is to run now."""
        turn(self._places.drill_clock, speed)
        return self.speed

    def resume(self) -> float:
        """Have it run on as fast as before the pause; how fast it is to run now."""
        resume(self._places.drill_clock)
        return self.speed

    async def say(self, text: str, source: Source, who: str = "") -> None:
        """Say something that is not in the scenario; it reaches the responders as any other word."""
        word = {"source": source, "text": SafeText(text).line, "who": SafeText(who).line, "fact": "invented"}
        await self._post("/sim/effect", {"says": word})

    async def say_now(self, word: Coming) -> None:
        """Say a word of the scenario ahead of its time; it does not come again."""
        await self._post("/sim/say", {"inject": word.inject})

    async def skip(self, word: Coming) -> None:
        """Leave a word of the scenario out."""
        await self._post("/sim/skip", {"inject": word.inject})

    async def _post(self, path: str, told: object) -> None:
        await asyncio.to_thread(ask, self._mark.url, path, told)


async def behind(profile: str = "") -> Backstage:
    """The drill of that profile, or the one that runs; NoDrill when there is none, or more than one."""
    name = profile or _only(running())
    places = settle(profile_places(name))
    try:
        mark = read_mark(places.drill)
        if mark is None or not mark.url:
            raise NoDrill(f"{name} is no drill that can be led; the drills that run: {_listed(running())}")
        clock = SharedClock(places.drill_clock)
        script = msgspec.json.decode(await asyncio.to_thread(ask, mark.url, "/sim/script"), type=Script)
    except DrillFailed as failed:
        raise NoDrill(f"the drill {name} is over: its simulator does not answer") from failed
    except (OSError, msgspec.MsgspecError, ClockBroken) as error:
        raise NoDrill(f"the drill {name} cannot be read: {error}") from error
    return Backstage(name, places, mark, clock, script)


def running() -> list[str]:
    """The profiles of the drills that run now, the latest first."""
    found = [mark for mark in state_home().glob("*/drill.json") if _serves(Places(mark.parent).socket)]
    return [mark.parent.name for mark in sorted(found, key=lambda mark: mark.stat().st_mtime, reverse=True)]


def _only(drills: Sequence[str]) -> str:
    match drills:
        case [name]:
            return name
        case []:
            raise NoDrill("no drill runs; begin one in another terminal: cockpit drill login-flag")
    raise NoDrill(f"more than one drill runs, name one: {_listed(drills)}")


def _listed(drills: Sequence[str]) -> str:
    return ", ".join(drills) or "none"


def _serves(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(str(path))
        except OSError:
            return False
        return True


async def _events(places: Places) -> Sequence[Event]:
    """The incident's events so far, before it is declared what the watch saw; none while they cannot be read."""
    try:
        reader = await open_reader(places.journal)
    except JournalError:
        return ()
    try:
        return await every(reader, await latest(reader) or WATCH)
    except JournalError:
        return ()
    finally:
        await reader.close()
