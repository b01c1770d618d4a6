"""What is wrong with a runbook, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.runbooks.library import read_entry
from cockpit.runbooks.lint import lint
from cockpit.runbooks.rules.catalog import RULES
from tests.runbooks.samples import FULL, PART, RUNGS

BUNDLED = sorted((Path(__file__).parents[2] / "runbooks").glob("*.yaml"))

UNWISE = """\
version: 1
id: b
title: B
requires: {commands: [restart, undo, a, b, c]}
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
    entry = read_entry(path)
    assert entry.runbook is not None and entry.runbook.id == path.stem
    assert not entry.problems


def test_everything_unwise_is_found_at_once() -> None:
    runbook, problems = lint(UNWISE, "b.yaml", {"login"})
    assert runbook is None
    template = (
        "{{ is not filled in: a value never becomes part of a word; write it out, or use {param: ...} as a whole word"
    )
    assert [str(problem) for problem in problems] == [
        "b.yaml:6:5: warning: steps.0: nothing tells whether this helped: an exit code is not an effect; "
        "add verify: with a probe",
        f"b.yaml:9:31: steps.0.command.argv.1: {template}",
        f"b.yaml:10:32: steps.0.rollback.command.1: {template}",
        "b.yaml:16:48: steps.1.choose.options.0.skip.1: there is no step laddr; did you mean ladder?",
        "b.yaml:17:36: steps.1.choose.options.1.skip.0: first does not come after this choice; "
        "move it, or remove it here",
        "b.yaml:21:23: steps.2.ladder.verify.probe: there is no probe logon in the config; did you mean login?",
        "b.yaml:27:36: steps.3.wait.watch.1: there is no probe zzz in the config; known: login",
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
        ("[{id: l, title: L, ladder: {verify: {probe: p, within: 1m, hold: 2m}, rungs: []}}]", "hold 2 m 00 s must"),
    ],
)  # fmt: skip
def test_a_runbook_that_cannot_be_is_refused_with_a_line(steps: str, words: str) -> None:
    runbook, problems = lint(f"version: 1\nid: b\ntitle: B\nsteps: {steps}\n", "b.yaml")
    assert runbook is None
    assert any(words in str(problem) and problem.line == 4 for problem in problems), [str(each) for each in problems]


HEAD = "version: 1\nid: b\ntitle: B\nrequires: {commands: [x, y, ssh, kubectl, helm]}\n"
READ = "{id: read, title: Read, effect: read, command: {argv: [x]}, outputs: {name: {line: first}}}"
WAY = "{id: way, title: Way, choose: {question: Q, options: [{id: a, title: A}, {id: b, title: B}]}}"
SURE = "effect: write, verify: {probe: p}, rollback: {command: [y]}"
FROM = "releases: {current: {argv: [x]}, list: {argv: [x]}"

BREACHES = [
    ("yaml", 5, "a truth value to some",
     "params: {a: {default: no}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("unknown-key", 6, "did you mean manual?",
     "steps:\n- {id: a, title: A, manul: x}"),
    ("missing-key", 6, "title: is missing",
     "steps:\n- {id: a, manual: x}"),
    ("value", 5, "begin with a lower-case letter",
     "params: {A: {}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("value", 5, "is no regular expression",
     "params: {a: {pattern: '(a'}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("value", 5, "no regular",
     "params: {a: {pattern: 'x{99999999999999}'}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("value", 5, "Possible nested set",
     "params: {a: {pattern: '[[a-z]'}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("value", 5, "no default",
     "params: {a: {secret: true, default: b}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("value", 5, "c could never be",
     "params: {a: {enum: [b], default: c}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("value", 5, "no whole number",
     "params: {a: {type: integer, default: c}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("value", 5, "take for an option",
     "params: {a: {default: -f}}\nsteps: [{id: a, title: A, manual: x}]"),
    ("value", 6, "idempotent: true",
     "steps:\n- {id: a, title: A, effect: write, retries: {times: 2}, command: {argv: [x]}, "
     "irreversible: it}"),
    ("value", 6, "by typing its name",
     "steps:\n- {id: a, title: A, effect: destructive, confirm: key, command: {argv: [x]}, "
     "irreversible: it}"),
    ("value", 6, "beside this one or below it",
     "steps:\n- {id: a, title: A, include: ../b.yaml}"),
    ("value", 6, "beside this one or below it",
     "steps:\n- {id: a, title: A, include: /b.yaml}"),
    ("include", 6, "cannot be included: c.yaml: there is no file",
     "steps:\n- {id: a, title: A, include: c.yaml}"),
    ("duplicate-id", 7, "id of step 1 already",
     "steps:\n- {id: a, title: A, manual: x}\n- {id: a, title: B, manual: x}"),
    ("template", 6, "run: {{ is not filled",
     "steps:\n- {id: a, title: A, effect: read, command: {run: 'echo {{ x }}'}}"),
    ("template", 6, "env.A: {{",
     "steps:\n- {id: a, title: A, effect: read, command: {argv: [x], env: {A: '{{a}}'}}}"),
    ("template", 6, "http.url: {{ is not",
     "steps:\n- {id: a, title: A, effect: read, http: {url: 'http://a/{{b}}'}}"),
    ("template", 6, "http.body: {{",
     "steps:\n- {id: a, title: A, effect: read, http: {method: POST, url: 'http://a/', body: "
     "'{{b}}'}}"),
    ("unknown-param", 7, "did you mean regin?",
     "params: {regin: {}}\nsteps:\n- {id: a, title: A, effect: read, command: {argv: [x, {param: "
     "regin}, {param: region}]}}"),
    ("unknown-param", 6, "no parameter region",
     "steps:\n- {id: a, title: A, when: {param: region, is: x}, manual: x}"),
    ("unknown-output", 7, "no step gives read.nam; did you mean read.name?",
     f"steps:\n- {READ}\n- {{id: a, title: A, effect: read, command: {{argv: [x, {{output: read.nam}}]}}}}"),
    ("unknown-output", 7, "red.name",
     f"steps:\n- {READ}\n- {{id: a, title: A, when: {{output: red.name, is: x}}, manual: x}}"),
    ("early-output", 6, "read comes later",
     f"steps:\n- {{id: a, title: A, effect: read, command: {{argv: [x, {{output: read.name}}]}}}}\n- {READ}"),
    ("early-output", 6, "a comes now",
     "steps:\n- {id: a, title: A, effect: read, command: {argv: [x, {output: a.b}]}, outputs: {b: "
     "{line: last}}}"),
    ("early-output", 6, "before this",
     f"steps:\n- {{id: a, title: A, when: {{output: read.name, is: x}}, manual: x}}\n- {READ}"),
    ("stray-target", 6, "releases apply",
     "steps:\n- {id: a, title: A, effect: read, command: {argv: [x, {target: id}]}}"),
    ("no-target", 6, "does not say which release",
     f"steps:\n- {{id: l, title: L, ladder: {{verify: {{probe: p}}, {FROM}, apply: {{argv: [x]}}}}}}}}"),
    ("one-rung", 6, "at_most: a ladder of one rung",
     f"steps:\n- {{id: l, title: L, ladder: {{verify: {{probe: p}}, {FROM}, apply: {{argv: [x, {{target: "
     "id}]}, at_most: 1}}}"),
    ("secret-visible", 7, "would be seen here: in ps",
     "params: {s: {secret: true}}\nsteps:\n- {id: a, title: A, effect: read, command: {argv: [x, "
     "{param: s}]}}"),
    ("secret-visible", 7, "http.url",
     "params: {s: {secret: true}}\nsteps:\n- {id: a, title: A, effect: read, http: {url: {param: s}}}"),
    ("secret-visible", 7, "http.json.s",
     "params: {s: {secret: true}}\nsteps:\n- {id: a, title: A, effect: read, http: {method: POST, "
     "url: 'http://a/', json: {s: {param: s}}}}"),
    ("secret-condition", 7, "depend",
     "params: {s: {secret: true}}\nsteps:\n- {id: a, title: A, when: {param: s, is: x}, manual: x}"),
    ("unknown-step", 6, "goto: there is no step zz",
     "steps:\n- {id: w, title: W, choose: {question: Q, options: [{id: a, title: A, goto: zz}, {id: "
     "b, title: B}]}}"),
    ("unknown-step", 7, "no decision read",
     f"steps:\n- {READ}\n- {{id: a, title: A, when: {{chosen: read, is: a}}, manual: x}}"),
    ("skip-backwards", 7, "f does not come after",
     "steps:\n- {id: f, title: F, manual: x}\n- {id: w, title: W, choose: {question: Q, options: "
     "[{id: a, title: A, skip: [f]}, {id: b, title: B}]}}"),
    ("unreachable", 7, "y is never come to",
     "steps:\n- {id: w, title: W, choose: {question: Q, options: [{id: a, title: A, goto: z}, {id: "
     "b, title: B, goto: z}]}}\n- {id: y, title: Y, manual: x}\n- {id: z, title: Z, manual: x}"),
    ("unreachable", 7, "every option of w skips it",
     "steps:\n- {id: w, title: W, choose: {question: Q, options: [{id: a, title: A, skip: [y]}, {id: "
     "b, title: B, skip: [y]}]}}\n- {id: y, title: Y, manual: x}"),
    ("unreachable", 6, "goes to this very decision",
     "steps:\n- {id: w, title: W, choose: {question: Q, options: [{id: a, title: A, goto: w}, {id: "
     "b, title: B}]}}"),
    ("early-choice", 6, "before this step",
     f"steps:\n- {{id: a, title: A, when: {{chosen: way, is: a}}, manual: x}}\n- {WAY}"),
    ("unknown-option", 7, "no option c",
     f"steps:\n- {WAY}\n- {{id: a, title: A, when: {{chosen: way, is_not: c}}, manual: x}}"),
    ("dead-condition", 7, "can never be met: it will be one of eu, us",
     "params: {r: {enum: [eu, us]}}\nsteps:\n- {id: a, title: A, when: {param: r, is: de}, manual: x}"),
    ("dead-condition", 7, "can never be met",
     "params: {r: {enum: [eu, us]}}\nsteps:\n- {id: a, title: A, when: {param: r, is_not: [eu, us]}, "
     "manual: x}"),
    ("dead-condition", 7, "can never be met",
     "params: {r: {enum: [eu, us]}}\nsteps:\n- {id: a, title: A, when: {param: r, matches: ^d}, "
     "manual: x}"),
    ("dead-condition", 7, "can never be de",
     "params: {r: {enum: [eu, us]}}\nsteps:\n- {id: a, title: A, when: {param: r, is: [eu, de]}, "
     "manual: x}"),
    ("dead-condition", 7, "does not look like",
     "params: {r: {pattern: '[a-z]+'}}\nsteps:\n- {id: a, title: A, when: {param: r, is: '7'}, "
     "manual: x}"),
    ("relative-path", 6, "where it is",
     "steps:\n- {id: a, title: A, effect: read, command: {argv: [x], workdir: ops}}"),
    ("relative-path", 6, "where it is",
     "steps:\n- {id: a, title: A, effect: read, command: {argv: [x], workdir: ~/ops}}"),
    ("relative-path", 6, "the engine's directory",
     "steps:\n- {id: a, title: A, effect: read, command: {argv: [./x]}}"),
    ("undeclared-probe", 7, "among the probes of",
     f"probes: [q]\nsteps:\n- {{id: a, title: A, command: {{argv: [x]}}, {SURE}}}"),
    ("undeclared-probe", 6, "recovery.probes.1",
     "probes: [q]\nrecovery: {probes: [q, r]}\nsteps:\n- {id: a, title: A, manual: x}"),
    ("unknown-probe", 5, "no probe nowhere in the config",
     "probes: [nowhere]\nsteps:\n- {id: a, title: A, manual: x}"),
    ("unknown-probe", 5, "recovery.quotas.0",
     "recovery: {quotas: [nowhere]}\nsteps:\n- {id: a, title: A, manual: x}"),
    ("unused-param", 6, "nothing uses a",
     "params:\n  a: {}\nsteps:\n- {id: a, title: A, manual: x}"),
    ("weak-secret", 5, "fewer than 6 characters",
     "params: {s: {secret: true, pattern: '[0-9]{4}'}}\nsteps:\n- {id: a, title: A, effect: read, "
     "command: {argv: [x], env: {S: {param: s}}}}"),
    ("unverified", 6, "whether this helped",
     "steps:\n- {id: a, title: A, effect: write, command: {argv: [x]}, irreversible: it is}"),
    ("toggle", 6, "second undo",
     f"steps:\n- {{id: a, title: A, command: {{argv: [kubectl, rollout, undo, deploy/x]}}, {SURE}}}"),
    ("toggle", 6, "second rollback",
     f"steps:\n- {{id: a, title: A, command: {{argv: [helm, rollback, x]}}, {SURE}}}"),
    ("same-rung", 6, "does the same as a",
     "steps:\n- {id: l, title: L, ladder: {verify: {probe: p}, rungs: [{id: a, title: A, apply: "
     "{argv: [x]}, irreversible: it}, {id: b, title: B, apply: {argv: [x]}, irreversible: it}]}}"),
    ("reading-method", 6, "DELETE changes",
     "steps:\n- {id: a, title: A, effect: read, http: {method: DELETE, url: 'http://a/'}}"),
    ("short-rollback", 6, "the rollback has 5 m 00 s, what it undoes 10 m 00 s",
     "steps:\n- {id: a, title: A, effect: write, verify: {probe: p}, command: {argv: [x], timeout: "
     "10m}, rollback: {command: [y]}}"),
    ("unlisted-command", 6, "zz is not in requires.commands",
     "steps:\n- {id: a, title: A, effect: read, command: {argv: [zz]}}"),
    ("unlisted-variable", 6, "KEY is in neither requires.secrets nor requires.env",
     "steps:\n- {id: a, title: A, effect: read, http: {url: 'http://a/', headers: {authorization: {env: KEY}}}}"),
    ("unlisted-variable", 6, "write requires: {secrets: [KEY]}",
     "steps:\n- {id: a, title: A, escalate: {whom: W, pagerduty: {routing_key: {env: KEY}, summary: S}}}"),
    ("duplicate-title", 7, "a has the same title",
     "steps:\n- {id: a, title: Look, manual: x}\n- {id: b, title: look, manual: x}"),
    ("section-order", 7, "contain comes after verify",
     "steps:\n- {id: a, title: A, section: verify, manual: x}\n- {id: b, title: B, section: contain, "
     "manual: x}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "line", "words", "text"), BREACHES, ids=[f"{each[0]}-{index}" for index, each in enumerate(BREACHES)]
)
def test_each_breach_of_a_rule_is_told_alone_with_its_line(rule: str, line: int, words: str, text: str) -> None:
    runbook, problems = lint(f"{HEAD}{text}\n", "b.yaml", {"p", "q", "r"})
    assert [(problem.rule, problem.line) for problem in problems] == [(rule, line)], [str(each) for each in problems]
    assert words in str(problems[0])
    assert problems[0].severity == RULES[rule].severity
    assert (runbook is None) == (RULES[rule].severity == "error")


def test_a_slip_in_a_parameter_is_mended() -> None:
    _, problems = lint(
        f"{HEAD}params: {{r: {{patern: a, default: 3}}}}\nsteps:\n- {{id: a, title: A, manual: x}}\n", "b.yaml"
    )
    told = "\n".join(map(str, problems))
    assert "params.r.patern: unknown key; did you mean pattern?" in told
    assert "params.r.default: must be text, not a number (quote it)" in told


def test_every_rule_has_a_breach() -> None:
    assert {each[0] for each in BREACHES} | {"file"} == set(RULES)


@pytest.mark.parametrize("text", [FULL, RUNGS, PART], ids=["full", "rungs", "part"])
def test_whole_runbooks_are_clean(text: str) -> None:
    runbook, problems = lint(text, "whole.yaml", {"shop-front", "queue-empty", "front", "part-probe", "part-quota"})
    assert runbook is not None and not problems, [str(problem) for problem in problems]


def test_what_is_wrong_in_one_step_does_not_hide_what_is_wrong_in_another() -> None:
    text = (
        f"{HEAD}params: {{used-in-broken: {{}}, odd: {{tpye: text}}}}\nsteps:\n"
        "- {id: broken, title: A, comand: {argv: [x, {param: used-in-broken}]}, outputs: {a: {line: first}}}\n"
        "- {id: way, title: W, choose: {question: Q, options: [{id: a, title: A, goto: broken}, "
        "{id: b, title: B, skip: [zz]}]}}\n"
        "- {id: late, title: L, effect: read, command: {argv: [x, {param: nope}, {param: odd}, {output: broken.b}]}}\n"
        "- {id: late, title: M, effect: write, command: {argv: [y]}}\n"
    )
    _, problems = lint(text, "b.yaml")
    assert [(problem.rule, problem.line) for problem in problems] == [
        ("unknown-key", 5), ("unknown-key", 7), ("unknown-step", 8), ("unknown-param", 9), ("value", 10),
        ("duplicate-id", 10),
    ]  # fmt: skip


def test_a_file_with_more_steps_than_anybody_reads_is_refused_at_once() -> None:
    steps = "".join(f"- {{id: s{n}, title: T{n}, manual: x}}\n" for n in range(6_000))
    runbook, problems = lint(f"{HEAD}steps:\n{steps}", "b.yaml")
    assert runbook is None and "may have at most 500" in str(problems[0])


def test_a_file_of_nothing_but_mistakes_is_judged_whole() -> None:
    """With a comparison of each mistake to each other it took minutes: the time limit of a test ends that."""
    _, problems = lint(f"{HEAD}steps:\n" + "- x\n" * 60_000, "b.yaml")
    assert [problem.line for problem in problems] == list(range(6, 60_006))


def test_references_into_a_rollback_may_use_what_the_step_itself_printed() -> None:
    text = (
        f"{HEAD}steps:\n- {{id: a, title: A, effect: write, command: {{argv: [x]}}, outputs: {{made: {{line: last}}}}, "
        "verify: {probe: p}, rollback: {command: [y, {output: a.made}]}}\n"
    )
    assert lint(text, "b.yaml")[1] == ()


def test_a_request_may_say_which_attempt_it_is() -> None:
    text = """\
version: 1
id: b
title: B
steps:
  - id: ask
    title: Ask
    effect: read
    http: {url: "https://flags.example.com/", headers: {Idempotency-Key: {env: COCKPIT_ATTEMPT}}}
"""
    assert lint(text, "b.yaml")[1] == ()
