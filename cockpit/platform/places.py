"""Where the cockpit keeps its files."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "cockpit"
CONFIG = "config.yaml"
_SOCKET_PATH_LIMIT = 100
"""Bytes: the kernels allow 104 to 108 for the path of a socket."""


@dataclass(frozen=True)
class Places:
    """The files of one profile, all below `home`, which is made with mode 0700.

    `notice` is a sentence to show when they are not where they should be.
    """

    home: Path
    notice: str = ""

    @property
    def journal(self) -> Path:
        return self.home / "journal.sqlite"

    @property
    def telemetry(self) -> Path:
        return self.home / "telemetry.sqlite"

    @property
    def lock(self) -> Path:
        return self.home / "engine.lock"

    @property
    def attempts(self) -> Path:
        return self.home / "attempts"

    @property
    def log(self) -> Path:
        return self.home / "engine.log"

    @property
    def trust(self) -> Path:
        return self.home / "trusted.json"

    @property
    def service_locks(self) -> Path:
        """Who works on which service: one directory for all profiles beside this one, by a name that none can have."""
        return self.home.parent / ".locks"

    @property
    def drill(self) -> Path:
        return self.home / "drill.json"

    @property
    def drill_commands(self) -> Path:
        return self.home / "drill" / "bin"

    @property
    def drill_clock(self) -> Path:
        return self.home / "drill.clock"

    @property
    def socket(self) -> Path:
        """Beside the journal, or under a short hashed name where that path is too long for a socket."""
        beside = self.home / "engine.sock"
        if len(os.fsencode(beside)) <= _SOCKET_PATH_LIMIT:
            return beside
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        roots = (root for root in (tempfile.gettempdir(), "/tmp") if len(os.fsencode(root)) <= _SOCKET_PATH_LIMIT // 2)
        return Path(next(roots)) / f"{APP}-{os.getuid()}" / f"{digest}.sock"

    def make(self) -> None:
        """Create the directories, readable by their owner alone."""
        for directory in (self.home, self.attempts, self.socket.parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.socket.parent != self.home and self.socket.parent.lstat().st_uid != os.getuid():
            # Everybody may make directories where this one lies, and who owns it could put a socket of theirs there.
            raise PermissionError(errno.EPERM, "belongs to another user", str(self.socket.parent))


def profile_places(profile: str) -> Places:
    """The places of a named profile, in the state directory of this user."""
    return Places(state_home() / profile)


def state_home() -> Path:
    """The state directory of this user: `COCKPIT_HOME`, else the platform's own.

    With no HOME at all it is a directory under the temporary one, named for the user.
    """
    if chosen := os.environ.get("COCKPIT_HOME"):
        return absolute(Path(chosen))
    return _own(platformdirs.user_state_path) or Path(tempfile.gettempdir()) / f"{APP}-{os.getuid()}" / "state"


def absolute(path: Path) -> Path:
    """The path from the root, which needs the current directory when it is relative."""
    try:
        return path.absolute()
    except FileNotFoundError as error:
        raise FileNotFoundError(error.errno, "this directory has been deleted; change to another") from error


def config_candidates() -> tuple[Path, ...]:
    """Where a config file is looked for, the first that exists wins."""
    own = _own(platformdirs.user_config_path)
    places = () if own is None else (own / CONFIG,)
    with suppress(FileNotFoundError):
        return (absolute(Path(CONFIG)), *places)
    return places


def _own(find: Callable[[str], Path]) -> Path | None:
    """A directory of this user; None where the user has no home."""
    try:
        found = find(APP)
    except (RuntimeError, KeyError):
        return None
    return found if found.is_absolute() else None


def no_config() -> str:
    """What to say when there is no config file."""
    looked = " or ".join(str(candidate) for candidate in config_candidates()) or "any place: there is no HOME"
    return (
        f"no config file: none at {looked}\n"
        "copy config.example.yaml there, name one with --config, or try `cockpit demo`, which needs none"
    )
