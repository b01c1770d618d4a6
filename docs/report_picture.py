"""Takes the picture of a report as a page.

    make report-picture        (needs a Chromium)

plays `good` of login-flag through the real engine, and draws the page of its report.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cockpit.drills.drill import play
from cockpit.platform.places import Places
from cockpit.review.writing import Manner, write

HERE = Path(__file__).parent
SPEED = 20.0
SIZE = "1120,1900"


async def main() -> None:
    """Play the drill, write its report as a page, and draw that."""
    chromium = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
    if chromium is None:
        sys.exit("a Chromium is needed to draw the page: install the package `chromium`")
    with tempfile.TemporaryDirectory() as directory:
        places = Places(Path(directory) / "drill")
        if await play("login-flag", "good", SPEED, places, lambda line: None):
            sys.exit("the drill did not come to its end")
        page = Path(directory) / "report.html"
        text, good = await write(places.journal, None, Manner(page))
        if not good:
            sys.exit(text)
        await asyncio.to_thread(photograph, chromium, page, HERE / "report.png")
    print("report.png")


def photograph(chromium: str, page: Path, picture: Path, size: str = SIZE) -> None:
    """Draw the top of a page."""
    subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            f"--user-data-dir={page.parent / 'profile'}", f"--window-size={size}", f"--screenshot={picture}",
            page.as_uri(),
        ],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
