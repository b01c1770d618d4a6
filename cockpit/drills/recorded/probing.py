"""The probes of a recorded incident as services, endpoints, and what makes them turn. Pure.

What turned before any change turns by itself; what followed a change follows from it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cockpit.config.probes import HttpProbeConfig
from cockpit.config.rates import ErrorRate
from cockpit.drills.model.parts import DrillProbe, Endpoint, Fault, Reaction, Rule, Service, Tally
from cockpit.drills.model.values import Conditions
from cockpit.drills.recorded.commands import Ran
from cockpit.drills.recorded.naming import Clockface, word
from cockpit.drills.recorded.readings import Lane, Reading

INTERVAL = 10.0
"""Seconds between two samples where the config of the incident is not at hand."""
COUNT = 1000
"""Attempts in the answer of a probe that counts errors: a rate to the tenth of a per cent."""
RATE = "error_rate"
"""Where a probe that counts errors finds their share in an answer."""
POSITION = "record"
"""The variable that counts the recorded changes; it belongs to the first service."""


class Probes:
    """What every lane showed, as the parts of a scenario; `known` are the probes of the incident's config by name."""

    def __init__(self, heard: Sequence[Lane], known: Mapping[str, HttpProbeConfig], clock: Clockface) -> None:
        # A drill's names are parts of keys and paths, which take fewer characters than the names of a config.
        self._lanes = [replace(lane, service=word(lane.service)) for lane in heard]
        self._known = known
        self._clock = clock
        self._services = tuple(dict.fromkeys(lane.service for lane in self._lanes))
        self.position = f"{self._services[0]}.{POSITION}"

    def services(self) -> tuple[Service, ...]:
        """Every service that was watched, with how its probes stood at the beginning."""
        return tuple(self._service(name) for name in self._services)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where the probes ask."""
        return tuple(self._endpoint(lane) for lane in self._probes(None))

    def faults(self, commands: Sequence[Ran]) -> tuple[Fault, ...]:
        """What turned before anybody changed anything."""
        return tuple(
            Fault(at=max(0.0, at), sets={self.key(lane): self._value(reading)})
            for at, lane, reading, change in self._turns(commands)
            if change is None
        )

    def reactions(self, commands: Sequence[Ran]) -> tuple[Reaction, ...]:
        """What turned after a change."""
        return tuple(
            Reaction(
                when={self.position: str(change.position + 1)}, after=self._after(at, lane, change),
                sets={self.key(lane): self._value(reading)},
            )
            for at, lane, reading, change in self._turns(commands)
            if change is not None
        )  # fmt: skip

    def red(self) -> list[Lane]:
        """The lanes that were down at some time; the first of all where none was."""
        return [lane for lane in self._lanes if any(each.state == "down" for each in lane.readings)] or self._lanes[:1]

    def well(self) -> Conditions:
        """That what was down serves again."""
        return {
            self.key(lane): tuple(sorted({
                self._value(each) for each in (self._initial(lane), *lane.readings) if each.state in ("up", "degraded")
            })) or ("up",)
            for lane in self.red()
        }  # fmt: skip

    def down_at_last(self) -> bool:
        """Whether something was still down when the record ends."""
        return any(lane.readings[-1].state == "down" for lane in self._lanes if lane.readings)

    def key(self, lane: Lane) -> str:
        """The variable that says how the lane stands."""
        if not lane.instance:
            return f"{lane.service}.{word(lane.probe)}"
        number = self._instances(lane.service).index(lane.instance) + 1
        return f"{lane.service}/{number}.{word(lane.probe)}"

    def _probes(self, service: str | None) -> list[Lane]:
        """One lane of each probe: its instances share all but their readings."""
        own = {lane.probe: lane for lane in self._lanes if service in (None, lane.service)}
        return [own[probe] for probe in sorted(own)]

    def _instances(self, service: str) -> list[str]:
        return sorted({lane.instance for lane in self._lanes if lane.service == service and lane.instance})

    def _service(self, name: str) -> Service:
        probes = self._probes(name)
        first = {POSITION: "0"} if name == self._services[0] else {}
        return Service(
            name=name,
            instances=tuple(str(number) for number, _ in enumerate(self._instances(name), 1)),
            state=first | {word(lane.probe): self._value(self._initial(lane)) for lane in probes if not lane.instance},
            each={word(lane.probe): self._value(self._initial(lane)) for lane in probes if lane.instance},
            probes=tuple(self._probe(lane) for lane in probes),
        )

    def _probe(self, lane: Lane) -> DrillProbe:
        known = self._known.get(lane.probe)
        limits = (known.error_rate if known is not None else None) or ErrorRate(path=RATE)
        rate = {"error_rate": {"path": RATE, "warn": limits.warn, "crit": limits.crit}} if self._counts(lane) else {}
        given = {} if known is None else {
            "kind": known.kind, "interval": known.interval, "failures": known.failures, "successes": known.successes,
        }  # fmt: skip
        return DrillProbe.model_validate({
            "name": lane.probe, "path": f"/{word(lane.probe)}", "each": bool(lane.instance),
            **{name: f"{value}s" if name == "interval" else value for name, value in given.items()},
            **rate,
        })  # fmt: skip

    def _interval(self, lane: Lane) -> float:
        known = self._known.get(lane.probe)
        return INTERVAL if known is None else known.interval

    def _counts(self, lane: Lane) -> bool:
        every = [each for each in self._lanes if each.probe == lane.probe]
        return any(each.rates or any(one.state == "degraded" for one in each.readings) for each in every)

    def _initial(self, lane: Lane) -> Reading:
        return next((each for each in reversed(lane.readings) if each.at <= self._clock.t0), Reading(0, "up"))

    def _value(self, reading: Reading) -> str:
        """The value of a lane's variable: the state, and the rate in tenths of a per cent where it counts errors."""
        return reading.state if reading.rate is None else f"{reading.state}-{round(reading.rate * COUNT)}"

    def _endpoint(self, lane: Lane) -> Endpoint:
        own = [each for each in self._lanes if each.probe == lane.probe]
        shown = {self._value(each): each for one in own for each in (self._initial(one), *one.readings)}
        key = f"self.{word(lane.probe)}" if lane.instance else self.key(lane)
        rules = [self._rule(lane, reading, {key: value}) for value, reading in sorted(shown.items())]
        last = rules[-1].model_copy(update={"when": {}})
        return Endpoint(
            path=f"/{word(lane.probe)}", service=lane.service if lane.instance else None, rules=(*rules[:-1], last)
        )

    def _rule(self, lane: Lane, reading: Reading, when: Conditions) -> Rule:
        status = 500 if reading.state == "down" else 200
        if not self._counts(lane):
            return Rule.model_validate({"when": when, "status": status, "json": {"status": reading.state}})
        usual = {"up": 0.0, "degraded": 0.03, "down": 1.0}.get(reading.state, 0.0)
        failing = usual if reading.rate is None else reading.rate
        return Rule(when=when, status=status, tally=Tally(attempts=COUNT, failing=round(failing, 3)))

    def _turns(self, commands: Sequence[Ran]) -> list[tuple[float, Lane, Reading, Ran | None]]:
        """Every reading after T0 with the moment it began to be so, and the change it followed."""
        found = []
        changes = [each for each in commands if each.changes]
        for lane in self._lanes:
            for reading in lane.readings:
                if reading.at > self._clock.t0:
                    # It came to be so at some time since the sample before. Of several changes it is the last that
                    # it may have followed: a drill must not get well by less than was done then.
                    at = self._clock.at(reading.at) - self._interval(lane) / 2
                    before = [each for each in changes if each.began <= reading.at]
                    found.append((at, lane, reading, before[-1] if before else None))
        return found

    def _after(self, at: float, lane: Lane, change: Ran) -> float:
        """How long after the change began: at its very end where that lies between the two samples."""
        passed, half = at - self._clock.at(change.began), self._interval(lane) / 2
        return change.seconds if abs(passed - change.seconds) <= half else max(0.0, passed)
