"""Whatever the order of results, crashes and commands: the player's promises hold, for every kind of step."""

from __future__ import annotations

import os
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.runbooks.machine import Playing

LONG = int(os.environ.get("COCKPIT_CHAOS_EXAMPLES", "500"))
"""Runs of each runbook in `make chaos`."""


class Plain(Playing):
    """Manual steps, a choice, a written ladder, a wait, a verification."""

    TEXT: ClassVar[str] = """\
version: 1
id: b
title: B
steps:
  - {id: tell, title: Tell, manual: tell them}
  - id: way
    title: Way
    choose:
      question: Which?
      options: [{id: short, title: Short, skip: [first, pause]}, {id: long, title: Long}]
  - {id: first, title: First, effect: write, command: {argv: [a]}, rollback: {command: [b]}}
  - id: ladder
    title: Ladder
    ladder:
      verify: {probe: p, within: 1m, hold: 5s}
      rungs:
        - {id: one, title: One, apply: {argv: [one]}, rollback: {command: [undo-one]}}
        - {id: two, title: Two, look: {argv: [look]}, apply: {argv: [two]}, irreversible: it is gone}
        - {id: three, title: Three, effect: destructive, apply: {argv: [three]}, rollback: {command: [undo-three]}}
  - {id: pause, title: Pause, wait: {for: 1m}}
  - id: last
    title: Last
    effect: write
    command: {argv: [c]}
    rollback: {command: [d]}
    verify: {probe: p, within: 1m, hold: 5s}
"""


class Acting(Playing):
    """Values, conditions, another try, checks, a series of batches, and a look before undoing."""

    TEXT: ClassVar[str] = """\
version: 1
id: b
title: B
params: {region: {enum: [eu, us], default: eu}}
steps:
  - id: find
    title: Find
    effect: read
    confirm: none
    command: {argv: [find, {param: region}]}
    outputs: {release: {line: last}}
    retries: {times: 2, pause: 5s}
  - id: eu
    title: Only there
    when: {param: region, is: eu}
    effect: write
    command: {argv: [eu, {output: find.release}]}
    rollback: {command: [undo, {output: find.release}], check: {argv: [look]}}
  - id: scale
    title: Scale
    effect: write
    idempotent: true
    retries: {times: 1, pause: 2s}
    command: {argv: [scale]}
    check: {argv: [scaled]}
    verify: {probe: p, within: 1m, hold: 5s}
    rollback: {command: [unscale]}
    on_failure: continue
  - id: drain
    title: Drain
    effect: write
    idempotent: true
    retries: {times: 1, pause: 1s}
    repeat: {command: {argv: [drain]}, until: {probe: p, hold: 1s}, at_most: 3, pause: 2s}
    check: {argv: [drained]}
    rollback: {command: [refill]}
  - id: only
    title: Only for such
    when: [{output: find.release, matches: "^v"}, {param: region, is_not: us}]
    manual: look
  - id: last
    title: Last
    effect: write
    command: {argv: [last]}
    check: {argv: [there, {output: find.release}]}
    rollback: {command: [unlast]}
    idempotent: true
    retries: {times: 1, pause: 2s}
    on_failure: continue
"""


class Descending(Playing):
    """A ladder over releases that others deploy over, and somebody to call."""

    TEXT: ClassVar[str] = """\
version: 1
id: b
title: B
steps:
  - id: back
    title: Back
    ladder:
      verify: {probe: p, within: 1m, hold: 5s}
      releases:
        current: {argv: [current]}
        list: {argv: [list]}
        apply: {argv: [apply, {target: id}]}
        at_most: 3
      exhausted: {whom: the owner, message: nothing has helped}
  - {id: tell, title: Tell, manual: tell}
"""


class Looping(Playing):
    """Decisions that go back and ahead, approvals, a destructive step; a ladder within the loop."""

    TEXT: ClassVar[str] = """\
version: 1
id: b
title: B
steps:
  - id: way
    title: Way
    choose:
      question: Which?
      options: [{id: far, title: Far, skip: [aside]}, {id: near, title: Near, goto: second}]
  - id: first
    title: First
    effect: write
    command: {argv: [first]}
    rollback: {command: [unfirst]}
    approve: {people: 1, expires: 60s}
  - id: second
    title: Second
    effect: destructive
    command: {argv: [second]}
    rollback: {command: [unsecond], check: {argv: [there]}}
    approve: {people: 2, others: false, role: operations, expires: 60s}
    on_failure: undo
  - id: back
    title: Back
    ladder:
      verify: {probe: p, within: 1m, hold: 5s}
      releases: {current: {argv: [current]}, list: {argv: [list]}, apply: {argv: [apply, {target: id}]}, at_most: 2}
  - id: again
    title: Again
    choose:
      question: Again?
      options:
        - {id: all, title: All, goto: way}
        - {id: some, title: Some, goto: second}
        - {id: ladder, title: The ladder, goto: back}
        - {id: "on", title: Go on}
  - {id: aside, title: Aside, effect: write, command: {argv: [aside]}, rollback: {command: [unaside]}}
  - {id: pause, title: Pause, wait: {for: 1m}}
"""


MACHINES = (Plain, Acting, Descending, Looping)

TestPlain = Plain.TestCase
TestActing = Acting.TestCase
TestDescending = Descending.TestCase
TestLooping = Looping.TestCase
for machine in MACHINES:
    machine.TestCase.settings = settings(max_examples=30, stateful_step_count=40)
del machine


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("machine", MACHINES)
def test_as_long_as_you_like(machine: type[Playing]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=LONG, stateful_step_count=80))
