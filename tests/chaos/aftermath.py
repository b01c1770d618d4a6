"""What must hold after a storm: what the journal says is what really happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cockpit.execution import processes
from cockpit.incident.event import Event
from cockpit.incident.fold import fold
from cockpit.incident.run import Attempt, Run
from cockpit.incident.runs import AttemptIntended, LadderAccepted, RunStarted
from cockpit.protocol import commands
from tests.chaos.driving import Victim
from tests.chaos.harness import sound, until
from tests.chaos.stepping import Player

LABELS = {
    "restore.current": "current", "restore.list": "list", "restore.exhausted": "exhausted",
    "restore.1": "apply", "restore.2": "apply", "restore.3": "apply",
}  # fmt: skip


@dataclass
class Tally:
    """What came of it all."""

    kills: Counter[Victim] = field(default_factory=Counter)
    steps: int = 0
    attempts: int = 0
    followed: int = 0
    undone: int = 0
    unknown: int = 0
    abandoned: int = 0
    runs: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.kills + other.kills, self.steps + other.steps, self.attempts + other.attempts,
            self.followed + other.followed, self.undone + other.undone, self.unknown + other.unknown,
            self.abandoned + other.abandoned, self.runs + other.runs, self.labels + other.labels,
        )  # fmt: skip

    def __str__(self) -> str:
        killed = ", ".join(f"{count} {victim}" for victim, count in sorted(self.kills.items()))
        return (
            f"kills={self.kills.total()} ({killed}) steps={self.steps} runs={self.runs} attempts={self.attempts} "
            f"(by themselves {self.followed}, undoing {self.undone}) unknown={self.unknown} "
            f"abandoned={self.abandoned} twice=0 lost=0 zombies=0 survivors=0"
        )


async def judged(player: Player) -> Tally:
    """Everything that must hold; what came of it."""
    world = player.storm.world
    stream = player.driver.sight.header.stream
    events = await world.events(stream)
    await sound(world)
    runs = fold(events).runs
    attempts = {attempt.id: attempt for run in runs.values() for attempt in run.attempts.values()}
    assert not [attempt for attempt in attempts.values() if attempt.open]
    await nothing_left(player, attempts)
    once(player, attempts)
    nothing_lost(player, attempts)
    explained(player, attempts)
    confirmed(player, events, attempts)
    values(player, runs)
    for run in runs.values():
        last_in_first_out(run)
    assert not [event for event in events if isinstance(event.body, LadderAccepted)]
    assert not player.offered["accept"], "nobody else deploys here"
    return Tally(
        player.driver.kills,
        steps=sum(len({attempt.step for attempt in run.attempts.values()}) for run in runs.values()),
        attempts=len(attempts), followed=sum(bool(attempt.under) for attempt in attempts.values()),
        undone=sum(attempt.undid for attempt in attempts.values()),
        unknown=sum(bool(attempt.unknown) for attempt in attempts.values()),
        abandoned=sum(bool(attempt.abandoned) for attempt in attempts.values()), runs=len(runs),
        labels=Counter(line[1] for line in player.storm.lines()),
    )  # fmt: skip


async def nothing_left(player: Player, attempts: Mapping[str, Attempt]) -> None:
    """No process of a command but those that are meant to go on, and nobody's dead child.

    Where the supervisor was killed, the command goes on to its own end; else its tree is gone with its result.
    """
    world, meant = player.storm.world, player.storm.meant()
    left = {(attempt, pid) for attempt, pid in world.carriers() if (attempt, pid) not in meant}
    assert {attempt for attempt, _ in left} <= {each.id for each in attempts.values() if each.unknown}, left
    await until(lambda: world.carriers() <= meant)
    await until(lambda: not world.supervised())
    await until(lambda: not zombies(world.engine()))


def zombies(ancestor: int) -> list[int]:
    """Dead processes below that one that nobody has asked for."""
    return [pid for pid, each in processes.processes().items() if each.zombie and each.parent == ancestor]


def once(player: Player, attempts: Mapping[str, Attempt]) -> None:
    """No command has begun twice, none that was not intended, and each is the one that was intended."""
    began = player.storm.began()
    assert [attempt for attempt, times in began.items() if times != 1] == []
    assert began.keys() <= attempts.keys()
    for attempt, label, *_ in player.storm.lines():
        assert label == label_of(attempts[attempt])


def label_of(attempt: Attempt) -> str:
    """What the command of this attempt is called in the ledger."""
    name = LABELS.get(attempt.step, attempt.step)
    if name == "apply":
        return "current" if attempt.purpose in {"before", "after"} else name
    if attempt.direction == "rollback":
        return f"can-undo-{name}" if attempt.purpose == "before" else f"undo-{name}"
    return f"shows-{name}" if attempt.purpose == "check" else name


def nothing_lost(player: Player, attempts: Mapping[str, Attempt]) -> None:
    """What the commands did and what is recorded of them is the same."""
    began, ended = player.storm.began(), player.storm.ended()
    for attempt in attempts.values():
        told = attempt.finished
        if attempt.abandoned:
            assert attempt.id not in began, attempt
        elif told is None:
            assert attempt.unknown, attempt
        elif told.ended_by == "itself":
            assert attempt.id in began, attempt
            assert (told.exit_code, told.signal) == (ended[attempt.id], None), attempt
        else:
            assert told.ended_by in {"person", "timeout"}, attempt
            assert not told.ok
    assert ended.keys() <= began.keys()


def explained(player: Player, attempts: Mapping[str, Attempt]) -> None:
    """Nobody knows what became of a command only where its supervisor was killed.

    A request that was stopped after it was sent is unknown too.
    """
    killed = {death.attempt for death in player.deaths if death.victim == "supervisor"}
    killed |= {attempt.id for attempt in attempts.values() if attempt.step == "asks" and attempt.stop_asked}
    unknown = {attempt.id for attempt in attempts.values() if attempt.unknown}
    assert unknown <= killed
    for attempt in attempts.values():
        # What a person or a check said of it is what is so.
        if attempt.unknown and attempt.settled in {"took_effect", "no_effect"}:
            assert (attempt.settled == "took_effect") == bool(player.storm.began()[attempt.id]), attempt


def confirmed(player: Player, events: Sequence[Event], attempts: Mapping[str, Attempt]) -> None:
    """Each attempt was confirmed once, or follows from one that was confirmed to the engine that still runs."""
    intended = [event.body for event in events if isinstance(event.body, AttemptIntended)]
    assert sum(not body.under for body in intended) == accepted(player, commands.Confirm)
    assert sum(isinstance(event.body, RunStarted) for event in events) == accepted(player, commands.StartRun)
    deaths = [death for death in player.deaths if death.victim == "engine"]
    for attempt in attempts.values():
        root = attempts[attempt.root]
        between = [death for death in deaths if root.intended_at <= death.since and death.until < attempt.intended_at]
        assert not between, f"{attempt} went on after the engine had died"


def accepted(player: Player, kind: type[commands.Command]) -> int:
    """How many of these commands were carried out."""
    return sum(isinstance(do.command, kind) and player.driver.answers[do.id].ok for do in player.driver.sent.values())


def values(player: Player, runs: Mapping[str, Run]) -> None:
    """What a step printed is what those after it were given."""
    words = {line[0]: line[2:] for line in player.storm.lines()}
    for run in runs.values():
        marks: dict[int, str] = {}
        for attempt in run.attempts.values():
            if attempt.step == "mark" and attempt.succeeded and attempt.finished is not None:
                marks[attempt.order] = attempt.finished.outputs["mark"]
                assert marks[attempt.order] == f"mark-{attempt.id}"
            if attempt.step in {"script", "uses"} and attempt.direction == "forward" and attempt.id in words:
                assert words[attempt.id] == [marks[max(marks)]]


def last_in_first_out(run: Run) -> None:
    """What was undone was, each time, the latest that had started and was not undone yet."""
    standing: list[tuple[str, int]] = []
    can = {step.outline.id for step in run.steps if step.outline.undo}
    undos = [attempt for attempt in run.attempts.values() if attempt.direction == "rollback"]
    undone = {(attempt.step, attempt.visit) for attempt in undos if attempt.undid}
    # A person may settle an earlier try after a later look: the visit is undone with the last of them.
    last = {(attempt.step, attempt.visit): attempt.id for attempt in undos}
    for attempt in run.attempts.values():
        visit = (attempt.step, attempt.visit)
        if attempt.step not in can:
            continue
        if attempt.direction == "rollback":
            # What a person said is undone, or is left so, is passed over.
            while standing[-1] != visit and standing[-1] in run.left:
                standing.pop()
            assert standing[-1] == visit, (visit, standing)
            if visit in undone and last[visit] == attempt.id:
                standing.pop()
        elif attempt.acted and visit not in standing:
            standing.append(visit)
