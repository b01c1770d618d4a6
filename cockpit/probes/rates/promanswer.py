"""What Prometheus answers to an instant query. Pure: a body in, a number out."""

from __future__ import annotations

from typing import Any

import msgspec

from cockpit.clock import SECOND


class Odd(Exception):
    """An answer that is no single number; the text says what is wrong with the query, or with the answer."""


class PromAnswer(msgspec.Struct, frozen=True):
    """One number, `None` for an empty result; `at` is when it was evaluated, in the server's microseconds.

    An empty result does not tell when: `answered` is what sets it apart from no answer.
    """

    value: float | None = None
    at: int = 0
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    answered: bool = True


class _Data(msgspec.Struct):
    kind: str = msgspec.field(name="resultType")
    result: Any


class _Envelope(msgspec.Struct):
    status: str
    data: _Data | None = None
    kind: str = msgspec.field(name="errorType", default="")
    error: str = ""
    # Some that speak this API write null where there is nothing.
    warnings: tuple[str, ...] | None = None
    infos: tuple[str, ...] | None = None


def read_answer(body: bytes) -> PromAnswer:
    """The number of a successful answer; raises Odd."""
    envelope = _envelope(body)
    if envelope is None or envelope.data is None:
        raise Odd(error_of(body) or "the answer is not that of Prometheus' API")
    data = envelope.data
    try:
        value, at = _number(data.kind, data.result)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError):
        raise Odd("the answer is not that of Prometheus' API") from None
    return PromAnswer(value, at, envelope.warnings or (), envelope.infos or ())


def error_of(body: bytes) -> str:
    """What an answer gives as its error, empty when it gives none."""
    envelope = _envelope(body)
    if envelope is None or not envelope.error:
        return ""
    return f"{envelope.kind}: {envelope.error}" if envelope.kind else envelope.error


def _envelope(body: bytes) -> _Envelope | None:
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _number(kind: str, result: Any) -> tuple[float | None, int]:
    match kind:
        case "scalar":
            return _point(result)
        case "vector":
            if not result:
                return None, 0
            if len(result) > 1:
                raise Odd(f"gives {len(result)} series: aggregate them with sum()")
            if "histogram" in result[0]:
                raise Odd("gives a histogram: take histogram_count() of it")
            return _point(result[0]["value"])
        case "matrix":
            raise Odd("gives a range of samples: wrap it in sum(increase(...))")
    raise Odd(f"gives a {kind}, not a number")


def _point(point: Any) -> tuple[float, int]:
    at, value = point
    return float(value), round(float(at) * SECOND)
