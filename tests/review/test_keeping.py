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
from cockpit.review.parts import begin, end
from cockpit.review.templating import names

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
