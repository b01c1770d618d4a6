"""What can be told of a query without evaluating it. Pure."""

from __future__ import annotations

import re

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms"))
_PER_SECOND = re.compile(r"(?<![\w:])i?rate\s*\(|:i?rate[0-9]")
_PLAIN = re.compile(
    r"""
    \s* (?: sum \s* (?: (?:by|without) \s* \([^()]*\) \s* )? \( \s* )?        # sum( ...
    (?: (?P<function>rate|increase|irate) \s* \( \s* )?                    # ... rate( ...
    (?P<selector> [a-zA-Z_:][a-zA-Z0-9_:]* \s* (?: \{ (?: [^{}"'`] | "(?:[^"\\]|\\.)*" )* \} )? )
    (?(function) \s* \[ [^\]:]+ \] \s* \) )                                # ... [5m])
    \s* \)? \s*
    """,
    re.VERBOSE,
)


def duration(seconds: float) -> str:
    """A window as a query has it: `5m`, `90s`, `250ms`."""
    milliseconds = max(1, round(seconds * 1000))
    size, unit = next((size, unit) for size, unit in _UNITS if milliseconds % size == 0)
    return f"{milliseconds // size}{unit}"


def over(query: str, window: float) -> str:
    """The query with `$window` in its place."""
    return query.replace("$window", duration(window))


def per_second(query: str) -> bool:
    """Whether it tells requests a second and not how many there were: by `rate()`, or a recorded rule's name."""
    return _PER_SECOND.search(query) is not None


def newest(query: str) -> str:
    """A query for when the newest sample behind this one was scraped; empty where that cannot be told for sure.

    An instant query answers with the time of its evaluation, however old the samples are. Only of a selector, alone or
    within `rate`, `increase` and `sum`, it is certain which series the query reads.
    """
    match = _PLAIN.fullmatch(query)
    if match is None or query.count("(") != query.count(")"):
        return ""
    return f"max(timestamp({match['selector'].strip()}))"
