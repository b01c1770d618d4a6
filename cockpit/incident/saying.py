"""How words are put together, and what tone they have."""

from __future__ import annotations

from typing import Literal

from cockpit.incident.event import Event
from cockpit.incident.vocabulary import Figures
from cockpit.moments import span

Tone = Literal["plain", "muted", "good", "warn", "bad", "act"]
Said = tuple[str, str, Tone]
"""The word for its kind, the rest of the line, and the tone."""

BORDER = "\x1f"
"""Between two parts of a line, until it is known where they will be read: a control character, which nobody types."""
GAP = "  "
"""What stands there on a terminal."""
DASH = " - "
"""What stands there in a document, which shows two blanks as one."""


def percent(rate: float | None) -> str:
    """A ratio as `79.6 %`, or `?` where nothing was measured."""
    return "?" if rate is None else f"{rate * 100:.1f} %"


def delta(before: Figures, after: Figures) -> str:
    """What became of a measurement: `err 79.6 -> 79.4 %`, the latency where no errors are counted, or nothing."""
    if after.error_rate is not None:
        was = "?" if before.error_rate is None else f"{before.error_rate * 100:.1f}"
        return f"err {was} -> {percent(after.error_rate)}"
    if after.p95_ms is not None:
        was = "?" if before.p95_ms is None else f"{before.p95_ms:.0f}"
        return f"p95 {was} -> {after.p95_ms:.0f} ms"
    return ""


def span_of(seconds: float) -> str:
    """A duration to the tenth of a second where that matters: `1.2 s`."""
    return f"{seconds:.1f} s" if 0 <= seconds < 60 else span(seconds)


def by(event: Event) -> str:
    return f" by {event.actor}" if event.actor else ""


def spaced(*parts: str) -> str:
    """The parts that say anything, with a border between them."""
    return BORDER.join([bare for part in parts if (bare := part.strip())])


def joined(*parts: str) -> str:
    return " ".join(part.strip() for part in parts if part.strip())
