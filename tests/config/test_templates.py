"""A team's own words are read strictly: every mistake with its place and the mend, and nothing in them is run."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.message import CARD_SECTIONS, POST_SECTIONS
from cockpit.cli import main
from cockpit.config.checking import check
from cockpit.config.problems import ConfigError
from cockpit.config.templates import PLAIN, CardSection, PostSection, fields, filled, lint, read

BROKEN = """\
card:
  - severity: [SEV1, SEV9]
    words:
      act: "Call {lad}"
      due: "never"
      know: "{text!r}"
    headings: {acts: "x"}
    order: [act, act]
    lines: ["{lead.__class__}", "{", "{text}"]
    colour: red
post:
  - reason: [boredom]
    words: {thanks: "{lead}"}
links:
  - {label: Board, url: "javascript:x"}
"""
GOOD = """\
card:
  - severity: [SEV1]
    words: {act: "{text} Support: answer with page {{7}}."}
    headings: {know: "What we know:"}
    order: [act, due, lines]
    lines: ["Lead of {incident}: {lead}"]
post:
  - reason: [resolved]
    lines: ["The review is on Monday."]
links:
  - {label: Board, url: "https://board.example/"}
"""


def problems_of(path: Path, text: str) -> list[str]:
    path.write_text(text)
    return [str(problem).removeprefix(f"{path.parent}/") for problem in lint(path)]


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "words.yaml", BROKEN) == [
        "words.yaml:2:22: card.0.severity.1: must be 'SEV1', 'SEV2', 'SEV3' or 'SEV4'",
        "words.yaml:4:12: card.0.words.act: there is no field {lad}; did you mean {lead}?",
        "words.yaml:5:12: card.0.words.due: must be 'headline', 'act', 'impact', 'measured', 'unaffected', "
        "'people', 'know', 'doing', 'unknown' or 'estimate'",
        "words.yaml:6:13: card.0.words.know: braces hold the name of a field and nothing else, as in {severity}",
        "words.yaml:7:22: card.0.headings.acts: must be 'act', 'impact', 'measured', 'unaffected', 'people', "
        "'know', 'doing', 'unknown', 'estimate' or 'due'",
        "words.yaml:8:12: card.0.order: each may be there once: act",
        "words.yaml:9:13: card.0.lines.0: braces hold the name of a field and nothing else, as in {severity}",
        "words.yaml:9:33: card.0.lines.1: a brace has no other: write {{ and }} for braces that readers are to see",
        "words.yaml:9:38: card.0.lines.2: there is no field {text}; known here: incident, lead, needed, "
        "on_it, released, severity, status, title",
        "words.yaml:10:5: card.0.colour: unknown key; known here: headings, lines, order, severity, status, words",
        "words.yaml:12:14: post.0.reason.0: must be 'opened', 'resolved', 'severity_up', 'severity', "
        "'needed', 'step', 'freeze', 'verified', 'status', 'lead', 'cadence', 'released', 'update' or "
        "'overdue'",
        "words.yaml:13:21: post.0.words.thanks: there is no field {lead}; known here: incident, reason, "
        "severity, text, title",
        "words.yaml:15:25: links.0.url: must be an address such as http://host/path",
    ]


def test_good_templates_are_read(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "words.yaml", GOOD) == []
    templates = read(tmp_path / "words.yaml")
    assert templates.card[0].order == ("act", "due", "lines")
    assert templates.post[0].reason == ("resolved",)


@pytest.mark.parametrize("text", ["", "- a", "card: 7", "card: [&a {lines: []}, *a]", "card: ["])
def test_what_is_no_templates_file_is_not_taken(tmp_path: Path, text: str) -> None:
    assert problems_of(tmp_path / "words.yaml", text)
    with pytest.raises(ConfigError):
        read(tmp_path / "words.yaml")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert [str(problem) for problem in lint(tmp_path / "none.yaml")] == [
        f"{tmp_path}/none.yaml: there is no such file"
    ]


def test_a_template_behind_one_that_always_fits_is_told(tmp_path: Path) -> None:
    text = (
        "card:\n  - lines: [a]\n  - severity: [SEV1]\npost:\n  - reason: [step, status]\n  - reason: [step]\n  - {}\n"
    )
    assert problems_of(tmp_path / "words.yaml", text) == [
        "words.yaml:3:5: warning: card.1: is never used: card.0 fits first wherever this one does; "
        "put it first, or take it out",
        "words.yaml:6:5: warning: post.1: is never used: post.0 fits first wherever this one does; "
        "put it first, or take it out",
    ]


def test_the_sections_are_those_of_the_messages() -> None:
    assert set(get_args(CardSection)) == set(CARD_SECTIONS)
    assert set(get_args(PostSection)) == set(POST_SECTIONS)


def test_fields_are_only_put_in_their_place() -> None:
    assert filled("{a} {{b}} {c}", {"a": "{b}", "b": "x"}) == "{b} {b} "
    assert fields("{a} {{b}} {c}") == ("a", "c")


@pytest.mark.parametrize("template", ["{", "}", "{}", "{0}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{a:{b}}"])
def test_braces_hold_names_only(template: str) -> None:
    with pytest.raises(ValueError, match="brace"):
        fields(template)


@given(st.text(st.sampled_from("{}ab.!:[ ")))
def test_any_template_is_refused_or_filled(template: str) -> None:
    try:
        found = fields(template)
    except ValueError:
        return
    assert filled(template, dict.fromkeys(found, "")) in template.replace("{{", "{").replace("}}", "}") or found


def test_the_check_of_the_config_reads_them(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("version: 1\nbroadcast: {templates: words.yaml}\n")
    (tmp_path / "words.yaml").write_text(GOOD)
    assert check(config) == (f"{config} can be used: 0 probes in 0 services", True)
    (tmp_path / "words.yaml").write_text("card: [{colour: red}]\n")
    said, whole = check(config)
    assert not whole
    assert said.splitlines() == [
        f"{config} can be used, but not the templates it names",
        f"{tmp_path}/words.yaml:1:9: card.0.colour: unknown key; "
        "known here: headings, lines, order, severity, status, words",
    ]
    assert not check(config, as_json=True)[1]


def test_editors_have_a_schema() -> None:
    printed = CliRunner().invoke(main, ["config", "schema", "--templates"])
    assert printed.exit_code == 0 and '"CardTemplate"' in printed.output
    assert PLAIN.card == ()
