"""Whether an answer is what was expected. Pure: an answer in, what is wrong with it out."""

from __future__ import annotations

from typing import Any

import msgspec

from cockpit.config.model import ErrorRate, Expect, JsonCondition


class Missing(Exception):
    """There is no such value, or none of use; the text says why."""


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer. `cut` means that the body went on beyond what was read."""

    status: int
    latency_ms: float
    body: bytes = b""
    cut: bool = False
    retry_after: str = ""
    location: str = ""


def failed(expect: Expect, rate: ErrorRate | None, answer: Answer) -> tuple[str, ...]:
    """Every condition the answer does not meet, in words, the status first; empty when it is as expected."""
    wrong: list[str] = []
    if answer.status not in expect.status:
        wrong.append(f"status {answer.status}")
    if expect.latency is not None and answer.latency_ms > expect.latency * 1000:
        wrong.append(f"slower than {took(expect.latency * 1000)}")
    if expect.body_contains is not None and expect.body_contains.encode() not in answer.body:
        where = f"the first {len(answer.body) // 1024} KiB of the body" if answer.cut else "the body"
        wrong.append(f'"{expect.body_contains}" is not in {where}')
    if expect.json_values or rate is not None:
        wrong.extend(_wrong_values(expect.json_values, rate, answer))
    return tuple(wrong)


def error_rate(rate: ErrorRate | None, answer: Answer) -> float | None:
    """The ratio of errors the body tells, whatever the status; None when it tells none."""
    if rate is None:
        return None
    try:
        return _ratio(rate.path, _document(answer))
    except Missing:
        return None


def _wrong_values(conditions: tuple[JsonCondition, ...], rate: ErrorRate | None, answer: Answer) -> list[str]:
    try:
        document = _document(answer)
    except Missing as nothing:
        return [str(nothing)]
    wrong = [words for condition in conditions if (words := _wrong(condition, document))]
    if rate is not None:
        try:
            found = _ratio(rate.path, document)
        except Missing as nothing:
            return [*wrong, str(nothing)]
        if found >= rate.crit:
            wrong.append(f"{percent(found)} errors, critical from {percent(rate.crit)}")
    return wrong


def _wrong(condition: JsonCondition, document: Any) -> str:
    try:
        if "equals" in condition.model_fields_set:
            found = value_at(document, condition.path)
            same = _same(found, condition.equals)
            return "" if same else f"{condition.path} is not {_shown(condition.equals)} but {_shown(found)}"
        number = _number(condition.path, document)
    except Missing as nothing:
        return str(nothing)
    if condition.below is not None and not number < condition.below:
        return f"{condition.path} is {number:g}, not below {condition.below:g}"
    if condition.above is not None and not number > condition.above:
        return f"{condition.path} is {number:g}, not above {condition.above:g}"
    return ""


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path, numbers being places in a list; raises Missing."""
    value = document
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise Missing(f"{path} is missing")
    return value


def _document(answer: Answer) -> Any:
    if answer.cut:
        raise Missing(f"the body is longer than {len(answer.body) // 1024} KiB, so its JSON was not read")
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Missing("the body is not JSON") from None


def _number(path: str, document: Any) -> float:
    value = value_at(document, path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Missing(f"{path} is not a number but {_shown(value)}")
    return value


def _ratio(path: str, document: Any) -> float:
    ratio = _number(path, document)
    if not 0 <= ratio <= 1:
        raise Missing(f"{path} is {ratio:g}, not a ratio from 0 to 1")
    return float(ratio)


def _same(found: Any, wanted: Any) -> bool:
    """Equal as JSON has it: true is not 1."""
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)


def _shown(value: Any) -> str:
    """Whole: whoever shortens it must take secrets out first."""
    return msgspec.json.encode(value).decode()


def percent(ratio: float) -> str:
    """A ratio for people: `82 %`, `0.3 %`."""
    return f"{ratio * 100:.0f} %" if ratio >= 0.1 or ratio == 0 else f"{ratio * 100:.2g} %"


def took(milliseconds: float) -> str:
    """A latency for people: `0.4 ms`, `41 ms`, `2.3 s`."""
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 1 else f"{milliseconds:.1f} ms"
