"""A thousand values made of what shells read as more than letters: each arrives as it is, or is refused in words."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from cockpit.config.load import parse
from cockpit.engine.preparing import prepare
from cockpit.execution import spool
from cockpit.execution.attempt import AttemptDir
from cockpit.execution.launch import Launcher
from cockpit.execution.status import Abandoned, Finished, Lost
from cockpit.incident import running
from cockpit.incident.event import Event
from cockpit.incident.runs import RunStarted
from cockpit.runbooks.invoking import forward
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.params import given
from cockpit.runbooks.plan import Plan, plan

VALUES = 1_000
BATCH = 100
CANARY = "evaluated"
WHOLE = (
    "$(touch {c})", "`touch {c}`", "; touch {c}", "| touch {c}", "&& touch {c}", "|| touch {c}", "& touch {c} &",
    "> {c}", ">> {c}", ">| {c}", "'; touch {c}; '", '"; touch {c}; "', "$'\\x3b' touch {c}",
    "${{IFS}}touch${{IFS}}{c}", "{{param: p0}}", "{{{{ p0 }}}}", "{{target: id}}", "$0", "$@", "$#", "$$", "$!",
    "$((1+1))", "${{HOME}}", "~", "~root", "*", "?", "[a-z]*", "/*", "{{a,b}}", "{{1..9}}", "!!", "!touch", "^a^b",
    "<(touch {c})", ">(touch {c})", "<<EOF", "<<< x", "#", "a #b", "\\", "\\\\", "\\n", "\\0", "%s", "%n%n", "%(x)s",
    "$'\\n'", "$\"x\"", "a=b", "PATH=x touch {c}", "(touch {c})", "{{ touch {c}; }}", "if true; then touch {c}; fi",
    "eval touch {c}", "-n", "--help", "-", "--", "-rf /", "+x", "@file", "=cmd", ":", ".", "..", "../../x", "''",
    '""', "'", '"', "a'b\"c", " ", "  a  b  ", "\u00e9\u00e8", "\u4e2d\u6587", "\U0001f525", "\uff04(touch {c})",
    "\u037e touch {c}", "\n touch {c}", "a\tb", "a\rb", "a\0b", "\x1b[31m", "\u2028touch {c}", "\u202ex", "\x7f",
    "\ud800", "", "x" * 4_000, "x" * 4_001, "$" * 4_000,
)  # fmt: skip
PIECES = (*"$`;|&<>()[]{}*?!~#\\'\"%^=+-@:,./ ", "touch {c}", "$(", ")", "${{", "}}", "<(", "'\\''", "\u00e9", "a")


def values(canary: Path) -> Iterator[str]:
    """The same thousand each time."""
    chance = random.Random(4)
    for number in range(VALUES):
        form = WHOLE[number] if number < len(WHOLE) else "".join(chance.choices(PIECES, k=chance.randint(1, 12)))
        yield form.replace("{c}", str(canary)).replace("{{", "{").replace("}}", "}")


def runbook(count: int) -> Plan:
    """One step whose words are the values, and one whose script reads them in its environment."""
    names = [f"p{number}" for number in range(count)]
    lines = ["version: 1", "id: b", "title: B", "params:", *(f"  {name}: {{}}" for name in names), "steps:"]
    words = ", ".join(f"{{param: {name}}}" for name in names)
    env = ", ".join(f"{name.upper()}: {{param: {name}}}" for name in names)
    read = " ".join(f'"${name.upper()}"' for name in names)
    lines += [
        "  - id: words", "    title: W", "    effect: read", f"    command: {{argv: [printf, '%s\\0', {words}]}}",
        "  - id: script", "    title: S", "    effect: read", "    command:", f"      env: {{{env}}}",
        f"      run: |\n        printf '%s\\0' {read}",
    ]  # fmt: skip
    return plan(parse("\n".join(lines) + "\n", "b.yaml", Runbook))


async def test_a_thousand_values_of_metacharacters_are_evaluated_by_nobody(
    new: Callable[[], AttemptDir], launcher: Launcher,
    end: Callable[[AttemptDir], Awaitable[Finished | Lost | Abandoned]], tmp_path: Path,
) -> None:  # fmt: skip
    home = tmp_path / "home"
    home.mkdir()
    every = list(values(home / CANARY))
    assert len(every) == VALUES
    one = runbook(1).params
    refused = [value for value in every if given(one, {"p0": value})[1]]
    for value in refused:
        (why,) = given(one, {"p0": value})[1]
        assert why.startswith("p0 ") and len(why) < 200
    taken = [value for value in every if value not in set(refused)]
    # Whoever refuses too much has tried nothing.
    assert len(taken) > 900 and {"$(", ";", "'"} <= {
        piece for value in taken for piece in ("$(", ";", "'") if piece in value
    }
    for at in range(0, len(taken), BATCH):
        batch = taken[at : at + BATCH]
        laid_out = runbook(len(batch))
        params, problems = given(laid_out.params, {f"p{number}": value for number, value in enumerate(batch)})
        assert problems == ()
        started = RunStarted(
            run="r", runbook="b", title="B", digest="", source="", path="", steps=laid_out.outlines, params=params
        )
        run = running.reduce({}, Event("s", 1, 1, 1, "ann", "h", started))["r"]
        for planned in laid_out.steps.values():
            command = forward(laid_out, run, planned)
            assert command is not None and command.missing == ()
            attempt = new()
            attempt.create(prepare(command))
            await launcher.launch(attempt, {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8"})
            ended = await end(attempt)
            assert isinstance(ended, Finished) and ended.result.exit_code == 0
            printed = spool.head(attempt, 1 << 20)
            assert printed.split(b"\0")[:-1] == [os.fsencode(value) for value in batch]
    assert list(home.iterdir()) == []
