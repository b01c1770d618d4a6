"""A command on a terminal of its own: what it sees, what it is never told, and that nothing else is different."""

from __future__ import annotations

import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cockpit.execution import record, spool, status
from cockpit.execution.attempt import AttemptDir, Result
from cockpit.execution.outlet import Terminal
from cockpit.execution.status import Finished, Status
from cockpit.platform.process import carrying

Start = Callable[..., Awaitable[AttemptDir]]
End = Callable[[AttemptDir], Awaitable[Status]]
Until = Callable[[Callable[[], object]], Awaitable[None]]

WHO = """
import fcntl, os, sys, termios
size = os.get_terminal_size()
print(all(map(os.isatty, (0, 1, 2))), os.ttyname(0) == os.ttyname(1), size.columns, size.lines, os.environ["TERM"])
print(os.getsid(0) == os.getpid(), os.tcgetpgrp(0) == os.getpgrp(), os.isatty(os.open("/dev/tty", os.O_RDWR)))
print(sorted(os.listdir("/dev/fd"))[:3], len(os.listdir("/dev/fd")))
"""


def result(ended: Status) -> Result:
    assert isinstance(ended, Finished), ended
    return ended.result


def printed(attempt: AttemptDir) -> bytes:
    return spool.tail(attempt, 1 << 20)[1]


async def test_it_is_the_controlling_terminal_of_a_session_of_its_own(start: Start, end: End) -> None:
    attempt = await start(sys.executable, "-I", "-c", WHO, pty=True)
    assert result(await end(attempt)).exit_code == 0
    first, second, third = printed(attempt).decode().splitlines()
    assert first == "True True 80 24 dumb"
    assert second == "True True True"
    # The fourth is /dev/tty, opened above; the fifth the listing itself.
    assert third == "['0', '1', '2'] 5"


async def test_a_kind_of_terminal_that_the_person_has_stays(start: Start, end: End) -> None:
    attempt = await start("sh", "-c", "echo $TERM", pty=True, env={"TERM": "xterm"})
    await end(attempt)
    assert printed(attempt) == b"xterm\n"


async def test_without_asking_there_is_none(start: Start, end: End) -> None:
    attempt = await start("sh", "-c", "tty; test -t 1 || echo pipe; : < /dev/tty")
    assert result(await end(attempt)).exit_code != 0
    assert printed(attempt).startswith(b"not a tty\npipe\n")


async def test_bytes_come_as_from_a_pipe_and_nothing_is_echoed(start: Start, end: End) -> None:
    attempt = await start("printf", r"one\ntwo\377\000\033]0;x\007 no newline", pty=True)
    ended = result(await end(attempt))
    assert printed(attempt) == b"one\ntwo\xff\x00\x1b]0;x\x07 no newline"
    assert ended.output_bytes == len(printed(attempt))


@pytest.mark.parametrize("source", ["/dev/stdin", "/dev/tty"])
async def test_whoever_asks_for_lines_gets_none_each_time(start: Start, end: End, source: str) -> None:
    script = f"read one < {source} || echo none; cat < {source}; read two < {source} || echo none; exit 4"
    attempt = await start("bash", "-c", script, pty=True)
    assert result(await end(attempt)).exit_code == 4
    assert printed(attempt) == b"none\nnone\n"


async def test_a_password_prompt_gets_none(start: Start, end: End) -> None:
    code = "import getpass\ntry: getpass.getpass('Password: ')\nexcept EOFError: print('no password')"
    attempt = await start(sys.executable, "-I", "-c", code, pty=True)
    assert result(await end(attempt)).exit_code == 0
    assert printed(attempt).split() == [b"Password:", b"no", b"password"]


async def test_no_key_is_ever_pressed(start: Start, end: End) -> None:
    # First quiet and deaf for a while, as a program that works; then waiting for any key, what came before not flushed.
    code = (
        "import select, termios, time, tty;"
        "time.sleep(0.5); tty.setcbreak(0, termios.TCSANOW); print('press any key to drop the database', flush=True);"
        "print(select.select([0], [], [], 0.5)[0])"
    )
    attempt = await start(sys.executable, "-I", "-c", code, pty=True)
    assert result(await end(attempt)).exit_code == 0
    assert printed(attempt) == b"press any key to drop the database\n[]\n"


async def test_a_whole_long_output_is_there_when_the_command_has_ended(start: Start, end: End) -> None:
    attempt = await start("seq", "1", "50000", pty=True)
    ended = result(await end(attempt))
    expected = "".join(f"{number}\n" for number in range(1, 50_001)).encode()
    assert (ended.exit_code, ended.output_bytes, ended.dropped_bytes) == (0, len(expected), 0)
    assert spool.tail(attempt, 1 << 20) == (len(expected), expected)


@pytest.mark.parametrize(("program", "code"), [("no-such-program", 127), ("/etc/passwd", 126)])
async def test_what_cannot_be_run_is_not_found_there_too(start: Start, end: End, program: str, code: int) -> None:
    ended = result(await end(await start(program, pty=True)))
    assert (ended.ended_by, ended.exit_code) == ("not_found", code)


async def test_exit_codes_and_signals_are_told_apart(start: Start, end: End) -> None:
    assert result(await end(await start("sh", "-c", "exit 3", pty=True))).exit_code == 3
    assert result(await end(await start("sh", "-c", "kill -9 $$", pty=True))).signal == signal.SIGKILL


async def test_a_stop_takes_the_whole_tree(start: Start, end: End, until: Until) -> None:
    script = "trap '' TERM HUP; setsid sleep 1000 & echo up; while :; do sleep 1000; done"
    attempt = await start("bash", "-c", script, pty=True, kill_grace=0.3)
    await until(lambda: printed(attempt))
    status.cancel(attempt)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.signal, ended.survivors) == ("person", signal.SIGKILL, 0)
    assert carrying(record.COOKIE, attempt.id) == ()


async def test_a_daemon_that_left_the_session_lives_and_may_still_print(
    start: Start, end: End, until: Until, tmp_path: Path
) -> None:
    go, proof = tmp_path / "go", tmp_path / "proof"
    daemon = f"while ! [ -e {go} ]; do sleep 0.02; done; sleep 0.5; echo late && echo alive > {proof}"
    attempt = await start("bash", "-c", f"setsid sh -c '{daemon}' & sleep 0.2; echo started", pty=True)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.exit_code) == ("itself", 0)
    assert ended.survivors >= 1
    go.touch()
    await until(lambda: proof.exists() and proof.read_text() == "alive\n")
    assert printed(attempt) == b"started\n"


async def test_a_person_stops_it(start: Start, end: End, until: Until) -> None:
    attempt = await start("cat", "/dev/zero", pty=True)
    await until(lambda: spool.total(attempt))
    status.cancel(attempt)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.signal) == ("person", signal.SIGTERM)


async def test_a_terminal_that_the_command_hangs_up_itself_loses_no_result(start: Start, end: End) -> None:
    code = "import ctypes, signal, sys, time; signal.signal(1, signal.SIG_IGN); ctypes.CDLL(None).vhangup()"
    attempt = await start(sys.executable, "-I", "-c", f"{code}; time.sleep(0.5); sys.exit(5)", pty=True)
    assert result(await end(attempt)).exit_code == 5


def test_a_host_without_terminals_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> tuple[int, int]:
        raise FileNotFoundError(2, "out of pty devices")

    monkeypatch.setattr("os.openpty", none)
    with pytest.raises(OSError, match="no terminal could be had: out of pty devices"):
        Terminal()
