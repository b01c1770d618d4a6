"""Error rates, as a config describes them: where errors and the total come from, and from where on they matter."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from cockpit.config.fields import Deadline, Duration, EnvReference, Ratio, Strict, Url
from cockpit.config.selectors import parse_selector
from cockpit.config.watched import BaseProbe

LOWEST_OBJECTIVE = 0.94
"""Below it even nothing but errors does not burn the budget 14.4 times as fast, and no such alert could ever come."""


def _selects(text: str) -> str:
    parse_selector(text)
    return text


SelectorText = Annotated[str, AfterValidator(_selects)]
"""A metric's name with demands on its labels, as in `requests_total{code=~"5.."}`."""


class ErrorRate(Strict):
    """A ratio from 0 to 1 in a JSON body: from `warn` on the probe is degraded, from `crit` on a sample is bad."""

    path: str
    warn: Ratio = 0.01
    crit: Ratio = 0.05

    @model_validator(mode="after")
    def _in_order(self) -> ErrorRate:
        if self.warn > self.crit:
            raise ValueError("warn must not be above crit")
        return self


class RateRules(BaseProbe):
    """From where on a share of errors matters: by `warn` and `crit`, or by how fast it burns an objective's budget.

    Fewer than `min_requests` in the window say nothing. `for` and `keep_firing_for` are as Prometheus has them.
    """

    window: Deadline = 300.0
    min_requests: Annotated[float, Field(ge=1)] = 10
    warn: Ratio = 0.01
    crit: Ratio = 0.05
    fires: Duration = Field(default=0.0, alias="for")
    keep_firing_for: Duration = 0.0
    failures: Annotated[int, Field(ge=1, le=20)] = 1
    successes: Annotated[int, Field(ge=1, le=20)] = 1

    @property
    def fires_after(self) -> float:
        """The `for` of the config, in seconds."""
        return self.fires

    @property
    def keeps_for(self) -> float:
        """The `keep_firing_for` of the config, in seconds."""
        return self.keep_firing_for

    @model_validator(mode="after")
    def _in_order(self) -> RateRules:
        if self.warn > self.crit:
            raise ValueError("warn must not be above crit")
        return self


class PrometheusConfig(RateRules):
    """Errors and total asked of Prometheus, each by a query of its own in which `$window` stands for the window.

    With an `objective` (0.999, say) both are asked for several windows, and `warn` and `crit` do not apply. Queries
    go by POST; `method: GET` is for what only speaks that.
    """

    type: Literal["prometheus"]
    url: Url
    errors: str = Field(min_length=1)
    total: str = Field(min_length=1)
    method: Literal["GET", "POST"] = "POST"
    headers: dict[str, str | EnvReference] = {}
    objective: Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _one_way_to_judge(self) -> PrometheusConfig:
        if self.objective is not None:
            if {"warn", "crit", "window"} & self.model_fields_set:
                raise ValueError("with an objective there is no window, warn or crit: burn rates decide")
            if "$window" not in self.errors or "$window" not in self.total:
                raise ValueError("an objective is asked over several windows: errors and total need $window")
            if self.objective < LOWEST_OBJECTIVE:
                raise ValueError(f"an objective below {LOWEST_OBJECTIVE} can never burn fast: use warn and crit")
        return self


class OpenMetricsConfig(RateRules):
    """Counters scraped from the service itself; errors and total are selectors such as `requests{code=~"5.."}`."""

    type: Literal["openmetrics"]
    url: Url
    errors: SelectorText
    total: SelectorText
    headers: dict[str, str | EnvReference] = {}


class JsonRateConfig(RateRules):
    """Numbers in a JSON answer. A path leads to a number, or to a list of numbers or of `[time, number]` points.

    A path is dotted: `series.0.pointlist`; `*` stands for every item of a list, `Id=errors` for those with that value.
    Of points those within the window are summed; with `skip_newest` the newest, still filling, is left out. `at` leads
    to when it was measured: seconds, milliseconds or RFC 3339. In url and body `$from` and `$to` stand for the
    window's ends in seconds, `$from_ms` in milliseconds, `$from_iso` in RFC 3339.
    """

    type: Literal["json"]
    url: Url
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str | EnvReference] = {}
    body: str | None = None
    errors: str = Field(min_length=1)
    total: str = Field(min_length=1)
    at: str | None = None
    skip_newest: bool = False
