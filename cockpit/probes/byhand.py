"""Probes asked once, by hand and without an engine: those of a config by name, or any address."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cockpit.clock import SystemClock
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.config.services import ServiceConfig
from cockpit.exits import Exit
from cockpit.platform.places import no_config
from cockpit.probes.explain import NAMED, as_json, explain
from cockpit.probes.make import make
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target, targets
from cockpit.probes.telling import line
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport
from cockpit.text import Redactor

AT_ONCE = 100
"""Probes asked beside each other: every one holds descriptors."""
_WORST_FIRST = ("bad", "indeterminate", "slow", "good")
_REDACT = Redactor()
_ADDRESSES = "an address such as https://host/path, tcp://host:port, tls://host:port or dns://name"

Told = tuple[str, int]
"""A text, and an exit code."""


class Unasked(Exception):
    """There is nothing to ask; the text says why, and what may have been meant."""


async def ask(config: Path | None, what: str | None, *, as_data: bool) -> Told:
    """Ask the lanes that `what` names, or all, and tell what came of it; raises Unasked before anything was asked.

    `what` is a lane, a probe, a service or an address; without it every probe of the config is asked, for a table.
    The code is that of the worst: 0 good or degraded, 1 bad, 3 unknown.
    """
    chosen = _address(what) if what is not None and "://" in what else _named(config, what)
    clock = SystemClock()
    samples = await _samples(chosen, config.parent if config is not None else Path())
    found = sorted(zip(chosen, samples, strict=True), key=lambda each: _WORST_FIRST.index(each[1].outcome))
    now = clock.now()
    if as_data:
        told = json.dumps([as_json(target, sample, now) for target, sample in found], indent=2, ensure_ascii=False)
    elif what is None:
        told = _table(found)
    else:
        told = "\n\n".join(explain(target, sample, now) for target, sample in found)
    return told, _code([sample for _, sample in found])


def _named(path: Path | None, what: str | None) -> tuple[Target, ...]:
    """The lanes of a config by their name; raises Unasked."""
    if path is None:
        raise Unasked(f"{no_config()}\nOr give {_ADDRESSES}")
    try:
        known = targets(read(path, Config).services)
    except ConfigError as error:
        raise Unasked(str(error)) from None
    if what is None:
        if not known:
            raise Unasked(f"there is no probe in {path}")
        return known
    for names in ("name", "probe", "service"):
        if found := tuple(target for target in known if getattr(target, names) == what):
            return found
    every = sorted({name for target in known for name in (target.name, target.probe, target.service)})
    close = get_close_matches(what, every, n=3, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(close)}?"
        if close
        else f"there are {', '.join(every)}"
        if every
        else "there is none"
    )
    raise Unasked(f"there is no probe {what} in {path}: {hint}")


def _address(url: str) -> tuple[Target, ...]:
    """A probe of an address, with what a config sets left as it is without one; raises Unasked."""
    scheme, _, rest = url.partition("://")
    fields: dict[str, Any] = {"name": "address"}
    match scheme:
        case "http" | "https":
            fields |= {"url": url}
        case "tcp" | "tls":
            fields |= {"type": scheme, "address": rest.rstrip("/")}
        case "dns":
            fields |= {"type": "dns", "query": rest.rstrip("/")}
        case _:
            raise Unasked(f"{line(_REDACT(url))} cannot be asked: give {_ADDRESSES}")
    try:
        service = ServiceConfig.model_validate_json(json.dumps({"name": "none", "probes": [fields]}))
    except ValidationError:
        raise Unasked(f"{line(_REDACT(url))} cannot be asked: give {_ADDRESSES}") from None
    (target,) = targets([service])
    shown = line(_REDACT(url))
    return (Target(shown, shown, "", target.config),)


async def _samples(chosen: Sequence[Target], base: Path) -> list[Sample]:
    transport = ProbeTransport()
    tools = Tools(transport=transport, clock=SystemClock(), env=os.environ, base=base)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(target: Target) -> Sample:
        async with room:
            return await make(target, tools).sample()

    try:
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(one(target)) for target in chosen]
        return [task.result() for task in asking]
    finally:
        await transport.aclose()


def _table(found: Sequence[tuple[Target, Sample]]) -> str:
    width = max(len(target.name) for target, _ in found)
    return "\n".join(f"{NAMED[sample.outcome]:<8}  {target.name:<{width}}  {sample.words}" for target, sample in found)


def _code(samples: Sequence[Sample]) -> int:
    outcomes = {sample.outcome for sample in samples}
    if "bad" in outcomes:
        return Exit.REFUSED
    return Exit.BAD_INPUT if "indeterminate" in outcomes else Exit.OK
