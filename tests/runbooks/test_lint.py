"""What is wrong with a runbook, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.runbooks.lint import lint

BUNDLED = sorted((Path(__file__).parents[2] / "runbooks").glob("*.yaml"))

UNWISE = """\
version: 1
id: b
title: B
steps:
  - id: first
    title: First
    effect: write
    command: {argv: [restart, "{{ service }}"]}
    rollback: {command: [undo, "{{x}}"]}
  - id: way
    title: Way
    choose:
      question: Which?
      options:
        - {id: a, title: A, skip: [ladder.two, laddr]}
        - {id: b, title: B, skip: [first]}
  - id: ladder
    title: Ladder
    ladder:
      verify: {probe: logon}
      rungs:
        - {id: one, title: One, apply: {argv: [a]}, rollback: {command: [b]}}
        - {id: two, title: Two, apply: {argv: [c]}, irreversible: it is gone}
  - id: pause
    title: Pause
    wait: {for: 1m, watch: [login, zzz]}
"""


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_the_bundled_runbooks_are_clean(path: Path) -> None:
    runbook, problems = lint(path.read_text(), path.name)
    assert runbook is not None and runbook.id == path.stem
    assert not problems


def test_everything_unwise_is_found_at_once() -> None:
    runbook, problems = lint(UNWISE, "b.yaml", {"login"})
    assert runbook is None
    assert [str(problem) for problem in problems] == [
        "b.yaml:5:5: warning: steps.0: nothing tells whether this helped: an exit code is not an effect; "
        "add verify: with a probe",
        "b.yaml:8:31: steps.0.command.argv.1: {{ is not filled in: a value never becomes part of a word; write it out",
        "b.yaml:9:32: steps.0.rollback.command.1: {{ is not filled in: a value never becomes part of a word; "
        "write it out",
        "b.yaml:15:48: steps.1.choose.options.0.skip.1: there is no step laddr; did you mean ladder?",
        "b.yaml:16:36: steps.1.choose.options.1.skip.0: first does not come after this choice; "
        "move it, or remove it here",
        "b.yaml:20:23: steps.2.ladder.verify.probe: there is no probe logon in the config; did you mean login?",
        "b.yaml:26:36: steps.3.wait.watch.1: there is no probe zzz in the config; known: login",
    ]


def test_a_warning_alone_lets_it_run() -> None:
    text = UNWISE.split("  - id: way")[0].replace("{{ service }}", "auth").replace("{{x}}", "x")
    runbook, problems = lint(text, "b.yaml")
    assert runbook is not None
    assert [problem.severity for problem in problems] == ["warning"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("[]", "steps: needs at least 1"),
        ("[{id: a, title: A}]", "exactly one of manual, command"),
        ("[{id: a, title: A, manual: x, wait: {for: 1m}}]", "exactly one of manual, command"),
        ("[{id: a, title: A, command: {argv: [x]}}]", "needs effect"),
        ("[{id: a, title: A, effect: write, command: {argv: [x]}}]", "either a rollback or irreversible"),
        ("[{id: a, title: A, effect: read, command: {argv: [x]}, rollback: {command: [y]}}]", "nothing to roll back"),
        ("[{id: a, title: A, effect: read, command: {argv: x -y}}]", "argv: must be a list"),
        ("[{id: a, title: A, manual: x}, {id: a, title: B, manual: x}]", "steps.1.id: a is the id of step 1 already"),
        ("[{id: a, title: A, wait: {for: 0s}}]", "for: must be more than 0"),
        ("[{id: l, title: L, ladder: {verify: {probe: p}, rungs: "
         "[{id: a, title: A, apply: {argv: [x]}, irreversible: no way}]}}]", "rungs: needs at least 2"),
        ("[{id: l, title: L, ladder: {verify: {probe: p, within: 1m, hold: 2m}, rungs: []}}]", "must fit into within"),
    ],
)  # fmt: skip
def test_a_runbook_that_cannot_be_is_refused_with_a_line(steps: str, words: str) -> None:
    runbook, problems = lint(f"version: 1\nid: b\ntitle: B\nsteps: {steps}\n", "b.yaml")
    assert runbook is None
    assert any(words in str(problem) and problem.line == 4 for problem in problems), [str(each) for each in problems]
