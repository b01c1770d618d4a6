from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import fold
from cockpit.incident.vocabulary import IncidentDeclared, NoteAdded
from cockpit.review import marking
from cockpit.review.build import build
from cockpit.review.charts.canvas import words, words_of_each
from cockpit.review.markdown import escape, render
from cockpit.review.model import Report
from cockpit.text import SafeText

Story = list[tuple[float, str, Body]]
HOSTILE = (
    "| a | b |\n\n# big <script>alert(1)</script> [x](http://evil.example) `code` \\| ![i](www.evil.example) **b**"
)


def report(events: tuple[Event, ...], t0: int) -> Report:
    return build(events, fold(events), t0 + 40 * 60 * SECOND)


def tables(text: str) -> dict[str, list[list[str]]]:
    """The rows of each section's tables, cut at unescaped bars, without the heading rows."""
    found: dict[str, list[list[str]]] = {}
    section, heading = "", ""
    for line in text.splitlines():
        if line.startswith("#"):
            section, heading = line.lstrip("# "), ""
        elif line.startswith("| ") and not heading:
            heading = line
        elif line.startswith("| ") and set(cells(line)) != {"---"}:
            found.setdefault(section, []).append(cells(line))
        elif not line.startswith("|"):
            heading = ""
    return found


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_every_table_has_as_many_rows_as_the_document(events: tuple[Event, ...], t0: int) -> None:
    made = report(events, t0)
    found = tables(render(made))
    assert len(found["Timeline"]) == len(made.timeline)
    assert len(found["What was tried"]) == len(made.tried)
    assert len(found["Intervals"]) == len(made.intervals)
    assert len(found["Communications"]) == len(made.communications.updates) + len(made.communications.missed)
    assert len(found["People"]) == len(made.roster) + len(made.handoffs)
    assert len(found["Changes in the window"]) == len(made.changes)


def test_no_cell_is_empty(events: tuple[Event, ...], t0: int) -> None:
    rows = [row for section in tables(render(report(events, t0))).values() for row in section]
    assert rows and all(cell for row in rows for cell in row)
    assert any("n/a" in row for row in rows)


def test_no_effect_stands_out(events: tuple[Event, ...], t0: int) -> None:
    assert "**no effect**" in render(report(events, t0))


@pytest.mark.parametrize("text", [HOSTILE, "\\", "a\\|b", "- item", "1. item", "---", "\x1b]8;;http://x\x07y"])
def test_hostile_text_breaks_no_table_and_becomes_no_markup(
    text: str, told: Story, record: Callable[[Story], tuple[Event, ...]], t0: int
) -> None:
    declared = IncidentDeclared(title=text, severity="SEV1", impact=text)
    told = [*told, (38, text, NoteAdded(text=text)), (39, text, declared)]
    made = report(record(told), t0)
    rendered = render(made)
    found = tables(rendered)
    assert len(found["Timeline"]) == len(made.timeline)
    assert {len(row) for row in found["Timeline"]} == {7}
    assert "<script>" not in rendered and "](http" not in rendered and "\x1b" not in rendered
    assert "\nhttp" not in rendered and "https://" not in rendered


@given(st.text(max_size=60))
def test_escaped_text_is_one_line_with_no_bar_of_its_own(raw: str) -> None:
    made = escape(raw)
    assert "\n" not in made
    assert cells(f"| {made} | x |")[-1] == "x"
    assert len(cells(f"| {made} | x |")) == 2


def test_an_empty_report_renders_whole() -> None:
    rendered = render(build((), fold(()), SECOND))
    assert "No command was run." in rendered and rendered.startswith("# Nothing declared")


def _put(found: re.Match[str]) -> str:
    return f"&#{ord(found[0][0])};{found[0][1:]}"


outside = st.text() | st.text(alphabet="hHtTpPſsSfFwW:/.@ -+=1)a|*\n", max_size=30)


@given(st.lists(outside, max_size=4))
def test_many_texts_at_once_become_the_same_words_as_each_by_the_rules(raws: list[str]) -> None:
    made = []
    for raw in raws:
        long = re.sub(r"([\\`*_{}\[\]<>#|~!&$])", r"\\\1", " ".join(SafeText(raw).split()))
        long = re.sub(r"(?i)\bhttps?(?=://)|\bftp(?=://)|\bwww(?=\.)|@(?=\w)", _put, long)
        made.append(re.sub(r"^(?:[-+=]|\d+(?=[.)](?:\s|$)))", _put, long))
    assert marking.escaped(raws) == made == [escape(raw) for raw in raws]
    assert [marking.unescaped(each) for each in made] == [" ".join(SafeText(raw).split()) for raw in raws]


@given(st.lists(outside, max_size=4))
def test_many_texts_at_once_become_the_same_html_as_each(raws: list[str]) -> None:
    assert words_of_each(raws) == [words(raw) for raw in raws]
