"""The terminal the screen would have. It only hinders, so nothing here is bad."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import AsyncIterator

from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene

THEME = "terminal"
WIDTH, HEIGHT = 80, 24


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Its encoding, its kind, its size and its colours."""
    encoding = locale.getpreferredencoding(False)
    if encoding.upper().replace("-", "") == "UTF8":
        yield finding(THEME, "locale", "ok", "UTF-8")
    else:
        yield finding(THEME, "locale", "warn", f"{encoding}: shapes will look wrong", "export LANG=C.UTF-8")
    if not sys.stdout.isatty():
        yield finding(THEME, "", "skipped", "this is none")
        return
    kind = scene.environ.get("TERM", "")
    if kind in {"", "dumb", "unknown"}:
        yield finding(THEME, "TERM", "warn", f"TERM is {kind or 'not set'}", "export TERM=xterm-256color")
    else:
        deep = scene.environ.get("COLORTERM", "") in {"truecolor", "24bit"}
        yield finding(THEME, "TERM", "ok", f"{kind}, {'all' if deep else '256' if '256' in kind else 'few'} colours")
    size = os.get_terminal_size(sys.stdout.fileno())
    if size.columns < WIDTH or size.lines < HEIGHT:
        words = f"{size.columns}x{size.lines} is too small to show all"
        yield finding(THEME, "size", "warn", words, f"make it {WIDTH}x{HEIGHT} or larger")
    else:
        yield finding(THEME, "size", "ok", f"{size.columns}x{size.lines}")
