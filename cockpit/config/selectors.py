"""Which series of a metrics page are meant: `requests_total{code=~"5..",method!="GET"}`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*")
_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\\n]|\\.)*)"\s*')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Matcher:
    """One demand on a label; a label that is not there is empty, as Prometheus has it."""

    label: str
    operator: str
    value: str

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels meet it; a regular expression must fit the whole value."""
        found = labels.get(self.label, "")
        if self.operator in {"=", "!="}:
            return (found == self.value) == (self.operator == "=")
        return (re.fullmatch(self.value, found) is not None) == (self.operator == "=~")


@dataclass(frozen=True)
class Selector:
    """A metric's name as the page shows it, and demands on its labels, all of which must be met."""

    name: str
    matchers: tuple[Matcher, ...] = ()

    def fits(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a series is meant."""
        return name == self.name and all(matcher.fits(labels) for matcher in self.matchers)


def parse_selector(text: str) -> Selector:
    """The selector a text stands for; ValueError says what is wrong with it, and where."""
    match = _NAME.match(text)
    if match is None:
        raise ValueError('a selector begins with the name of a metric, as in requests_total{code=~"5.."}')
    name, place = match[1], match.end()
    if place == len(text):
        return Selector(name)
    if text[place] != "{":
        raise ValueError(f"only {{labels}} may follow {name}, not {text[place:]!r}: this is a selector, not a query")
    matchers, place = _matchers(text, place + 1)
    if text[place:].strip():
        raise ValueError(f"nothing may follow the labels, not {text[place:].strip()!r}: this is a selector, no query")
    return Selector(name, matchers)


def _matchers(text: str, place: int) -> tuple[tuple[Matcher, ...], int]:
    found: list[Matcher] = []
    while (match := _MATCHER.match(text, place)) is not None:
        found.append(_matcher(match))
        place = match.end()
        if text[place : place + 1] != ",":
            break
        place += 1
    rest = text[place:].lstrip()
    if not rest.startswith("}"):
        raise ValueError(f'expected label="value" and a closing brace at {rest[:20]!r}')
    return tuple(found), len(text) - len(rest) + 1


def _matcher(match: re.Match[str]) -> Matcher:
    label, operator, quoted = match.groups()
    for escape in _ESCAPE.finditer(quoted):
        if escape[1] not in _ESCAPED:
            raise ValueError(f"{label}: write \\\\{escape[1]} for \\{escape[1]}, as in a query")
    value = _ESCAPE.sub(lambda escape: _ESCAPED[escape[1]], quoted)
    if operator in {"=~", "!~"}:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{label}: {value!r} is not a regular expression: {error}") from None
    return Matcher(label, operator, value)
