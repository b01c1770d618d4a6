"""Slack's markup: every text is escaped exactly once, and only typed ids become mentions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cockpit.broadcast.cutting import ELLIPSIS, graphemes, utf16
from cockpit.clock import SECOND, hhmm, iso

_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_TOKEN = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);")
# One that was cut short would lead elsewhere: it stays text.
_URL = re.compile(r"https?://(?>[^\s<>|\"…]*[^\s<>|\"….,;:!?)\]}'*_~`])(?![^\s<>|\"…]*…)")
_FORMATS = re.compile(r"[*_~`\n]")

NOBODY: Mapping[str, str] = {}


def escape(text: str) -> str:
    """The text as Slack shows it letter for letter: nothing in it is a mention, a link or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mention(name: str, people: Mapping[str, str]) -> str:
    """A mention, of which that person is told; only a name, where `people` have no id for it."""
    user = people.get(name, "")
    return f"<@{user}>" if _USER.fullmatch(user) else escape(name)


def clock(at: int, *, day: bool = False) -> str:
    """A moment in the reader's own time zone, with its `day` or without; where that cannot be shown, in UTC."""
    form, words = (
        ("{date_short_pretty} {time}", f"{iso(at)[:10]} {hhmm(at)} UTC") if day else ("{time}", f"{hhmm(at)} UTC")
    )
    return f"<!date^{at // SECOND}^{form}|{words}>"


def link(url: str) -> str:
    """A web address that can be followed; anything else stays text."""
    return f"<{escape(url)}>" if _URL.fullmatch(url) else escape(url)


def labelled(label: str, url: str) -> str:
    """A web address under a name."""
    words = label.strip().replace("|", "/")
    return f"<{escape(url)}|{escape(words)}>" if words and _URL.fullmatch(url) else escape(f"{label}: {url}")


def strong(text: str) -> str:
    """Escaped text in bold; where it holds marks of its own, those of bold would go astray, and it stays plain."""
    plain = text.strip()
    return f"*{escape(plain)}*" if plain and not _FORMATS.search(plain) else escape(text)


def linked(
    text: str, moments: Iterable[int] = (), names: Sequence[str] = (), people: Mapping[str, str] = NOBODY
) -> str:
    """Text with its addresses and the given moments made live, and each of the names mentioned where it comes first.

    `people` are ids by name. Everything else is escaped.
    """
    times, due = _times(moments), {name for name in names if name in people}
    patterns = [_URL.pattern, *(rf"\b{re.escape(words)}\b" for words in times)]
    patterns += [rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(due, key=len, reverse=True)]
    live, end = [], 0
    for match in re.finditer("|".join(patterns), text):
        found = match.group()
        live.append(escape(text[end : match.start()]))
        if found in times:
            live.append(clock(times[found]))
        elif found in due:
            due.discard(found)
            live.append(mention(found, people))
        else:
            live.append(link(found))
        end = match.end()
    return "".join((*live, escape(text[end:])))


def cut(markup: str, limit: int) -> str:
    """The markup within `limit`, counted as JavaScript does: no entity, no `<..>` and no character is cut in two."""
    if utf16(markup) <= limit:
        return markup
    room = limit - utf16(ELLIPSIS)
    kept: list[str] = []
    for piece in _pieces(markup):
        room -= utf16(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + ELLIPSIS if limit > 0 else ""


def _pieces(markup: str) -> Iterator[str]:
    """What must stay whole, in order."""
    end = 0
    for match in _TOKEN.finditer(markup):
        yield from graphemes(markup[end : match.start()])
        yield match.group()
        end = match.end()
    yield from graphemes(markup[end:])


def _times(moments: Iterable[int]) -> dict[str, int]:
    """The moments by the words for them; words that stand for two moments say too little."""
    found: dict[str, set[int]] = {}
    for at in moments:
        found.setdefault(f"{hhmm(at)} UTC", set()).add(at // (60 * SECOND))
    return {words: min(minutes) * 60 * SECOND for words, minutes in found.items() if len(minutes) == 1}
