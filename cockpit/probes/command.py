"""The command probe: a check of one's own, judged by how it ends and by what it prints."""

from __future__ import annotations

import errno
import shlex
import signal
from pathlib import Path
from typing import Any

import msgspec

from cockpit.config.probes import CommandProbeConfig
from cockpit.platform.command import Ran, run
from cockpit.probes.conditions import Missing, percent, took, value_at, wrong_value
from cockpit.probes.deadlines import LATE
from cockpit.probes.failures import from_os
from cockpit.probes.journey import at_fault
from cockpit.probes.sample import Outcome, Sample
from cockpit.probes.targets import Target
from cockpit.probes.telling import Fact, facts, line
from cockpit.probes.tools import Tools
from cockpit.text import Redactor

OUTPUT = 64 * 1024
"""Bytes read of standard output."""
ALWAYS = ("PATH", "HOME", "LANG")
"""What every command needs of the environment."""
NOT_RUN = {126: "could not be run", 127: "was not found"}
"""What a shell means by these exit codes, when the config does not mean something else."""


class CommandProbe:
    """Runs one command, without a shell, in the directory of the config."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, CommandProbeConfig)
        self._config = config = target.config
        self._tools = tools
        self._redact = Redactor(tools.env[name] for name in config.env if name in tools.env and name not in ALWAYS)

    async def sample(self) -> Sample:
        """One look; whatever happens becomes a sample."""
        at = self._tools.clock.now()
        config, env = self._config, self._tools.env
        if unset := [name for name in config.env if name not in env]:
            return self._unknown(at, f"not run: the environment variable {unset[0]} is not set")
        given = {name: env[name] for name in (*ALWAYS, *config.env) if name in env}
        try:
            ran = await run(config.argv, given, self._tools.base, config.timeout, OUTPUT)
        except OSError as error:
            return self._unknown(at, self._not_started(error))
        except ValueError:
            return self._unknown(at, "not run: there is a zero byte in the command or its environment")
        except Exception as error:
            return at_fault(at, error)
        return self._judged(at, ran)

    def _unknown(self, at: int, words: str) -> Sample:
        return Sample(at, "indeterminate", line(self._redact(words)), failure="local")

    def _not_started(self, error: OSError) -> str:
        name = self._config.argv[0]
        match error.errno:
            case errno.ENOENT if not self._tools.base.is_dir():
                return f"not run: the directory {self._tools.base} is gone"
            case errno.ENOENT:
                return f"{name} was not found on this host: install it, or give its whole path"
            case errno.EACCES | errno.EPERM:
                return f"{name} may not be run here: chmod +x, or another user"
            case errno.ENOEXEC:
                return f"{name} is not a program for this host: a script begins with a line such as #!/bin/sh"
        return f"{name} could not be started: {from_os(error)}"

    def _judged(self, at: int, ran: Ran) -> Sample:
        config = self._config
        name = Path(config.argv[0]).name
        if ran.code is None and ran.seconds > config.timeout + LATE:
            return self._unknown(at, f"the cockpit was held up: {ran.seconds:.1f} s in one probe")
        if ran.code is None:
            words = f"{name} did not end within {config.timeout:.1f} s and was killed"
            return self._sample(at, ran, "bad", words, None)
        known = {*config.valid_exit_codes, *config.degraded_exit_codes}
        if ran.code < 0:
            return self._sample(at, ran, "indeterminate", f"{name} was ended by {_signal(-ran.code)}", None)
        if ran.code in NOT_RUN and ran.code not in known:
            words = f"{name} exit {ran.code}: a command {NOT_RUN[ran.code]} on this host"
            return self._sample(at, ran, "indeterminate", words, None)
        outcome, reasons, rate = self._verdict(ran)
        words = f"{name} exit {ran.code} in {took(ran.seconds * 1000)}"
        return self._sample(at, ran, outcome, f"{words}: {', '.join(reasons)}" if reasons else words, rate)

    def _verdict(self, ran: Ran) -> tuple[Outcome, tuple[str, ...], float | None]:
        config = self._config
        wrong, doubts, rate = self._of_output(ran)
        if ran.code in config.degraded_exit_codes:
            return ("bad", wrong, rate) if wrong else ("slow", ("degraded", *doubts), rate)
        if ran.code not in config.valid_exit_codes:
            # A check that failed need not have printed its document.
            return "bad", (), rate
        if wrong:
            return "bad", wrong, rate
        return ("slow", doubts, rate) if doubts else ("good", (), rate)

    def _of_output(self, ran: Ran) -> tuple[tuple[str, ...], tuple[str, ...], float | None]:
        """What is wrong with the document printed, what is doubtful, and the ratio of errors it tells."""
        config = self._config
        if not config.conditions and config.error_rate is None:
            return (), (), None
        try:
            document = _document(ran)
        except Missing as nothing:
            return (str(nothing),), (), None
        wrong = tuple(words for each in config.conditions if (words := wrong_value(each, document)))
        if config.error_rate is None:
            return wrong, (), None
        try:
            rate = _ratio(document, config.error_rate.path)
        except Missing as nothing:
            return (*wrong, str(nothing)), (), None
        if rate >= config.error_rate.crit:
            wrong += (f"{percent(rate)} errors, critical from {percent(config.error_rate.crit)}",)
        elif rate >= config.error_rate.warn:
            return wrong, (f"{percent(rate)} errors, degraded from {percent(config.error_rate.warn)}",), rate
        return wrong, (), rate

    def _sample(self, at: int, ran: Ran, outcome: Outcome, words: str, rate: float | None) -> Sample:
        # Only the end was kept: a secret may have been cut in two.
        last = self._redact.after_cut(_last_line(ran.err))
        said = f"{words}; {last}" if last and outcome != "good" else words
        return Sample(
            at=at,
            outcome=outcome,
            words=line(self._redact(said)),
            latency_ms=ran.seconds * 1000 if ran.code is not None else None,
            failure="local" if outcome == "indeterminate" else "read_timeout" if ran.code is None else None,
            error_rate=rate,
            facts=self._facts(ran, last),
        )

    def _facts(self, ran: Ran, last: str) -> tuple[Fact, ...]:
        redact = self._redact
        return facts(
            ("command", redact(shlex.join(self._config.argv))),
            ("exit code", str(ran.code) if ran.code is not None else "killed"),
            ("output", redact(ran.out.decode(errors="replace").strip())),
            ("last line on standard error", last),
        )


def _document(ran: Ran) -> Any:
    """What was printed, read as JSON; raises Missing."""
    if ran.cut:
        raise Missing(f"its output is longer than {OUTPUT // 1024} KiB, so its JSON was not read")
    try:
        return msgspec.json.decode(ran.out)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Missing("its output is not JSON") from None


def _ratio(document: Any, path: str) -> float:
    found = value_at(document, path)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= 1:
        raise Missing(f"{path} is not a ratio from 0 to 1 but {msgspec.json.encode(found).decode()}")
    return float(found)


def _last_line(err: bytes) -> str:
    lines = err.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
