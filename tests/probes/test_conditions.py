"""Conditions as a table: what is expected, what came, what is said."""

from __future__ import annotations

import gzip
import time
from typing import Any

import pytest
from pydantic import TypeAdapter

from cockpit.config.conditions import Condition
from cockpit.config.rates import ErrorRate
from cockpit.probes.conditions import Answer, error_rate, failed, percent, took

BODY = b'{"status": "UP", "ok": true, "one": 1, "rate": 0.9, "gone": null, "checks": [{"ms": 12}]}'


HEADERS = {"content-type": "application/json", "x-pool": "blue"}


def unmet(condition: dict[str, Any], answer: Answer) -> tuple[str, ...]:
    return failed((TypeAdapter[Condition](Condition).validate_python(condition),), None, answer)


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ({"response_time_below": "50ms"}, ()),
        ({"response_time_below": "41ms"}, ("slower than 41 ms",)),
        ({"body_contains": '"UP"'}, ()),
        ({"body_contains": "DOWN"}, ('"DOWN" is not in the body',)),
        ({"body_lacks": "DOWN"}, ()),
        ({"body_lacks": '"UP"'}, ('""UP"" is in the body',)),
        ({"body_matches": '"ms": [0-9]+'}, ()),
        ({"body_matches": "^UP"}, ("^UP is not found in the body",)),
        ({"header": "X-Pool", "equals": "blue"}, ()),
        ({"header": "X-Pool", "equals": "green"}, ("header X-Pool is not green but blue",)),
        ({"header": "Content-Type", "contains": "json"}, ()),
        ({"header": "X-Pool", "contains": "json"}, ("header X-Pool does not contain json but is blue",)),
        ({"header": "X-Pool", "matches": "^b"}, ()),
        ({"header": "X-Pool", "matches": "^g"}, ("header X-Pool does not match ^g but is blue",)),
        ({"header": "X-Gone", "equals": ""}, ("there is no header X-Gone",)),
        ({"certificate_days_above": 14.0}, ("there is no certificate",)),
        ({"json": "status", "equals": "UP"}, ()),
        ({"json": "status", "equals": "DOWN"}, ('status is not "DOWN" but "UP"',)),
        ({"json": "status", "one_of": ("UP", "WARN")}, ()),
        ({"json": "status", "one_of": ("DOWN", 1)}, ('status is none of "DOWN", 1 but "UP"',)),
        ({"json": "status", "matches": "^U"}, ()),
        ({"json": "status", "matches": "^D"}, ('status does not match ^D: "UP"',)),
        ({"json": "checks.0.ms", "below": 13.0}, ()),
        ({"json": "checks.0.ms", "below": 12.0}, ("checks.0.ms is 12, not below 12",)),
        ({"json": "checks.0.ms", "above": 12.0}, ("checks.0.ms is 12, not above 12",)),
        ({"json": "checks.1.ms", "below": 1.0}, ("checks.1.ms is missing",)),
        ({"json": "checks.x", "equals": 1}, ("checks.x is missing",)),
        ({"json": "rate", "below": 0.05}, ("rate is 0.9, not below 0.05",)),
        ({"json": "status", "above": 0.0}, ('status is not a number but "UP"',)),
        ({"json": "ok", "above": 0.0}, ("ok is not a number but true",)),
        ({"json": "ok", "equals": 1}, ("ok is not 1 but true",)),
        ({"json": "one", "equals": True}, ("one is not true but 1",)),
        ({"json": "one", "equals": 1.0}, ()),
        ({"json": "gone", "equals": None}, ()),
        ({"json": "lost", "equals": None}, ("lost is missing",)),
        ({"json": "lost", "exists": False}, ()),
        ({"json": "lost", "exists": True}, ("lost is missing",)),
        ({"json": "gone", "exists": True}, ()),
        ({"json": "one", "exists": False}, ("one is there: 1",)),
    ],
)
def test_conditions(condition: dict[str, Any], wrong: tuple[str, ...]) -> None:
    assert unmet(condition, Answer(200, 41.0, BODY, headers=HEADERS)) == wrong


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        (b"NaN", "the body is not JSON"),
        (b"Infinity", "the body is not JSON"),
        (b"1e999", "the body is not JSON"),
        (b"1" + b"0" * 400, "rate is not a finite number"),
        (b"1e308", "rate is 1e+308, not below 0.05"),
        (b'"0.01"', 'rate is not a number but "0.01"'),
    ],
)
def test_a_number_that_is_none_meets_no_demand(number: bytes, wrong: str) -> None:
    answer = Answer(200, 41.0, b'{"rate": ' + number + b"}")
    for demand in ("below", "above"):
        limit = 0.05 if demand == "below" else 1e309
        said = unmet({"json": "rate", demand: limit}, answer)
        assert said and (demand == "above" or said == (wrong,))


def test_an_expression_is_tried_on_so_much_and_no_more() -> None:
    start = time.process_time()
    said = unmet({"body_matches": "x*y"}, Answer(200, 41.0, b"x" * 60_000))
    assert said == ("x*y is not found in the first 16 KiB of the body",)
    unmet({"header": "x-pool", "matches": "x*y"}, Answer(200, 41.0, headers={"x-pool": "x" * 60_000}))
    assert time.process_time() - start < 5


def test_days_of_a_certificate() -> None:
    answer = Answer(200, 41.0, certificate_days=14.0)
    assert unmet({"certificate_days_above": 13.9}, answer) == ()
    assert unmet({"certificate_days_above": 14.0}, answer) == (
        "the certificate is good for 14.0 days, not more than 14",
    )


@pytest.mark.parametrize(
    "condition",
    [{"json": "status", "equals": "UP"}, {"body_contains": "UP"}, {"body_lacks": "DOWN"}, {"body_matches": "UP"}],
)
def test_a_packed_body_is_neither_unpacked_nor_taken_for_text(condition: dict[str, Any]) -> None:
    answer = Answer(200, 41.0, gzip.compress(b'{"status": "DOWN"}'), headers={"content-encoding": "gzip"})
    (said,) = unmet(condition, answer)
    assert "packed" in said


@pytest.mark.parametrize(
    ("body", "rate", "wrong"),
    [
        (b'{"errors": 0.049}', 0.049, ()),
        (b'{"errors": 0.05}', 0.05, ("5 % errors, critical from 5 %",)),
        (b'{"errors": 1}', 1.0, ("100 % errors, critical from 5 %",)),
        (b'{"errors": 0}', 0.0, ()),
        (b'{"errors": 12}', None, ("errors is 12, not a ratio from 0 to 1",)),
        (b'{"errors": null}', None, ("errors is not a number but null",)),
        (b'{"errors": NaN}', None, ("the body is not JSON",)),
        (b"{}", None, ("errors is missing",)),
        (b"<html>log in</html>", None, ("the body is not JSON but a page",)),
        (b"\xff\xfe", None, ("the body is not JSON",)),
        (b"[" * 60_000, None, ("the body is not JSON",)),
    ],
)
def test_error_rates(body: bytes, rate: float | None, wrong: tuple[str, ...]) -> None:
    wanted, answer = ErrorRate(path="errors"), Answer(200, 41.0, body)
    assert error_rate(wanted, answer) == rate
    assert failed((), wanted, answer) == wrong


def test_the_rate_is_told_with_a_bad_status_too() -> None:
    answer = Answer(500, 41.0, b'{"errors": 0.82}')
    assert error_rate(ErrorRate(path="errors"), answer) == 0.82
    assert failed((), None, answer) == ()


def test_a_cut_body_is_not_judged_as_if_whole() -> None:
    answer = Answer(200, 41.0, b'{"errors": 0.0}' + b" " * 1024, cut=True)
    assert error_rate(ErrorRate(path="errors"), answer) is None
    assert "longer than 1 KiB" in failed((), ErrorRate(path="errors"), answer)[0]


def test_numbers_for_people() -> None:
    assert [percent(ratio) for ratio in (0.0, 0.003, 0.05, 0.82, 1.0)] == ["0 %", "0.3 %", "5 %", "82 %", "100 %"]
    assert [took(ms) for ms in (0.42, 41.3, 2345.0)] == ["0.4 ms", "41 ms", "2.3 s"]
