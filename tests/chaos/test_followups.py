"""The engine is killed in the middle of what follows by itself: nothing goes on until somebody confirms it again."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.protocol import commands
from tests.chaos.harness import Sight, World, kill, sight, until

SCRIPT = """\
#!/bin/sh
echo "$COCKPIT_ATTEMPT $1" >> {root}/ledger
sleep $2
case $1 in
  apply) echo "$4" > {root}/current;;
  current) cat {root}/current;;
  list) printf 'r2 second\\nr1 first\\n';;
esac
exit $3
"""
LADDER = """\
    ladder:
      verify: {{probe: web-front, within: 1s, hold: 0s}}
      releases:
        current: {{argv: [{do}, current, '{look}', '0']}}
        list: {{argv: [{do}, list, '0', '0']}}
        apply: {{argv: [{do}, apply, '{act}', '0', {{target: id}}]}}
"""


@dataclass(frozen=True)
class Case:
    """A step, how often it is confirmed before the one that counts, and what was running when the engine died."""

    step: str
    confirmed: str
    running: str
    before: dict[str, int]
    told: str
    undo: bool = False
    supervisor: bool = False


COMMAND = "    effect: {effect}\n    command: {{argv: [{do}, act, '{act}', '{code}']}}\n"
UNDO = "    rollback: {{command: [{do}, undo, '0', '0'], check: {{argv: [{do}, look, '{look}', '0']}}}}\n"
CASES = {
    "another try": Case(
        COMMAND.replace("{effect}", "read").replace("{code}", "1").replace("{act}", "0.5")
        + "    retries: {{times: 3, pause: 100ms}}\n",
        "s", "act", {"act": 1}, "it was not run",
    ),
    "the next batch": Case(
        "    effect: write\n    irreversible: sent is sent\n"
        "    repeat: {{command: {{argv: [{do}, act, '0.5', '0']}}, until: {{probe: web-front}}, pause: 100ms}}\n",
        "s", "act", {"act": 1}, "held after 1 batch",
    ),
    "the rollback after a look": Case(
        COMMAND.replace("{effect}", "write").replace("{code}", "0").replace("{act}", "0")
        + UNDO.replace("{look}", "0.5"),
        "s", "look", {"act": 1, "look": 1}, "it was not run", undo=True,
    ),
    "the check": Case(
        COMMAND.replace("{effect}", "write").replace("{code}", "0").replace("{act}", "0.5")
        + "    check: {{argv: [{do}, check, '0', '0']}}\n    irreversible: it is done\n",
        "s", "act", {"act": 1}, "supervisor died", supervisor=True,
    ),
    "the list of releases": Case(
        LADDER.replace("{look}", "0.5").replace("{act}", "0"),
        "s.current", "current", {"current": 1}, "it was not run",
    ),
    "a release after the look before it": Case(
        LADDER.replace("{look}", "0.5").replace("{act}", "0"),
        "s.1", "current", {"current": 2, "list": 1}, "it was not run",
    ),
    "the look after a release": Case(
        LADDER.replace("{look}", "0").replace("{act}", "0.5"),
        "s.1", "apply", {"current": 2, "list": 1, "apply": 1}, "what serves now was not read",
    ),
}  # fmt: skip


def labels(world: World) -> Counter[str]:
    return Counter(line.split()[1] for line in world.ledger.read_text().splitlines())


async def confirm(seen: Sight, step: str, *, undo: bool = False) -> None:
    """Take up what is offered there, when it is."""
    wanted = "undo" if undo else "run"
    await until(lambda: any((each.action, each.step) == (wanted, step) for each in seen.run.offers))
    offer = next(each for each in seen.run.offers if (each.action, each.step) == (wanted, step))
    env = {"PATH": os.defpath}
    said = commands.Confirm(run=seen.run.run, step=step, digest=offer.digest, undo=undo, env=env)
    answer = await seen.client.do(said)
    assert answer.ok, answer


@pytest.mark.parametrize("name", CASES)
async def test_nothing_follows_by_itself_after_the_engine_was_killed(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    do = tmp_path / "do"
    do.write_text(SCRIPT.format(root=tmp_path))
    do.chmod(0o755)
    (tmp_path / "current").write_text("r0\n")
    more = f"  - id: s\n    title: It\n{case.step.format(do=do)}  - {{id: talk, title: Talk, manual: Talk.}}\n"
    world = World(tmp_path, tmp_path / "home", steps=(), more=more)
    try:
        async with sight(world) as seen:
            assert (await seen.client.do(commands.Declare(title="It is red", severity="SEV2"))).ok
            assert (await seen.client.do(commands.StartRun(runbook="ledger"))).ok
            if case.undo:
                await confirm(seen, "s")
            if case.confirmed == "s.1":
                await confirm(seen, "s.current")
            await confirm(seen, case.confirmed, undo=case.undo)
            await until(lambda: labels(world)[case.running] == case.before[case.running])
            if case.supervisor:
                for pid in world.supervisors():
                    kill(pid)
            assert kill(seen.client.welcome.pid, signal.SIGKILL)
            await until(lambda: seen.gone and not world.engine())
        async with sight(world) as seen:
            await until(lambda: any(case.told in str(step.words) for step in seen.run.steps))
            if not case.supervisor:
                await until(lambda: any("does not stand any more" in str(step.words) for step in seen.run.steps))
            assert labels(world) == case.before
            assert not any(offer.action == "stop" for offer in seen.run.offers)
            step = next(offer for offer in seen.run.offers if offer.action == ("undo" if case.undo else "run")).step
            await until(lambda: not world.carriers())
            await confirm(seen, step, undo=case.undo)
            await until(lambda: labels(world).total() > sum(case.before.values()))
    finally:
        await world.end()
