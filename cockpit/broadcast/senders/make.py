"""The senders that a config asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cockpit.broadcast.sender import Sender
from cockpit.broadcast.senders.file import FileSender
from cockpit.config.broadcasting import Destination, FileDestination
from cockpit.config.fields import EnvReference

Reveal = Callable[[str | EnvReference], str]
"""The value of a setting, out of the environment where it is a secret; KeyError when that is unset."""


def make(destinations: Sequence[Destination], reveal: Reveal, base: Path) -> dict[str, Sender]:
    """One sender for each destination, by name; `base` is where relative paths begin."""
    return {each.name: _make(each, reveal, base) for each in destinations}


def _make(destination: Destination, reveal: Reveal, base: Path) -> Sender:
    match destination:
        case FileDestination(name=name, path=path):
            return FileSender(name, base / Path(path).expanduser())
    raise NotImplementedError(destination.kind)
