"""Which variables of the confirming person's environment a command gets."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.runbooks.plan import Plan

ALWAYS = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSH_AUTH_SOCK")
"""What every command needs to find its programs, its files and its keys."""


def names(plan: Plan) -> tuple[str, ...]:
    """The variables that a command of this runbook may see."""
    return (*ALWAYS, *(name for name in plan.env if name not in ALWAYS))


def allowed(environment: Mapping[str, str], plan: Plan) -> dict[str, str]:
    """The environment, without anything else."""
    return {name: environment[name] for name in names(plan) if name in environment}
