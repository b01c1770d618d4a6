from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cockpit.config.problems import ConfigError
from cockpit.drills.lint import examine, judged
from cockpit.drills.shelf import SCENARIOS, load, names
from cockpit.drills.skeleton import skeleton
from tests.drills.small import made

SOURCE = (SCENARIOS / "login-flag.yaml").read_text()
NOWHERE = Path("/nonexistent")


@pytest.mark.parametrize("name", names())
def test_nothing_is_said_against_a_bundled_scenario(name: str) -> None:
    assert examine(SCENARIOS / f"{name}.yaml")[1] == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("- {auth.env: set}\n", "- {auth.env: sett}\n", "auth.env is never 'sett': nothing sets it; did you mean set?"),
        ("service: auth\n", "service: auht\n", "there is no service auht; did you mean auth?"),
        ("usage: [revert CHANGE, ", "usage: [", "configctl knows no revert"),
        ("verified: login-synthetic", "verified: login", "no service has the probe login; did you mean login-s"),
        ("runbook: login-flag\nt0", "runbook: login-flog\nt0", "there is no runbook login-flog"),
        ("  - name: checkout\n", "  - name: auth\n", "there are two services called auth"),
        ("do: take_role", "do: take_rule", "the cockpit has no command take_rule; did you mean take_role?"),
        ("severity: SEV1, impact", "severity: SEV9, impact", "does not fit declare"),
        ("with: {role: incident_commander}", "with: {rule: incident_commander}", "take_role takes no rule"),
        ("{offered: restore.revert}", "{offered: restore.rewert}", "has the step restore.rewert; did you mean"),
        ("by_hand: [svcctl, setenv", "by_hand: [rm, setenv", "rm is not among the tools: it would run for real"),
        ("resolved: falsely", "resolved: never", "the play calls it resolved"),
        ("declared: {minute: 6,", "declared: {minute: 2,", "comes before detected, T3.5"),
        ("lasts: 2h", "lasts: 10m", "comes after the end"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(old: str, new: str, words: str, tmp_path: Path) -> None:
    assert old in SOURCE
    file = tmp_path / "spoilt.yaml"
    file.write_text(SOURCE.replace(old, new, 1))
    scenario, problems = examine(file)
    problem = next((problem for problem in problems if words in str(problem)), None)
    assert problem is not None, [str(each) for each in problems]
    assert scenario is None and problem.line > 1
    with pytest.raises(ConfigError):
        load(str(file))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "spoilt.yaml"
    file.write_text(SOURCE.replace("auth.flag: live}}", "auth.flog: live}}").replace("do: resolve", "do: resolv"))
    assert len([problem for problem in examine(file)[1] if problem.severity == "error"]) >= 4


def test_a_key_that_is_there_twice_and_an_anchor_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "spoilt.yaml"
    file.write_text(SOURCE.replace("lead: 2m", "lead: &two 2m\nlead: 2m"))
    told = "\n".join(str(problem) for problem in examine(file)[1])
    assert "is here twice" in told and "the anchor &two is not allowed" in told


def said(**fields: Any) -> list[str]:
    """What the rules say of a small world with these fields."""
    return [finding.message for finding in judged(made(**fields), NOWHERE)]


def test_a_small_world_without_a_fault_is_over_by_itself() -> None:
    told = said(criteria={"mitigated": ({"a.x": "0"},), "verified": "p", "quiet": 60.0})
    assert "no service has the probe p" in told


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"faults": ({"at": 1.0, "sets": {"a.g": "1"}},)}, "a.g is a gauge, which is not set"),
        ({"faults": ({"at": 1.0, "adds": {"a.x": 1.0}},)}, "a.x is a variable, which is not added to"),
        ({"faults": ({"at": 1.0, "sets": {"cockpit.freeze": "set"}},)}, "only what the cockpit publishes sets it"),
        ({"flows": ({"gauge": "a.x", "per_minute": 1.0},)}, "no service has the gauge a.x"),
        ({"reactions": ({"when": {"a.g": "1"}},)}, "a.g is a gauge and has no value to be equal to"),
        ({"reactions": ({"when": {"a.x": {"least": 1.0}}},)}, "a.x is a variable and has no bounds"),
        ({"reactions": ({"when": {"a.g": {}}},)}, "always holds"),
        ({"reactions": ({"when": {"a.g": {"least": 2.0, "below": 1.0}}},)}, "nothing is at least 2 and below 1"),
        ({"reactions": ({"when": {"self.x": "0"}},)}, "`self` means something in the rules of an endpoint only"),
        (
            {"reactions": ({"when": {"a.x": "0"}, "sets": {"a.x": "1"}}, {"when": {"a.x": "1"}, "sets": {"a.x": "0"}})},
            "may set itself off again at the same moment, without end",
        ),
        (
            {"endpoints": ({"path": "/a", "rules": ({"when": {"a.x": ("0",)}}, {"when": {"a.x": "0"}}, {})},)},
            "is never reached: a rule before it holds whenever it does",
        ),
        (
            {"tools": {"t": {"usage": ("go",)}},
             "actions": ({"command": ("t", "go"), "says": ("x",)},
                         {"command": ("t", "go"), "when": {"a.x": "0"}, "says": ("y",)})},
            "is never done: an action before it is whenever this one could be",
        ),
        ({"actions": ({"command": ("t", "go"), "says": ("x",)},)}, "it begins with t, which is not among the tools"),
        (
            {"deadline": {"at": 0.0, "what": "demo", "needs": {"a.x": "0"}, "fact": "invented"}},
            "must come after T0 and before the end (lasts)",
        ),
        ({}, "there is no good play"),
    ],
)  # fmt: skip
def test_each_rule_has_a_breach(fields: dict[str, Any], words: str) -> None:
    assert words in said(**fields)


def test_reactions_that_only_follow_each_other_are_no_loop() -> None:
    chain = ({"when": {"a.x": "1"}, "sets": {"a.y": "1"}}, {"when": {"a.y": "1"}, "sets": {"a.x": "1"}})
    assert not any("without end" in message for message in said(reactions=chain))


def test_a_new_drill_has_nothing_against_it(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    for path, text in skeleton("my-outage", tmp_path).items():
        path.write_text(text)
    assert examine(tmp_path / "my-outage.yaml")[1] == ()


def test_a_runbook_that_cannot_be_used_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    scenario, runbook = skeleton("mine", tmp_path).items()
    scenario[0].write_text(scenario[1])
    runbook[0].write_text(runbook[1].replace("effect: write", "effect: wrote"))
    assert any("the runbook mine cannot be used" in str(problem) for problem in examine(scenario[0])[1])
    runbook[0].write_text(runbook[1].replace("probes: [shop-front]", "probes: [shop-front, shop-back]", 1))
    assert any("needs the probe shop-back" in str(problem) for problem in examine(scenario[0])[1])


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (
            "command: {argv: [kubectl, rollout, undo, deploy/x]}",
            "needs the command kubectl, which is not among the tools",
        ),
        ("command: {argv: [/usr/bin/curl, x]}", "/usr/bin/curl is no plain name of a program"),
        ("command: {run: 'curl https://pager.example'}", "is a script for a shell"),
        ("http: {method: POST, url: 'https://pager.example/enqueue'}", "sends a request itself"),
        ("command: {argv: [/usr/bin/curl, {param: host}]}", "/usr/bin/curl is no plain name of a program"),
        ("command: {argv: [{param: host}, x]}", "known only when it runs"),
        ("command: {argv: [kubectl, {param: host}]}", "needs the command kubectl, which is not among the tools"),
        ("command: {argv: [configctl, x], env: {PATH: /usr/bin}}", "sets PATH"),
        ("command: {argv: [configctl, x], env: {COCKPIT_DRILL_URL: 'http://prod'}}", "sets COCKPIT_DRILL_URL"),
        ("escalate: {whom: y, pagerduty: {routing_key: {env: K}, summary: z}}", "pages somebody"),
    ],
)
@pytest.mark.parametrize("started", [False, True], ids=["its own", "one that a play starts"])
def test_a_runbook_that_would_touch_the_world_is_refused(step: str, words: str, started: bool, tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    book = f"version: 1\nid: x\ntitle: T\nservice: auth\nsteps:\n  - id: announce\n    title: A\n    {step}\n"
    book += "" if step.startswith("escalate") else "    effect: read\n"
    book += "params: {host: {title: A host}}\nrequires: {secrets: [K]}\n"
    own = SOURCE.replace("id: login-flag", "id: mine", 1)
    if started:
        own = own.replace("{runbook: login-flag}", "{runbook: x}")
        assert own.count("{runbook: x}") > 1
    else:
        own = own.replace("runbook: login-flag", "runbook: x")
    (tmp_path / "mine.yaml").write_text(own)
    (tmp_path / "runbooks/x.yaml").write_text(book)
    scenario, problems = examine(tmp_path / "mine.yaml")
    assert scenario is None and words in "\n".join(map(str, problems))
