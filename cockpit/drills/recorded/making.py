"""Makes a drill of an incident in the journal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.probes import HttpProbeConfig
from cockpit.config.problems import ConfigError
from cockpit.drills.lint import examine
from cockpit.drills.recorded.derive import derive
from cockpit.drills.recorded.sharing import shared
from cockpit.drills.recorded.unplayable import Unplayable
from cockpit.drills.recorded.writing import write
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import open_reader
from cockpit.review.reading import every, latest


async def make(
    journal: Path, incident: str | None, config: Path | None, directory: Path, *, share: bool, as_json: bool = False
) -> tuple[str, bool]:
    """The drill of that incident, or of the latest, below the directory; what to say, and whether that worked.

    The probes are as the config has them, where there is one.
    """
    try:
        reader = await open_reader(journal)
        try:
            stream = incident or await latest(reader)
            events = await every(reader, stream)
        finally:
            await reader.close()
        if not events:
            return (
                f"there is no incident {incident}" if incident else "there is no incident to make a drill of"
            ), False
        derived = derive(events, await asyncio.to_thread(_probes, config))
        derived = shared(derived, events) if share else derived
        path = await asyncio.to_thread(write, derived, directory)
        problems = await asyncio.to_thread(_problems, path)
    except Unplayable as error:
        return "\n".join([f"no drill can be made of {stream}:", *(f"  {why}" for why in error.why)]), False
    except (JournalError, ConfigError) as error:
        return str(error), False
    except FileExistsError as error:
        return f"{error.filename} exists already: name another directory with -o", False
    except OSError as error:
        return f"{error.filename or directory} cannot be written: {error.strerror}", False
    if as_json:
        told = {"scenario": str(path), "shared": share, "differs": derived.scenario.differs, "problems": problems}
        return json.dumps(told), not problems
    lines = [
        f"written to {path}",
        f"Again as it was: cockpit drill {path} --play recorded    By hand: cockpit drill {path}",
    ]
    if differs := derived.scenario.differs:
        lines += ["What in it is not as it was then:", *(f"  {line}" for line in differs)]
    lines += ["Read it before you give it away: words of people stay as they are."] if share else []
    lines += ["It cannot be played as it is:", *(f"  {problem}" for problem in problems)] if problems else []
    return "\n".join(lines), not problems


def _problems(path: Path) -> list[str]:
    """What is wrong with what was written."""
    return [str(problem) for problem in examine(path)[1] if problem.severity == "error"]


def _probes(config: Path | None) -> Mapping[str, HttpProbeConfig]:
    if config is None:
        return {}
    probes = (probe for service in read(config, Config).services for probe in service.probes)
    return {probe.name: probe for probe in probes if isinstance(probe, HttpProbeConfig)}
