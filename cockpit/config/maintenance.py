"""When something is expected to be down, so that nobody is woken for it."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from cockpit.config.fields import Deadline, Line, Moment, Strict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"there is no time zone {name}: use a name such as Europe/Berlin, or UTC") from None
    return name


class Maintenance(Strict):
    """Once, with `from` and `until`; or every week, with `days`, `at`, `for` and `zone`."""

    start: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    days: tuple[Weekday, ...] = ()
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    lasts: Deadline | None = Field(default=None, alias="for")
    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    reason: Line | None = None

    @model_validator(mode="after")
    def _once_or_weekly(self) -> Maintenance:
        once = self.start is not None and self.until is not None
        weekly = bool(self.days) and self.at is not None and self.lasts is not None
        partly_once = self.start is not None or self.until is not None
        partly_weekly = bool(self.days) or self.at is not None or self.lasts is not None
        if (once and not partly_weekly) or (weekly and not partly_once):
            if once and self.start is not None and self.until is not None and self.until <= self.start:
                raise ValueError("until must be later than from")
            return self
        raise ValueError("a maintenance window needs either from and until, or days, at and for")
