"""Demands on an answer. Each is typed: a missing value is wrong, and a float is compared as a float."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from cockpit.config.fields import Deadline, Strict

Value = str | int | float | bool | None


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
"""A regular expression, found anywhere in the text."""


class JsonCondition(Strict):
    """A demand on one value of a JSON body. The path is dotted, with numbers for list items: `checks.0.status`."""

    json_path: str = Field(alias="json", min_length=1)
    equals: Value = None
    one_of: tuple[Value, ...] | None = None
    matches: Pattern | None = None
    below: float | None = None
    above: float | None = None
    exists: bool | None = None

    @model_validator(mode="after")
    def _one_demand(self) -> JsonCondition:
        demands = self.model_fields_set - {"json_path"}
        if len(demands) != 1:
            raise ValueError("needs exactly one of equals, one_of, matches, below, above, exists")
        return self


class HeaderCondition(Strict):
    """A demand on one header of the answer."""

    header: str = Field(min_length=1)
    equals: str | None = None
    contains: str | None = None
    matches: Pattern | None = None

    @model_validator(mode="after")
    def _one_demand(self) -> HeaderCondition:
        if len(self.model_fields_set - {"header"}) != 1:
            raise ValueError("needs exactly one of equals, contains, matches")
        return self


class BodyContains(Strict):
    """A text that must be in the body."""

    body_contains: str = Field(min_length=1)


class BodyLacks(Strict):
    """A text that must not be in the body."""

    body_lacks: str = Field(min_length=1)


class BodyMatches(Strict):
    """A regular expression that must be found in the body."""

    body_matches: Pattern


class ResponseTime(Strict):
    """From this time on an answer counts as bad."""

    response_time_below: Deadline


class CertificateDays(Strict):
    """So many days the certificate must still be good for."""

    certificate_days_above: float


_BY_KEY = {
    "json": JsonCondition,
    "header": HeaderCondition,
    "body_contains": BodyContains,
    "body_lacks": BodyLacks,
    "body_matches": BodyMatches,
    "response_time_below": ResponseTime,
    "certificate_days_above": CertificateDays,
}


def _kind(raw: Any) -> str | None:
    keys = raw.keys() if isinstance(raw, dict) else ()
    if isinstance(raw, Strict):
        return type(raw).__name__
    return next((model.__name__ for key, model in _BY_KEY.items() if key in keys), None)


Condition = Annotated[
    Annotated[JsonCondition, Tag("JsonCondition")]
    | Annotated[HeaderCondition, Tag("HeaderCondition")]
    | Annotated[BodyContains, Tag("BodyContains")]
    | Annotated[BodyLacks, Tag("BodyLacks")]
    | Annotated[BodyMatches, Tag("BodyMatches")]
    | Annotated[ResponseTime, Tag("ResponseTime")]
    | Annotated[CertificateDays, Tag("CertificateDays")],
    Discriminator(
        _kind,
        custom_error_type="condition",
        custom_error_message=f"a condition begins with one of {', '.join(_BY_KEY)}",
    ),
]
"""One demand; which one is told by its key."""
