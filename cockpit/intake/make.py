"""Makes the intakes that a config describes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cockpit.clock import Clock
from cockpit.config.fields import EnvReference
from cockpit.config.intake import AlertmanagerIntake, GrafanaIntake, Intake, PagerDutyIntake, WebhookIntake
from cockpit.intake.alertmanager import MEND, Alertmanager, settled
from cockpit.intake.api import Api
from cockpit.intake.grafana import grafana
from cockpit.intake.pagerduty import PagerDuty
from cockpit.intake.proof import Bearer, Proof, Signed
from cockpit.intake.source import Source
from cockpit.web import Ask

if TYPE_CHECKING:
    from cockpit.intake.webhook import Listener

Reveal = Callable[[str | EnvReference], str]
"""The text, or the value of the variable it refers to; KeyError when that is unset."""


class Intakes(NamedTuple):
    """Who is asked, and who tells by itself."""

    sources: tuple[Source, ...]
    listeners: tuple[Listener, ...]


def make(configs: Sequence[Intake], ask: Ask, reveal: Reveal, clock: Clock) -> Intakes:
    """Every intake whose secrets are set; that one is not is said where secrets are resolved."""
    sources: list[Source] = []
    listeners: list[Listener] = []
    for config in configs:
        try:
            if isinstance(config, WebhookIntake):
                # A server costs every start a fifth of a second, and is off unless it is asked for.
                from cockpit.intake.webhook import Listener

                listeners.append(Listener(config, proof(config, reveal), clock))
            else:
                sources.append(source(config, ask, reveal, clock))
        except KeyError:
            continue
    return Intakes(tuple(sources), tuple(listeners))


def source(
    config: AlertmanagerIntake | GrafanaIntake | PagerDutyIntake, ask: Ask, reveal: Reveal, clock: Clock
) -> Source:
    """The source of one config; KeyError when a secret of it is unset."""
    match config:
        case AlertmanagerIntake():
            headers = {"accept": "application/json"}
            headers |= {name.lower(): reveal(value) for name, value in config.headers.items()}
            api = Api(ask, config.url.rstrip("/") + "/api/v2", config.timeout, headers, mend=MEND)
            return Alertmanager(
                config.name, config.interval, api, clock,
                filters=config.filter, service_label=config.service_label,
                complete=settled(api, clock, config.settle),
            )  # fmt: skip
        case GrafanaIntake():
            return grafana(config, reveal(config.token), ask, clock)
        case PagerDutyIntake():
            return PagerDuty(config, reveal(config.token), ask, clock)


def proof(config: WebhookIntake, reveal: Reveal) -> Proof:
    """What the listener demands; KeyError when the secret is unset."""
    if config.hmac is not None:
        return Signed(reveal(config.hmac), config.window)
    if config.bearer is None:
        raise ValueError("a webhook needs bearer or hmac")
    return Bearer(reveal(config.bearer))
