"""Samples of a metrics page: Prometheus' text format 0.0.4 and OpenMetrics 1.0. Pure.

Only lines of the metrics that are wanted are taken apart, found by one pass of a regular expression. A general parser
builds every family of the page in Python, which for a page of megabytes holds up all other probes for a second.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from cockpit.clock import SECOND

Labels = tuple[tuple[str, str], ...]
"""Label and value, sorted by label."""

_LABEL = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\.)*)"[ \t]*')
_ESCAPE = re.compile(r'\\([\\n"])')
_ESCAPED = {"\\": "\\", "n": "\n", '"': '"'}
_REST = re.compile(r"[ \t]*(?P<value>[^ \t]+)(?:[ \t]+(?P<at>[0-9+.eE-]+))?[ \t]*(?:[ \t]#.*)?")
"""Value, moment, and an exemplar that is of no use here."""


class Malformed(ValueError):
    """A page, or a line of it, that is not in the format; the text says which."""


class MetricSample(msgspec.Struct, frozen=True):
    """One line. `at` is the moment it gives, in microseconds, 0 when it gives none."""

    name: str
    labels: Labels
    value: float
    at: int = 0


def read_samples(text: str, names: Collection[str], openmetrics: bool) -> Iterator[MetricSample]:
    """The samples of these metrics, in order; raises Malformed.

    OpenMetrics must end with `# EOF`, else the page was cut on its way, and gives moments in seconds; the older format
    gives milliseconds.
    """
    if openmetrics and not text.rstrip("\n").endswith("# EOF"):
        raise Malformed("the page does not end with # EOF: it was cut")
    wanted = "|".join(re.escape(name) for name in names)
    for match in re.finditer(rf"^[ \t]*({wanted})(?=[ \t{{])([^\n]*)$", text, re.MULTILINE):
        yield _sample(match[1], match[2].rstrip("\r"), 1.0 if openmetrics else 0.001)


def _sample(name: str, line: str, unit: float) -> MetricSample:
    place = len(line) - len(line.lstrip(" \t"))
    labels: Labels = ()
    if line.startswith("{", place):
        labels, place = _labels(name, line, place + 1)
    match = _REST.fullmatch(line, place)
    if match is None:
        raise Malformed(f"cannot read the value of {name}: {line[place : place + 60].strip()}")
    try:
        return MetricSample(name, labels, _number(match["value"]), round(_number(match["at"] or "0") * unit * SECOND))
    except (ValueError, OverflowError):
        raise Malformed(f"not a number for {name}: {line[place : place + 60].strip()}") from None


def _number(text: str) -> float:
    # Python reads 1_000 as a number; no metrics page may write it.
    if "_" in text:
        raise ValueError(text)
    return float(text)


def _labels(name: str, line: str, place: int) -> tuple[Labels, int]:
    found: dict[str, str] = {}
    while (match := _LABEL.match(line, place)) is not None:
        label, quoted = match.groups()
        if label in found:
            raise Malformed(f"{name} has the label {label} twice")
        found[label] = _ESCAPE.sub(lambda escape: _ESCAPED[escape[1]], quoted) if "\\" in quoted else quoted
        place = match.end()
        if not line.startswith(",", place):
            break
        place += 1
    end = line.find("}", place)
    if end < 0 or line[place:end].strip(" \t"):
        raise Malformed(f"cannot read the labels of {name}: {line[:60]}")
    return tuple(sorted(found.items())), end + 1
