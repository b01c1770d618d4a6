"""What is said on top of a Markdown file: `key: value` lines between two `---`. Pure."""

from __future__ import annotations

import re

from cockpit.review.importing.sheet import Fact, Sheet

FACTS = (
    "title", "id", "severity", "status", "date", "zone", "t0", "placeholders", "authors", "lead", "declared_by",
    "stated_duration", "impact_start", "detected", "declared", "acknowledged", "first_update", "mitigated",
    "verified", "resolved",
)  # fmt: skip
"""What can be said of the whole; the last of them are moments."""
_LINE = re.compile(r"^([A-Za-z][\w -]{0,40}?)\s*:(?:\s+(.*))?$")
_ITEM = re.compile(r"^\s*-\s+(.*)$")
_COMMENT = re.compile(r"\s+#\s.*$")


def taken(lines: list[str], sheet: Sheet) -> None:
    """Move the facts of the front matter to the sheet and blank its lines, so that the others keep their numbers."""
    if not lines or lines[0].rstrip() != "---":
        return
    end = next((index for index, line in enumerate(lines[1:100], 1) if line.rstrip() in {"---", "..."}), 0)
    if not end:
        return
    name = ""
    for number, line in enumerate(lines[1:end], 2):
        bare = line.strip()
        if (item := _ITEM.match(line)) and name:
            before = sheet.facts[name]
            value = f"{before.value}, {_value(item[1])}".strip(", ")
            sheet.facts[name] = Fact(value, before.line)
        elif (match := _LINE.match(bare)) and _key(match[1]) in FACTS and _key(match[1]) not in sheet.facts:
            name = _key(match[1])
            sheet.facts[name] = Fact(_value(match[2] or ""), number)
            if comment := _COMMENT.search(match[2] or ""):
                sheet.add("summary", comment.group().strip(" #"))
        else:
            # What is not known here is kept all the same.
            name = ""
            sheet.add("summary", bare.removeprefix("#").strip())
    lines[: end + 1] = [""] * (end + 1)


def _key(word: str) -> str:
    return word.strip().lower().replace(" ", "_").replace("-", "_")


def _value(raw: str) -> str:
    return _COMMENT.sub("", raw).strip().strip("[]").strip("\"'").strip()
