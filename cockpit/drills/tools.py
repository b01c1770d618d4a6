"""The commands of a drill, as real processes: each asks the simulator to act and prints what it says.

Standard library only, and run on its own: `python -I -S tools.py TOOL ARGUMENTS...`.
"""

import http.client
import json
import os
import signal
import sys
from types import FrameType
from urllib.parse import urlsplit

UNAVAILABLE = 69
UNCONFIGURED = 78
CONNECT_SECONDS = 10.0


def main(argv: list[str]) -> int:
    """Run one command to its end; the exit code is the tool's."""
    name = argv[0]
    url = os.environ.get("COCKPIT_DRILL_URL", "")
    if not url:
        return _fail(name, "COCKPIT_DRILL_URL is not set: this command works inside a drill only", UNCONFIGURED)
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=CONNECT_SECONDS)
    try:
        connection.connect()
    except OSError as error:
        return _fail(name, f"the simulator does not answer: {error.strerror or error}", UNAVAILABLE)
    # An action lasts as long as it lasts; whoever runs the command sets the deadline.
    connection.sock.settimeout(None)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return _act(connection, argv)
    except (OSError, http.client.HTTPException, ValueError):
        return _fail(name, "the simulator went away: nobody can know whether the action took effect", UNAVAILABLE)


def _act(connection: http.client.HTTPConnection, argv: list[str]) -> int:
    connection.request("POST", "/sim/action", json.dumps({"argv": argv}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    while frame := answer.readline():
        said = json.loads(frame)
        if "exit" in said:
            return int(said["exit"])
        stream = sys.stderr if said.get("error") else sys.stdout
        print(said["line"], file=stream, flush=True)
    raise ValueError("the answer ended before the exit code")


def _terminated(number: int, frame: FrameType | None) -> None:
    words = f"{' '.join(sys.argv[1:])}: no longer waiting; what was started goes on at the server\n"
    os.write(2, words.encode())
    os._exit(128 + number)


def _fail(name: str, why: str, code: int) -> int:
    print(f"{name}: {why}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
