"""The frames on the socket: one JSON object a line, at most `FRAME_LIMIT` bytes.

What `Hello`, `Goodbye` and `Shutdown` have they keep for ever, so that programs of any two versions can part politely.
Fields are only ever added, with defaults; anything else raises `VERSION`, and the version before is still spoken.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.protocol.commands import AnyCommand, Update
from cockpit.protocol.views import (
    AlertsView,
    BroadcastView,
    CardView,
    ChangesView,
    ClockView,
    FreezeView,
    HeaderView,
    OutputView,
    PeopleView,
    PreviewView,
    ReplayView,
    Row,
    RunbookView,
    RunView,
    SeenBeforeView,
    ServicesView,
)
from cockpit.text import SafeText

VERSION = 2
SPOKEN = (2, 1)
"""The versions this program speaks: its own and the one before."""
FRAME_LIMIT = 4 * 1024 * 1024


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first frame of a client. `actor` is who acts; `after` asks for every row after that number, -1 for none.

    `panes` asks for the views as they change, `data` for the events themselves within the rows. With `read_only`
    every command of this client is refused.
    """

    versions: tuple[int, ...]
    actor: str
    panes: bool = True
    after: int = -1
    data: bool = False
    read_only: bool = False


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """The engine's answer. `now` is the incident's clock at this moment, running `speed` times real time.

    With `replay` it is the record of an incident that is over for its reader: nothing can be done to it.
    """

    version: int
    program: str
    pid: int
    profile: str
    config: str
    stream: str
    head: int
    now: int
    speed: float
    replay: bool = False


class Goodbye(msgspec.Struct, frozen=True, tag="goodbye"):
    """The engine will not go on with this client: it speaks another version, or is stopping.

    `config` is the file it works by, so that one of another version can take its place. `by` is who asked it to stop,
    empty when nobody did, as at a signal.
    """

    why: Literal["version", "stopping", "slow", "refused"]
    text: str = ""
    config: str = ""
    by: str = ""


class Shutdown(msgspec.Struct, frozen=True, tag="shutdown"):
    """Asks the engine to stop, which `actor` wants; running steps go on, and the next engine takes them up."""

    actor: str = ""


class FetchRows(msgspec.Struct, frozen=True, tag="fetch_rows"):
    """Asks for rows `first` to `last` of a stream, both included; at most 1,000 come back."""

    stream: str
    first: int
    last: int


class FetchRunbooks(msgspec.Struct, frozen=True, tag="fetch_runbooks"):
    """Asks which runbooks there are."""


class FetchCard(msgspec.Struct, frozen=True, tag="fetch_card"):
    """Asks for all there is to know about a lane; a `CardView` comes back, an empty one when there is no such lane."""

    probe: str


class FetchChanges(msgspec.Struct, frozen=True, tag="fetch_changes"):
    """Asks what was changed lately and what is about to change something; a `ChangesView` comes back."""


class FetchFreeze(msgspec.Struct, frozen=True, tag="fetch_freeze"):
    """Asks for the freeze in detail; a `FreezeView` comes back."""


class FetchPreview(msgspec.Struct, frozen=True, tag="fetch_preview"):
    """Asks what readers were told, and would be told by `update` now; a `PreviewView` comes back. Since version 2."""

    update: Update | None = None


Turn = Literal[
    "play", "pause", "start", "end", "next_event", "previous_event", "next_step", "previous_step",
    "next_change", "previous_change", "moment", "event", "faster", "slower",
]  # fmt: skip
"""Where a replay is wound to, or how fast; a change is one of state: of the incident, a probe or a step."""


class Wind(msgspec.Struct, frozen=True, tag="wind"):
    """Winds a replay; whoever is no replay takes no notice.

    `at` is for `moment`, and for `event` its number; a `speed` above 0 is kept.
    """

    to: Turn
    at: int = 0
    speed: float = 0.0


class Do(msgspec.Struct, frozen=True, tag="do"):
    """A command. `id` is unique for ever: sent again it gets the old answer. `decided_on` is the head of `stream`
    the person saw: a command that no longer fits what is so is refused and shown again."""

    id: str
    stream: str
    decided_on: int
    command: AnyCommand


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """What came of a command. `refusal` says why not, and `text` how to mend it; `seq` is the head after it."""

    id: str
    ok: bool
    text: SafeText
    refusal: Literal["", "stale", "invalid", "not_offered", "unmet", "untrusted", "storage", "fault"] = ""
    stream: str = ""
    seq: int = 0


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    """Rows of a stream, in order. Live rows follow each other without gaps."""

    stream: str
    rows: tuple[Row, ...]
    live: bool = False


class Runbooks(msgspec.Struct, frozen=True, tag="runbooks"):
    """The runbooks found."""

    runbooks: tuple[RunbookView, ...]


Fetch = FetchRows | FetchRunbooks | FetchCard | FetchChanges | FetchFreeze | FetchPreview
FromClient = Hello | Shutdown | Fetch | Wind | Do
FromEngine = (
    Welcome
    | Goodbye
    | Answer
    | Rows
    | Runbooks
    | HeaderView
    | ServicesView
    | AlertsView
    | CardView
    | ChangesView
    | FreezeView
    | PreviewView
    | RunView
    | OutputView
    | BroadcastView
    | PeopleView
    | ClockView
    | ReplayView
    | SeenBeforeView
)

_encoder = msgspec.json.Encoder(enc_hook=str)
_from_client: msgspec.json.Decoder[FromClient] = msgspec.json.Decoder(FromClient, dec_hook=lambda _, raw: SafeText(raw))
_from_engine: msgspec.json.Decoder[FromEngine] = msgspec.json.Decoder(FromEngine, dec_hook=lambda _, raw: SafeText(raw))


def pack(message: FromClient | FromEngine) -> bytes:
    """One frame, its newline included."""
    return _encoder.encode(message) + b"\n"


def unpack_from_client(frame: bytes) -> FromClient:
    """The message in a client's frame; `msgspec.MsgspecError` when it is not one."""
    return _from_client.decode(frame)


def unpack_from_engine(frame: bytes) -> FromEngine:
    """The message in an engine's frame; `msgspec.MsgspecError` when it is not one."""
    return _from_engine.decode(frame)
