"""One command under its supervisor: every way to end, what is killed, and what it is given."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cockpit.execution import processes, record, spool, status
from cockpit.execution.attempt import AttemptDir, CommandSpec, Result
from cockpit.execution.launch import Launcher
from cockpit.execution.status import Finished, Status
from cockpit.platform.process import carrying

Start = Callable[..., Awaitable[AttemptDir]]
End = Callable[[AttemptDir], Awaitable[Status]]
Until = Callable[[Callable[[], object]], Awaitable[None]]


def result(ended: Status) -> Result:
    assert isinstance(ended, Finished), ended
    return ended.result


def read(path: str) -> bytes:
    return Path(path).read_bytes()


def printed(attempt: AttemptDir) -> bytes:
    return spool.tail(attempt, 1 << 20)[1]


@pytest.mark.parametrize("code", [0, 1, 2, 126, 127, 255])
async def test_an_exit_code_is_recorded(start: Start, end: End, code: int) -> None:
    ended = result(await end(await start("sh", "-c", f"exit {code}")))
    assert (ended.ended_by, ended.exit_code, ended.signal) == ("itself", code, None)


async def test_every_signal_is_told_from_the_others_and_from_exit_codes(start: Start, end: End) -> None:
    harmless = {signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH, signal.SIGSTOP, signal.SIGTSTP,
                signal.SIGTTIN, signal.SIGTTOU}  # fmt: skip
    deadly = [number for number in signal.valid_signals() - harmless if isinstance(number, signal.Signals)]
    assert len(deadly) >= 20
    attempts = {number: await start("sh", "-c", f"ulimit -c 0; kill -{int(number)} $$") for number in deadly}
    for number, attempt in attempts.items():
        ended = result(await end(attempt))
        assert (ended.ended_by, ended.exit_code, ended.signal) == ("itself", None, number)


@pytest.mark.parametrize(("program", "code"), [("no-such-program", 127), ("/etc/passwd", 126), ("/nowhere/x", 127)])
async def test_what_cannot_be_run_is_not_found(start: Start, end: End, program: str, code: int) -> None:
    ended = result(await end(await start(program)))
    assert (ended.ended_by, ended.exit_code) == ("not_found", code)
    assert program in ended.words


async def test_a_missing_working_directory_runs_nothing_and_is_named(start: Start, end: End) -> None:
    ended = result(await end(await start("true", workdir="/no/such/place")))
    assert ended.ended_by == "not_found"
    assert "/no/such/place" in ended.words


async def test_a_command_runs_where_it_says(start: Start, end: End, tmp_path: Path) -> None:
    attempt = await start("pwd", workdir=str(tmp_path))
    await end(attempt)
    assert printed(attempt).decode().strip() == str(tmp_path)


async def test_a_command_past_its_deadline_gets_term(start: Start, end: End) -> None:
    ended = result(await end(await start("sleep", "1000", limit=0.2)))
    assert (ended.ended_by, ended.signal) == ("timeout", signal.SIGTERM)


async def test_one_that_ignores_term_gets_kill_after_its_grace(start: Start, end: End) -> None:
    attempt = await start("sh", "-c", "trap '' TERM; while :; do sleep 1000; done", limit=0.3, kill_grace=0.3)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.signal) == ("timeout", signal.SIGKILL)
    assert carrying(record.COOKIE, attempt.id) == ()


async def test_what_a_command_does_in_answer_to_term_is_left_alone(start: Start, end: End, until: Until) -> None:
    attempt = await start("bash", "-c", "trap 'sleep 0.5; echo tidied; exit 5' TERM; echo up; sleep 1000 & wait")
    await until(lambda: printed(attempt))
    status.cancel(attempt)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.exit_code) == ("person", 5)
    assert printed(attempt) == b"up\ntidied\n"


def test_no_process_is_signalled_twice() -> None:
    group, other = processes.Process(1, 10, False, 5), processes.Process(10, 12, False, 6)
    assert processes.targets({10: group, 11: group, 12: other, 13: other}, 10) == [-10, 12, 13]


async def test_a_command_sees_one_term(start: Start, end: End, until: Until) -> None:
    attempt = await start("bash", "-c", "trap 'echo term' TERM; echo up; for i in 1 2 3; do sleep 0.2; done",
                          kill_grace=30.0)  # fmt: skip
    await until(lambda: printed(attempt))
    status.cancel(attempt)
    await end(attempt)
    assert printed(attempt).count(b"term\n") == 1


async def test_a_deadline_takes_grandchildren_that_left_the_session_too(start: Start, end: End) -> None:
    script = "setsid sh -c 'trap \"\" TERM; while :; do sleep 1000; done' & (setsid setsid sleep 1000 &); sleep 1000"
    attempt = await start("sh", "-c", script, limit=0.5, kill_grace=0.3)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.survivors) == ("timeout", 0)
    assert carrying(record.COOKIE, attempt.id) == ()


async def test_a_background_child_holding_the_pipe_neither_delays_the_end_nor_dies(
    start: Start, end: End, until: Until, tmp_path: Path
) -> None:
    go, proof = tmp_path / "go", tmp_path / "proof"
    # Long enough after the word for a supervisor that does not stay to be gone.
    daemon = f"while ! [ -e {go} ]; do sleep 0.02; done; sleep 0.5; echo late; echo late; echo alive > {proof}"
    attempt = await start("sh", "-c", f"({daemon}) & echo started")
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.exit_code) == ("itself", 0)
    assert ended.survivors >= 1
    go.touch()
    await until(lambda: proof.exists() and proof.read_text() == "alive\n")
    assert printed(attempt) == b"started\n"


async def test_a_command_that_wants_input_gets_none(start: Start, end: End) -> None:
    attempt = await start("sh", "-c", "read line || echo nothing to read; cat")
    assert result(await end(attempt)).exit_code == 0
    assert printed(attempt) == b"nothing to read\n"


async def test_bytes_that_are_no_text_are_kept_as_they_are(start: Start, end: End) -> None:
    attempt = await start("printf", r"\377\376\000\033]0;x\007 no newline")
    await end(attempt)
    assert printed(attempt) == b"\xff\xfe\x00\x1b]0;x\x07 no newline"


async def test_words_arrive_verbatim(start: Start, end: End) -> None:
    nasty = [
        "$(touch /tmp/x)",
        "`id`",
        "a;b|c&d>e<f",
        "'\"\\",
        "* ? [a] {b,c} ~ !",
        "line\nbreak\ttab",
        "-rf",
        "é\udcff",
    ]
    nasty.append("x'\"$`\\;&|" * 112)
    code = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(os.fsencode(word) for word in sys.argv[1:]))"
    attempt = await start(sys.executable, "-I", "-X", "utf8", "-c", code, *nasty)
    await end(attempt)
    assert printed(attempt).split(b"\0") == [os.fsencode(word) for word in nasty]


async def test_the_environment_is_the_given_one_and_the_cookie(
    new: Callable[[], AttemptDir], launcher: Launcher, end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_SECRET", "of Monday")
    attempt = new()
    attempt.create(CommandSpec(("/usr/bin/env", "-0"), 60.0))
    await launcher.launch(attempt, {"TOKEN": "a=b\nc", "EMPTY": "", "BYTES": "\udcff"})
    await end(attempt)
    expected = {b"TOKEN=a=b\nc", b"EMPTY=", b"BYTES=\xff", f"COCKPIT_ATTEMPT={attempt.id}".encode(), b""}
    assert set(printed(attempt).split(b"\0")) == expected


async def test_no_secret_is_in_a_file_or_in_the_list_of_processes(
    new: Callable[[], AttemptDir], launcher: Launcher, until: Until, supervisors: Callable[[AttemptDir], list[int]]
) -> None:
    attempt = new()
    attempt.create(CommandSpec(("sleep", "1000"), 60.0))
    await launcher.launch(attempt, {"PATH": os.defpath, "TOKEN": "s3cr3t-value"})
    await until(lambda: isinstance(now := status.read(attempt), status.Running) and now.pid)
    assert all(b"s3cr3t-value" not in file.read_bytes() for file in attempt.path.iterdir())
    (above,) = supervisors(attempt)
    shown = read(f"/proc/{above}/cmdline")
    assert b"s3cr3t-value" not in shown
    assert len(shown) < 300 + len(str(attempt.path))
    assert b"s3cr3t-value" not in read(f"/proc/{above}/environ")
    status.cancel(attempt)


async def test_the_command_starts_with_default_signals_in_a_session_of_its_own(start: Start, end: End) -> None:
    code = (
        "import os, signal, json;"
        "ignored = [int(s) for s in signal.valid_signals() if signal.getsignal(s) == signal.SIG_IGN];"
        "print(json.dumps([ignored, len(signal.pthread_sigmask(signal.SIG_BLOCK, [])), os.getsid(0) == os.getpid(),"
        "sorted(os.listdir('/dev/fd'))]))"
    )
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        attempt = await start(sys.executable, "-I", "-c", code)
        await end(attempt)
    finally:
        signal.signal(signal.SIGHUP, before)
    ignored, blocked, leads, files = json.loads(printed(attempt))
    # Python itself ignores these two once it runs.
    assert set(ignored) <= {signal.SIGPIPE, signal.SIGXFSZ}
    assert (blocked, leads) == (0, True)
    assert files[:3] == ["0", "1", "2"]
    assert len(files) == 4


async def test_a_person_stops_it(start: Start, end: End, until: Until) -> None:
    attempt = await start("sleep", "1000")
    await until(lambda: isinstance(now := status.read(attempt), status.Running) and now.pid)
    status.cancel(attempt)
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.signal) == ("person", signal.SIGTERM)


async def test_a_command_stopped_before_its_start_never_runs(
    new: Callable[[], AttemptDir], launcher: Launcher, end: End, tmp_path: Path
) -> None:
    attempt = new()
    attempt.create(CommandSpec(("touch", str(tmp_path / "ran")), 60.0))
    status.cancel(attempt)
    await launcher.launch(attempt, {"PATH": os.defpath})
    ended = result(await end(attempt))
    assert (ended.ended_by, ended.exit_code, ended.signal) == ("person", None, None)
    assert not (tmp_path / "ran").exists()


async def test_term_to_the_supervisor_stops_the_command_and_a_hangup_does_not(
    start: Start, end: End, until: Until
) -> None:
    attempt = await start("sleep", "1000")
    await until(lambda: isinstance(now := status.read(attempt), status.Running) and now.pid)
    now = status.read(attempt)
    assert isinstance(now, status.Running)
    above = processes.processes()[now.pid].parent
    os.kill(above, signal.SIGHUP)
    os.kill(above, signal.SIGTERM)
    assert result(await end(attempt)).ended_by == "person"


async def test_the_whole_output_is_there_when_the_command_has_ended(start: Start, end: End) -> None:
    attempt = await start("seq", "1", "200000")
    ended = result(await end(attempt))
    expected = "".join(f"{number}\n" for number in range(1, 200_001)).encode()
    assert (ended.output_bytes, ended.dropped_bytes) == (len(expected), 0)
    assert spool.tail(attempt, 1 << 22) == (len(expected), expected)


def test_both_ways_to_list_processes_agree() -> None:
    child = subprocess.Popen(["sleep", "1000"])
    try:
        known, listed = processes.processes()[child.pid], processes._listed_by_ps()
        assert known._replace(started=0) == listed[child.pid]
        assert known.started > 0
        assert child.pid in processes.descendants(os.getpid())
    finally:
        child.kill()
        child.wait()


def test_a_record_is_sealed_in_one_block_and_no_damage_passes() -> None:
    sealed = record.seal({"exit_code": 3})
    assert len(sealed) == record.RECORD
    assert record.unseal(sealed) == {"exit_code": 3}
    assert record.unseal(b" " * record.RECORD) is None
    for at in range(len(sealed.rstrip()) - 1):
        torn = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert record.unseal(torn) is None
    assert record.unseal(sealed[:20]) is None
