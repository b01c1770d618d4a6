"""The runbooks that were run in a recorded incident, as its drill has them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cockpit.config import yaml
from cockpit.config.problems import ConfigError
from cockpit.drills.dumping import as_yaml
from cockpit.drills.reaching import programs
from cockpit.drills.recorded.standins import Node, StandIns, secret
from cockpit.drills.recorded.unplayable import Unplayable
from cockpit.incident.event import Event
from cockpit.incident.runs import Included, RunStarted
from cockpit.runbooks.including import expand
from cockpit.runbooks.plan import Plan, plan


@dataclass(frozen=True)
class Books:
    """`texts` are the files by their names; of each run its runbook's id in the drill, and its plan.

    `programs` are all that they run, `changed` what is no more as it was, each as a sentence.
    """

    texts: Mapping[str, str]
    names: Mapping[str, str]
    plans: Mapping[str, Plan]
    programs: frozenset[str]
    changed: tuple[str, ...]

    @property
    def first_run(self) -> str:
        """The run that was started first, empty where none was."""
        return next(iter(self.names), "")

    @property
    def first(self) -> str | None:
        """The runbook of the first run."""
        return next(iter(self.names.values()), None)


def books(events: Sequence[Event]) -> Books:
    """All of them; Unplayable when this program cannot read one, or when two need the same file to be different."""
    started = [event.body for event in events if isinstance(event.body, RunStarted)]
    standing, texts, names, plans = StandIns(), dict[str, str](), dict[str, str](), dict[str, Plan]()
    called: frozenset[str] = frozenset()
    copies: dict[str, tuple[str, tuple[Included, ...]]] = {}
    for run in started:
        try:
            if run.digest not in copies:
                # Whether it can be read at all, before anything is made of it.
                expand(run.source, run.path, run.included)
                name = _free(run.runbook, {each for each, _ in copies.values()})
                copies[run.digest] = name, _copied(run, name, standing)
            name, files = copies[run.digest]
            book = expand(files[0].source, files[0].name, files[1:])
        except ConfigError as error:
            raise Unplayable([f"the runbook {run.runbook}: {problem}" for problem in error.problems]) from error
        for file in files:
            if texts.setdefault(file.name, file.source) != file.source:
                raise Unplayable([f"two of its runbooks have different files called {file.name}"])
        names[run.run], plans[run.run] = name, plan(book)
        called |= programs(book)
    return Books(texts, names, plans, called, tuple(dict.fromkeys(standing.changed)))


def _free(name: str, taken: set[str]) -> str:
    """The name, or one that says that it is another text of the same: it was changed between two runs."""
    numbered = (f"{name}-{number}" for number in range(2, 100))
    return next(each for each in (name, *numbered) if each not in taken)


def _copied(run: RunStarted, name: str, standing: StandIns) -> tuple[Included, ...]:
    """The runbook under that name, then all that it includes."""
    read = [Included(f"{name}.yaml", run.source), *run.included]
    told: list[Node] = [yaml.load(each.source, each.name).data for each in read]
    hidden = frozenset(word for each in told for word in secret(each))
    return tuple(_files(read, told, hidden, name, standing))


def _files(
    read: Sequence[Included], told: Sequence[Node], hidden: frozenset[str], name: str, standing: StandIns
) -> Iterator[Included]:
    for index, (file, data) in enumerate(zip(read, told, strict=True)):
        before = len(standing.changed)
        made = standing.book(data, hidden)
        if index == 0 and data["id"] != name:
            made = {**made, "id": name}
        if made is data:
            yield file
        else:
            yield Included(file.name, _commented(standing.changed[before:]) + as_yaml(made))


def _commented(changed: Sequence[str]) -> str:
    lines = ["Made for a drill from the record of an incident. Nothing real is called from here:"]
    lines += [f"  {each}" for each in dict.fromkeys(changed)]
    return "".join(f"# {line}\n" for line in lines)
