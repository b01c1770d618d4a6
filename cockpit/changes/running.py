"""Runs a command to its end and keeps what it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cockpit.changes.source import Unanswered
from cockpit.platform.command import run


async def output(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, within: float, limit: int) -> bytes:
    """What the command prints; Unanswered when it fails, prints more than `limit` bytes or takes too long.

    It has no terminal to ask anything on, and neither it nor what it started in its group outlives this.
    """
    name = Path(argv[0]).name
    try:
        ran = await run(argv, env, cwd, within, limit)
    except FileNotFoundError as error:
        missing = error.filename if error.filename is not None else argv[0]
        raise Unanswered(f"{missing}: not found") from None
    except (OSError, ValueError) as error:
        raise Unanswered(f"{name} cannot be started: {error}") from None
    if ran.cut:
        raise Unanswered(f"{name} printed more than {limit // 1024} KiB")
    if ran.code is None:
        raise Unanswered(f"{name} took longer than {within:.1f} s and was stopped")
    if ran.code != 0:
        raise Unanswered(f"{name} ended with {ran.code}{_complaint(ran.err)}")
    return ran.out


def _complaint(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return f": {lines[-1].strip()}" if lines else ""
