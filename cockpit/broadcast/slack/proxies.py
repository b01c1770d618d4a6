"""Which proxy leads to an address. Slack's own client asks the environment too, but never for the exceptions."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """The proxy's address, None for the direct way: to this host itself, and to what NO_PROXY names."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _loopback(host) or _excepted(host, parts.port, _first(environ, "no_proxy")):
        return None
    return _first(environ, f"{parts.scheme}_proxy", "all_proxy") or None


def _first(environ: Mapping[str, str], *names: str) -> str:
    spelt = (each for name in names for each in (name, name.upper()))
    return next((value for each in spelt if (value := environ.get(each, "").strip())), "")


def _loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _excepted(host: str, port: int | None, exceptions: str) -> bool:
    """Whether a list such as `internal.example, .corp, 10.0.0.0/8, db:8080` names the host."""
    return any(_names(each.strip().lower(), host, port) for each in exceptions.split(",") if each.strip())


def _names(exception: str, host: str, port: int | None) -> bool:
    name, _, only = exception.rpartition(":")
    if name and ":" not in name and only.isdigit():
        if int(only) != port:
            return False
        exception = name
    address = _address(host)
    if address is not None and _within(address, exception.strip("[]")):
        return True
    domain = exception.removeprefix("*").removeprefix(".")
    return exception == "*" or host == domain or (bool(domain) and host.endswith(f".{domain}"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
