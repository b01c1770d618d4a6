"""Whether to follow a redirect, and with what. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import msgspec

from cockpit.probes.asking import Ask, asking, place
from cockpit.probes.failures import ProbeFailure

MOST = 5
_STATUSES = frozenset({301, 302, 303, 307, 308})
_HARMLESS = frozenset({"accept", "accept-language", "user-agent"})
"""All that another origin is told: any other header may be a secret, whatever its name."""


class Refused(Exception):
    """The redirect is not to be followed; the text says why."""


def followed(ask: Ask, status: int, location: str, seen: Sequence[str]) -> Ask | None:
    """What to ask next, None when the answer is no redirect; `seen` are the urls asked until now, this one included.

    As browsers have it, 303, and 301 or 302 to a POST, turn the method into GET and drop the body. Raises Refused.
    """
    if status not in _STATUSES or not location:
        return None
    try:
        url = ask.url.join(location).copy_with(fragment=None)
    except (httpx.InvalidURL, UnicodeError):
        raise Refused("a redirect to a place that cannot be read") from None
    shown = place(url)
    if url.scheme not in {"http", "https"}:
        raise Refused(f"a redirect to {shown}, which is not HTTP")
    if ask.secure and url.scheme != "https":
        raise Refused(f"a redirect from https to {shown}, not followed")
    method, body = ask.method, ask.body
    if method != "HEAD" and (status == 303 or (status in {301, 302} and method not in {"GET", "OPTIONS"})):
        method, body = "GET", b""
    if method not in {"GET", "HEAD"}:
        raise Refused(f"a redirect of a {method} to {shown}, not followed")
    if str(url) in seen:
        raise Refused(f"a redirect loop: {' -> '.join((*(place(httpx.URL(each)) for each in seen), shown))}")
    if len(seen) > MOST:
        raise Refused(f"more than {MOST} redirects, the last to {shown}")
    return _next(ask, url, method, body)


def _next(ask: Ask, url: httpx.URL, method: str, body: bytes) -> Ask:
    route = msgspec.structs.replace(ask.route, keep="")
    headers = dict(ask.headers)
    if _origin(url) != _origin(ask.url):
        route = msgspec.structs.replace(route, instance="", server_name="")
        headers = {name: value for name, value in headers.items() if name in _HARMLESS}
        body = b""
    elif ask.url.userinfo and not url.userinfo:
        url = url.copy_with(userinfo=ask.url.userinfo)
    if not body:
        headers.pop("content-type", None)
    try:
        return asking(url, method, headers, body, route)
    except ProbeFailure as failure:
        raise Refused(f"a redirect to {place(url)}: {failure}") from None


def _origin(url: httpx.URL) -> tuple[str, bytes, int]:
    return url.scheme, url.raw_host, url.port or (443 if url.scheme == "https" else 80)
