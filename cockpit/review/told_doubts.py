"""The doubts about its record that stand in a report as Markdown, read back from its table. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from cockpit.review.blocks import NOTHING
from cockpit.review.lint import RECORDED
from cockpit.review.marking import unescaped
from cockpit.review.model import Doubt, DoubtRule
from cockpit.review.tables import DOUBTS

_RULES: Mapping[str, DoubtRule] = {rule.replace("_", " "): rule for rule in RECORDED}
_BORDER = re.compile(r"(?<!\\)\|")


def told_doubts(lines: Sequence[str]) -> Iterator[Doubt]:
    """Each with the line of the report on which it stands; what people may have mended since is left out."""
    head = next((at for at, line in enumerate(lines) if _cells(line) == DOUBTS), len(lines))
    for at, line in enumerate(takewhile(lambda line: line.startswith("|"), lines[head + 2 :]), head + 3):
        cells = _cells(line)
        if len(cells) == len(DOUBTS) and (rule := _RULES.get(cells[1])) is not None:
            yield Doubt(rule=rule, text=cells[2], line=at, mend="" if cells[3] == NOTHING else cells[3])


def _cells(line: str) -> tuple[str, ...]:
    return tuple(unescaped(cell.strip()) for cell in _BORDER.split(line)[1:-1])
