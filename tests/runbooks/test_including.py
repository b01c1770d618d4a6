"""A runbook within another."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cockpit.config.load import parse
from cockpit.config.problems import ConfigError, Problem
from cockpit.incident.runs import Included
from cockpit.runbooks.including import Reader, expand
from cockpit.runbooks.lint import Examined, examine
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.model.values import Condition, FromOutput
from tests.runbooks.samples import FULL, PART, RUNGS

OUTER = """\
version: 1
id: outer
title: Outer
service: shop
requires: {commands: [outerctl], env: [OUTER]}
params:
  region: {title: Which region, enum: [eu, us], default: eu}
recovery: {probes: [front], hold: 5m}
steps:
  - id: way
    title: Way
    choose:
      question: Which?
      options:
        - {id: go, title: Go, goto: part}
        - {id: leave, title: Leave, skip: [part]}
  - id: last
    title: Last
    effect: read
    command: {argv: [outerctl, {param: region}]}
  - id: part
    title: The part
    section: contain
    when: {chosen: way, is: go}
    include: ./below/part.yaml
  - id: after
    title: After
    effect: read
    command: {argv: [outerctl, {output: part.read.name}]}
"""
STEP = "version: 1\nid: {id}\ntitle: T\nsteps:\n"


def reader(files: Mapping[str, str]) -> Reader:
    """Reads from these texts."""

    def text_of(name: str) -> str:
        if name not in files:
            raise ConfigError([Problem(name, 0, 0, "", "there is no such file")])
        return files[name]

    return text_of


def judged(files: Mapping[str, str], first: str = "outer.yaml") -> Examined:
    """The first of these files, in a directory of its own."""
    return examine(files[first], f"/books/{first}", None, reader(files))


def told(files: Mapping[str, str]) -> list[str]:
    """What is wrong with them."""
    return [str(problem) for problem in judged(files).problems]


def including(*names: str, head: str = STEP.format(id="b")) -> str:
    """A runbook that includes these, one a line from line 5 on."""
    return head + "".join(f"- {{id: s{n}, title: T{n}, include: {name}}}\n" for n, name in enumerate(names, 1))


def test_the_steps_take_the_place_of_the_one_that_includes_them() -> None:
    found = judged({"outer.yaml": OUTER, "below/part.yaml": PART})
    assert found.problems == ()
    runbook = found.runbook
    assert runbook is not None
    assert [step.id for step in runbook.steps] == ["way", "last", "part.read", "part.choice", "part.act", "after"]
    read, choice, act = runbook.steps[2:5]
    assert choice.choose is not None and act.command is not None and act.rollback is not None
    assert [option.goto for option in choice.choose.options] == ["part.act", None]
    assert choice.choose.options[1].skip == ("part.act",)
    assert act.command.argv == ("partctl", "act", FromOutput(output="part.read.name"))
    assert act.rollback.command == ("partctl", "undo", FromOutput(output="part.read.name"))
    chosen = Condition.model_validate({"chosen": "way", "is": "go"})
    assert read.conditions == (chosen,) and read.section == "contain"
    assert act.conditions == (Condition.model_validate({"chosen": "part.choice", "is": "here"}), chosen)
    way = runbook.steps[0].choose
    assert way is not None
    assert way.options[0].goto == "part.read"
    assert way.options[1].skip == ("part.read", "part.choice", "part.act")


def test_what_both_need_is_put_together() -> None:
    runbook = judged({"outer.yaml": OUTER, "below/part.yaml": PART}).runbook
    assert runbook is not None
    assert runbook.requires.commands == ("outerctl", "partctl") and runbook.requires.env == ("OUTER", "PART")
    assert runbook.probes == ("part-probe", "part-quota") and list(runbook.params) == ["region"]
    assert runbook.recovery.probes == ("front",) and runbook.recovery.quotas == ("part-quota",)
    assert (runbook.id, runbook.service, runbook.recovery.hold) == ("outer", "shop", 300.0)


def test_a_run_is_read_again_from_the_texts_it_carries() -> None:
    found = judged({"outer.yaml": OUTER, "below/part.yaml": PART})
    assert found.included == (Included("below/part.yaml", PART),)
    assert expand(OUTER, "/books/outer.yaml", found.included) == found.runbook
    with pytest.raises(ConfigError, match="is not among what was stored"):
        expand(OUTER, "/books/outer.yaml", ())


@pytest.mark.parametrize("text", [FULL, RUNGS, PART])
def test_what_includes_nothing_is_read_as_it_stands(text: str) -> None:
    assert expand(text, "x.yaml", ()) == parse(text, "x.yaml", Runbook)


def test_a_text_that_is_no_runbook_any_more_is_told() -> None:
    with pytest.raises(ConfigError, match="x.yaml:1:10: version: must be 1"):
        expand(FULL.replace("version: 1\n", "version: 2\n"), "x.yaml", ())


def test_files_below_name_others_from_where_they_are() -> None:
    files = {
        "outer.yaml": including("a/b.yaml"),
        "a/b.yaml": including("./c/d.yaml"),
        "a/c/d.yaml": STEP.format(id="d") + "- {id: x, title: X, manual: x}\n",
    }
    found = judged(files)
    assert found.runbook is not None and [step.id for step in found.runbook.steps] == ["s1.s1.x"]
    assert [each.name for each in found.included] == ["a/b.yaml", "a/c/d.yaml"]


def test_a_file_may_be_there_twice() -> None:
    found = judged({"outer.yaml": including("p.yaml", "p.yaml"), "p.yaml": PART})
    assert found.runbook is not None and len(found.runbook.steps) == 6 and len(found.included) == 1
    assert found.runbook.steps[3].id == "s2.read"


def test_a_cycle_is_told_with_both_places() -> None:
    assert told({"outer.yaml": including("a.yaml"), "a.yaml": including("b.yaml"), "b.yaml": including("a.yaml")}) == [
        "/books/b.yaml:5:32: steps.0.include: a.yaml would include itself without end: "
        "it is on its way already, from /books/a.yaml:5:32; remove one of the two"
    ]


def test_a_file_that_includes_itself_is_told() -> None:
    assert "would include itself without end" in told({"outer.yaml": including("outer.yaml")})[0]


def test_five_deep_is_enough() -> None:
    leaf = STEP.format(id="z") + "- {id: x, title: X, manual: x}\n"
    chain = {f"f{n}.yaml": including(f"f{n + 1}.yaml") for n in range(1, 5)}
    assert told({"outer.yaml": including("f1.yaml"), **chain, "f5.yaml": leaf}) == []
    problems = told({"outer.yaml": including("f1.yaml"), **chain, "f5.yaml": including("f6.yaml"), "f6.yaml": leaf})
    assert problems == [
        "/books/f5.yaml:5:32: steps.0.include: is included more than 5 deep; include it further up"
    ]  # fmt: skip


def test_files_that_multiply_are_stopped() -> None:
    leaf = STEP.format(id="z") + "".join(f"- {{id: x{n}, title: X{n}, manual: x}}\n" for n in range(30))
    files = {f"f{n}.yaml": including(*[f"f{n + 1}.yaml"] * 30) for n in range(1, 4)}
    problems = told({"outer.yaml": including(*["f1.yaml"] * 30), **files, "f4.yaml": leaf})
    assert any("makes more than 500 steps" in problem for problem in problems)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (None, "/books/outer.yaml:25:14: steps.2.include: cannot be included: below/part.yaml: there is no such file"),
        (PART.replace("[eu, us]", "[eu, us, jp]"), "outer.yaml:25:14: steps.2.include: "
         "the parameter region is declared otherwise there than here; declare it in the same words in both"),
        (PART.replace("id: read", f"id: {'r' * 60}"), "is longer than 63 characters; shorten the ids"),
        (PART.replace("partctl, act, {", "partctl, act, {{"), "/books/below/part.yaml:"),
        ("steps: [", "/books/below/part.yaml:1:9: is not YAML"),
        (PART.replace("{line: first}", "{lien: first}"),
         "/books/below/part.yaml:14:22: steps.0.outputs.name.lien: unknown"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_told_where_it_is(part: str | None, words: str) -> None:
    files = {"outer.yaml": OUTER} | ({"below/part.yaml": part} if part is not None else {})
    problems = told(files)
    assert any(words in problem for problem in problems), problems
    assert judged(files).runbook is None
    # What cannot be read is not called missing too.
    assert not any("no step gives part." in problem for problem in problems)


def test_what_the_outer_one_uses_of_it_must_be_there() -> None:
    files = {"outer.yaml": OUTER.replace("part.read.name", "part.read.nam"), "below/part.yaml": PART}
    assert told(files) == [
        "/books/outer.yaml:29:32: steps.3.command.argv.1: no step gives part.read.nam; did you mean part.read.name?"
    ]


def test_an_id_within_it_may_not_be_one_of_the_outer_file() -> None:
    files = {"outer.yaml": OUTER.replace("id: after", "id: part.act"), "below/part.yaml": PART}
    assert "steps.3.id: part.act is the id of step 3 already; give it another" in told(files)[0]


def test_a_parameter_that_only_the_included_file_uses_is_used() -> None:
    outer = OUTER.replace("[outerctl, {param: region}]", "[outerctl]")
    assert told({"outer.yaml": outer, "below/part.yaml": PART}) == []
