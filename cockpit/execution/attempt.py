"""The directory of one attempt: made whole before anything runs, and read by whoever wants to know."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from cockpit.execution import record

EndedBy = Literal["itself", "timeout", "person", "not_found"]

HEAD = 1024 * 1024
KEPT = 64 * 1024 * 1024
"""Bytes of output kept: the first `HEAD`, and the last of what follows."""


@dataclass(frozen=True)
class Result:
    """What became of a command; `survivors` counts processes that it left running on purpose.

    Neither an exit code nor a signal: a person stopped it before it was started.
    """

    ended_by: EndedBy
    exit_code: int | None = None
    signal: int | None = None
    seconds: float = 0.0
    output_bytes: int = 0
    dropped_bytes: int = 0
    survivors: int = 0
    words: str = ""


@dataclass(frozen=True)
class CommandSpec:
    """A command, its deadline in seconds of awake time, and the seconds between TERM and KILL.

    It starts in `workdir`, else at home. Its words are passed on verbatim: no shell reads them. `env` is added to the
    environment of the person who confirmed it; it stands on disk, so a secret never belongs there. It prints into a
    pipe, or with `pty` into a terminal of its own.
    """

    argv: tuple[str, ...]
    timeout: float
    kill_grace: float = 10.0
    success_codes: tuple[int, ...] = (0,)
    workdir: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    pty: bool = False

    def accepts(self, result: Result) -> bool:
        """Whether this end counts as success."""
        return result.ended_by == "itself" and result.exit_code in self.success_codes


@dataclass(frozen=True)
class Claim:
    """Who won the attempt: a supervisor, with the command's process once it runs, or recovery.

    The number of a process means something only with its start and that of the host.
    """

    abandoned: bool
    pid: int = 0
    started: int = 0
    boot: str = ""


@dataclass(frozen=True)
class AttemptDir:
    """One attempt, by the path of its own directory and an id that is never used again."""

    path: Path
    id: str

    def create(self, spec: CommandSpec, kept: int = KEPT) -> None:
        """Make the directory with every file it will ever need, durably, or not at all.

        Raises OSError where that fails, and when the directory exists: created or abandoned before.
        """
        draft = self.path.with_name(f".{self.path.name}.new")
        draft.mkdir(mode=0o700, parents=True)
        try:
            self._fill(draft, spec, kept)
            draft.rename(self.path)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        record.sync_directory(str(self.path.parent))

    def _fill(self, draft: Path, spec: CommandSpec, kept: int) -> None:
        head = min(HEAD, kept // 2)
        header = {"head": head, "ring": kept - head, "total": 0, "kept": 0}
        _write(draft / record.SPEC, json.dumps({"id": self.id} | asdict(spec)).encode())
        _write(draft / record.LOCK, b"")
        _write(draft / record.OUTPUT, record.seal(header))
        _write(draft / record.RESULT, b" " * record.RECORD)
        _write(draft / record.STUCK, b" " * record.RECORD)
        _write(draft / record.SUPERVISOR, record.seal({"by": record.SUPERVISOR}))
        _write(draft / record.ABANDONED, record.seal({"by": record.ABANDONED}))
        record.sync_directory(str(draft))

    def link_abandoned(self) -> None:
        """Claim the attempt for nobody; FileExistsError when it is claimed already.

        Also where the directory was never made: a later `create` then fails on this one.
        """
        mark = self.path / record.ABANDONED
        if not _sealed(mark):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(mark, record.seal({"by": record.ABANDONED}))
            record.sync_directory(str(self.path.parent))
        os.link(mark, self.path / record.CLAIM)
        record.sync_directory(str(self.path))

    def spec(self) -> CommandSpec:
        """The command as it was created."""
        fields: dict[str, Any] = json.loads((self.path / record.SPEC).read_bytes())
        del fields["id"]
        fields["argv"], fields["success_codes"] = tuple(fields["argv"]), tuple(fields["success_codes"])
        return CommandSpec(**fields)

    def claim(self) -> Claim | None:
        """The claim, None before there is one. One torn by a power cut is a supervisor's: it alone writes there."""
        try:
            written = (self.path / record.CLAIM).read_bytes()
        except FileNotFoundError:
            return None
        fields = record.unseal(written) or {}
        abandoned = fields.get("by") == record.ABANDONED
        return Claim(abandoned, fields.get("pid", 0), fields.get("started", 0), fields.get("boot", ""))

    def result(self) -> Result | None:
        """The recorded result; None while there is none, or when the record is torn."""
        fields = record.unseal(self._result_record())
        return None if fields is None else Result(**fields)

    def result_is_torn(self) -> bool:
        """Whether something was written in the result's place that is no result."""
        written = self._result_record()
        return bool(written.strip()) and record.unseal(written) is None

    def _result_record(self) -> bytes:
        try:
            return (self.path / record.RESULT).read_bytes()
        except FileNotFoundError:
            return b""

    def locked(self) -> bool:
        """Whether a supervisor lives.

        Asked only after the claim was seen, which follows the lock: the look can never keep a supervisor waiting.
        """
        with open(self.path / record.LOCK, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def trouble(self) -> str:
        """What the supervisor died of by its own account, empty when it left none."""
        try:
            return (self.path / record.TROUBLE).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def stuck(self) -> str:
        """Why the command goes on although it was to be stopped, empty while nothing is known of that."""
        try:
            fields = record.unseal((self.path / record.STUCK).read_bytes()) or {}
        except FileNotFoundError:
            return ""
        return str(fields.get("words", ""))

    def ask_to_stop(self) -> None:
        """Leave word for the supervisor to stop the command; by a link, which a full disk does not prevent."""
        with contextlib.suppress(FileExistsError):
            os.link(self.path / record.SPEC, self.path / record.CANCEL)


def _sealed(path: Path) -> bool:
    """Whether the file is whole: a full disk may have left it empty."""
    return path.exists() and record.unseal(path.read_bytes()) is not None


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
