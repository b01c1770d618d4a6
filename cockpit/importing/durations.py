"""Durations as Go, Prometheus and Gatus write them, in our own words."""

from __future__ import annotations

import re

_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|[smhdwy])")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0,
            "w": 604800.0, "y": 31536000.0}  # fmt: skip


def seconds(text: str) -> float | None:
    """Seconds of `1h30m`, `2d` or `500ms`; None when it is none of these."""
    parts = _PARTS.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def ours(value: float) -> str:
    """Seconds as our config writes them."""
    if value < 1 or value != int(value):
        return f"{round(value * 1000)}ms"
    whole = int(value)
    for size, unit in ((3600, "h"), (60, "m")):
        if whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole}s"
