"""Messages in the markdown of each chat: its markup and mentions in what people typed are plain characters. Pure."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Callable, Sequence

import msgspec

from cockpit.broadcast.cutting import cut, utf16
from cockpit.broadcast.message import Card, Part, Post
from cockpit.broadcast.sender import Outgoing

# Nothing in it is markup anywhere, and an escape within would lead somewhere else.
_ADDRESS = re.compile(r"(https?://(?:[A-Za-z0-9._:/?#=%+,;-]|&(?!#?[A-Za-z0-9]+;))+)")
_BACKSLASHED = re.compile(r"([\\`*_~|<>#$&\[\]()])")
_ENTITIES = str.maketrans({char: f"&#{ord(char)};" for char in "&*`@[]<>~$"})


class Dialect(msgspec.Struct, frozen=True):
    """How a chat is written to: `escape` makes any text plain there, `limit` is the longest message by `size`."""

    escape: Callable[[str], str]
    limit: int
    size: Callable[[str], int] = len


def rendered(letter: Outgoing, dialect: Dialect, footer: str = "") -> str:
    """The letter with its headings in bold; too long, its longest parts are cut, and each keeps its place.

    `footer` is ours, and stands below as it is.
    """
    ending = f"\n{footer}" if footer else ""
    return _fitted(_parts(letter), dialect, dialect.limit - dialect.size(ending)) + ending


def _parts(letter: Outgoing) -> tuple[Part, ...]:
    if isinstance(letter.message, Card | Post):
        return letter.message.parts
    return tuple(("", line) for line in letter.text.split("\n") if line.strip())


def _fitted(parts: Sequence[Part], dialect: Dialect, limit: int) -> str:
    # Asked for each character of each part, under one cap after another.
    size = functools.cache(lambda raw: dialect.size(dialect.escape(raw)))

    def within(cap: int) -> str:
        cuts = ((heading, dialect.escape(cut(" ".join(text.split()), cap, size))) for heading, text in parts)
        return "\n".join(_line(place, heading, text) for place, (heading, text) in enumerate(cuts) if text)

    if dialect.size(whole := within(limit)) <= limit:
        return whole
    # The largest cap under which all of it fits.
    return within(bisect.bisect_right(range(limit), limit, key=lambda cap: dialect.size(within(cap))) - 1)


def _line(place: int, heading: str, text: str) -> str:
    if not heading:
        return f"**{text}**" if place == 0 else text
    return f"- {text}" if heading == "-" else f"**{heading}** {text}"


def _around_addresses(text: str, escape: Callable[[str], str]) -> str:
    return "".join(part if number % 2 else escape(part) for number, part in enumerate(_ADDRESS.split(text)))


def _backslashed(text: str) -> str:
    return _BACKSLASHED.sub(r"\\\1", text)


def _mattermost(text: str) -> str:
    # A backslash keeps markup and entities away, not the mention: the server looks for those in the text that is left.
    return _around_addresses(text, lambda part: _backslashed(part).replace("@", "\N{FULLWIDTH COMMERCIAL AT}"))


def _zulip(text: str) -> str:
    # Zulip knows no backslash, but entities.
    return _around_addresses(text, lambda part: part.translate(_ENTITIES))


def _discord(text: str) -> str:
    return _around_addresses(text, lambda part: _backslashed(part).replace("@", "\\@"))


MATTERMOST = Dialect(_mattermost, 16_000)
ZULIP = Dialect(_zulip, 10_000)
DISCORD = Dialect(_discord, 2_000, utf16)
