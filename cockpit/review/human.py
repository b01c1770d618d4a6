"""What people wrote into the Markdown of a report, read back from it; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import unquote

from cockpit.config.problems import ConfigError, Problem
from cockpit.config.yaml import CONTROL
from cockpit.review.model import Action, Human
from cockpit.review.parts import BY_NAME, COLUMNS, NOBODY_YET, PARTS, STATES, TYPES, cells
from cockpit.review.sealing import MEND, SEAL, Blame, Lines, compare, cut, seal

_BULLET = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:\s+|$)")
_HOLES = re.compile(r"\n{3,}")
_ASKED = re.compile(rf"\A([*_]){NOBODY_YET}(?:{'|'.join(re.escape(part.question) for part in PARTS)})\1\s*")
"""A question of ours that nobody has answered or taken away."""
_ASCII_CONTROLS = bytes(sorted({*range(0x20), 0x7F} - {0x09, 0x0A}))


@dataclass(frozen=True)
class Written:
    """A report that was read back: whose it is, what people wrote, and in which parts they could."""

    incident: str
    human: Human
    parts: frozenset[str]


def sealed(text: str, incident: str) -> tuple[str, Human]:
    """A report with its last line, and what people wrote into it as it will be read back.

    ConfigError with every problem where that cannot be read.
    """
    text = text.rstrip()
    lines, problems = text.splitlines(), _Problems("the new report")
    _controls(text, lines, problems.blame)
    blocks, between = cut(lines, problems.blame)
    human = _human(blocks, problems)
    return f"{text}\n\n{seal(incident, blocks, lines, between)}\n", human


def read(text: str, path: str) -> Written:
    """What people wrote into a report; ConfigError with every problem otherwise."""
    lines, problems = text.splitlines(), _Problems(path)
    found, at = next(
        ((found, at) for at in reversed(range(len(lines))) if (found := SEAL.fullmatch(lines[at].strip()))), (None, 0)
    )
    if found is None:
        problems.blame(
            0, "is no report of the cockpit, or its last line is gone", "name another file, or move this one away"
        )
        raise ConfigError(problems.found)
    _controls(text, lines, problems.blame)
    # The lines below it, which people wrote there, keep their numbers.
    lines[at:] = ["", *lines[at + 1 :]] if lines[at + 1 :] else []
    blocks, between = cut(lines, problems.blame)
    expected = [name for name in found["parts"].split(",") if name]
    for name in expected:
        if name not in blocks and not problems.found:
            problems.blame(0, f"the part {name} is gone, or its comment", MEND)
    if not problems.found:
        compare(lines, between, found["checks"].split(","), problems.blame)
    own = {name: [each for each in body if each[0] != at + 1] for name, body in blocks.items()}
    return Written(unquote(found["id"]), _human(own, problems), frozenset(expected))


def lost(human: Human, kept: Human) -> list[str]:
    """The parts in which what people wrote is not kept as it was."""
    return [name for name in BY_NAME if getattr(human, name) and getattr(human, name) != getattr(kept, name)]


class _Problems:
    """What is wrong with one text."""

    def __init__(self, path: str) -> None:
        self.found: list[Problem] = []
        self._path = path

    def blame(self, line: int, message: str, mend: str = "") -> None:
        self.found.append(Problem(self._path, line, 1 if line else 0, "", message, mend))


def _controls(text: str, lines: Sequence[str], blame: Blame) -> None:
    # Nearly every text has none; ends of lines are some, and are no fault. Those of ASCII are found in all of it at
    # once, and few lines hold anything else.
    raw = text.encode("utf-8", "surrogatepass")
    plain = len(raw.translate(None, _ASCII_CONTROLS)) == len(raw)
    for number, line in enumerate(lines, 1):
        if not (plain and line.isascii()) and (control := CONTROL.search(line)):
            blame(number, f"holds the control character U+{ord(control.group()):04X}", "take it out")


def _human(blocks: Mapping[str, Lines], problems: _Problems) -> Human:
    said = {name: _said(name, body, problems.blame) for name, body in blocks.items() if name in BY_NAME}
    if problems.found:
        raise ConfigError(problems.found)
    return Human.model_validate(said)


def _said(name: str, lines: Lines, blame: Blame) -> object:
    body = _trimmed(lines)
    match BY_NAME[name].form:
        case "actions":
            return tuple(_actions(body, blame))
        case "list":
            items = (_HOLES.sub("\n\n", _own(item)) for item in _items(body, blame))
            return tuple(item for item in items if item)
        case _:
            text = _HOLES.sub("\n\n", _own("\n".join(line.rstrip() for _, line in body)))
            if name == "stated_duration" and "\n" in text:
                blame(body[-1][0], "how long it took is one line", "as in `1h30m`")
            return text


def _trimmed(lines: Lines) -> Lines:
    told = [index for index, (_, line) in enumerate(lines) if line.strip()]
    return lines[told[0] : told[-1] + 1] if told else []


def _own(text: str) -> str:
    """What a person wrote: our question goes where it still stands above it, word for word."""
    return _ASKED.sub("", text, count=1)


def _items(lines: Lines, blame: Blame) -> Iterator[str]:
    item: list[str] = []
    for number, line in lines:
        if bullet := _BULLET.match(line):
            if item:
                yield "\n".join(item).rstrip()
            item = [line[bullet.end() :].rstrip()]
        elif not item or (not item[-1] and line.strip() and not line.startswith(" ")):
            if line.strip():
                blame(number, "this part is a list", "begin the line with `- `")
        else:
            item.append(line.removeprefix("  ").rstrip() if line.startswith("  ") else line.strip())
    if item:
        yield "\n".join(item).rstrip()


def _actions(lines: Lines, blame: Blame) -> Iterator[Action]:
    rows = [(number, line) for number, line in lines if line.strip()]
    if len(rows) < 2 or [cell.lower() for cell in cells(rows[0][1])] != [name.lower() for name in COLUMNS]:
        blame(rows[0][0] if rows else 0, "the table of actions has lost its head", f"it is: | {' | '.join(COLUMNS)} |")
        return
    if not all(re.fullmatch(r":?-+:?", cell) for cell in cells(rows[1][1])):
        blame(rows[1][0], "the line below the head of the table is missing", f"it is: |{' --- |' * len(COLUMNS)}")
        return
    taken = {found[0] for _, line in rows[2:] if (found := cells(line))[0]}
    seen: set[str] = set()
    for number, line in rows[2:]:
        found = cells(line)
        if not line.strip().startswith("|"):
            blame(number, "only the table of actions stands here", "make it a row, or move it to another part")
        elif len(found) != len(COLUMNS):
            how = f"has {len(found)} cells, and the table {len(COLUMNS)}"
            blame(number, how, r"write n/a into an empty cell, and \| for a bar within one")
        elif any(found):
            action = _action(number, found, blame)
            if action is None:
                continue
            if action.id in seen:
                blame(number, f"there are two actions {action.id}", "give one another ID, or n/a for the next free one")
            if not action.id:
                free = next(f"A{count}" for count in range(1, len(rows) + len(taken) + 1) if f"A{count}" not in taken)
                taken.add(free)
                action = action.model_copy(update={"id": free})
            seen.add(action.id)
            yield action


def _action(number: int, found: Sequence[str], blame: Blame) -> Action | None:
    name, kind, text, owner, state, by, why, link = found
    if link.startswith("<") and link.endswith(">"):
        link = link[1:-1]
    kind, state = kind.lower().replace(" ", "_"), state.lower().replace(" ", "_").replace("-", "_")
    good = True

    def wrong(message: str, mend: str) -> None:
        nonlocal good
        good = False
        blame(number, message, mend)

    if kind not in TYPES:
        wrong(f"there is no type `{kind or NOTHING_SAID}`", _one_of(kind, TYPES))
    if state not in STATES:
        wrong(f"there is no state `{state or NOTHING_SAID}`", _one_of(state, STATES))
    if not text:
        wrong("an action says what is to be done", "fill the column Action")
    if not good:
        return None
    return Action.model_validate(
        {"id": name, "type": kind, "text": text, "owner": owner, "state": state, "by": by, "why": why, "link": link}
    )


NOTHING_SAID = "n/a"


def _one_of(word: str, known: Sequence[str]) -> str:
    shown = [name.replace("_", " ") for name in known]
    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0].replace('_', ' ')}?" if near else f"choose one of: {', '.join(shown)}"
