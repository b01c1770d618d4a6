"""What a command printed, on its way to people, and an attempt that cannot be followed."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.engine.core import Core
from cockpit.engine.grants import Grants
from cockpit.engine.plans import Plans, Unreadable
from cockpit.engine.recording import Recorder
from cockpit.engine.running import KEPT, SEARCHED_BYTES, SHOWN_BYTES, Runner
from cockpit.engine.vault import Vault
from cockpit.execution.launch import Launcher
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.run import Attempt, Run
from cockpit.incident.runs import AttemptIntended, RunStarted
from cockpit.incident.vocabulary import IncidentDeclared
from cockpit.journal.store import Answered, Journal, Letter
from cockpit.runbooks.lint import lint
from cockpit.runbooks.plan import Plan, plan
from cockpit.tasks import TaskSet
from cockpit.text import Redactor

SECRET = "swordfish-" * 8
RUNBOOK = """\
version: 1
id: mend
title: Mend it
steps:
  - id: mend
    title: Mend it
    effect: read
    command: {{argv: ["sh", "-c", {script}]}}
"""


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    journal = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    core = Core(journal, SystemClock(), _alone, State(stream=WATCH), None)
    said = IncidentDeclared(title="Logins fail", severity="SEV1")
    await core.declare(lambda _: ((Draft(body=said, actor="ada"),), Answered("declare", b"declared")))
    yield core
    await journal.close()


async def _intend(core: Core, script: str, more: str = "") -> None:
    source = RUNBOOK.format(script=f"'{script}'") + more
    runbook, _ = lint(source, "mend.yaml")
    assert runbook is not None
    bodies = (
        RunStarted(
            run="r", runbook="mend", title="Mend it", digest=source, source=source, path="mend.yaml",
            steps=plan(runbook).outlines,
        ),
        AttemptIntended(run="r", step="mend", attempt="a", command="sh", digest="d", direction="forward"),
    )  # fmt: skip
    await core.record(lambda _: [Draft(body=body, actor="cockpit") for body in bodies])


def _attempt(core: Core) -> Attempt:
    return core.shown.runs["r"].attempts["a"]


@asynccontextmanager
async def _running(
    core: Core, attempts: Path, plans: Callable[[Run], Plan] | None = None
) -> AsyncIterator[tuple[Runner, Grants]]:
    recorder, tasks = Recorder(core), TaskSet()
    redact, grants = Redactor([SECRET]), Grants()
    runner = Runner(core, recorder, attempts, plans or Plans().of, redact, grants, Vault(redact), Launcher().launch)
    tasks.spawn(recorder.run(), "recorder")
    tasks.spawn(runner.run(), "runner")
    async with asyncio.timeout(20):
        yield runner, grants
    await tasks.close()


async def _ended(core: Core) -> None:
    waker = core.waker()
    while _attempt(core).open:
        waker.clear()
        await waker.wait()
    core.forget(waker)


async def _printed(core: Core, tmp_path: Path, script: str) -> str:
    async with _running(core, tmp_path / "attempts") as (runner, grants):
        with grants.given("r", "a", {"PATH": "/usr/bin:/bin", "SECRET": SECRET}):
            await _intend(core, script)
        await _ended(core)
        assert runner.output is not None
        return runner.output[2]


async def test_a_secret_that_the_cut_goes_through_is_not_shown(core: Core, tmp_path: Path) -> None:
    after = SHOWN_BYTES - len(SECRET) // 2
    shown = await _printed(core, tmp_path, f'printf "%s\\n" "$SECRET"; head -c {after - 1} /dev/zero | tr "\\0" x')
    assert "swordfish" not in shown
    assert shown.endswith("xxx")


async def test_the_newest_output_is_shown_although_it_grows_by_being_made_visible(core: Core, tmp_path: Path) -> None:
    shown = await _printed(core, tmp_path, f'echo; head -c {SHOWN_BYTES} /dev/zero | tr "\\0" "\\001"; echo end')
    assert shown.rstrip().endswith("^Aend")
    finished = _attempt(core).finished
    assert finished is not None and finished.tail.rstrip().endswith("^Aend") and len(finished.tail) <= KEPT


async def test_of_a_line_that_the_cut_goes_through_no_value_is_taken(core: Core, tmp_path: Path) -> None:
    lines = SEARCHED_BYTES // 8
    script = f"yes v=11111 | head -n {lines - 1}; echo v=2222222222; yes no=7777 | head -n {3 * lines}"
    async with _running(core, tmp_path / "attempts") as (_, grants):
        with grants.given("r", "a", {"PATH": "/usr/bin:/bin"}):
            await _intend(core, script, '    outputs: {found: {pattern: "v=([0-9]+)"}}\n')
        await _ended(core)
    finished = _attempt(core).finished
    assert finished is not None and finished.outputs == {"found": "11111"}


@pytest.mark.parametrize("code", [0, 3])
async def test_the_result_of_a_runbook_that_nobody_can_read_any_more_is_recorded(
    core: Core, tmp_path: Path, code: int
) -> None:
    def newer(run: Run) -> Plan:
        raise Unreadable(run)

    attempts, go = tmp_path / "attempts", tmp_path / "go"
    async with _running(core, attempts) as (_, grants):
        with grants.given("r", "a", {"PATH": "/usr/bin:/bin"}):
            await _intend(core, f"echo $$ swordfish; until [ -e {go} ]; do sleep 0.02; done; exit {code}")
        waker = core.waker()
        while not _attempt(core).started_at:
            waker.clear()
            await waker.wait()
        core.forget(waker)
    async with _running(core, attempts, newer) as _:
        go.touch()
        await _ended(core)
    finished = _attempt(core).finished
    assert finished is not None and (finished.ok, finished.exit_code) == (code == 0, code)
    assert "cannot read the runbook" in finished.why and "swordfish" not in finished.tail


async def test_a_pattern_without_end_ends_without_a_value(core: Core, tmp_path: Path) -> None:
    async with _running(core, tmp_path / "attempts") as (_, grants):
        with grants.given("r", "a", {"PATH": "/usr/bin:/bin"}):
            await _intend(core, "printf %060d 0", '    outputs: {found: {pattern: "^((0+)+)$x"}}\n')
        await _ended(core)
    finished = _attempt(core).finished
    assert finished is not None and (finished.ok, finished.exit_code) == (False, 0)
    assert "does not come to an end" in finished.why


async def test_of_what_a_full_disk_kept_no_value_is_taken(core: Core, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, before[1]))
    try:
        async with _running(core, tmp_path / "attempts") as (_, grants):
            with grants.given("r", "a", {"PATH": "/usr/bin:/bin"}):
                await _intend(core, "yes old | head -c 2000000; echo new", "    outputs: {found: {line: last}}\n")
            await _ended(core)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finished = _attempt(core).finished
    assert finished is not None and (finished.ok, finished.exit_code, finished.outputs) == (False, 0, {})
    assert (
        finished.why == "exit 0, but its values cannot be taken. The disk was full: not all that it printed was kept."
    )


async def test_an_attempt_that_cannot_be_followed_is_not_tried_without_a_pause(
    core: Core, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "attempts").write_text("in the way of every directory")
    with caplog.at_level(logging.ERROR):
        async with _running(core, tmp_path / "attempts"):
            await _intend(core, "true")
            for _ in range(20):
                core.wake()
                await asyncio.sleep(0.01)
    assert len([record for record in caplog.records if "could not be followed" in record.message]) == 1


async def test_a_secret_that_no_process_can_be_given_is_in_no_message(
    core: Core, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with _running(core, tmp_path / "attempts") as (_, grants):
        with grants.given("r", "a", {"PATH": "/usr/bin:/bin", "SECRET": f"{SECRET}\0x"}):
            await _intend(core, "true")
        await _ended(core)
    assert _attempt(core).abandoned and "swordfish" not in repr(core.shown.runs["r"])
    assert "could not be started" in caplog.text and "swordfish" not in caplog.text
