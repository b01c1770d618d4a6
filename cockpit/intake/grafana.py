"""Alarms of Grafana's own alerting, which speaks as Alertmanager does."""

from __future__ import annotations

from cockpit.clock import Clock
from cockpit.config.intake import GrafanaIntake
from cockpit.intake.alertmanager import Alertmanager
from cockpit.intake.api import Api
from cockpit.web import Ask

BELOW = "/api/alertmanager/grafana/api/v2"
MEND = {
    401: "the service account's token is wrong or has expired",
    403: "the service account needs the Viewer role to look, and Editor to snooze",
    404: "check the url, with the sub-path Grafana may be served under",
}


def grafana(config: GrafanaIntake, token: str, ask: Ask, clock: Clock) -> Alertmanager:
    """The source of this config. Grafana keeps its alarms over a restart, so that its list is taken as whole."""

    async def kept() -> bool:
        return True

    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    api = Api(ask, config.url.rstrip("/") + BELOW, config.timeout, headers, mend=MEND)
    return Alertmanager(
        config.name, config.interval, api, clock,
        filters=config.filter, service_label=config.service_label, complete=kept,
    )  # fmt: skip
