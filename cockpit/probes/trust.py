"""Whom to trust: contexts are costly (20 ms and 1 MB each), so probes that trust the same share one."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path


@cache
def system() -> ssl.SSLContext:
    """The authorities of this host."""
    return ssl.create_default_context()


@cache
def only(ca_file: Path) -> ssl.SSLContext:
    """The authorities in one file and no others; raises OSError, or ssl.SSLError when there are none in it."""
    return ssl.create_default_context(cafile=str(ca_file))


def why_not(error: OSError) -> str:
    """Why a file of authorities cannot be used, in words without its path."""
    if isinstance(error, ssl.SSLError):
        return "there is no certificate in it"
    return (error.strerror or type(error).__name__).lower()
