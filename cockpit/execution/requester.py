"""Makes one HTTP request and says what came of it: the command of an attempt, made by `request.command`.

A program of its own, run from text that the engine read at its own start: the standard library only. It is told the
request by one variable, and finds secrets in others, where only their names were given.

It prints `HTTP 202 Accepted` and then the answer's body, as it comes and at most `CAP` bytes of it. It ends with
 0   the status is an expected one, and the answer is whole;
22   the status is another one, and the answer is whole;
 7   certainly nothing was sent: no such host, refused, no trust in its certificate, a secret that is not there;
28   something was sent, and no whole answer came: nobody knows what it did.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import ssl
import threading
from typing import Any, BinaryIO
from urllib.parse import urlsplit

VARIABLE = "COCKPIT_REQUEST"
EXPECTED, UNEXPECTED, NOT_SENT, UNKNOWN = 0, 22, 7, 28
CAP = 64 * 1024
_FORBIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_OURS = frozenset({"connection", "content-length", "transfer-encoding", "accept-encoding", "expect", "te", "upgrade"})
"""Headers that belong to the transport: another value would make the request mean something else."""


class Unfit(Exception):
    """The request cannot be made as it is described."""


class Stopped(Exception):
    """Somebody wants this to end."""


class Head:
    """The lines before a body, in which an end is no end: the library would take it for that of the headers."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readline(self, size: int) -> bytes:
        """The next line; IncompleteRead when there is none."""
        if line := self._stream.readline(size):
            return line
        raise http.client.IncompleteRead(b"")


class Answer(http.client.HTTPResponse):
    """An answer with its head whole, and without what a server says before it (1xx)."""

    def begin(self) -> None:
        own = vars(self)
        stream, own["fp"] = self.fp, Head(self.fp)
        try:
            super().begin()
            while 100 <= self.status < 200:
                # Else it takes the next one for read already.
                own["headers"] = None
                super().begin()
        finally:
            own["fp"] = stream


class Gate:
    """Stands between a request that was certainly not sent and one that may have been, for two threads that race."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.passed = False

    def enter(self) -> None:
        """Call before the first byte is sent; waits for ever once the gate is shut."""
        with self._lock:
            self.passed = True

    def shut(self) -> None:
        """Nothing passes any more that has not."""
        self._lock.acquire()


def ask(wanted: dict[str, Any], gate: Gate) -> int:
    """Make the request and print what comes; the exit code."""
    try:
        connection, body = _connected(wanted)
    except Exception as error:
        _say(f"nothing was sent: {_why(error)}\n")
        return NOT_SENT
    gate.enter()
    try:
        with contextlib.closing(connection):
            connection.endheaders(body)
            with connection.getresponse() as answer:
                _say(f"HTTP {answer.status} {answer.reason}".rstrip() + "\n")
                _copy(answer)
    except Exception as error:
        _say(f"\n{_why(error)}: it was sent, and it may have taken effect\n")
        return UNKNOWN
    if answer.status in wanted["expect"]:
        return EXPECTED
    redirect = ": it points elsewhere, which is not followed" if 300 <= answer.status < 400 else ""
    _say(f"\nexpected {', '.join(map(str, wanted['expect']))} and got {answer.status}{redirect}\n")
    return UNEXPECTED


def _connected(wanted: dict[str, Any]) -> tuple[http.client.HTTPConnection, bytes | None]:
    """A connection with the head of the request laid ready, of which nothing was sent; and the body."""
    url = urlsplit(wanted["url"])
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise Unfit("the url is none of http or https")
    if url.username is not None:
        raise Unfit("the url holds a user: send it as a header")
    headers = {name: _header(name, _revealed(value)) for name, value in wanted["headers"].items()}
    names = {name.lower() for name in headers}
    if names & _OURS:
        raise Unfit(f"the header {min(names & _OURS)} is not for a runbook to set")
    body = _body(wanted)
    # Half of the time for one address: a host may have another that answers.
    patience = wanted["timeout"] / 2
    connection: http.client.HTTPConnection
    if url.scheme == "https":
        trust = ssl.create_default_context()
        trust.set_alpn_protocols(["http/1.1"])
        connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=patience, context=trust)
    else:
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=patience)
    connection.response_class = Answer
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection.putrequest(wanted["method"], path, skip_host="host" in names, skip_accept_encoding=True)
    own = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "incident-cockpit"}
    if wanted.get("json") is not None:
        own["Content-Type"] = "application/json"
    if body is not None or wanted["method"] in {"POST", "PUT", "PATCH"}:
        own["Content-Length"] = str(len(body or b""))
    for name, value in own.items():
        if name.lower() not in names:
            connection.putheader(name, value)
    for name, content in headers.items():
        connection.putheader(name, content)
    connection.connect()
    # From here on the deadline of the whole counts.
    connection.sock.settimeout(None)
    return connection, body


def _revealed(value: Any) -> Any:
    """The value itself, or that of the variable it names; within another value too."""
    if not isinstance(value, dict):
        return value
    if value.keys() != {"env"}:
        return {name: _revealed(inner) for name, inner in value.items()}
    found = os.environ.get(value["env"], "")
    if not found:
        raise Unfit(f"{value['env']} is not set")
    # A secret that was read from a file brings the newline of its end along.
    return found.rstrip("\r\n")


def _header(name: str, value: str) -> bytes:
    # Said here: the library would print the value.
    if _FORBIDDEN.search(value):
        raise Unfit(f"the header {name} holds a character that no header may")
    return value.encode("utf-8", "surrogateescape")


def _body(wanted: dict[str, Any]) -> bytes | None:
    if wanted.get("json") is not None:
        return json.dumps({name: _revealed(value) for name, value in wanted["json"].items()}).encode()
    body: str | None = wanted.get("body")
    return None if body is None else body.encode("utf-8", "surrogateescape")


def _copy(answer: http.client.HTTPResponse) -> None:
    """Print the body as it comes, up to the cap; IncompleteRead when it ends before its own end."""
    promised, seen = answer.length, 0
    while seen < CAP and (piece := answer.read1(CAP - seen)):
        seen += len(piece)
        _say(piece)
    if promised is not None and seen < min(promised, CAP):
        raise http.client.IncompleteRead(b"", promised - seen)
    if seen >= CAP and (promised is None or promised > CAP):
        _say(f"\n(the first {CAP} bytes: no more was read)\n")


def _why(error: Exception) -> str:
    """The error in words; a certificate's and the system's own where there are any."""
    if isinstance(error, http.client.IncompleteRead):
        return "the answer was cut short"
    return str(getattr(error, "verify_message", "") or getattr(error, "strerror", "") or error) or type(error).__name__


_SAYING = threading.Lock()
"""One at a time; whoever says the last words keeps it, so that nothing comes after them."""


def _say(words: str | bytes) -> None:
    with _SAYING:
        _write(words)


def _say_last(words: str) -> None:
    # Nobody reads where even a second is not enough: then the words are lost, and the exit code says it.
    if _SAYING.acquire(timeout=1):
        _write(words)


def _write(words: str | bytes) -> None:
    rest = words if isinstance(words, bytes) else words.encode("utf-8", "surrogateescape")
    while rest:
        rest = rest[os.write(1, rest) :]


def _stop(*_: object) -> None:
    raise Stopped


def main() -> None:
    """Ask, with a deadline for all of it: a look-up of a name, for one, cannot be interrupted, only left behind."""
    gate, why = Gate(), "it was stopped"
    ended: list[int] = []
    try:
        signal.signal(signal.SIGTERM, _stop)
        wanted = json.loads(os.environ[VARIABLE])
        asking = threading.Thread(target=lambda: ended.append(ask(wanted, gate)), daemon=True)
        asking.start()
        asking.join(wanted["timeout"])
        why = f"no whole answer within {wanted['timeout']:g} s"
    except Stopped:
        pass
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if not ended:
        gate.shut()
        sent = f"\n{why}: it was sent, and it may have taken effect\n"
        _say_last(sent if gate.passed else f"nothing was sent: {why}\n")
        ended.append(UNKNOWN if gate.passed else NOT_SENT)
    os._exit(ended[0])


if __name__ == "__main__":
    main()
