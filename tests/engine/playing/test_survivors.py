"""What outlives its supervisor: nobody looks whether it took effect before it has ended."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from cockpit.execution import record
from cockpit.platform.process import carrying
from tests.engine.playing.conftest import Stage

STEPS = """\
  - id: switch
    title: Switch it off
    effect: write
    irreversible: it is off
    command: {{argv: [sh, -c, "echo began >> {home}/ledger; while test ! -e {home}/enough; do sleep 0.05; done"]}}
    check: {{argv: [sh, -c, "echo looked >> {home}/ledger"]}}
"""


def _supervisor(attempt: Path) -> int:
    """Whoever runs with that directory among its arguments."""
    wanted = os.fsencode(attempt)
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and wanted in (entry / "cmdline").read_bytes().split(b"\0"):
                return int(entry.name)
    raise AssertionError("it has no supervisor")


async def test_its_check_is_run_by_itself_once_nothing_of_it_runs_any_more(stage: Stage) -> None:
    ledger, enough, attempts = stage.home / "ledger", stage.home / "enough", stage.places.attempts
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, STEPS.format(home=stage.home))
        assert (await ada.confirm("switch")).ok
        await ada.until(lambda: ada.run.attempt and carrying(record.COOKIE, ada.run.attempt) and ledger.exists())
        os.kill(_supervisor(attempts / ada.run.attempt), signal.SIGKILL)
        await ada.until(lambda: "still running, pid" in str(ada.step("switch").words))
        assert "settle switch" in ada.offered() and ledger.read_text() == "began\n"
        enough.touch()
        await ada.word("switch", "ok")
    assert ledger.read_text() == "began\nlooked\n"
