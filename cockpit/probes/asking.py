"""One HTTP request, made ready once and sent as often as wanted. Pure."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import unquote

import h11
import httpx
import msgspec

from cockpit.config.probes import PhaseTimeouts
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.targets import Family
from cockpit.probes.telling import where

AGENT = "incident-cockpit"
_OURS = frozenset({
    "accept-encoding", "connection", "content-length", "expect", "keep-alive", "te", "transfer-encoding", "upgrade",
})  # fmt: skip
"""Headers that are not the config's to set: how an answer travels is between this client and the server."""


class Route(msgspec.Struct, frozen=True):
    """How to get there. `instance` is a host, or host and port, to connect to instead of the url's own.

    `server_name` is asked for and verified instead of the url's host; `context` is None for the system's authorities.
    """

    family: Family = "auto"
    instance: str = ""
    server_name: str = ""
    context: ssl.SSLContext | None = None
    limits: PhaseTimeouts = PhaseTimeouts()
    keep: str = ""


class Ask(msgspec.Struct, frozen=True):
    """What is asked, and of whom. `headers` are as given, names in lower case; `event` is what is sent before the body.

    `route.keep` names the connection to be kept for the next request of the same name, empty for a fresh one each time.
    """

    url: httpx.URL
    method: str
    headers: Mapping[str, str]
    body: bytes
    route: Route
    event: h11.Request
    host: str
    port: int
    server_name: str

    @property
    def secure(self) -> bool:
        """Whether over TLS."""
        return self.url.scheme == "https"

    @property
    def where(self) -> str:
        """Host and port connected to, before any name is resolved."""
        return where(self.host, self.port)


def place(url: httpx.URL) -> str:
    """A url for people, without what logs in; whole: whoever shortens it takes secrets out first."""
    return str(url.copy_with(userinfo=b""))


def asking(
    url: str | httpx.URL, method: str, headers: Mapping[str, str], body: bytes = b"", route: Route | None = None
) -> Ask:
    """A request for a url, with the headers given and those every request has; raises ProbeFailure in words."""
    route = route or Route()
    given = {name.lower(): value for name, value in headers.items()}
    try:
        address = httpx.URL(url)
        host = address.raw_host.decode("ascii")
        if address.scheme not in {"http", "https"} or not host:
            raise httpx.InvalidURL("not http")
        own_port = (443 if address.scheme == "https" else 80) if address.port is None else address.port
        instance, port = _instance(route.instance, own_port)
        if not 0 < port <= 65535:
            raise httpx.InvalidURL("no such port")
        event = h11.Request(
            method=method, target=address.raw_path, headers=_headers(address, method, given, body, route.keep != "")
        )
    except httpx.InvalidURL:
        raise ProbeFailure("local", "the url cannot be read") from None
    except UnicodeError:
        raise ProbeFailure("local", "a header is not plain ASCII") from None
    except h11.LocalProtocolError:
        # The text of the error quotes the header, and a header may be a secret.
        raise ProbeFailure("local", "the request is not valid HTTP: see its method, url and headers") from None
    return Ask(
        url=address,
        method=method,
        headers=given,
        body=body,
        route=route,
        event=event,
        host=instance or host,
        port=port,
        server_name=route.server_name or host,
    )


def _headers(
    url: httpx.URL, method: str, given: Mapping[str, str], body: bytes, keep: bool
) -> list[tuple[bytes, bytes]]:
    sent = {"host": url.netloc.decode("ascii"), "user-agent": AGENT}
    if url.userinfo:
        name, _, password = url.userinfo.decode("ascii").partition(":")
        pair = f"{unquote(name)}:{unquote(password)}".encode()
        sent["authorization"] = f"Basic {b64encode(pair).decode()}"
    sent |= {name: value for name, value in given.items() if name not in _OURS}
    # A bomb is not unpacked when nothing is packed.
    sent |= {"accept-encoding": "identity", "connection": "keep-alive" if keep else "close"}
    if body or method in {"POST", "PUT"}:
        sent["content-length"] = str(len(body))
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in sent.items()]


def _instance(instance: str, port: int) -> tuple[str, int]:
    """The host without brackets, and its port or else the url's."""
    if instance.startswith("["):
        host, _, rest = instance[1:].partition("]")
        return host, int(rest.removeprefix(":") or port)
    if instance.count(":") == 1:
        host, _, own = instance.partition(":")
        return host, int(own)
    return instance, port
