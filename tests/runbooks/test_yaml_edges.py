"""YAML reads some words as something else than they look like: here each is told, and none is guessed."""

from __future__ import annotations

import pytest

from cockpit.config.problems import Problem
from cockpit.runbooks.lint import lint

STEPS = "version: 1\nid: b\ntitle: B\nrequires: {commands: [x, y]}\nsteps:\n"
DEED = "  - id: a\n    title: A\n    effect: write\n    verify: {probe: p}\n    command:\n      argv: [x, %s]\n"
UNDO = "    rollback:\n      command: [y, %s]\n"


def the_only(text: str) -> Problem:
    """The one problem of this text, which keeps it from running."""
    runbook, problems = lint(text, "b.yaml")
    assert runbook is None
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def argument(word: str) -> Problem:
    """What is wrong with this word where a command has it."""
    return the_only(STEPS + DEED % word + UNDO % "a")


def test_no_is_not_false() -> None:
    problem = argument("no")
    assert (problem.line, problem.column) == (11, 17)
    assert str(problem).endswith("no is a truth value to some readers and a word to others; quote it")


@pytest.mark.parametrize("word", ["yes", "on", "off", "No", "NO", "True", "FALSE"])
def test_no_other_truth_value_is_guessed_either(word: str) -> None:
    assert "truth value" in argument(word).message


def test_a_version_of_1_10_does_not_become_1_1() -> None:
    problem = argument("1.10")
    assert problem.line == 11 and problem.message == "1.10 is a number that would lose digits"


def test_12_30_does_not_become_750() -> None:
    problem = argument("12:30")
    assert problem.line == 11 and problem.message == "12:30 is a number in base 60 to some readers"


def test_0123_does_not_become_83() -> None:
    problem = argument("0123")
    assert problem.line == 11 and problem.message == "0123 is an octal number to some readers"


@pytest.mark.parametrize("word", ['"no"', '"1.10"', '"12:30"', '"0123"', "'no'"])
def test_in_quotes_each_is_the_word_that_it_looks_like(word: str) -> None:
    runbook, problems = lint(STEPS + DEED % word + UNDO % "a", "b.yaml")
    assert runbook is not None and problems == ()
    assert runbook.steps[0].command is not None and runbook.steps[0].command.argv is not None
    assert runbook.steps[0].command.argv[1] == word[1:-1]


def test_a_second_rollback_does_not_vanish() -> None:
    problem = the_only(STEPS + DEED % "a" + UNDO % "first" + UNDO % "second")
    assert (problem.line, problem.column, problem.rule) == (14, 5, "yaml")
    assert problem.message == "is here twice, first on line 12"


def test_an_unknown_field_is_told_with_the_one_that_was_meant() -> None:
    problem = the_only(STEPS + (DEED % "a").replace("verify", "verfiy") + UNDO % "a")
    assert (problem.line, problem.rule, problem.mend) == (9, "unknown-key", "did you mean verify?")


def test_an_id_that_is_there_twice_is_told_at_the_second() -> None:
    problem = the_only(STEPS + "  - {id: a, title: A, manual: x}\n  - {id: a, title: B, manual: x}\n")
    assert (problem.line, problem.rule) == (7, "duplicate-id")


def choice(options: str) -> str:
    """A decision with these options, and two steps after it."""
    return (
        f"{STEPS}  - id: way\n    title: Way\n    choose:\n      question: Q\n      options: [{options}]\n"
        "  - {id: one, title: One, manual: x}\n  - {id: two, title: Two, manual: x}\n"
    )


def test_a_goto_to_nowhere_is_told() -> None:
    problem = the_only(choice("{id: a, title: A, goto: tow}, {id: b, title: B}"))
    assert (problem.line, problem.rule, problem.mend) == (10, "unknown-step", "did you mean two?")


def test_a_step_that_nobody_can_come_to_is_told() -> None:
    problem = the_only(choice("{id: a, title: A, goto: two}, {id: b, title: B, goto: two}"))
    assert (problem.line, problem.rule) == (11, "unreachable")


@pytest.mark.parametrize(
    "options",
    ["{id: a, title: A, goto: two}, {id: b, title: B}", "{id: a, title: A, goto: one}, {id: b, title: B, goto: two}"],
)
def test_a_step_that_one_option_leads_to_can_be_come_to(options: str) -> None:
    assert lint(choice(options), "b.yaml")[1] == ()


def test_a_step_that_a_goto_comes_back_to_can_be_come_to() -> None:
    text = (
        choice("{id: a, title: A, goto: two}, {id: b, title: B, goto: two}")
        + "  - id: back\n    title: Back\n    choose:\n      question: Q\n"
        + "      options: [{id: c, title: C, goto: one}, {id: d, title: D}]\n"
    )
    assert lint(text, "b.yaml")[1] == ()


def test_a_parameter_that_is_not_declared_is_told() -> None:
    problem = argument("{param: release}")
    assert (problem.line, problem.rule) == (11, "unknown-param")


def test_a_very_short_secret_is_warned_of() -> None:
    text = STEPS.replace("steps:", "params: {pin: {secret: true, pattern: '%s'}}\nsteps:") + (
        "  - {id: a, title: A, effect: read, command: {argv: [x], env: {PIN: {param: pin}}}}\n"
    )
    runbook, problems = lint(text % "[0-9]{4}", "b.yaml")
    assert runbook is not None
    assert [(problem.rule, problem.line, problem.severity) for problem in problems] == [("weak-secret", 5, "warning")]
    assert lint(text % "[0-9]{12}", "b.yaml")[1] == ()


def test_a_value_never_becomes_a_part_of_a_word_or_of_a_script() -> None:
    assert argument('"--release={{ release }}"').rule == "template"
    problem = the_only(f"{STEPS}  - {{id: a, title: A, effect: read, command: {{run: 'echo {{{{ x }}}}'}}}}\n")
    assert (problem.line, problem.rule) == (6, "template")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (STEPS + "  - {id: a, title: A, manual: &m x}\n", (6, 31), "the anchor &m is not allowed"),
        (STEPS + "  - {id: a, title: A, manual: *m }\n", (6, 31), "the alias *m is not allowed"),
        (STEPS + "  - {id: a, title: A, manual: !!python/name:os.system x}\n", (6, 31), "a tag (!...) is not allowed"),
        (STEPS + '  - {id: a, title: A, manual: "x\\e[31m"}\n', (6, 31), "holds the control character U+001B"),
        (STEPS + "  - {id: a, title: A, manual: x}\n---\nid: b\n", (7, 1), "a second document begins here"),
        (STEPS + "\t- {id: a, title: A, manual: x}\n", (6, 1), "is not YAML"),
        (STEPS + "  - {id: a, title: A, manual: " + "[" * 40 + "]" * 40 + "}\n", (6, 60), "nested more than 32 deep"),
    ],
)  # fmt: skip
def test_what_yaml_can_do_beside_is_told(text: str, place: tuple[int, int], words: str) -> None:
    problem = the_only(text)
    assert (problem.line, problem.column) == place and words in problem.message
