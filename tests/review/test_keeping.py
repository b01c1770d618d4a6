"""What people write into a report is kept when it is written again, and never overwritten unread."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.config.problems import ConfigError
from cockpit.incident.event import Event
from cockpit.incident.fold import fold
from cockpit.review import human
from cockpit.review.build import build
from cockpit.review.forms import formed
from cockpit.review.keeping import Refused, put, tidy, written_by_people
from cockpit.review.markdown import render
from cockpit.review.model import Action, Human, Report
from cockpit.review.parts import BY_NAME, begin, end
from cockpit.review.templating import names
from cockpit.review.templating import render as render_by_name

WRITTEN = Human(
    summary="Logins failed.\n\nThe flag was *on* in production.",
    trigger="A flag was switched on.",
    contributing_factors=("nobody reviewed it", "staging differs:\n- by hand\n\n  and for long"),
    lucky=("it was noon",),
    actions=(
        Action(id="A1", type="prevent", text="check a | b first", owner="dev-3"),
        Action(id="A2", type="process", text="buy us time", state="never_done", by="lead", why="nobody asked again"),
        Action(id="A3", type="detect", text="probe logins", state="superseded", by="lead", link="https://t.example/3"),
    ),
    authors=("dev-3",),
    stated_duration="1h25m",
)


def report(events: tuple[Event, ...], said: Human) -> Report:
    return build(events, fold(events), events[-1].occurred_at + 60 * SECOND, (), said)


@pytest.mark.parametrize("template", sorted(names()))
async def test_what_people_wrote_comes_out_of_every_template_again(
    events: tuple[Event, ...], template: str, tmp_path: Path
) -> None:
    file = tmp_path / "report.md"
    file.write_text(await formed(report(events, WRITTEN), "markdown", template))
    assert written_by_people(file, None, "INC-1") == WRITTEN
    again = await formed(report(events, written_by_people(file, None, "INC-1")), "markdown", template)
    assert again == file.read_text()


text = st.text(alphabet="ab|*-_ \\\n#<!>`", max_size=30)


@given(st.builds(Human, summary=text, trigger=text, lucky=st.lists(text, max_size=3).map(tuple)))
def test_any_words_come_back_or_are_said_to_be_lost(said: Human) -> None:
    said = tidy(said)
    rendered = render(build((), fold(()), SECOND, (), said))
    assert human.lost(said, human.read(rendered, "x").human) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("| dev-3 | open |", "| dev-3 | opne |", "did you mean open?"),
        ("| A1 | prevent | check a \\| b first | dev-3 | open |", "| A1 | prevent | x | dev-3 |", "has 7 cells"),
        ("| A1 | prevent |", "| A2 | prevent |", "there are two actions A2"),
        (end("summary"), "", "has no `<!-- end of yours: summary -->`"),
        (begin("trigger"), "", "ends what was not begun"),
        (begin("trigger"), begin("triger"), "there is no part triger"),
        ("- it was noon", "it was noon", "this part is a list"),
        ("A flag was switched on.", "A flag\x1b[2J", "control character U+001B"),
        ("Peak error rate", "I write here: peak", "something was changed by hand"),
        ("<!-- cockpit report of", "<!--", "is no report of the cockpit"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_line_and_stays(
    events: tuple[Event, ...], tmp_path: Path, old: str, new: str, told: str
) -> None:
    good = render(report(events, WRITTEN))
    assert old in good
    file = tmp_path / "report.md"
    file.write_text(good.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        written_by_people(file, None, "INC-1")
    assert told in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_program_that_only_lays_it_out_anew_does_no_harm(events: tuple[Event, ...]) -> None:
    good = render(report(events, WRITTEN))
    wider = good.replace("| --- | --- |", "| -------- | ----- |").replace("| Incident |", "|  Incident   |")
    assert wider != good
    assert human.read(wider, "x").human == WRITTEN


def test_another_incident_or_another_file_is_not_overwritten(events: tuple[Event, ...], tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    file.write_text(render(report(events, WRITTEN)))
    with pytest.raises(Refused, match="the report of INC-1, not of INC-2"):
        written_by_people(file, None, "INC-2")
    page = tmp_path / "index.html"
    page.write_text("<p>mine</p>")
    with pytest.raises(Refused, match="no report of the cockpit"):
        written_by_people(page, None, "INC-1")


async def test_a_page_takes_the_words_of_its_siblings_and_two_that_differ_are_asked_about(
    events: tuple[Event, ...], tmp_path: Path
) -> None:
    (tmp_path / "report.md").write_text(render(report(events, WRITTEN)))
    assert written_by_people(tmp_path / "report.html", None, "INC-1") == WRITTEN
    other = WRITTEN.model_copy(update={"summary": "Something else."})
    (tmp_path / "report.json").write_text(await formed(report(events, other), "json"))
    with pytest.raises(Refused, match=r"do not say the same \(summary\)"):
        written_by_people(tmp_path / "report.html", None, "INC-1")
    assert written_by_people(tmp_path / "report.html", tmp_path / "report.json", "INC-1") == other


@pytest.mark.parametrize(
    ("put", "problem"),
    [
        ('"deep": ' + "[" * 20_000 + "]" * 20_000 + ",", "recursion limit exceeded at line 2 column"),
        ('"human": {"summary": "\\ud800"},', "Invalid JSON: unexpected end of hex escape at line 2 column"),
    ],
)
async def test_what_is_wrong_in_a_document_is_told_where_it_stands(
    events: tuple[Event, ...], tmp_path: Path, put: str, problem: str
) -> None:
    file = tmp_path / "report.json"
    file.write_text((await formed(report(events, Human()), "json")).replace("{\n", f"{{\n{put}\n", 1))
    with pytest.raises(ConfigError, match=problem):
        written_by_people(file, None, "INC-1")


async def test_of_a_sibling_only_what_people_wrote_is_read(events: tuple[Event, ...], tmp_path: Path) -> None:
    sibling = tmp_path / "report.json"
    text = await formed(report(events, WRITTEN), "json")
    sibling.write_text(text.replace('"timeline"', '"course"'))
    assert written_by_people(tmp_path / "report.html", None, "INC-1") == WRITTEN
    sibling.write_text(text.replace('"summary": "', '"summary": 1, "x": "'))
    with pytest.raises(ConfigError) as caught:
        written_by_people(tmp_path / "report.html", None, "INC-1")
    assert "human.summary" in str(caught.value) and "human.x" in str(caught.value)


def test_words_that_others_replace_are_moved_aside(events: tuple[Event, ...], tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    file.write_text(render(report(events, WRITTEN)))
    other = WRITTEN.model_copy(update={"summary": "Something else."})
    aside = put(file, render(report(events, other)), other)
    assert aside == tmp_path / "report.md.1" and "The flag was *on*" in aside.read_text()
    assert put(file, render(report(events, other)), other) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.md", "report.md.1"]


async def test_a_template_without_a_place_for_words_refuses(events: tuple[Event, ...], tmp_path: Path) -> None:
    own = tmp_path / "own.j2"
    own.write_text("# {{ report.header.title }}\n\n{{ yours.summary }}\n")
    with pytest.raises(Refused, match="has no place for authors, trigger"):
        await formed(report(events, WRITTEN), "markdown", str(own))


ASKED = BY_NAME["trigger"].placeholder


@pytest.mark.parametrize(
    ("part", "written", "kept"),
    [
        ("trigger", f"{ASKED}\n\nThe deploy at 10:47.", "The deploy at 10:47."),
        ("trigger", f"{ASKED} The deploy.", "The deploy."),
        ("trigger", ASKED.replace("set it off?", "we saw"), "*Nobody has written this yet: what we saw*"),
        ("trigger", ASKED.replace("*", "_"), ""),
        ("lucky", f"{BY_NAME['lucky'].placeholder}\n- it was noon", ("it was noon",)),
        ("lucky", f"- it was noon\n{BY_NAME['lucky'].placeholder}", ("it was noon",)),
        ("lucky", f"{BY_NAME['lucky'].placeholder}\n  it was noon", ("it was noon",)),
        ("stated_duration", f"{BY_NAME['stated_duration'].placeholder}\n\n1h30m", "1h30m"),
    ],
)  # fmt: skip
def test_words_below_an_unanswered_question_are_kept(
    events: tuple[Event, ...], part: str, written: str, kept: object
) -> None:
    blank = render(report(events, Human()))
    edited = blank.replace(BY_NAME[part].placeholder, written, 1)
    assert edited != blank or not kept
    assert getattr(human.read(edited, "x").human, part) == kept


words = st.text(alphabet="ab|*-_ \\\n#<!>`~1.)[", max_size=30)
line = st.text(alphabet="ab|*_\\#`<", min_size=1, max_size=12)
actions = st.lists(
    st.builds(Action, id=st.just(""), type=st.sampled_from(("prevent", "detect")), text=line, owner=line, why=line),
    max_size=3,
).map(lambda found: tuple(one.model_copy(update={"id": f"A{count}"}) for count, one in enumerate(found, 1)))
humans = st.builds(
    Human, summary=words, trigger=words, surprised=words, lucky=st.lists(words, max_size=3).map(tuple),
    went_well=st.lists(words, max_size=2).map(tuple), actions=actions,
)  # fmt: skip
edit = st.tuples(st.sampled_from(("summary", "trigger", "surprised")), st.text(alphabet="ab *-|\n`", max_size=20))


@given(humans, st.lists(st.tuples(st.sampled_from(sorted(names())), st.none() | edit), max_size=5))
def test_no_word_is_lost_through_any_templates_and_edits(
    said: Human, steps: list[tuple[str, tuple[str, str] | None]]
) -> None:
    said = tidy(said)
    for template, change in steps:
        rendered = human.sealed(render_by_name(build((), fold(()), SECOND, (), said), template), "INC-1")[0]
        if change is not None:
            name, more = change
            rendered = rendered.replace(end(name), f"{more}\n\n{end(name)}", 1)
            before = getattr(said, name)
            said = tidy(said.model_copy(update={name: f"{before}\n\n{more}" if before else more}))
        found = human.read(rendered, "x").human
        assert human.lost(said, found) == []
        said = found


async def test_an_imported_action_of_two_lines_is_told_in_every_form(events: tuple[Event, ...], tmp_path: Path) -> None:
    said = Human(actions=(Action(id="A1", type="process", text="check it\nbefore it goes out", owner=" n/a"),))
    made = report(events, tidy(said))
    assert made.human.actions[0].text == "check it before it goes out" and made.human.actions[0].owner == ""
    await formed(made, "markdown")


@pytest.mark.parametrize("name", ["report", "report.markdown", "report.txt"])
def test_a_report_is_known_by_what_it_says_whatever_it_is_called(
    events: tuple[Event, ...], tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_text(render(report(events, WRITTEN)))
    assert written_by_people(file, None, "INC-1") == WRITTEN
    other = WRITTEN.model_copy(update={"summary": "Something else."})
    assert put(file, render(report(events, other)), other) == tmp_path / f"{name}.1"


def test_a_name_can_neither_end_the_last_line_nor_be_mistaken() -> None:
    for name in ("my outage", "x--><script>", "été; parts: , checks"):
        text, _ = human.sealed("# A report\n", name)
        assert text.count("-->") == 1 and text.rstrip().endswith("-->")
        assert human.read(text, "x").incident == name


def test_a_directory_is_no_place_for_a_report() -> None:
    assert written_by_people(Path("."), None, "INC-1") == Human()
