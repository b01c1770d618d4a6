"""A scene as lines of an exact width: what is true at the left, the story at the right. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from textual.content import Content

from cockpit.clock import hhmm
from cockpit.facilitator import words
from cockpit.facilitator.scene import Scene
from cockpit.protocol.views import Tone
from cockpit.tui.paint import badge, column, line, say, spread

HARM: dict[str, Tone] = {"QUIET": "muted", "HARM": "bad", "MITIGATED": "warn", "OVER": "good"}
LONGEST_KEY = 28
"""Cells of a variable's name at most."""
T = TypeVar("T")
AT = 7
"""Cells of a moment after T0."""


def top(scene: Scene, width: int) -> list[Content]:
    """What is so: the drill and its clock, and below it the truth of the harm and the deadline."""
    clock = line(
        say(f"{hhmm(scene.now)} UTC   ", "muted"), say(f"{words.at(scene.minute):<{AT}}", bold=True), " ",
        badge(words.pace(scene.speed), "plain" if scene.speed else "act").pad_right(6 - len(words.pace(scene.speed))),
    )  # fmt: skip
    word = words.harm(scene)
    truth = line(badge(word, HARM[word]), " ", say(words.HARM[word], "muted"))
    due = words.deadline(scene)
    missed = scene.hidden.deadline == "missed"
    return [
        spread(line(badge("FACILITATOR", "act"), "  ", say(scene.script.title, bold=True)), clock, width),
        spread(truth, say(due, "bad" if missed else "plain").truncate(max(10, width // 2), ellipsis=True), width),
        Content.styled("─" * width, "$rule"),
    ]


def hidden(scene: Scene, width: int, height: int) -> list[Content]:
    """What the responders cannot see, and how far they are."""
    marks = _headed("THE RESPONDERS PASSED", width, [_mark(scene, name, axis) for axis, name in _AXES])
    state = _headed("HIDDEN STATE", width, _state(scene, width))
    room = height - len(marks) - 1
    return [*_cut(state, room, width), Content(""), *marks]


def story(scene: Scene, width: int, height: int) -> list[Content]:
    """What is to come, what was said, and what the responders' commands did."""
    ahead = [_coming(scene, index, width) for index in range(len(scene.coming))]
    done = [
        _moment(doing.began, f"… {' '.join(doing.command)}, until {words.at(doing.until)}", width, "act")
        for doing in scene.hidden.underway
    ]
    done += [_deed(deed.at / 60, " ".join(deed.command), deed.exit_code, width) for deed in _latest(scene.hidden.deeds)]
    harmed = [_moment(each.minute, f"! {each.text}", width, "warn") for each in _latest(scene.hidden.side_effects)]
    said = [
        _moment(each.minute, f"{each.source}  {f'{each.who}: ' if each.who else ''}{each.text}", width, "muted")
        for each in _latest(scene.hidden.words)
    ]
    parts = [
        ("TO COME", ahead or [say("nothing more by itself", "muted")]),
        ("DONE BY COMMANDS", done or [say("nothing yet", "muted")]),
        ("SIDE EFFECTS", harmed or [say("none", "muted")]),
        ("SAID FROM OUTSIDE", said or [say("nothing yet", "muted")]),
    ]
    rooms = _shares([len(rows) for _, rows in parts], height - 2 * len(parts) + 1)
    drawn: list[Content] = []
    for (head, rows), room in zip(parts, rooms, strict=True):
        drawn += [*([Content("")] if drawn else []), *_headed(head, width, _cut(rows, room, width))]
    return drawn


_AXES = tuple(words.AXES.items())


def _mark(scene: Scene, name: str, axis: str) -> Content:
    minute = next((at for key, at in scene.passed.items() if key == axis), None)
    if minute is None:
        return line(say("· ", "muted"), column(name, 16, "muted"), say("not yet", "muted"))
    return line(say("✓ ", "good"), column(name, 16), say(words.at(minute)))


def _state(scene: Scene, width: int) -> list[Content]:
    """Variables that are not as they began come first, with a sign."""
    start, now = scene.script.start, scene.hidden.variables
    room = min(LONGEST_KEY, max((len(key) for key in (*now, *scene.hidden.gauges)), default=8), width // 2)
    gauges = [
        line("~ ", column(key, room), "  ", say(f"{value:,.1f}", bold=True))
        for key, value in sorted(scene.hidden.gauges.items())
    ]
    turned = [
        line(
            say("> ", "act"), column(key, room), "  ", say(value, "act", bold=True),
            say(f"  was {start[key]}" if key in start else "", "muted"),
        )
        for key, value in sorted(now.items())
        if start.get(key) != value
    ]  # fmt: skip
    same = [
        line("  ", column(key, room, "muted"), "  ", say(value, "muted"))
        for key, value in sorted(now.items())
        if start.get(key) == value
    ]
    return [each.truncate(width, ellipsis=True) for each in (*turned, *gauges, *same)]


def _coming(scene: Scene, index: int, width: int) -> Content:
    word = scene.coming[index]
    next_word = scene.words[:1] == (word,)
    sign = say("> ", "act") if next_word else Content("  ")
    when = column(words.at(word.minute), AT, "plain" if word.inject is not None else "muted")
    wait = say(f" {words.left(scene, word.minute)}", "muted")
    text = say(words.coming(word), "plain" if word.inject is not None else "muted")
    return spread(line(sign, when, text), wait, width)


def _deed(minute: float, command: str, code: int, width: int) -> Content:
    end = say(f" exit {code}", "good" if code == 0 else "warn")
    return spread(line("  ", column(words.at(minute), AT, "muted"), say(command)), end, width)


def _moment(minute: float, text: str, width: int, tone: Tone) -> Content:
    return line("  ", column(words.at(minute), AT, "muted"), say(text, tone)).truncate(width, ellipsis=True)


def _headed(head: str, width: int, rows: Iterable[Content]) -> list[Content]:
    return [say(head, "muted", bold=True).truncate(width), *rows]


def _cut(rows: list[Content], room: int, width: int) -> list[Content]:
    """As many as fit; the last line says how many more there are."""
    if len(rows) <= room:
        return rows
    kept = rows[: max(0, room - 1)]
    return [*kept, say(f"  … {len(rows) - len(kept)} more", "muted").truncate(width)]


def _shares(wanted: list[int], room: int) -> list[int]:
    """How many lines each part gets: what it wants, as far as there is room, line by line in turn."""
    given = [min(1, each) for each in wanted]
    while sum(given) < room and given != wanted:
        for index, each in enumerate(wanted):
            if given[index] < each and sum(given) < room:
                given[index] += 1
    return given


def _latest(things: Sequence[T]) -> list[T]:
    return list(reversed(things))
