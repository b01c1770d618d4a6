"""A runbook as a drill can play it: what would be real becomes a command, which answers as it was recorded. Pure.

What a person reads stays: titles, effects, how it is verified and undone, and in the words of the command what it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.drills.reaching import TOOL

REQUEST, SCRIPT, PAGE, PROGRAM = "recorded-request", "recorded-script", "recorded-page", "recorded-program"
"""Commands that no host has: they stand in for what no command of a drill could be called after."""
UNDOING = "undoing "
"""Before the step, where it is told of what undoes it."""

Node = dict[str, Any]


def secret(told: Node) -> frozenset[str]:
    """The names of the secret parameters of a runbook."""
    return frozenset(name for name, param in (told.get("params") or {}).items() if param.get("secret"))


class StandIns:
    """Rewrites the runbooks of one incident; `changed` says in sentences what was changed, empty when nothing was."""

    def __init__(self) -> None:
        self.changed: list[str] = []
        self._programs: dict[str, str] = {}
        self._secret: frozenset[str] = frozenset()
        self._called: set[str] = set()

    def book(self, told: Node, secret: frozenset[str]) -> Node:
        """The runbook, as plain data that a runbook was read from; the very same when nothing had to be changed.

        `secret` are the names of its secret parameters, and of those of the runbooks that include it.
        """
        params: Mapping[str, Node] = told.get("params") or {}
        self._secret = secret
        self._called = set()
        before = len(self.changed)
        steps = [self._step(step) for step in told["steps"]]
        if versions := (told.get("requires") or {}).get("versions"):
            self.changed.append(f"{told['id']} wanted versions of {', '.join(versions)}, which do not matter here")
        if len(self.changed) == before:
            return told
        made = {**told, "steps": steps}
        # No command of a drill wants a version of anything, or may be given a secret.
        made["requires"] = {"commands": sorted(self._called)}
        made["params"] = {name: param for name, param in params.items() if name not in self._secret}
        return {key: value for key, value in made.items() if value not in ({}, {"commands": []})}

    def _step(self, told: Node) -> Node:
        return dict(self._of_step(str(told["id"]), told))

    def _of_step(self, step: str, told: Node) -> Iterator[tuple[str, Any]]:
        for key, value in told.items():
            match key:
                case "http":
                    yield "command", {"argv": self._request(step, value), "timeout": value.get("timeout", "30s")}
                case "command" | "check":
                    yield key, self._command(step, value)
                case "repeat":
                    yield key, {**value, "command": self._command(step, value["command"])}
                case "rollback":
                    yield key, self._rollback(step, value)
                case "escalate":
                    yield key, self._escalation(step, value)
                case "ladder":
                    yield key, self._ladder(step, value)
                case _:
                    yield key, value

    def _ladder(self, step: str, told: Node) -> Node:
        made = dict(told)
        if "rungs" in told:
            made["rungs"] = [self._rung(f"{step}.{rung['id']}", rung) for rung in told["rungs"]]
        if "releases" in told:
            commands = ("current", "list", "apply")
            made["releases"] = {
                key: self._command(step, value) if key in commands else value for key, value in told["releases"].items()
            }
        if "exhausted" in told:
            made["exhausted"] = self._escalation(step, told["exhausted"])
        return made

    def _rung(self, step: str, told: Node) -> Node:
        made = dict(told)
        for key in ("look", "apply"):
            if key in told:
                made[key] = self._command(step, told[key])
        if "rollback" in told:
            made["rollback"] = self._rollback(step, told["rollback"])
        return made

    def _escalation(self, step: str, told: Node) -> Node:
        if "command" in told:
            return {**told, "command": self._command(step, told["command"])}
        if "pagerduty" not in told:
            return told
        self.changed.append(f"{step} paged by PagerDuty: {_here(PAGE)}")
        summary = told["pagerduty"]["summary"]
        return {"whom": told["whom"], "command": {"argv": self._called_by(PAGE, step, summary)}}

    def _rollback(self, step: str, told: Node) -> Node:
        made = {key: value for key, value in told.items() if key not in {"http", "run", "shell", "env", "command"}}
        if "check" in told:
            made["check"] = self._command(step, told["check"])
        if "http" in told:
            return {"command": self._request(step, told["http"], UNDOING), **made}
        return {"command": self._words(step, told, told.get("command"), UNDOING), **made}

    def _command(self, step: str, told: Node) -> Node:
        gone = {"argv", "run", "shell", "env", "workdir"}
        if "workdir" in told:
            self.changed.append(f"{step} ran in {told['workdir']}, which does not matter here")
        rest = {key: value for key, value in told.items() if key not in gone}
        return {"argv": self._words(step, told, told.get("argv")), **rest}

    def _words(self, step: str, told: Node, argv: list[Any] | None, about: str = "") -> list[Any]:
        """The command that stands in: its variables stand behind it, so that other values are another command."""
        given = self._given(f"{about}{step}", told.get("env") or {})
        if argv is None:
            shell = (told.get("shell") or ["bash"])[0]
            self.changed.append(f"{about}{step} was a script for {shell}: {_here(SCRIPT)}")
            return self._called_by(SCRIPT, step, told["run"].strip(), *given)
        name = self._name(argv[0])
        if name:
            return self._called_by(name, *argv[1:], *given)
        self.changed.append(f"{about}{step} ran a program by its path or a value: {_here(PROGRAM)}")
        return self._called_by(PROGRAM, step, *argv, *given)

    def _name(self, program: Any) -> str:
        """What to call a program by, empty where no plain name can stand for this very one."""
        if not isinstance(program, str):
            return ""
        name = program.rpartition("/")[2]
        if not TOOL.fullmatch(name) or self._programs.setdefault(name, program) != program:
            return ""
        if name != program:
            self.changed.append(f"{program} was run by its path: {_here(name)}")
        return name

    def _given(self, whom: str, env: Mapping[str, Any]) -> Iterator[Any]:
        for name, value in env.items():
            self.changed.append(f"{whom} was given {name} by its environment: here it stands behind the command")
            yield from self._named(f"{name}=", value)

    def _request(self, step: str, told: Node, about: str = "") -> list[Any]:
        self.changed.append(f"{about}{step} was a request: {_here(REQUEST)}")
        words = [told.get("method", "GET"), told["url"]]
        for name, value in (told.get("headers") or {}).items():
            words += self._named(f"{name}:", value)
        for name, value in (told.get("json") or {}).items():
            words += self._named(f"{name}=", value)
        return self._called_by(REQUEST, step, *words, *filter(None, [told.get("body")]))

    def _called_by(self, name: str, *words: Any) -> list[Any]:
        self._called.add(name)
        return [name, *words]

    def _named(self, name: str, value: Any) -> list[Any]:
        """A value with its name before it: it never becomes a part of a word. A secret is named and not given."""
        match value:
            case {"env": str(variable)}:
                return [name, f"${variable}"]
            case {"param": str(param)} if param in self._secret:
                return [name, f"<{param}>"]
        return [name, value] if value else [name]


def _here(name: str) -> str:
    return f"here {name} answers as it was recorded"
