"""From the config of an HTTP probe to a request that can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cockpit.config.fields import EnvReference
from cockpit.config.probes import HttpProbeConfig
from cockpit.probes import trust
from cockpit.probes.asking import Ask, Route, asking
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.targets import Target
from cockpit.text import Redactor


def prepared(target: Target, config: HttpProbeConfig, env: Mapping[str, str], base: Path) -> Ask | str:
    """The request of a lane, or in words why there can be none; files are found from `base`."""
    headers: dict[str, str] = {}
    for name, value in config.headers.items():
        if isinstance(value, EnvReference):
            if value.env not in env:
                return f"not asked: the environment variable {value.env} (header {name}) is not set"
            headers[name] = env[value.env].strip()
        else:
            headers[name] = value
    try:
        route = Route(
            family=target.family,
            instance=target.instance if target.family == "auto" else "",
            server_name=config.tls.server_name or "",
            context=trust.only(base / config.tls.ca_file) if config.tls.ca_file is not None else None,
            limits=config.timeouts,
            keep=target.name if config.connection == "reuse" else "",
        )
        body = config.body.encode() if config.body is not None else b""
        return asking(config.url, config.method, headers, body, route)
    except OSError as error:
        return f"not asked: the ca_file {config.tls.ca_file} cannot be used: {trust.why_not(error)}"
    except ProbeFailure as failure:
        return f"not asked: {failure}"


def redactor(config: HttpProbeConfig, env: Mapping[str, str]) -> Redactor:
    """Takes the secrets of this probe out of what is said about it."""
    references = [value.env for value in config.headers.values() if isinstance(value, EnvReference)]
    return Redactor(env[name] for name in references if name in env)
