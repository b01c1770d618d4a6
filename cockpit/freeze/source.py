"""Gets the document from an address or a file, with nothing but the standard library."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from cockpit.freeze.document import LIMIT

DEADLINE = 10.0
"""Real seconds for everything: name, connection, answer."""


class Unreadable(Exception):
    """There is no document to be had from there; the text says why, without anything secret of the address."""


def get(source: str, within: float = DEADLINE) -> bytes:
    """At most one byte more than a document may have; Unreadable when it cannot be had in that many real seconds."""
    reader = _fetch if source.lower().startswith(("http://", "https://")) else _read
    found: list[bytes | Unreadable] = []

    def work() -> None:
        try:
            found.append(reader(source, time.monotonic() + within))
        except Unreadable as error:
            found.append(error)

    # In a thread, because a name server or a pipe may keep silent for longer than any socket's timeout can tell.
    thread = threading.Thread(target=work, name="freeze source", daemon=True)
    thread.start()
    thread.join(within)
    if not found:
        raise Unreadable(f"{shown(source)}: no answer within {within:g} s")
    if isinstance(found[0], Unreadable):
        raise found[0]
    return found[0]


def shown(source: str) -> str:
    """The address without user, password, query and fragment: they may hold a token. A file's path is as given."""
    if "://" not in source:
        return source
    try:
        parts = urllib.parse.urlsplit(source)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "the address"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to https only: what is plain can be answered by anybody on the way."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.lower().startswith("https://"):
            fp.close()
            raise Unreadable(f"{shown(req.full_url)}: it redirects to what is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    # Not `build_opener`: that one also opens files, ftp and data addresses.
    handlers: tuple[Callable[[], urllib.request.BaseHandler], ...] = (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        lambda: urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler,
        _Redirects,
        urllib.request.HTTPErrorProcessor,
    )
    for make in handlers:
        opener.add_handler(make())
    return opener


def _fetch(url: str, end: float) -> bytes:
    try:
        request = urllib.request.Request(
            url, headers={"User-Agent": "incident-cockpit", "Cache-Control": "no-cache", "Accept": "application/json"}
        )
        with _opener().open(request, timeout=max(0.001, end - time.monotonic())) as response:
            if response.status != 200:
                raise Unreadable(f"{shown(url)}: HTTP {response.status}")
            return _up_to_the_limit(response.read)
    except urllib.error.HTTPError as error:
        with error:
            raise Unreadable(f"{shown(url)}: HTTP {error.code}") from None
    except urllib.error.URLError as error:
        raise Unreadable(f"{shown(url)}: {_reason(error.reason)}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreadable(f"{shown(url)}: {_reason(error)}") from None


def _read(path: str, end: float) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return _up_to_the_limit(file.read)
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {_reason(error)}") from None


def _up_to_the_limit(read: Callable[[int], bytes]) -> bytes:
    data = bytearray()
    while len(data) <= LIMIT and (part := read(LIMIT + 1 - len(data))):
        data += part
    return bytes(data)


def _reason(error: object) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not to be trusted: {error.verify_message}"
        case TimeoutError():
            return "no answer in time"
        case OSError() if error.strerror:
            return error.strerror
        case OSError():
            return type(error).__name__
    # Their words may quote the address.
    return "the address cannot be used" if isinstance(error, ValueError) else "it does not speak HTTP"
