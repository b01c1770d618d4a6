"""From a config to the intakes it describes."""

from __future__ import annotations

from cockpit.config.fields import EnvReference
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.intake.make import make
from tests.intake.conftest import StillClock, asking

CONFIG = """\
version: 1
services:
  - name: web
    probes: [{name: front, url: "http://127.0.0.1:9/"}]
intake:
  - {type: alertmanager, name: prom, url: "http://127.0.0.1:9", filter: ['team="shop"'], settle: 0s}
  - {type: grafana, name: graf, url: "http://127.0.0.1:9", token: {env: GRAFANA_TOKEN}}
  - {type: pagerduty, name: pager, token: {env: PAGER_TOKEN}, user: "a@b.test"}
  - {type: webhook, name: signed, hmac: {env: HOOK}}
  - {type: webhook, name: hook, bearer: {env: UNSET}}
"""


def test_every_intake_whose_secrets_are_set_is_made() -> None:
    secrets = {"GRAFANA_TOKEN": "swordfish", "PAGER_TOKEN": "swordfish", "HOOK": "swordfish"}

    def reveal(value: str | EnvReference) -> str:
        return secrets[value.env] if isinstance(value, EnvReference) else value

    config = parse(CONFIG, "config.yaml", Config)
    made = make(config.intake, asking(), reveal, StillClock())
    assert [(source.name, source.interval) for source in made.sources] == [
        ("prom", 15.0), ("graf", 30.0), ("pager", 30.0),
    ]  # fmt: skip
    assert [listener.name for listener in made.listeners] == ["signed"]
