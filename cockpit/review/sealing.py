"""Where the parts of people's own begin and end in a report, and how one tells that it changed elsewhere; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from cockpit.review.parts import BY_NAME, begin, end

_MARK = re.compile(r"\s*<!--\s*(?P<end>end of )?yours:\s*(?P<name>[\w-]*)\s*-->\s*")
SEALED = "<!-- cockpit report of "
"""What the last line of a report begins with."""
SEAL = re.compile(rf"{SEALED}(?P<id>\S+); parts: (?P<parts>[\w,]*); checks: (?P<checks>[0-9a-f,]*) -->")
_ASCII_BLANKS = b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "
MEND = "bring the comments back as they were written, or move the file away and write the report anew"

Blame = Callable[[int, str, str], None]
"""Notes a problem: the line from 1, what is wrong, and how to mend it."""
Lines = Sequence[tuple[int, str]]
"""Lines with their numbers, from 1."""
Stretches = Sequence[range]
"""What stands around the marks, stretch by stretch: the indexes of its lines, from 0."""


def seal(incident: str, blocks: Mapping[str, Lines], lines: Sequence[str], between: Stretches) -> str:
    """The last line of a report: by it one can tell later whether anything was written where it would be lost."""
    checks = ",".join(_check(lines, stretch) for stretch in between)
    return f"{SEALED}{sealed_id(incident)}; parts: {','.join(blocks)}; checks: {checks} -->"


def sealed_id(incident: str) -> str:
    """The incident's name in the last line: without blanks, and with nothing that could end the comment."""
    return quote(incident, safe=":@+,") or "-"


def cut(lines: Sequence[str], blame: Blame) -> tuple[Mapping[str, Lines], Stretches]:
    """What stands between the marks by its name, and what stands around them."""
    blocks: dict[str, Lines] = {}
    between: list[range] = []
    since, open_at, name = 0, 0, ""
    for index, line in enumerate(lines):
        # Asked first: a long night has a hundred thousand lines, and a dozen marks.
        if "yours:" not in line or (mark := _MARK.fullmatch(line)) is None:
            continue
        number = index + 1
        if mark["end"]:
            if not open_at or mark["name"] != name:
                blame(number, f"`{end(mark['name'])}` ends what was not begun", MEND)
            elif name in blocks:
                blame(number, f"the part {name} is there twice", "put both into one")
            else:
                blocks[name] = list(enumerate(lines[open_at:index], open_at + 1))
                since = number
            open_at, name = 0, ""
            continue
        if open_at:
            blame(number, f"the part {name}, begun in line {open_at}, has no `{end(name)}`", MEND)
        else:
            between.append(range(since, index))
        if mark["name"] not in BY_NAME:
            blame(number, f"there is no part {mark['name']}", f"there are {', '.join(BY_NAME)}")
        open_at, name = number, mark["name"]
    if open_at:
        blame(open_at, f"the part {name} has no `{end(name)}`", MEND)
    return blocks, (*between, range(since, len(lines)))


def compare(lines: Sequence[str], between: Stretches, checks: Sequence[str], blame: Blame) -> None:
    """Whether each stretch is as it was when the report was sealed."""
    for stretch, check in zip(between, checks, strict=False):
        if stretch and _check(lines, stretch) != check:
            blame(
                stretch[0] + 1,
                f"between here and line {stretch[-1] + 1} something was changed by hand, and would be lost",
                f"what people write is kept only after a `{begin('...')}`: move it there, or move the file away",
            )


def _check(lines: Sequence[str], stretch: range) -> str:
    """What a program that only lays a file out anew leaves as it is."""
    own = lines[stretch.start : stretch.stop]
    # Only ASCII blanks can be dropped from all of it at once; few lines have others.
    text = "".join([line if line.isascii() else "".join(line.split()) for line in own])
    raw = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_BLANKS)
    while b"--" in raw:
        raw = raw.replace(b"--", b"-")
    return hashlib.sha256(raw).hexdigest()[:12]
