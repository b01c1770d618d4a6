"""What an answer, or the lack of one, says about the service, in one line. Pure."""

from __future__ import annotations

from cockpit.probes.conditions import Answer, took
from cockpit.probes.failures import FailureKind
from cockpit.probes.phases import Phase, Phases


def of_answer(answer: Answer, where: str, reasons: tuple[str, ...]) -> str:
    """An answer as it was, and what is wrong with it; `where` is the address, and what is odd about the way there."""
    heading = f"HTTP {answer.status} in {took(answer.latency_ms)} from {where}"
    return f"{heading}: {', '.join(reasons)}" if reasons else heading


def of_status(answer: Answer) -> str:
    """What a status stands for that was not expected; headers whole: whoever shortens it takes secrets out first."""
    match answer.status:
        case 429 | 503 if answer.retry_after:
            return f"shedding load, asks to come back after {answer.retry_after}"
        case 429:
            return "shedding load"
        case 503:
            return "not taking requests"
        case 502 | 504:
            return "a gateway got no answer from behind it"
        case 401 | 403:
            return "our credentials were refused"
        case 404 | 410:
            return "nothing at this path"
        case status if status >= 500:
            return "app error, not load"
        case status if 300 <= status < 400:
            return f"a redirect{f' to {answer.location}' if answer.location else ''}, not followed"
        case status if status >= 400:
            return "the request was refused"
    return "not the status expected"


def of_failure(kind: FailureKind, reason: str, where: str, phases: Phases) -> str:
    """No answer: how far the request came, and what that means. `where` is the address and port, else the host."""
    reached = f"connected in {took(phases.connect)} to {where}" if phases.connect is not None else where
    match kind:
        case "refused":
            return f"refused: nothing listens on {where}: process dead"
        case "unreachable":
            return f"no way to {where}: {reason}"
        case "dns":
            return f"DNS: {where}: {reason}"
        case "connect_timeout":
            return f"no connection to {where}: {reason}: host, firewall or full backlog"
        case "tls":
            return f"TLS: {reason}; {reached}"
        case "read_timeout":
            return f"{reason}; {reached}: hung or saturated, not dead"
        case "reset":
            return f"{reason}; {reached}: dying, or something between us cuts"
        case "protocol":
            return f"not a whole HTTP answer: {reason}; {reached}"
        case "local":
            return reason


def of_timeout(timeout: float, secure: bool, phases: Phases) -> tuple[FailureKind, str]:
    """Which phase the deadline cut off, and that in words; `timeout` in real seconds."""
    if phases.dns is None:
        return cut_off("dns", timeout, phases)
    if phases.connect is None:
        return cut_off("connect", timeout, phases)
    if secure and phases.tls is None:
        return cut_off("tls", timeout, phases)
    return cut_off("first_byte" if phases.first_byte is None else "transfer", timeout, phases)


def cut_off(phase: Phase, timeout: float, phases: Phases) -> tuple[FailureKind, str]:
    """What a deadline in this phase stands for, and that in words; `timeout` in real seconds."""
    limit = f"{timeout:.1f} s" if timeout >= 0.1 else took(timeout * 1000)
    within = f"within {limit}"
    match phase:
        case "dns":
            return "local", f"the resolver gave no answer {within}"
        case "connect":
            return "connect_timeout", f"none {within}"
        case "tls":
            return "tls", f"no handshake {within}"
        case "first_byte":
            return "read_timeout", f"read timeout after {limit}"
        case "transfer":
            begun = f"first byte in {took(phases.first_byte)}, " if phases.first_byte is not None else ""
            return "read_timeout", f"{begun}the rest not {within}"
