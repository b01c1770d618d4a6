"""A template of somebody's own, rendered in a process of its own with bounds on its time and its memory."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from cockpit.config.problems import ConfigError, Problem
from cockpit.review.model import Report

SECONDS = 10
"""Of computing, at most."""
MEMORY = 2 * 1024**3
"""Bytes at most, where the system can bound them."""
LETTERS = 64 * 1024**2
"""Of what a template makes, at most."""
MAX_TEMPLATE = 256 * 1024
"""Bytes of a template at most."""


async def rendered(report: Report, path: Path, token: str = "", seconds: float = SECONDS) -> str:
    """What the template makes of the report; ConfigError with its file and line. `token` is as in `templating`."""
    try:
        text = await asyncio.to_thread(_read, path)
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _wrong(path, "is not UTF-8") from None
    ask = {"path": str(path), "text": text, "folder": str(path.parent), "seconds": seconds, "token": token}
    stdin = json.dumps(ask).encode() + b"\n" + report.model_dump_json().encode()
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "cockpit.review.apart", stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(stdin), 2 * seconds + 10)
    except TimeoutError:
        raise _wrong(path, _ENDLESS.format(seconds)) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code := await process.wait():
        words = _ENDLESS.format(seconds) if code < 0 else "needs more memory than a template gets"
        raise _wrong(path, words)
    answer: dict[str, Any] = json.loads(out)
    if "problems" in answer:
        raise ConfigError([Problem(*place) for place in answer["problems"]])
    return str(answer["text"])


_ENDLESS = "is not done after {:g} s of computing: does it loop without end?"


def _read(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(0, "there is no such file")
    with open(path, "rb") as file:
        raw = file.read(MAX_TEMPLATE + 1)
    if len(raw) > MAX_TEMPLATE:
        raise OSError(0, "it is larger than 256 KB")
    return raw.decode("utf-8-sig")


def _wrong(path: Path, words: str) -> ConfigError:
    return ConfigError([Problem(str(path), 0, 0, "", words)])


def main() -> None:
    """The process: one report on its input, one answer on its output."""
    from cockpit.review.templating import render_by

    ask = json.loads(sys.stdin.buffer.readline())
    report = Report.model_validate_json(sys.stdin.buffer.read())
    used = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime)
    resource.setrlimit(resource.RLIMIT_CPU, (used + int(ask["seconds"]), used + int(ask["seconds"]) + 1))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        text = render_by(report, ask["text"], ask["path"], ask["folder"], ask["token"])
        answer: dict[str, Any] = {"text": text}
        if len(text) > LETTERS:
            answer = {"problems": [(ask["path"], 0, 0, "", "makes more than 64 MB of text")]}
    except ConfigError as error:
        answer = {"problems": [(one.path, one.line, one.column, one.field, one.message) for one in error.problems]}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
