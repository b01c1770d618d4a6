"""Where alerts are taken in from, as a config describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from cockpit.config.fields import Deadline, Duration, Endpoint, EnvReference, Name, Strict, Url


class BaseIntake(Strict):
    """How often to ask. `service_label` is the label that names one of our services."""

    name: Name
    interval: Deadline = 30.0
    timeout: Deadline = 10.0
    service_label: str = "service"


class AlertmanagerIntake(BaseIntake):
    """Prometheus Alertmanager, API v2; `filter` holds matchers such as `team="shop"`.

    It forgets everything when it starts: until it has run for `settle`, nothing it does not list is taken to be over.
    """

    type: Literal["alertmanager"]
    url: Url
    headers: dict[str, str | EnvReference] = {}
    filter: tuple[str, ...] = ()
    interval: Deadline = 15.0
    settle: Duration = 120.0


class GrafanaIntake(BaseIntake):
    """Grafana's own alerting, by its Alertmanager-shaped API."""

    type: Literal["grafana"]
    url: Url
    token: EnvReference
    filter: tuple[str, ...] = ()


class PagerDutyIntake(BaseIntake):
    """PagerDuty's REST API. `user` is the address acknowledgements are made in the name of."""

    type: Literal["pagerduty"]
    token: EnvReference
    user: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    services: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    url: Url = "https://api.pagerduty.com"


class WebhookIntake(Strict):
    """A listener for Alertmanager's webhook, version 4: for a server, and off unless it is written down.

    With `bearer` the sender must present it; with `hmac` it must sign `timestamp.body`, not longer ago than `window`.
    """

    type: Literal["webhook"]
    name: Name
    listen: Endpoint = "127.0.0.1:9119"
    path: Annotated[str, Field(pattern=r"^/\S*$")] = "/alerts"
    bearer: EnvReference | None = None
    hmac: EnvReference | None = None
    window: Deadline = 300.0
    service_label: str = "service"

    @model_validator(mode="after")
    def _one_proof(self) -> WebhookIntake:
        if (self.bearer is None) == (self.hmac is None):
            raise ValueError("needs exactly one of bearer, hmac: whoever can reach it could raise alarms")
        return self


def _type(raw: Any) -> str:
    found = raw.get("type", "") if isinstance(raw, dict) else getattr(raw, "type", "")
    return f"a {found} intake"


Intake = Annotated[
    Annotated[AlertmanagerIntake, Tag("a alertmanager intake")]
    | Annotated[GrafanaIntake, Tag("a grafana intake")]
    | Annotated[PagerDutyIntake, Tag("a pagerduty intake")]
    | Annotated[WebhookIntake, Tag("a webhook intake")],
    Discriminator(
        _type,
        custom_error_type="intake_type",
        custom_error_message="type must be one of alertmanager, grafana, pagerduty, webhook",
    ),
]
