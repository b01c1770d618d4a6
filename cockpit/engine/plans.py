"""The runbooks on the shelf, and the plans of the runs that were started from them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cockpit.config.problems import ConfigError
from cockpit.engine.circumstances import Offered, Refusal
from cockpit.incident.run import Run
from cockpit.protocol.messages import Runbooks
from cockpit.protocol.views import EMPTY, ParamView, RunbookView
from cockpit.runbooks import trust
from cockpit.runbooks.including import expand
from cockpit.runbooks.library import Entry, library
from cockpit.runbooks.model.values import Param
from cockpit.runbooks.plan import Plan, plan
from cockpit.text import SafeText

log = logging.getLogger(__name__)

PIECE = 1_000
"""Characters of a line of source at most; a longer one goes on in the next, so that nothing of it is cut off."""


class Unreadable(Exception):
    """This version of the program does not understand the runbook that an earlier one began."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"this version of cockpit cannot read the runbook of {run.title}")


class Plans:
    """The plan of each run, from the text that the run itself carries: the file may have changed since.

    What was good enough to be started is not judged again, only read.
    """

    def __init__(self) -> None:
        self._plans: dict[str, Plan | None] = {}

    def of(self, run: Run) -> Plan:
        """The plan of that run; Unreadable when there is none to be had."""
        if run.digest not in self._plans:
            self._plans[run.digest] = _read(run)
        found = self._plans[run.digest]
        if found is None:
            raise Unreadable(run)
        return found

    def all(self, runs: Iterable[Run]) -> dict[str, Plan]:
        """The plans of those of these runs that can be read, by run."""
        found: dict[str, Plan] = {}
        for run in runs:
            with suppress(Unreadable):
                found[run.id] = self.of(run)
        return found

    def alarms(self, runs: Collection[Run]) -> tuple[str, ...]:
        """Which open runs nothing can be offered for."""
        readable = self.all(runs)
        return tuple(str(Unreadable(run)) for run in runs if run.outcome is None and run.id not in readable)


def _read(run: Run) -> Plan | None:
    try:
        found = plan(expand(run.source, run.path, run.included))
    except ConfigError as error:
        log.error("the runbook of run %s cannot be read: %s", run.id, error)
        return None
    missing = [step.outline.id for step in run.steps if step.outline.id not in found.steps]
    if missing:
        log.error("the runbook of run %s is laid out differently now: %s is missing", run.id, ", ".join(missing))
    return None if missing else found


class Shelf:
    """The runbooks that could be started, read anew each time somebody looks."""

    def __init__(
        self, directories: Sequence[Path], trusted: Path, probes: Collection[str],
        holder: Callable[[str], SafeText] = lambda _: EMPTY, only: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        """`holder` says who has a lock; `only` are the bundled runbooks that are there, all of them if None."""
        self._directories = directories
        self._trusted = trusted
        self._probes = probes
        self._holder = holder
        self._only = only

    async def listing(self) -> Runbooks:
        """Every runbook, also those that cannot be started, with the reasons."""
        return await asyncio.to_thread(self._listing)

    async def take(self, runbook: str, trusting: str) -> Offered:
        """The runbook of that id as it is now; Refusal when it cannot be started or is not trusted.

        `trusting` is the digest of the text the person has seen: it is trusted from now on, if it is still that text.
        """
        return await asyncio.to_thread(self._take, runbook, trusting)

    def _entries(self) -> tuple[Entry, ...]:
        return library(self._directories, self._probes, self._only)

    def _listing(self) -> Runbooks:
        return Runbooks(tuple(self._view(entry) for entry in self._entries()))

    def _view(self, entry: Entry) -> RunbookView:
        runbook = entry.runbook
        trusted = trust.trusted(self._trusted, entry)
        return RunbookView(
            id=runbook.id if runbook is not None else "",
            title=SafeText(runbook.title if runbook is not None else Path(entry.path).name, 200).line,
            service=SafeText(runbook.service if runbook is not None else "", 80).line,
            path=SafeText(entry.path, 500).line,
            digest=entry.digest,
            trusted=trusted,
            problems=tuple(SafeText(str(each), 500).line for each in entry.problems if each.severity == "error"),
            source=() if trusted or runbook is None else _source(entry.text),
            diff=() if trusted or runbook is None else _lines(trust.diff(self._trusted, entry)),
            params=() if runbook is None else _params(runbook.params),
            holder=EMPTY if runbook is None else self._holder(runbook.lock or runbook.service),
        )

    def _take(self, runbook: str, trusting: str) -> Offered:
        entry = next((each for each in self._entries() if each.runbook and each.runbook.id == runbook), None)
        if entry is None or entry.runbook is None:
            raise Refusal("invalid", f"there is no runbook {runbook} that can be started: see `cockpit runbook list`")
        if not trust.trusted(self._trusted, entry):
            if trusting != entry.digest:
                raise Refusal("untrusted", f"{entry.path} is not trusted as it is now: read it, then trust it")
            trust.trust(self._trusted, entry)
        planned = plan(entry.runbook)
        return Offered(
            runbook, entry.runbook.title, entry.digest, entry.text, entry.path, planned, included=entry.included
        )


def _params(params: Mapping[str, Param]) -> tuple[ParamView, ...]:
    """What is asked for at the start; a secret is asked for when a step needs it."""
    return tuple(_asked(name, param) for name, param in params.items() if not param.secret)


def _asked(name: str, param: Param) -> ParamView:
    return ParamView(
        name=name,
        title=SafeText(param.title or name, 200).line,
        kind=param.type,
        default=SafeText(param.default or "", PIECE).line,
        options=tuple(SafeText(each, 200).line for each in param.enum or ()),
        required=param.default is None,
    )


def _lines(diff: Iterable[str]) -> tuple[SafeText, ...]:
    """The lines of a diff. A long one goes on in the next, which then begins with a backslash, so that nothing of it
    is cut off."""
    places = ((line, at) for line in diff for at in range(0, max(1, len(line)), PIECE))
    return tuple(SafeText(("\\" if at else "") + line[at : at + PIECE]) for line, at in places)


def _source(text: str) -> tuple[SafeText, ...]:
    pieces = (line[at : at + PIECE] for line in text.splitlines() for at in range(0, max(1, len(line)), PIECE))
    return tuple(SafeText(piece) for piece in pieces)
