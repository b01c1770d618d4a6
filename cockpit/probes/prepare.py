"""From the config of an HTTP probe to a request that can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cockpit.config.probes import HttpProbeConfig
from cockpit.probes import trust
from cockpit.probes.asking import Ask, Route, asking
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.headers import revealed
from cockpit.probes.targets import Target


def prepared(target: Target, config: HttpProbeConfig, env: Mapping[str, str], base: Path) -> Ask | str:
    """The request of a lane, or in words why there can be none; files are found from `base`."""
    headers, missing = revealed(config.headers, env)
    if missing:
        return missing
    try:
        route = Route(
            family=target.family,
            instance=target.address,
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
