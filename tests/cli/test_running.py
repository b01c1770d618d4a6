"""Runbooks played from the command line: a real engine, real commands, a real terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cockpit.cli import main
from cockpit.exits import Exit
from cockpit.runbooks.library import read_entry
from tests.cli.conftest import CONFIG, SECONDS, Shell

BOOK = """\
version: 1
id: two
title: Two steps
params:
  word: {default: hello}
steps:
  - id: look
    title: Look
    command: {argv: [echo, {param: word}]}
    effect: read
  - id: change
    title: Change it
    command: {run: "echo once >> \\"$PLACE\\"; printf 'no end'", env: {PLACE: {param: place}}}
    effect: write
    rollback: {run: "echo undone"}
"""
BY_HAND = """\
  - id: hand
    title: By hand
    manual: Look at it
"""
DESTROY = """\
  - id: wipe
    title: Wipe it
    command: {argv: [echo, wiped]}
    effect: destructive
    irreversible: it is gone
"""
FAILS = """\
  - id: fails
    title: Fail
    command: {run: "echo why >&2; exit 3"}
    effect: read
"""


@pytest.fixture
def book(shell: Shell) -> Path:
    """A file to which the step that changes something adds a line; the runbook is trusted from the first run on."""
    shell.write(CONFIG + "runbooks: [books]\n")
    (shell.cwd / "books").mkdir()
    return shell.cwd / "changed"


def inside(shell: Shell, *words: str) -> Result:
    """The same within this process, for what needs no process of its own."""
    return CliRunner().invoke(main, words, env={"COCKPIT_HOME": str(shell.home)})


def write(shell: Shell, more: str = "") -> str:
    """Write the runbook; its digest."""
    text = BOOK.replace("  word:", f"  place: {{default: {shell.cwd / 'changed'}}}\n  word:") + more
    return read_entry(shell.write(text, "books/two.yaml")).digest


def play(shell: Shell, digest: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return shell.run("runbook", "run", "two", "--yes", "--declare", "It burns", "--trust", digest, *words, env=env)


def test_what_reads_and_writes_is_run_to_its_end(shell: Shell, book: Path) -> None:
    done = play(shell, write(shell), "--param", "word=ho ho")
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    for line in (
        "declared SEV3: It burns", "started: Two steps, 2 steps, in INC-1", "1 of 2  confirming    Look  echo 'ho ho'",
        "  | ho ho", "1 of 2  ok            Look", "  | no end", "2 of 2  ok            Change it",
        "Two steps: done; of 2 steps 2 done; 1 can still be undone: x in `cockpit`",
    ):  # fmt: skip
        assert line in lines
    assert lines.index("  | no end") < lines.index("2 of 2  ok            Change it")
    assert book.read_text() == "once\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [(BY_HAND, "By hand: it is done by hand"), (DESTROY, "Wipe it: it destroys something, so a person confirms it")],
)
def test_where_a_person_is_needed_it_stops_with_7_and_the_same_command_goes_on(
    shell: Shell, book: Path, more: str, said: str
) -> None:
    digest = write(shell, more)
    first = play(shell, digest)
    assert first.returncode == Exit.PERSON_NEEDED
    assert said in first.stdout and "left as it is: the run stays open" in first.stdout
    again = play(shell, digest, "--json")
    assert again.returncode == Exit.PERSON_NEEDED
    told = [json.loads(line) for line in again.stdout.splitlines()]
    assert told[0]["text"] == "going on with: Two steps, 3 steps, in INC-1"
    assert told[-1]["code"] == 7 and said in told[-1]["text"]
    # Gone on with, not begun anew.
    assert book.read_text() == "once\n"


def test_a_step_that_fails_ends_with_1_and_is_not_run_again_by_itself(shell: Shell, book: Path) -> None:
    digest = write(shell, FAILS)
    failed = play(shell, digest)
    assert failed.returncode == Exit.REFUSED
    assert "3 of 3  FAILED        Fail" in failed.stdout and "  | why" in failed.stdout
    again = play(shell, digest)
    assert again.returncode == Exit.PERSON_NEEDED
    assert "confirming" not in again.stdout


def test_whoever_stops_reading_gets_no_traceback(shell: Shell, book: Path) -> None:
    words = shell.argv("runbook", "run", "two", "--yes", "--declare", "It burns", "--trust", write(shell))
    with subprocess.Popen(words, cwd=shell.cwd, env=shell.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "declared SEV3: It burns\n"
        process.stdout.close()
        assert process.wait(SECONDS) == Exit.OK
        assert process.stderr.read() == ""


def test_without_an_incident_a_terminal_or_trust_nothing_is_started(shell: Shell, book: Path) -> None:
    digest = write(shell)
    nobody = shell.run("runbook", "run", "two")
    assert nobody.returncode == Exit.PERSON_NEEDED and "nobody can be asked here" in nobody.stderr
    closed = shell.run("runbook", "run", "two", "--yes")
    assert closed.returncode == Exit.REFUSED and "no incident is open: `cockpit declare TITLE`" in closed.stdout
    declared = ("runbook", "run", "two", "--yes", "--declare", "It burns")
    for words in (declared, (*declared, "--trust", "0" * 64)):
        untrusted = shell.run(*words)
        assert untrusted.returncode == Exit.REFUSED
        assert f"then trust it: --trust {digest}" in untrusted.stdout
    refused = play(shell, digest, "--param", "word=-x", "--param", "wrod=x")
    assert refused.returncode == Exit.REFUSED
    assert "word begins with -" in refused.stdout and "there is no parameter wrod" in refused.stdout
    assert "no runbook three" in shell.run("runbook", "run", "three", "--yes", "--declare", "x").stdout
    assert not book.exists()


def test_another_run_that_is_open_is_not_touched(shell: Shell, book: Path) -> None:
    digest = write(shell, BY_HAND)
    play(shell, digest)
    other = BOOK.replace("id: two", "id: other").replace("Two steps", "Other") + "  place: {default: x}\n"
    shell.write(other.replace("params:\n", "params:\n  place: {default: x}\n").removesuffix("  place: {default: x}\n"),
                "books/other.yaml")  # fmt: skip
    refused = shell.run("runbook", "run", "other", "--yes")
    assert refused.returncode == Exit.REFUSED
    assert "Two steps is still open: finish or end it first" in refused.stdout


SECRET = """\
version: 1
id: two
title: Secret
params: {pin: {secret: true}}
requires: {env: [REGION]}
steps:
  - id: use
    title: Use it
    command: {run: "echo ${#PIN} $REGION ${OTHER:-cut}", env: {PIN: {param: pin}}}
    effect: read
"""


def test_a_secret_reaches_the_command_and_nothing_that_was_not_offered(shell: Shell, book: Path) -> None:
    digest = read_entry(shell.write(SECRET, "books/two.yaml")).digest
    lacking = play(shell, digest)
    assert lacking.returncode == Exit.PERSON_NEEDED and "it needs the secret pin; give --secret" in lacking.stdout
    unset = play(shell, digest, "--secret", "pin=NOT_SET")
    assert unset.returncode == Exit.USAGE and "NOT_SET is not set" in unset.stderr
    done = play(shell, digest, "--secret", "pin=MY_PIN", MY_PIN="s3cr3tpin", REGION="eu", OTHER="never")
    assert done.returncode == Exit.OK, done.stdout
    assert "  | 9 eu cut" in done.stdout
    stored = b"".join(file.read_bytes() for file in shell.home.rglob("*") if file.is_file())
    assert b"s3cr3tpin" not in stored and "s3cr3tpin" not in done.stdout


def test_an_attached_run_loads_nothing_of_the_engine(shell: Shell, book: Path) -> None:
    digest = write(shell)
    shell.run("declare", "It burns")
    code = (
        "import sys, cockpit.cli\n"
        f"try: cockpit.cli.main(['runbook', 'run', 'two', '--yes', '--trust', '{digest}'])\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "print(sorted({'pydantic', 'sqlalchemy', 'httpx', 'aiohttp', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=shell.cwd, env=shell.env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=SECONDS)  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


class Terminal:
    """A person at a terminal of their own: waits for words on the screen, then types."""

    def __init__(self, shell: Shell, *words: str) -> None:
        self._main, side = pty.openpty()
        self.process = subprocess.Popen(
            shell.argv(*words), cwd=shell.cwd, env=shell.env, stdin=side, stdout=side, stderr=side,
            start_new_session=True,
        )  # fmt: skip
        os.close(side)
        self.text = ""
        self._read = 0

    def until(self, words: str) -> None:
        """Wait for these words, after those waited for before."""
        while words not in self.text[self._read :]:
            assert self._more(), f"{words!r} never came: {self.text}"
        self._read = self.text.index(words, self._read) + len(words)

    def type(self, after: str, keys: str) -> None:
        """Type this once those words are there, and the terminal has shown them."""
        self.until(after)
        os.write(self._main, keys.encode())

    def end(self) -> int:
        """The exit code, once all was printed."""
        while self._more():
            pass
        os.close(self._main)
        return self.process.wait(SECONDS)

    def _more(self) -> bool:
        ready, _, _ = select.select([self._main], [], [], SECONDS)
        assert ready, f"nothing more came: {self.text}"
        try:
            raw = os.read(self._main, 4096)
        except OSError:
            return False
        self.text += raw.decode(errors="replace").replace("\r\n", "\n")
        return bool(raw)


CHOICE = """\
  - id: which
    title: Which way
    choose: {question: Which, options: [{id: left, title: Go left}, {id: right, title: Go right}]}
"""


def test_at_a_terminal_it_asks_before_each_step_and_says_what_it_would_do(shell: Shell, book: Path) -> None:
    digest = write(shell, BY_HAND + CHOICE + DESTROY)
    terminal = Terminal(shell, "runbook", "run", "two", "--declare", "It burns", "--trust", digest)
    terminal.until("  command    echo hello\n  changes    reads only, changes nothing\n")
    terminal.type("anything else = no: ", "y\n")
    terminal.until("step 2 of 5  Change it\n")
    terminal.until("  undone by  echo undone\n")
    terminal.type("anything else = no: ", "n\n")
    terminal.until("1  run this command")
    terminal.type("a number from 1 to 4: ", "1\n")
    assert not book.exists()
    terminal.type("anything else = no: ", "y\n")
    terminal.type("it is done: By hand? y = yes, anything else = no: ", "y\n")
    terminal.type("a note (may stay empty): ", "seen\n")
    terminal.until("1  Go left\n  2  Go right\n  3  something else\n")
    terminal.type("a number from 1 to 3: ", "2\n")
    terminal.type("why (may stay empty): ", "\n")
    terminal.until("  changes    DESTROYS something: read it twice\n")
    terminal.type("type wipe to do it, anything else does nothing: ", "y\n")
    terminal.type("a number from 1 to 5: ", "1\n")
    terminal.type("type wipe to do it, anything else does nothing: ", " wipe \n")
    assert terminal.end() == Exit.OK, terminal.text
    assert "Two steps: done; of 5 steps 5 done; 1 can still be undone" in terminal.text
    assert book.read_text() == "once\n"


def test_whoever_leaves_the_terminal_leaves_the_run_open(shell: Shell, book: Path) -> None:
    digest = write(shell)
    terminal = Terminal(shell, "runbook", "run", "two", "--declare", "It burns", "--trust", digest)
    terminal.type("anything else = no: ", "\x04")
    terminal.type("a number from 1 to 4: ", "\x04")
    assert terminal.end() == Exit.PERSON_NEEDED
    assert "left as it is: the run stays open" in terminal.text
    again = Terminal(shell, "runbook", "run", "two")
    again.until("going on with: Two steps")
    again.until("anything else = no: ")
    again.process.send_signal(signal.SIGINT)
    assert again.end() == Exit.INTERRUPTED
    assert "left as it is: the run stays open" in again.text and "Traceback" not in again.text


SLOW = """\
version: 1
id: two
title: Slow
steps:
  - id: slow
    title: Slowly
    command: {run: "echo begun; while [ ! -e go ]; do sleep 0.05; done; echo went", workdir: WHERE}
    effect: write
    irreversible: gone
"""


def slow(shell: Shell) -> str:
    """A step that goes on until there is a file `go`; the digest of its runbook."""
    return read_entry(shell.write(SLOW.replace("WHERE", str(shell.cwd)), "books/two.yaml")).digest


@pytest.fixture
def started(shell: Shell, book: Path) -> Iterator[subprocess.Popen[str]]:
    """`runbook run --yes` whose only step is running; it ends at the end of the test at the latest."""
    argv = shell.argv("runbook", "run", "two", "--yes", "--declare", "It burns", "--trust", slow(shell))
    with subprocess.Popen(
        argv, cwd=shell.cwd, env=shell.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, bufsize=1,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if line == "  | begun\n":
                break
        yield process
        (shell.cwd / "go").touch()
        process.kill()


def test_ctrl_c_leaves_the_run_and_its_command_as_they_are(shell: Shell, started: subprocess.Popen[str]) -> None:
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=SECONDS)
    assert started.returncode == Exit.INTERRUPTED
    assert "left as it is: the run stays open, and a command that runs goes on" in said
    assert "Traceback" not in said
    (shell.cwd / "go").touch()
    again = shell.run("runbook", "run", "two", "--yes")
    assert again.returncode == Exit.OK and "  | went" in again.stdout
    assert again.stdout.splitlines()[-1] == "Slow: done; of 1 steps 1 done; nothing is left to undo"


def test_an_engine_that_is_restarted_is_attached_to_again(shell: Shell, started: subprocess.Popen[str]) -> None:
    assert shell.run("restart").returncode == Exit.OK
    (shell.cwd / "go").touch()
    said, _ = started.communicate(timeout=SECONDS)
    assert started.returncode == Exit.OK, said
    assert "attaching again" in said
    assert said.count("confirming") <= 1 and said.count("  | went") == 1
    assert said.splitlines()[-1] == "Slow: done; of 1 steps 1 done; nothing is left to undo"


TRAP = """\
version: 1
id: trap
title: A trap
requires: {commands: [sh], versions: {sh: {argv: [sh, -c, "touch required"], at_least: "1"}}, env: [REGION]}
steps:
  - id: a
    title: A
    command: {argv: [sh, -c, "touch command"]}
    effect: write
    rollback: {command: [sh, -c, "touch rollback"], check: {argv: [sh, -c, "touch check"]}}
    check: {argv: [sh, -c, "touch took"]}
  - id: b
    title: B
    http: {url: "http://127.0.0.1:9/"}
    effect: read
  - id: c
    title: C
    ladder:
      verify: {probe: p}
      releases:
        current: {argv: [sh, -c, "touch current"]}
        list: {argv: [sh, -c, "touch list"]}
        apply: {argv: [sh, -c, "touch apply", {target: id}]}
"""


@pytest.mark.parametrize("as_json", [False, True])
def test_a_dry_run_runs_nothing_starts_nothing_and_needs_nothing(shell: Shell, as_json: bool) -> None:
    file = shell.write(TRAP, "trap.yaml")
    before = sorted(path.name for path in shell.cwd.iterdir())
    as_it_is = ["--json"] if as_json else []
    done = shell.run("runbook", "run", file, "--dry-run", *as_it_is, env={"PATH": "/nowhere", "REGION": None})
    assert done.returncode == Exit.OK, done.stderr
    for what in ("command", "rollback", "check", "took", "current", "list", "apply"):
        assert f"touch {what}" in done.stdout
    assert sorted(path.name for path in shell.cwd.iterdir()) == before
    assert not shell.home.exists() or not list(shell.home.rglob("*.sock"))
    assert shell.run("status").returncode == Exit.NO_ENGINE


def test_a_dry_run_takes_an_id_and_says_what_is_wrong(shell: Shell) -> None:
    assert "configctl revert 4711" in inside(shell, "runbook", "run", "login-flag", "--dry-run").stdout
    for words, said in (
        (("nothing-such",), "there is no such runbook; see `cockpit runbook list`"),
        (("./none.yaml",), "there is no such file"),
        (("login-flag", "--param", "x=1"), "there is no parameter x"),
    ):
        done = inside(shell, "runbook", "run", *words, "--dry-run")
        assert done.exit_code == Exit.BAD_INPUT and said in done.stderr


def test_a_rehearsal_of_declared_results_is_played_and_one_without_stops(shell: Shell) -> None:
    file = shell.write(TRAP, "trap.yaml")
    results = shell.write("version: 1\nrunbook: trap\nsteps:\n  a: [{}]\n  b: [{exit: 1}, {skip: no use}]\n", "r.yaml")
    before = sorted(path.name for path in shell.cwd.iterdir())
    done = shell.run("runbook", "run", file, "--rehearse", results, env={"PATH": "/nowhere"})
    assert done.returncode == Exit.REFUSED
    assert "stopped: no result declared for c.current" in done.stdout
    assert sorted(path.name for path in shell.cwd.iterdir()) == before
    wrong = inside(shell, "runbook", "run", "login-flag", "--rehearse", str(results))
    assert wrong.exit_code == Exit.BAD_INPUT and "holds results of trap, not of login-flag" in wrong.stderr
    none = inside(shell, "runbook", "run", str(file), "--rehearse", "INC-9")
    assert none.exit_code == Exit.BAD_INPUT


def test_what_an_incident_recorded_is_rehearsed_with_the_same_end(shell: Shell, book: Path) -> None:
    digest = write(shell, FAILS.replace("effect: read", "effect: read\n    on_failure: continue"))
    assert play(shell, digest).returncode == Exit.OK
    written = book.read_text()
    for words in ((), ("INC-1",)):
        done = inside(shell, "--config", f"{shell.cwd}/config.yaml", "runbook", "run", "--json", "two", "--rehearse",
                      *words)  # fmt: skip
        assert done.exit_code == Exit.OK, done.stderr
        told = json.loads(done.stdout)
        assert (told["outcome"], told["stopped"], told["left"]) == ("done", "", [])
        assert [(each["id"], each["status"]) for each in told["steps"]] == [
            ("look", "done"), ("change", "done"), ("fails", "failed"),
        ]  # fmt: skip
    assert book.read_text() == written
    other = inside(shell, "runbook", "run", "login-flag", "--rehearse", "INC-1")
    assert "INC-1 has no run of login-flag" in other.stderr
