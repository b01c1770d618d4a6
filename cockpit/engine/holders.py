"""What is said of who holds a lock, how long a run must keep its own, and from whom one may be taken. Pure."""

from __future__ import annotations

from cockpit.clock import hhmmss
from cockpit.engine.circumstances import Refusal
from cockpit.execution.locks import UNKNOWN, Holder
from cockpit.incident.run import Run
from cockpit.runbooks.standing import IN_FLIGHT
from cockpit.text import SafeText

WORDS = 300


def said(holder: Holder | None) -> SafeText:
    """Who holds a lock, in the words by which a person names them who takes it over; empty for nobody."""
    if holder is None:
        return SafeText("")
    if holder == UNKNOWN:
        return SafeText("nobody knows who works on it: its lock cannot be read")
    why = f"; took it over: {holder.reason}" if holder.reason else ""
    where = f"profile {holder.profile} on {holder.host}"
    text = f"{holder.person} works on it since {hhmmss(holder.since)}Z: {holder.runbook} ({where}){why}"
    return SafeText(text, WORDS).line


def needed(run: Run, incident_open: bool) -> bool:
    """Whether the run must keep its lock: it goes on, or something that it started may still be at work."""
    at_work = any(step.status in IN_FLIGHT for step in run.steps)
    nobody_knows = any(each.unknown and not each.settled for each in run.attempts.values() if each.purpose == "act")
    return bool(run.lock) and (at_work or nobody_knows or (run.outcome is None and incident_open))


def over(present: Holder | None, reason: str, named: str) -> Holder | None:
    """The holder to take a lock from, None when it is free; Refusal unless a reason names that very one."""
    if present is None:
        return None
    words = said(present)
    if not reason.strip():
        raise Refusal("invalid", f"{words}; wait for them, or take it over and say why")
    if named != words:
        raise Refusal("stale", f"somebody else holds it by now: look again; {words}")
    return present
