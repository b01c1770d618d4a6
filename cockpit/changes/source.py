"""What every source of changes is, and how one says that it could not be asked."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import httpx
import msgspec

from cockpit.clock import Clock
from cockpit.config.fields import EnvReference
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText
from cockpit.web import Ask

WORDS = 300
"""Characters of one text of a change, a job or a problem."""
PROBLEMS = 5
"""Problems told one by one after a look; the rest are counted."""
HISTORY = 24 * 3600
"""Seconds back that sources with a long memory are asked about."""


class Job(msgspec.Struct, frozen=True):
    """What waits or runs in a CI system and may be about to change something; `since` is in microseconds."""

    id: str
    what: SafeText
    state: Literal["waiting", "running"]
    since: int = 0
    who: SafeText = SafeText()
    link: SafeText = SafeText()


class Looked(msgspec.Struct, frozen=True):
    """What one look found: changes oldest first, each with its moment in microseconds.

    `answered` is false when nothing was learnt and the source had better be asked less often. `pause` are the seconds
    it asks to be left alone.
    """

    changes: tuple[tuple[int, ChangeSeen], ...] = ()
    jobs: tuple[Job, ...] = ()
    problems: tuple[SafeText, ...] = ()
    answered: bool = True
    pause: float = 0.0


class CannotCancel(Exception):
    """The job was not cancelled; the text says why and what would."""


class Unanswered(Exception):
    """A source gave no answer, or none that can be read: the text says why; `pause` are the seconds it wants."""

    def __init__(self, words: str, pause: float = 0.0) -> None:
        super().__init__(words)
        self.pause = pause


class Source(Protocol):
    """Anything that can tell what was changed."""

    @property
    def name(self) -> str:
        """What the config calls it."""

    @property
    def interval(self) -> float:
        """Incident seconds from one look to the next."""

    async def look(self) -> Looked:
        """One look, now; never raises: problems are told in words."""

    async def cancel(self, job: str) -> str:
        """Ask for a job to be cancelled; the answer in words. Raises CannotCancel."""


@dataclass(frozen=True)
class Tools:
    """What sources are given. `env` holds the secrets they refer to; files they name are found from `base`."""

    ask: Ask
    clock: Clock
    env: Mapping[str, str]
    base: Path


async def told(name: str, look: Awaitable[Looked]) -> Looked:
    """The look, or in words why there was none; every problem says whose it is, and a flood of them is counted."""
    try:
        looked = await look
    except Unanswered as fault:
        looked = Looked(problems=(SafeText(str(fault)),), answered=False, pause=fault.pause)
    except (httpx.HTTPError, OSError) as fault:
        looked = Looked(problems=(SafeText(str(fault) or type(fault).__name__),), answered=False)
    problems = list(looked.problems[:PROBLEMS])
    if more := len(looked.problems) - len(problems):
        problems.append(SafeText(f"and {more} more"))
    named = tuple(SafeText(f"{name}: {problem}", WORDS).line for problem in problems)
    return msgspec.structs.replace(looked, problems=named)


def secret(reference: EnvReference, env: Mapping[str, str]) -> str:
    """The value of the variable; Unanswered when it is unset."""
    value = env.get(reference.env, "").strip()
    if not value:
        raise Unanswered(f"the environment variable {reference.env} is not set: export it, then `cockpit restart`")
    return value


def revealed(headers: Mapping[str, str | EnvReference], env: Mapping[str, str]) -> dict[str, str]:
    """The headers with their secrets; Unanswered when one is unset."""
    return {name: secret(value, env) if isinstance(value, EnvReference) else value for name, value in headers.items()}


def no_queue(name: str) -> CannotCancel:
    """What a source without jobs says."""
    return CannotCancel(f"{name} has no queue of jobs: only github and gitlab sources have one")
