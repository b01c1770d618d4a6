"""A runbook with a step of every kind that runs something, and the words that each of its commands leaves behind.

Every command is one script, or a request to a server here. It writes a line into the ledger, `ATTEMPT LABEL WORDS`,
works for a while, writes `ATTEMPT CODE` into another file and ends with that code. So what really happened stands
where no cockpit writes.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.harness import World

SCRIPT = """\
#!/bin/sh
# What this is called in the ledger, the seconds it works, the code it ends with; then words for the ledger.
label=$1 work=$2 code=$3
shift 3
echo "$COCKPIT_ATTEMPT $label $*" >> {root}/ledger
case $label in
  flaky-*) [ $(( $(grep -c " $label " {root}/ledger) % 3 )) = 0 ] && code=0;;
  daemon) setsid sh -c 'echo "$COCKPIT_ATTEMPT $$" >> {root}/meant; exec sleep 3' > /dev/null 2>&1 < /dev/null;;
  escapes) setsid sleep 2 & ;;
  apply) echo "$1" > {root}/current.$$ && mv {root}/current.$$ {root}/current;;
  shows-checked) grep -q " checked $1\\$" {root}/ledger; code=$?;;
esac
sleep $work
echo "$COCKPIT_ATTEMPT $code" >> {root}/ends
case $label in
  current) cat {root}/current;;
  list) for each in c b a; do echo "$COCKPIT_ATTEMPT-$each a release"; done;;
  *) echo "$label-$COCKPIT_ATTEMPT";;
esac
exit $code
"""

FIRST = """\
  - id: mark
    title: Give a mark
    effect: read
    command: {{argv: [{do}, mark, '{s0}', '0', {{param: who}}]}}
    outputs: {{mark: {{line: last}}}}
"""

STEPS = (
    """\
  - id: plain
    title: Plain words
    effect: write
    command: {{argv: [{do}, plain, '{s1}', '0']}}
    rollback: {{command: [{do}, undo-plain, '{s2}', '0']}}
""",
    """\
  - id: script
    title: A script
    effect: write
    command:
      run: |
        {do} script "$WORK" 0 "$MARK" | cat
      env: {{WORK: '{s3}', MARK: {{output: mark.mark}}}}
    rollback: {{run: '{do} undo-script {s4} 0'}}
""",
    """\
  - id: uses
    title: Uses what was printed
    effect: write
    command: {{argv: [{do}, uses, '{s5}', '0', {{output: mark.mark}}]}}
    rollback: {{command: [{do}, undo-uses, '0.01', '0', {{output: mark.mark}}]}}
""",
    """\
  - id: flaky-read
    title: A look that fails twice
    effect: read
    command: {{argv: [{do}, flaky-read, '0.05', '1']}}
    retries: {{times: 2, pause: 50ms}}
""",
    """\
  - id: flaky-write
    title: A change that fails twice
    effect: write
    idempotent: true
    command: {{argv: [{do}, flaky-write, '{s6}', '1']}}
    retries: {{times: 2, pause: 50ms}}
    rollback: {{command: [{do}, undo-flaky-write, '0.05', '0']}}
""",
    """\
  - id: series
    title: In batches
    effect: write
    on_failure: continue
    repeat:
      command: {{argv: [{do}, series, '{s7}', '0']}}
      until: {{probe: web-front, hold: 200ms}}
      at_most: 3
      pause: 50ms
    rollback: {{command: [{do}, undo-series, '0.05', '0']}}
""",
    """\
  - id: checked
    title: Can be looked at
    effect: write
    command: {{argv: [{do}, checked, '0.3', '0', {{output: mark.mark}}]}}
    check: {{argv: [{do}, shows-checked, '0.02', '0', {{output: mark.mark}}]}}
    rollback:
      command: [{do}, undo-checked, '{s9}', '0']
      check: {{argv: [{do}, can-undo-checked, '0.05', '0']}}
""",
    """\
  - id: terminal
    title: In a terminal of its own
    effect: write
    command: {{argv: [{do}, terminal, '{s1}', '0'], pty: true}}
    rollback: {{command: [{do}, undo-terminal, '0.05', '0'], pty: true}}
""",
    """\
  - id: daemon
    title: Leaves something running
    effect: write
    command: {{argv: [{do}, daemon, '{s2}', '0']}}
    rollback: {{command: [{do}, undo-daemon, '0.05', '0']}}
""",
    """\
  - id: escapes
    title: Takes too long, with a child that runs away
    effect: write
    irreversible: nothing was changed
    on_failure: continue
    command: {{argv: [{do}, escapes, '2', '0'], timeout: 300ms, kill_grace: 200ms}}
""",
    """\
  - id: asks
    title: Asks a server
    effect: write
    http: {{method: POST, url: '{url}asks', headers: {{X-Attempt: {{env: COCKPIT_ATTEMPT}}}}, timeout: 5s}}
    rollback: {{http: {{method: POST, url: '{url}undo-asks', headers: {{X-Attempt: {{env: COCKPIT_ATTEMPT}}}}}}}}
""",
    """\
  - id: fails
    title: Fails
    effect: write
    on_failure: undo
    command: {{argv: [{do}, fails, '{s3}', '3']}}
    rollback: {{command: [{do}, undo-fails, '0.05', '0']}}
""",
    """\
  - id: destroys
    title: Destroys
    effect: destructive
    irreversible: it is gone
    command: {{argv: [{do}, destroys, '{s4}', '0']}}
""",
    """\
  - {{id: helps, title: Helps or not, effect: write, on_failure: continue,
     command: {{argv: [{do}, helps, '0.05', '0']}}, rollback: {{command: [{do}, undo-helps, '0.05', '0']}},
     verify: {{probe: web-front, within: 1s, hold: 200ms}}}}
""",
    """\
  - {{id: rest, title: Rest, wait: {{for: 100ms}}}}
""",
    """\
  - {{id: talk, title: Talk to somebody, manual: Talk.}}
""",
    """\
  - id: restore
    title: Restore
    ladder:
      verify: {{probe: web-front, within: 1s, hold: 200ms}}
      releases:
        current: {{argv: [{do}, current, '0.05', '0']}}
        list: {{argv: [{do}, list, '0.05', '0']}}
        apply: {{argv: [{do}, apply, '{s5}', '0', {{target: id}}]}}
        at_least: 2
      exhausted: {{whom: somebody, command: {{argv: [{do}, exhausted, '0.05', '0']}}}}
""",
)  # fmt: skip

LAST = """\
  - id: decide
    title: Decide
    choose:
      question: Once more?
      options:
        - {{id: again, title: Once more, goto: {back}}}
        - {{id: enough, title: Enough}}
"""

_ID = re.compile(r"^  - \{*id: ([a-z-]+)", re.MULTILINE)
LABELS = frozenset(re.findall(r"(?:\{do\},? |\{url\})([a-z-]+)", "".join((FIRST, *STEPS, LAST))))
"""What the commands of that runbook are called."""


@dataclass(frozen=True)
class Storm:
    """A world with that runbook, and what its commands have left behind."""

    world: World

    @classmethod
    def brewing(cls, root: Path, url: str, asked: str, chance: random.Random) -> Storm:
        """One in a new place, whose probe and request ask there; the order of its steps and their lengths are drawn."""
        root.mkdir(exist_ok=True, parents=True)
        script = root / "do"
        script.write_text(SCRIPT.format(root=root))
        script.chmod(0o755)
        (root / "current").write_text("r0\n")
        middle = chance.sample(STEPS, len(STEPS))
        drawn = {f"s{number}": f"{chance.choice([0.01, 0.05, 0.1, 0.3]):.2f}" for number in range(10)}
        back = _ID.findall(middle[-4])[0]
        steps = "".join((FIRST, *middle, LAST)).format(do=script, url=asked, back=back, **drawn)
        more = steps + "params: {who: {default: ada}}\n"
        return cls(World(root, root / "home", url=url, steps=(), more=more))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do what a request asks for, and leave the same words as a command would."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            label = head.split(" ", 2)[1].removeprefix("/")
            attempt = next(line.split()[1] for line in head.splitlines() if line.lower().startswith("x-attempt:"))
            self._note("ledger", f"{attempt} {label}")
            await asyncio.sleep(0.1)
            self._note("ends", f"{attempt} 0")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()
        writer.close()

    def _note(self, name: str, words: str) -> None:
        with open(self.world.root / name, "a", encoding="utf-8") as file:
            file.write(words + "\n")

    def lines(self) -> list[list[str]]:
        """What the commands wrote, in order: the attempt, what it is called, and words."""
        return [line.split() for line in self.world.ledger.read_text().splitlines()]

    def began(self) -> Counter[str]:
        """How often each attempt's command has begun."""
        return Counter(line[0] for line in self.lines())

    def ended(self) -> dict[str, int]:
        """With which code each command meant to end that came to its own end."""
        return {attempt: int(code) for attempt, code in self._pairs("ends")}

    def meant(self) -> set[tuple[str, int]]:
        """The attempts and processes that are to go on by themselves."""
        return {(attempt, int(pid)) for attempt, pid in self._pairs("meant")}

    def _pairs(self, name: str) -> list[list[str]]:
        path = self.world.root / name
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []
