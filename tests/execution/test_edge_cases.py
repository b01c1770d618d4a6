"""What an expert tries on a runner of commands, each by name. More of them stand in the files beside this one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cockpit.execution import processes, record, spool, status
from cockpit.execution.attempt import AttemptDir, CommandSpec, Result
from cockpit.execution.follow import Unstoppable, follow
from cockpit.execution.launch import Launcher
from cockpit.execution.status import Finished, Lost, Running, Status
from cockpit.platform.process import carrying

New = Callable[[], AttemptDir]
Start = Callable[..., Awaitable[AttemptDir]]
End = Callable[[AttemptDir], Awaitable[Status]]
Until = Callable[[Callable[[], object]], Awaitable[None]]
SHELL = ("bash", "-eo", "pipefail", "-c")
ENV = {"PATH": os.defpath, "LANG": "C"}


def result(ended: Status) -> Result:
    assert isinstance(ended, Finished), ended
    return ended.result


def printed(attempt: AttemptDir) -> bytes:
    return spool.tail(attempt, 1 << 20)[1]


def leader(attempt: AttemptDir) -> int:
    now = status.read(attempt)
    return now.pid if isinstance(now, Running) else 0


def above(attempt: AttemptDir) -> int:
    return processes.processes()[leader(attempt)].parent


async def test_a_shell_past_its_deadline_leaves_no_orphan(start: Start, end: End) -> None:
    # What subprocess.run(timeout, shell=True) leaves behind: the shell dies, its child lives on.
    attempt = await start(*SHELL, "sleep 1000; echo done", limit=0.3)
    assert result(await end(attempt)).ended_by == "timeout"
    assert carrying(record.COOKIE, attempt.id) == ()


async def test_an_escapee_that_holds_the_pipe_delays_no_end(start: Start, end: End) -> None:
    attempt = await start(*SHELL, "setsid sleep 1000 & echo started")
    ended = result(await end(attempt))
    assert (ended.exit_code, ended.survivors) == (0, 1)


async def test_a_failure_within_a_pipe_fails_the_step(start: Start, end: End) -> None:
    assert result(await end(await start(*SHELL, "false | tee /dev/null"))).exit_code == 1
    assert result(await end(await start(*SHELL, "false; echo went on"))).exit_code == 1
    # Why there is a shell of our own choice: the usual one sees nothing.
    assert result(await end(await start("sh", "-c", "false | tee /dev/null"))).exit_code == 0


async def test_a_line_that_never_ends_is_shown_while_it_grows(start: Start, end: End, until: Until) -> None:
    attempt = await start("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' '.'; exec sleep 1000")
    await until(lambda: spool.total(attempt) == 3_000_000)
    assert (spool.head(attempt, 5), spool.tail(attempt, 5)) == (b".....", (3_000_000, b"....."))
    status.cancel(attempt)
    assert result(await end(attempt)).output_bytes == 3_000_000


async def test_tens_of_megabytes_in_both_streams_block_nothing(start: Start, end: End) -> None:
    script = "head -c 30000000 /dev/zero & head -c 30000000 /dev/zero >&2; wait; exit 7"
    ended = result(await end(await start(*SHELL, script, kept=1 << 20)))
    assert (ended.exit_code, ended.output_bytes, ended.dropped_bytes) == (7, 60_000_000, 60_000_000 - (1 << 20))


async def test_values_stand_beside_what_the_person_has_and_no_one_evaluates_them(
    new: New, launcher: Launcher, end: End, tmp_path: Path
) -> None:
    nasty = f"$(touch {tmp_path}/ran) `touch {tmp_path}/ran`; touch {tmp_path}/ran\n'\"\\ é\udcff"
    attempt = new()
    attempt.create(CommandSpec((*SHELL, 'printf "%s|%s|%s" "$RELEASE" "$HOME" "$BOTH"'), 60.0,
                               env={"RELEASE": nasty, "BOTH": "of the step", record.COOKIE: "forged"}))  # fmt: skip
    await launcher.launch(attempt, {"PATH": os.defpath, "HOME": "/", "BOTH": "of the person"})
    assert result(await end(attempt)).exit_code == 0
    assert printed(attempt) == os.fsencode(nasty) + b"|/|of the step"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "spec",
    [
        CommandSpec(("true", "a\0b"), 60.0),
        CommandSpec(("true",), 60.0, env={"A": "x\0y"}),
        CommandSpec(("true",), 60.0, env={"A=B": "x"}),
        CommandSpec(("true", "\ud800"), 60.0),
        CommandSpec(("true", "x" * 200_000), 60.0),
        CommandSpec(("true",), 60.0, env={"A": "x" * 200_000}, pty=True),
    ],
    ids=["nul-word", "nul-value", "name", "no-text", "long-word", "long-value"],
)
async def test_what_no_process_can_be_given_is_certainly_not_run(
    new: New, launcher: Launcher, end: End, spec: CommandSpec
) -> None:
    attempt = new()
    attempt.create(spec)
    await launcher.launch(attempt, ENV)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.exit_code) == ("not_found", 126)
    assert ended.words


async def test_killed_between_its_claim_and_its_start_nobody_knows(
    new: New, launcher: Launcher, end: End, until: Until, supervisors: Callable[[AttemptDir], list[int]]
) -> None:
    # A spec that nobody has written yet holds the supervisor there, after its claim and before the command.
    attempt = new()
    attempt.create(CommandSpec(("true",), 60.0))
    (attempt.path / record.SPEC).unlink()
    os.mkfifo(attempt.path / record.SPEC)
    await launcher.launch(attempt, ENV)
    await until(lambda: (attempt.path / record.CLAIM).exists())
    assert status.read(attempt) == Running(0)
    (pid,) = supervisors(attempt)
    os.kill(pid, signal.SIGKILL)
    assert await end(attempt) == Lost("its supervisor died before it could record the result")
    assert not status.abandon(attempt)


async def test_killed_after_the_start_and_before_it_was_noted_the_survivor_is_named(
    start: Start, end: End, until: Until
) -> None:
    attempt = await start("sleep", "1000")
    await until(lambda: leader(attempt))
    pid, own = leader(attempt), above(attempt)
    os.kill(own, signal.SIGKILL)
    # As its claim stood a moment before.
    record.overwrite(str(attempt.path / record.SUPERVISOR), {"by": record.SUPERVISOR})
    lost = await end(attempt)
    assert isinstance(lost, Lost)
    assert lost.survivor == pid
    assert lost.why.endswith(f"still running, pid {pid}")


async def test_killed_between_the_commands_end_and_its_record_nobody_knows(
    start: Start, end: End, until: Until, tmp_path: Path
) -> None:
    # The supervisor sleeps while the command ends, and dies before it could look.
    go = tmp_path / "go"
    attempt = await start("sh", "-c", f"while ! [ -e {go} ]; do sleep 0.02; done; exit 3")
    await until(lambda: leader(attempt))
    pid, own = leader(attempt), above(attempt)
    os.kill(own, signal.SIGSTOP)
    go.touch()
    await until(lambda: processes.processes()[pid].zombie)
    os.kill(own, signal.SIGKILL)
    assert await end(attempt) == Lost("its supervisor died before it could record the result")
    assert not status.abandon(attempt)


async def test_a_supervisor_that_slept_through_the_end_still_tells_it(
    start: Start, end: End, until: Until, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    attempt = await start("sh", "-c", f"while ! [ -e {go} ]; do sleep 0.02; done; exit 3")
    await until(lambda: leader(attempt))
    pid, own = leader(attempt), above(attempt)
    os.kill(own, signal.SIGSTOP)
    go.touch()
    await until(lambda: processes.processes()[pid].zombie)
    os.kill(own, signal.SIGCONT)
    assert result(await end(attempt)).exit_code == 3


async def test_a_command_that_stopped_itself_is_ended_all_the_same(start: Start, end: End, until: Until) -> None:
    attempt = await start("sh", "-c", "kill -STOP $$", kill_grace=0.2)
    await until(lambda: leader(attempt) and b") T " in Path(f"/proc/{leader(attempt)}/stat").read_bytes())
    status.cancel(attempt)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.signal) == ("person", signal.SIGKILL)


async def test_a_fork_storm_is_ended_whole(start: Start, end: End) -> None:
    script = "trap '' TERM; f() { for i in 1 2 3 4 5; do (setsid sh -c 'sleep 1000' &) ; done; }; f; f; f; sleep 1000"
    attempt = await start("bash", "-c", script, limit=1.0, kill_grace=0.2)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.survivors) == ("timeout", 0)
    assert carrying(record.COOKIE, attempt.id) == ()


ENGINE = """
import asyncio, pathlib, sys
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.launch import Launcher

async def main():
    attempt = AttemptDir(pathlib.Path(sys.argv[1]), sys.argv[2])
    command = ("setpriv", "--reuid", "65534", "--clear-groups", "sh", "-c", "echo other; exec sleep 1000")
    attempt.create(CommandSpec(command, 60.0, 0.2))
    await Launcher().launch(attempt, {"PATH": "/usr/bin:/bin"})

asyncio.run(main())
"""


@pytest.fixture
def other_user() -> None:
    """A process of another user can be made."""
    if os.geteuid() or shutil.which("setpriv") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no process of another user could be made: this needs root and setpriv")
        pytest.skip("this needs root and setpriv")


@pytest.mark.usefixtures("other_user")
async def test_a_command_below_sudo_that_cannot_be_signalled_is_said_to_go_on(new: New, until: Until) -> None:
    attempt = new()
    # Root without the right to signal others stands where a person stands before what they started by sudo.
    engine = await asyncio.create_subprocess_exec(
        "setpriv", "--bounding-set", "-kill", sys.executable, "-c", ENGINE, str(attempt.path), attempt.id
    )
    assert await engine.wait() == 0
    await until(lambda: printed(attempt) == b"other\n")
    pid = leader(attempt)
    status.cancel(attempt)
    steps = []
    async for step in follow(attempt, poll=0.01):
        steps.append(step)
        if isinstance(step, Unstoppable):
            # There is no result as long as it lives.
            assert status.read(attempt) == Running(pid)
            os.kill(pid, signal.SIGKILL)
    words = f"still running, pid {pid}: it belongs to another user and cannot be signalled"
    assert Unstoppable(words) in steps
    last = steps[-1]
    assert isinstance(last, Finished)
    assert (last.result.ended_by, last.result.signal) == ("person", signal.SIGKILL)


async def test_many_short_steps_leave_no_zombie_and_no_survivor(
    start: Start, end: End, until: Until, supervisors: Callable[[AttemptDir], list[int]]
) -> None:
    attempts = [await start("sh", "-c", f"setsid true; sleep 0.0{number % 5} & exit {number}") for number in range(40)]
    assert [result(await end(attempt)).exit_code for attempt in attempts] == list(range(40))
    await until(lambda: not any(supervisors(attempt) for attempt in attempts))
    assert not any(carrying(record.COOKIE, attempt.id) for attempt in attempts)
    assert not [pid for pid, one in processes.processes().items() if one.zombie and one.parent == os.getpid()]
