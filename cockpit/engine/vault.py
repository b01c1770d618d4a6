"""Secret values of runs, in memory only, and what may be shown without them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cockpit.incident.run import Run
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.values import Invocation
from cockpit.text import Redactor

WITHHELD = "Withheld: this engine does not know the secrets it may hold ({names}). The next confirmed step tells them."


class Vault:
    """Keeps secret parameters by run, and has every secret taken out of whatever is shown or recorded."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact
        self._params: dict[str, dict[str, str]] = {}
        self._seen: set[tuple[str, str]] = set()

    def learn(self, run: Run, plan: Plan, environment: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Keep the secret parameters given with a confirmation, and know the secrets in its environment."""
        self._params.setdefault(run.id, {}).update(secrets)
        self._redact.learn([*secrets.values(), *(environment.get(name, "") for name in plan.secrets)])
        self._seen |= {(run.id, name) for name in (*secrets, *plan.secrets)}

    def lacking(self, run: Run, command: Invocation) -> tuple[str, ...]:
        """The secret parameters that a command needs and nobody has given to this engine."""
        given = self._params.get(run.id, {})
        return tuple(dict.fromkeys(name for _, name in command.secrets if name not in given))

    def variables(self, run: Run, command: Invocation) -> dict[str, str]:
        """The variables of a command that secret parameters fill."""
        given = self._params.get(run.id, {})
        return {variable: given[name] for variable, name in command.secrets if name in given}

    def withheld(self, run: Run, plan: Plan, command: Invocation) -> str:
        """Why what a command printed is not shown: it may hold secrets that are not known; empty when it is."""
        names = self._unknown(run, (*plan.secrets, *(name for _, name in command.secrets)))
        return WITHHELD.format(names=", ".join(names)) if names else ""

    def _unknown(self, run: Run, names: Collection[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in names if (run.id, name) not in self._seen))
