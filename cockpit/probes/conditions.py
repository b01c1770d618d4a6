"""Whether an answer is what was expected. Pure: an answer in, what is wrong with it out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cockpit.config.conditions import (
    BodyContains,
    BodyLacks,
    BodyMatches,
    CertificateDays,
    Condition,
    HeaderCondition,
    JsonCondition,
    ResponseTime,
)
from cockpit.config.rates import ErrorRate

SEARCHED = 16 * 1024
"""Characters a regular expression is tried on: some take time that grows much faster than the text."""


class Missing(Exception):
    """There is no such value, or none of use; the text says why."""


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer. `cut` means that the body went on beyond what was read; header names are in lower case."""

    status: int
    latency_ms: float
    body: bytes = b""
    cut: bool = False
    headers: Mapping[str, str] = {}
    certificate_days: float | None = None

    @property
    def retry_after(self) -> str:
        """The header of that name, as it came."""
        return self.headers.get("retry-after", "")

    @property
    def location(self) -> str:
        """The header of that name, as it came."""
        return self.headers.get("location", "")


def failed(conditions: Sequence[Condition], rate: ErrorRate | None, answer: Answer) -> tuple[str, ...]:
    """Every demand the answer does not meet, in words; empty when it meets all."""
    wrong = [words for condition in conditions if (words := _unmet(condition, answer))]
    if rate is not None and (words := _wrong_rate(rate, answer)):
        wrong.append(words)
    # Each condition on a body that cannot be read would say the same.
    return tuple(dict.fromkeys(wrong))


def status_expected(codes: Sequence[int | str], status: int) -> bool:
    """Whether a status is among codes such as 204 and `2xx`."""
    return status in codes or f"{status // 100}xx" in codes


def _unmet(condition: Condition, answer: Answer) -> str:
    match condition:
        case JsonCondition():
            try:
                return wrong_value(condition, _document(answer))
            except Missing as nothing:
                return str(nothing)
        case HeaderCondition():
            return _wrong_header(condition, answer)
        case BodyContains(body_contains=text):
            return "" if text.encode() in answer.body else f'"{text}" is not in {_where(answer)}'
        case BodyLacks(body_lacks=text):
            if packed := _packed(answer):
                return packed
            return f'"{text}" is in the body' if text.encode() in answer.body else ""
        case BodyMatches(body_matches=pattern):
            text = answer.body[: 4 * SEARCHED].decode(errors="replace")
            where = f"the first {SEARCHED // 1024} KiB of the body" if len(text) > SEARCHED else _where(answer)
            return "" if _found(pattern, text) else f"{pattern} is not found in {where}"
        case ResponseTime(response_time_below=limit):
            return "" if answer.latency_ms < limit * 1000 else f"slower than {took(limit * 1000)}"
        case CertificateDays(certificate_days_above=days):
            if answer.certificate_days is None:
                return "there is no certificate"
            left = answer.certificate_days
            return "" if left > days else f"the certificate is good for {left:.1f} days, not more than {days:g}"


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text[:SEARCHED]) is not None


def _packed(answer: Answer) -> str:
    """Why the text of the body cannot be read: it was asked for as it is, and came packed all the same."""
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    return "" if encoding in {"", "identity"} else f"the body is packed ({encoding[:20]}), which was not asked for"


def _where(answer: Answer) -> str:
    if _packed(answer):
        return "the body, which is packed"
    return f"the first {len(answer.body) // 1024} KiB of the body" if answer.cut else "the body"


def _wrong_header(condition: HeaderCondition, answer: Answer) -> str:
    name = condition.header
    found = answer.headers.get(name.lower())
    if found is None:
        return f"there is no header {name}"
    if condition.equals is not None and found != condition.equals:
        return f"header {name} is not {condition.equals} but {found}"
    if condition.contains is not None and condition.contains not in found:
        return f"header {name} does not contain {condition.contains} but is {found}"
    if condition.matches is not None and not _found(condition.matches, found):
        return f"header {name} does not match {condition.matches} but is {found}"
    return ""


def error_rate(rate: ErrorRate | None, answer: Answer) -> float | None:
    """The ratio of errors the body tells, whatever the status; None when it tells none."""
    if rate is None:
        return None
    try:
        return _ratio(rate.path, _document(answer))
    except Missing:
        return None


def _wrong_rate(rate: ErrorRate, answer: Answer) -> str:
    try:
        found = _ratio(rate.path, _document(answer))
    except Missing as nothing:
        return str(nothing)
    return f"{percent(found)} errors, critical from {percent(rate.crit)}" if found >= rate.crit else ""


def wrong_value(condition: JsonCondition, document: Any) -> str:
    """What is wrong with one value of a document, in words; empty when it is as it must be."""
    path, demands = condition.json_path, condition.model_fields_set
    try:
        found = value_at(document, path)
    except Missing as nothing:
        return "" if condition.exists is False else str(nothing)
    if "exists" in demands:
        return "" if condition.exists else f"{path} is there: {_shown(found)}"
    if "equals" in demands:
        same = _same(found, condition.equals)
        return "" if same else f"{path} is not {_shown(condition.equals)} but {_shown(found)}"
    if condition.one_of is not None:
        wanted = ", ".join(map(_shown, condition.one_of))
        same = any(_same(found, value) for value in condition.one_of)
        return "" if same else f"{path} is none of {wanted} but {_shown(found)}"
    if condition.matches is not None:
        text = found if isinstance(found, str) else _shown(found)
        matches = _found(condition.matches, text)
        return "" if matches else f"{path} does not match {condition.matches}: {_shown(found)}"
    try:
        number = _number(path, document)
    except Missing as nothing:
        return str(nothing)
    if condition.below is not None and not number < condition.below:
        return f"{path} is {number:g}, not below {condition.below:g}"
    if condition.above is not None and not number > condition.above:
        return f"{path} is {number:g}, not above {condition.above:g}"
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
    if packed := _packed(answer):
        raise Missing(packed)
    if answer.cut:
        raise Missing(f"the body is longer than {len(answer.body) // 1024} KiB, so its JSON was not read")
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        page = answer.body.lstrip()[:1] == b"<"
        raise Missing(f"the body is not JSON{' but a page' if page else ''}") from None


def _number(path: str, document: Any) -> float:
    value = value_at(document, path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Missing(f"{path} is not a number but {_shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Missing(f"{path} is not a finite number")
    return number


def _ratio(path: str, document: Any) -> float:
    ratio = _number(path, document)
    if not 0 <= ratio <= 1:
        raise Missing(f"{path} is {ratio:g}, not a ratio from 0 to 1")
    return ratio


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
