"""What people wrote into the Markdown of a report, read back from it; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import quote, unquote

from cockpit.config.problems import ConfigError, Problem
from cockpit.config.yaml import CONTROL
from cockpit.review.model import Action, Human
from cockpit.review.parts import BY_NAME, COLUMNS, NOBODY_YET, PARTS, STATES, TYPES, begin, cells, end

_MARK = re.compile(r"\s*<!--\s*(?P<end>end of )?yours:\s*(?P<name>[\w-]*)\s*-->\s*")
SEALED = "<!-- cockpit report of "
"""What the last line of a report begins with."""
_SEAL = re.compile(rf"{SEALED}(?P<id>\S+); parts: (?P<parts>[\w,]*); checks: (?P<checks>[0-9a-f,]*) -->")
_BULLET = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:\s+|$)")
_BLANKS = re.compile(r"\s+")
_HOLES = re.compile(r"\n{3,}")
_ASKED = re.compile(rf"\A([*_]){NOBODY_YET}(?:{'|'.join(re.escape(part.question) for part in PARTS)})\1\s*")
"""A question of ours that nobody has answered or taken away."""
MEND = "bring the comments back as they were written, or move the file away and write the report anew"

Blame = Callable[[int, str, str], None]
"""Notes a problem: the line from 1, what is wrong, and how to mend it."""
Lines = Sequence[tuple[int, str]]
"""Lines with their numbers, from 1."""


@dataclass(frozen=True)
class Written:
    """A report that was read back: whose it is, what people wrote, and in which parts they could."""

    incident: str
    human: Human
    parts: frozenset[str]


def seal(text: str, incident: str) -> str:
    """The last line of a report: by it one can tell later whether anything was written where it would be lost."""
    blocks, between = _cut(list(enumerate(text.splitlines(), 1)), _ignore)
    checks = ",".join(_check(lines) for lines in between)
    return f"{SEALED}{sealed_id(incident)}; parts: {','.join(blocks)}; checks: {checks} -->"


def sealed_id(incident: str) -> str:
    """The incident's name in the last line: without blanks, and with nothing that could end the comment."""
    return quote(incident, safe=":@+,") or "-"


def read(text: str, path: str) -> Written:
    """What people wrote into a report; ConfigError with every problem otherwise."""
    problems: list[Problem] = []

    def blame(line: int, message: str, mend: str = "") -> None:
        problems.append(Problem(path, line, 1 if line else 0, "", message, mend))

    lines = list(enumerate(text.splitlines(), 1))
    sealed = next((index for index in reversed(range(len(lines))) if _SEAL.fullmatch(lines[index][1].strip())), None)
    if sealed is None:
        blame(0, "is no report of the cockpit, or its last line is gone", "name another file, or move this one away")
        raise ConfigError(problems)
    found = _SEAL.fullmatch(lines[sealed][1].strip())
    assert found is not None
    # Nearly every text has none; ends of lines are some, and are no fault.
    for number, line in lines if CONTROL.search(text) else ():
        if control := CONTROL.search(line):
            blame(number, f"holds the control character U+{ord(control.group()):04X}", "take it out")
    blocks, between = _cut([line for line in lines if line[0] != sealed + 1], blame)
    expected = [name for name in found["parts"].split(",") if name]
    for name in expected:
        if name not in blocks and not problems:
            blame(0, f"the part {name} is gone, or its comment", MEND)
    if not problems:
        _compare(between, found["checks"].split(","), blame)
    said = {name: _said(name, body, blame) for name, body in blocks.items() if name in BY_NAME}
    if problems:
        raise ConfigError(problems)
    return Written(unquote(found["id"]), Human.model_validate(said), frozenset(expected))


def lost(human: Human, kept: Human) -> list[str]:
    """The parts in which what people wrote is not kept as it was."""
    return [name for name in BY_NAME if getattr(human, name) and getattr(human, name) != getattr(kept, name)]


def _ignore(line: int, message: str, mend: str) -> None:
    """A text of ours has no problems."""


def _cut(lines: Lines, blame: Blame) -> tuple[Mapping[str, Lines], Sequence[Lines]]:
    """What stands between the marks by its name, and what stands around them."""
    blocks: dict[str, Lines] = {}
    between: list[list[tuple[int, str]]] = [[]]
    open_at, name, body = 0, "", list[tuple[int, str]]()
    for number, line in lines:
        mark = _MARK.fullmatch(line) if "yours:" in line else None
        if mark is None:
            (body if open_at else between[-1]).append((number, line))
            continue
        if mark["end"]:
            if not open_at or mark["name"] != name:
                blame(number, f"`{end(mark['name'])}` ends what was not begun", MEND)
            elif name in blocks:
                blame(number, f"the part {name} is there twice", "put both into one")
            else:
                blocks[name] = body
                between.append([])
            open_at, name, body = 0, "", []
            continue
        if open_at:
            blame(number, f"the part {name}, begun in line {open_at}, has no `{end(name)}`", MEND)
        if mark["name"] not in BY_NAME:
            blame(number, f"there is no part {mark['name']}", f"there are {', '.join(BY_NAME)}")
        open_at, name, body = number, mark["name"], []
    if open_at:
        blame(open_at, f"the part {name} has no `{end(name)}`", MEND)
    return blocks, between


def _check(lines: Lines) -> str:
    """What a program that only lays a file out anew leaves as it is."""
    text = "".join("".join([line for _, line in lines]).split())
    while "--" in text:
        text = text.replace("--", "-")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _compare(between: Sequence[Lines], checks: Sequence[str], blame: Blame) -> None:
    for lines, check in zip(between, checks, strict=False):
        if lines and _check(lines) != check:
            blame(
                lines[0][0],
                f"between here and line {lines[-1][0]} something was changed by hand, and would be lost",
                f"what people write is kept only after a `{begin('...')}`: move it there, or move the file away",
            )


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
