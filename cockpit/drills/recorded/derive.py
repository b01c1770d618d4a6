"""From the events of an incident to a scenario that plays it again. Pure.

Commands that change something answer in the order in which they were recorded, and those that only read answer where
they were recorded between them. What followed from a change follows from it again; whatever else is asked for was not
recorded, says so, and does nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import yaml
from pydantic import ValidationError

from cockpit.clock import SECOND, moment
from cockpit.config.probes import HttpProbeConfig
from cockpit.config.rates import ErrorRate
from cockpit.drills.model import (
    Action,
    Beat,
    Change,
    Conditions,
    Criteria,
    DrillProbe,
    Ending,
    Endpoint,
    Fault,
    Inject,
    Mark,
    Otherwise,
    Play,
    Reaction,
    Rule,
    Scenario,
    Service,
    Source,
    Tally,
    Tool,
)
from cockpit.drills.recorded.commands import Ran, ran, tools, unplayable
from cockpit.drills.recorded.moves import COCKPIT, moves
from cockpit.drills.recorded.readings import Lane, Reading, lanes
from cockpit.incident.event import Event
from cockpit.incident.intervals import marks
from cockpit.incident.runs import RunStarted
from cockpit.incident.vocabulary import AlertSeen, ChangeSeen, IncidentDeclared, NoteAdded
from cockpit.incident.words import describe

LEAD = 120.0
AFTER = 600.0
"""Seconds before T0 with which the drill begins, and after the last event until it ends."""
INTERVAL = 10.0
"""Seconds between two samples where the config of the incident is not at hand."""
QUIET = 900.0
"""Seconds that a recovery is to be watched where the runbook does not say."""
NOT_RECORDED = 86
"""The exit code of a command that was not recorded."""
COUNT = 1000
"""Attempts in the answer of a probe that counts errors: a rate to the tenth of a per cent."""
RATE = "error_rate"
"""Where a probe that counts errors finds their share in an answer."""
POSITION = "record"
"""The variable that counts the recorded changes; it belongs to the first service."""
_SOURCES: dict[str, Source] = {each: each for each in get_args(Source)}
_KINDS: dict[str, Literal["deploy", "config", "flag"]] = {"deploy": "deploy", "config": "config", "flag": "flag"}


class Unplayable(Exception):
    """No drill can be made of these events; `why` has every reason as a sentence."""

    def __init__(self, why: Sequence[str]) -> None:
        super().__init__("; ".join(why))
        self.why = tuple(why)


@dataclass(frozen=True)
class Derived:
    """A scenario with the runbooks it needs, as text by their ids."""

    scenario: Scenario
    runbooks: Mapping[str, str]


def derive(events: Sequence[Event], known: Mapping[str, HttpProbeConfig] | None = None) -> Derived:
    """The drill; `known` are the probes of the incident's config by name. Unplayable with every reason against it."""
    declared = next((event for event in events if isinstance(event.body, IncidentDeclared)), None)
    heard = lanes(events)
    reasons = [] if declared is not None else ["nothing was declared"]
    reasons += [] if heard else ["no probe was recorded"]
    reasons += unplayable(events)
    if declared is None or reasons:
        raise Unplayable(reasons)
    try:
        return _Deriving(events, declared, heard, known or {}).drill()
    except ValidationError as error:
        raise Unplayable([f"{_place(one['loc'])}: {one['msg']}" for one in error.errors()]) from error


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "the scenario"


class _Deriving:
    """What all parts of the scenario are made from."""

    def __init__(
        self, events: Sequence[Event], declared: Event, heard: Sequence[Lane], known: Mapping[str, HttpProbeConfig]
    ) -> None:
        self.events = events
        self.declared = declared
        # A drill's names are parts of keys and paths, which take fewer characters than the names of a config.
        self.lanes = [replace(lane, service=_word(lane.service)) for lane in heard]
        self.known = known
        self.ran = ran(events)
        self.changes = [each for each in self.ran if each.changes]
        self.t0 = _t0(events, declared)
        self.services = tuple(dict.fromkeys(lane.service for lane in self.lanes))
        self.position = f"{self.services[0]}.{POSITION}"

    def drill(self) -> Derived:
        """The whole."""
        body = self.declared.body
        assert isinstance(body, IncidentDeclared)
        runs = [event.body for event in self.events if isinstance(event.body, RunStarted)]
        books = {run.runbook: run.source for run in runs} | {
            each.name: each.source for run in runs for each in run.included
        }
        play = self._play()
        scenario = Scenario(
            version=1,
            id=f"from-{self.declared.stream.lower()}",
            title=body.title[:300],
            summary=f"{self.declared.stream} of {moment(self.declared.occurred_at):%Y-%m-%d}, as it was recorded",
            runbook=runs[0].runbook if runs else None,
            t0=f"{moment(self.t0):%H:%M}",
            lead=LEAD,
            lasts=float(math.ceil(self._at(self.events[-1].occurred_at) + AFTER)),
            services=tuple(self._service(name) for name in self.services),
            faults=tuple(self._faults()),
            reactions=tuple(self._reactions()),
            endpoints=tuple(self._endpoint(lane) for lane in self._probes(None)),
            tools={name: Tool(usage=lines) for name, lines in tools(self.events).items()},
            actions=tuple(self._actions()),
            otherwise=Otherwise(says="not recorded, so nobody knows what it would do", exit=NOT_RECORDED),
            changes=tuple(self._seen()),
            injects=tuple(self._words()),
            criteria=self._criteria(),
            story=tuple(self._story()),
            plays={"recorded": play},
        )
        return Derived(scenario, books)

    def _at(self, moment_: int) -> float:
        """Seconds after T0."""
        return (moment_ - self.t0) / SECOND

    def _probes(self, service: str | None) -> list[Lane]:
        """One lane of each probe: its instances share all but their readings."""
        own = {lane.probe: lane for lane in self.lanes if service in (None, lane.service)}
        return [own[name] for name in sorted(own)]

    def _instances(self, service: str) -> list[str]:
        return sorted({lane.instance for lane in self.lanes if lane.service == service and lane.instance})

    def _key(self, lane: Lane) -> str:
        if not lane.instance:
            return f"{lane.service}.{_word(lane.probe)}"
        number = self._instances(lane.service).index(lane.instance) + 1
        return f"{lane.service}/{number}.{_word(lane.probe)}"

    def _service(self, name: str) -> Service:
        probes = self._probes(name)
        first = {POSITION: "0"} if name == self.services[0] else {}
        return Service(
            name=name,
            instances=tuple(str(number) for number, _ in enumerate(self._instances(name), 1)),
            state=first | {_word(lane.probe): self._value(self._initial(lane)) for lane in probes if not lane.instance},
            each={_word(lane.probe): self._value(self._initial(lane)) for lane in probes if lane.instance},
            probes=tuple(self._probe(lane) for lane in probes),
        )

    def _probe(self, lane: Lane) -> DrillProbe:
        known = self.known.get(lane.probe)
        limits = (known.error_rate if known is not None else None) or ErrorRate(path=RATE)
        rate = {"error_rate": {"path": RATE, "warn": limits.warn, "crit": limits.crit}} if self._counts(lane) else {}
        given = {} if known is None else {
            "kind": known.kind, "interval": known.interval, "failures": known.failures, "successes": known.successes,
        }  # fmt: skip
        return DrillProbe.model_validate({
            "name": lane.probe, "path": f"/{_word(lane.probe)}", "each": bool(lane.instance),
            **{name: f"{value}s" if name == "interval" else value for name, value in given.items()},
            **rate,
        })  # fmt: skip

    def _interval(self, lane: Lane) -> float:
        known = self.known.get(lane.probe)
        return INTERVAL if known is None else known.interval

    def _counts(self, lane: Lane) -> bool:
        every = [each for each in self.lanes if each.probe == lane.probe]
        return any(each.rates or any(one.state == "degraded" for one in each.readings) for each in every)

    def _initial(self, lane: Lane) -> Reading:
        return next((each for each in reversed(lane.readings) if each.at <= self.t0), Reading(0, "up"))

    def _value(self, reading: Reading) -> str:
        """The value of a lane's variable: the state, and the rate in tenths of a per cent where it counts errors."""
        return reading.state if reading.rate is None else f"{reading.state}-{round(reading.rate * COUNT)}"

    def _endpoint(self, lane: Lane) -> Endpoint:
        own = [each for each in self.lanes if each.probe == lane.probe]
        shown = {self._value(each): each for one in own for each in (self._initial(one), *one.readings)}
        key = f"self.{_word(lane.probe)}" if lane.instance else self._key(lane)
        rules = [self._rule(lane, reading, {key: value}) for value, reading in sorted(shown.items())]
        last = rules[-1].model_copy(update={"when": {}})
        return Endpoint(
            path=f"/{_word(lane.probe)}", service=lane.service if lane.instance else None, rules=(*rules[:-1], last)
        )

    def _rule(self, lane: Lane, reading: Reading, when: Conditions) -> Rule:
        status = 500 if reading.state == "down" else 200
        if not self._counts(lane):
            return Rule.model_validate({"when": when, "status": status, "json": {"status": reading.state}})
        usual = {"up": 0.0, "degraded": 0.03, "down": 1.0}.get(reading.state, 0.0)
        failing = usual if reading.rate is None else reading.rate
        return Rule(when=when, status=status, tally=Tally(attempts=COUNT, failing=round(failing, 3)))

    def _turns(self) -> list[tuple[float, Lane, Reading, Ran | None]]:
        """Every reading after T0 with the moment it began to be so, and the change it followed."""
        found = []
        for lane in self.lanes:
            for reading in lane.readings:
                if reading.at > self.t0:
                    # It came to be so at some time since the sample before.
                    at = self._at(reading.at) - self._interval(lane) / 2
                    before = [each for each in self.changes if self._at(each.began) <= at]
                    found.append((at, lane, reading, before[-1] if before else None))
        return found

    def _faults(self) -> list[Fault]:
        return [
            Fault(at=max(0.0, at), sets={self._key(lane): self._value(reading)})
            for at, lane, reading, change in self._turns()
            if change is None
        ]

    def _reactions(self) -> list[Reaction]:
        return [
            Reaction(
                when={self.position: str(change.position + 1)}, after=self._after(at, lane, change),
                sets={self._key(lane): self._value(reading)},
            )
            for at, lane, reading, change in self._turns()
            if change is not None
        ]  # fmt: skip

    def _after(self, at: float, lane: Lane, change: Ran) -> float:
        """How long after the change began: at its very end where that lies between the two samples."""
        passed, half = at - self._at(change.began), self._interval(lane) / 2
        return change.seconds if abs(passed - change.seconds) <= half else max(0.0, passed)

    def _actions(self) -> list[Action]:
        found: dict[tuple[tuple[str, ...], int], Action] = {}
        for each in self.ran:
            begins = {self.position: str(each.position + 1)} if each.changes else {}
            action = Action.model_validate({
                "command": each.argv, "when": {self.position: str(each.position)}, "takes": f"{each.seconds:.3f}s",
                "begins": begins, "says": each.said, "exit": each.exit_code,
            })  # fmt: skip
            found.setdefault((each.argv, each.position), action)
        return list(found.values())

    def _seen(self) -> list[Change]:
        found = []
        for event in self.events:
            seen = event.body
            if isinstance(seen, ChangeSeen) and event.occurred_at >= self.t0:
                kind, _, rest = seen.what.partition(" ")
                found.append(
                    Change(
                        at=self._at(event.occurred_at),
                        id=_name(seen.change.rpartition(":")[2]),
                        kind=_KINDS.get(kind, "deploy"),
                        what=((rest.partition(" ")[2] if rest.startswith("#") else rest) or seen.what)[:300],
                        service=_word(seen.service) if seen.service else "",
                        who=seen.who,
                        reviewed=seen.reviewed,
                        link=seen.link,
                        undo=seen.undo,
                        fact="original",
                    )  # fmt: skip
                )
        return found

    def _words(self) -> list[Inject]:
        found = []
        for event in self.events:
            at = max(0.0, self._at(event.occurred_at))
            match event.body:
                case NoteAdded(text=text, source=source) if source in _SOURCES:
                    found.append(Inject(at=at, source=_SOURCES[source], text=text[:300], fact="original"))
                case AlertSeen(title=title):
                    found.append(Inject(at=at, source="page", text=title[:300], fact="original"))
        return found

    def _criteria(self) -> Criteria:
        red = [lane for lane in self.lanes if any(each.state == "down" for each in lane.readings)] or [self.lanes[0]]
        well: Conditions = {
            self._key(lane): tuple(sorted({
                self._value(each) for each in (self._initial(lane), *lane.readings) if each.state in ("up", "degraded")
            })) or ("up",)
            for lane in red
        }  # fmt: skip
        return Criteria(mitigated=(well,), verified=red[0].probe, quiet=self._quiet())

    def _quiet(self) -> float:
        for event in self.events:
            if isinstance(event.body, RunStarted):
                hold = (yaml.safe_load(event.body.source).get("recovery") or {}).get("hold")
                if isinstance(hold, str):
                    return Reaction.model_validate({"when": {"x.y": "z"}, "after": hold}).after
        return QUIET

    def _story(self) -> list[Beat]:
        found = []
        for event in self.events:
            if event.actor != COCKPIT and not isinstance(event.body, ChangeSeen):
                text = describe(event).text.strip()
                if text:
                    minute = round(self._at(event.occurred_at) / 60, 2)
                    found.append(Beat(minute=minute, text=" ".join(text.split())[:300], fact="original"))
        return found

    def _play(self) -> Play:
        passed = marks(self.events)
        stated = {
            "impact_start": passed.impact_start, "detected": passed.detected, "declared": passed.declared,
            "first_update": passed.first_update_by_person, "mitigated": passed.mitigated, "verified": passed.verified,
            "resolved": passed.resolved,
        }  # fmt: skip
        over, well = passed.resolved, passed.mitigated
        watched = over is not None and well is not None and over - well >= (self._quiet() - 60) * SECOND
        last = [lane.readings[-1].state for lane in self.lanes if lane.readings]
        return Play.model_validate({
            "title": "What was done then, at the same minutes",
            "kind": "original",
            "marks": {
                axis: Mark(minute=round(self._at(at) / 60, 2), fact="original")
                for axis, at in stated.items()
                if at is not None and at >= self.t0
            },
            "ending": Ending(
                text="As it ended then", mitigated="down" not in last,
                resolved=("truly" if watched and "down" not in last else "falsely") if over is not None else "never",
            ),
            "moves": moves(self.events, self.t0),
            "until": round(self._at(self.events[-1].occurred_at) / 60, 2),
        })  # fmt: skip


def _t0(events: Sequence[Event], declared: Event) -> int:
    """The whole minute before the first thing that matters."""
    body = declared.body
    known = [event.occurred_at for event in events if isinstance(event.body, ChangeSeen)]
    began = body.began if isinstance(body, IncidentDeclared) else 0
    # A probe that turned at the very minute was well before it.
    first = min([declared.occurred_at, *([began - 1] if began else []), *known])
    return first - first % (60 * SECOND)


def _name(text: str) -> str:
    """The text as a name: what a name does not take becomes a dash."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-")[:60] or "x"


def _word(name: str) -> str:
    """The name as part of a key, which has no dots and begins with a letter."""
    word = _name(name).replace(".", "-")
    return word if word[0].isalpha() else f"n{word}"
