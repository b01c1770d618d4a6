"""As much of PromQL as is needed to take `errors / total > limit` apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RANGE = re.compile(r"\[\s*(\d[\dsmhdwy]*)\s*\]")
_NUMBER = re.compile(r"^[0-9.]+(?:e-?[0-9]+)?$", re.IGNORECASE)
_PAIRS = {"(": ")", "{": "}", "[": "]"}


@dataclass(frozen=True)
class Share:
    """A share of errors in a total above a limit; both hold `$window` when every range in them is the same."""

    errors: str
    total: str
    limit: float
    window: str


class NotAShare(ValueError):
    """The text says why the expression is no share that could be asked for in two parts."""


def share(expression: str) -> Share:
    """The parts of `errors / total > limit`; raises NotAShare."""
    text = " ".join(expression.split())
    left, operator, right = _comparison(_bare(text))
    limit = _number(_bare(right))
    if operator not in {">", ">="} or limit is None:
        raise NotAShare("it does not compare with a number from above")
    factor, ratio = _factor(_bare(left))
    parts = list(_split(ratio, "/"))
    if len(parts) != 2:
        raise NotAShare("it is not one thing divided by another")
    errors, total = (_bare(part) for part in parts)
    for part in (errors, total):
        if not re.match(r"^(sum|count|avg|max|min)\s*\(", part):
            raise NotAShare("its parts are not aggregated to one value each, as by sum(...)")
        if re.search(r"\b(by|without|on|ignoring)\s*\(", part):
            raise NotAShare("it is asked by label: write a probe for each value, or aggregate")
    windows = set(_RANGE.findall(errors + total))
    window = windows.pop() if len(windows) == 1 else ""
    if window:
        errors, total = (_RANGE.sub("[$window]", part) for part in (errors, total))
    return Share(errors, total, limit / factor, window)


def _comparison(text: str) -> tuple[str, str, str]:
    for operator in (">=", "<=", "==", "!=", ">", "<"):
        parts = list(_split(text, operator))
        if len(parts) == 2:
            return parts[0], operator, parts[1]
    raise NotAShare("it compares nothing")


def _factor(text: str) -> tuple[float, str]:
    """What a ratio is multiplied by, such as 100 for per cent, and the ratio."""
    parts = list(_split(text, "*"))
    if len(parts) == 1:
        return 1.0, text
    if len(parts) == 2:
        for number, other in (parts, parts[::-1]):
            if (factor := _number(_bare(number))) is not None:
                return factor, _bare(other)
        # 100 * a / b: the division binds as tightly, so that the number stands before its first part.
    raise NotAShare("it is a product of more than a ratio and a number")


def _split(text: str, operator: str) -> Iterator[str]:
    """The parts between the operators that stand in no bracket and no quotes."""
    depth, start, quote, i = 0, 0, "", 0
    while i < len(text):
        letter = text[i]
        if quote:
            i += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "\"'`":
            quote = letter
        elif letter in _PAIRS:
            depth += 1
        elif letter in _PAIRS.values():
            depth -= 1
        elif depth == 0 and text.startswith(operator, i):
            yield text[start:i].strip()
            start = i + len(operator)
            i = start - 1
        i += 1
    yield text[start:].strip()


def _bare(text: str) -> str:
    """Without brackets around the whole of it."""
    text = text.strip()
    while text.startswith("(") and _closes_at_the_end(text):
        text = text[1:-1].strip()
    return text


def _closes_at_the_end(text: str) -> bool:
    return text.endswith(")") and len(list(_split(f"{text[1:-1]}", ")"))) == 1 and _balanced(text[1:-1])


def _balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.match(text) else None
