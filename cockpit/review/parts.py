"""The parts of a report that only people write, as they stand in a Markdown file between their marks. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from cockpit.review.blocks import NOTHING
from cockpit.review.model import Action, ActionState, ActionType, Human

Form = Literal["text", "list", "actions"]
NOBODY_YET = "Nobody has written this yet: "


@dataclass(frozen=True)
class Part:
    """One part: the field of `Human` it is, how it is written, and what to ask while it is empty."""

    name: str
    form: Form
    question: str

    @property
    def placeholder(self) -> str:
        """What stands there while nobody wrote anything; it is not taken for words of theirs."""
        said = f"*{NOBODY_YET}{self.question}*"
        return f"- {said}" if self.form == "list" else said


PARTS = (
    Part("authors", "list", "who writes this report?"),
    Part("summary", "text", "what happened, in three sentences for somebody who was not there."),
    Part("trigger", "text", "what set it off?"),
    Part("contributing_factors", "list", "what made it possible, or worse?"),
    Part("surprised", "text", "what did nobody expect, and why?"),
    Part("lingering", "list", "what still has to be put right?"),
    Part("stated_duration", "text", "how long did it take as people say? One line, such as `1h30m`."),
    Part("went_well", "list", "what helped?"),
    Part("went_badly", "list", "what got in the way?"),
    Part("lucky", "list", "what could have gone worse?"),
    Part("actions", "actions", "what is to be done, by whom?"),
)
BY_NAME = {part.name: part for part in PARTS}
COLUMNS = ("ID", "Type", "Action", "Owner", "State", "By", "Why", "Link")
TYPES: tuple[str, ...] = get_args(ActionType)
STATES: tuple[str, ...] = get_args(ActionState)
GUIDE = (
    f"Type is one of: {', '.join(TYPES)}. State is one of: {', '.join(state.replace('_', ' ') for state in STATES)}; "
    "but for open, By says who decided it, and for rejected, dismissed and never done Why says why."
)
_BAR = re.compile(r"(?<!\\)\|")


def begin(name: str) -> str:
    """The mark before what people write."""
    return f"<!-- yours: {name} -->"


def end(name: str) -> str:
    """The mark after it."""
    return f"<!-- end of yours: {name} -->"


def block(human: Human, name: str) -> str:
    """A part between its marks, ready to be written in."""
    return f"{begin(name)}\n\n{written(human, name)}\n\n{end(name)}"


def written(human: Human, name: str) -> str:
    """A part as its Markdown."""
    part, said = BY_NAME[name], getattr(human, name)
    if part.form == "actions":
        return _table(said)
    if part.form == "list":
        return "\n".join(_item(item) for item in said) or part.placeholder
    return said or part.placeholder


def cells(line: str) -> list[str]:
    """The cells of a row, with `n/a` for nothing."""
    inner = _BAR.split(line.strip().removeprefix("|"))
    if len(inner) > 1 and not inner[-1].strip():
        inner.pop()
    found = [cell.strip().replace(r"\|", "|") for cell in inner]
    return ["" if cell == NOTHING else cell for cell in found]


def _item(item: str) -> str:
    first, *rest = item.split("\n")
    return "\n".join([f"- {first}", *(f"  {line}" if line else "" for line in rest)])


def _table(actions: Sequence[Action]) -> str:
    rows = [
        (one.id, one.type, one.text, one.owner, one.state.replace("_", " "), one.by, one.why, _link(one.link))
        for one in actions
    ]
    lines = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}", *lines])


def _link(link: str) -> str:
    return f"<{link}>" if link.startswith(("http://", "https://")) else link


def _cell(cell: str) -> str:
    return " ".join(cell.split()).replace("|", r"\|") or NOTHING
