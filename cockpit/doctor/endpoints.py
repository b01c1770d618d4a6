"""Every lane of every probe, looked at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cockpit.doctor.aside import EACH, each
from cockpit.doctor.finding import Finding, State, finding
from cockpit.doctor.scene import Scene
from cockpit.probes.failures import FailureKind
from cockpit.probes.make import make
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target, targets

THEME = "endpoints"
FEW_DAYS = 21
"""Days a certificate should still be good for: some authorities renew no earlier."""
_MENDS: dict[FailureKind, str] = {
    "dns": "mend the name in the config, or this host's resolver",
    "refused": "start it, or mend the port in the config",
    "unreachable": "look at the route, the VPN, the firewall",
    "connect_timeout": "look at the host, the VPN, the firewall",
    "tls": "look at its certificate, or name its authority with tls.ca_file",
    "local": "mend it on this host",
}


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """The verdict of each lane; IPv6 that is dead while IPv4 lives is a warning."""
    tools = scene.tools
    alive: set[str] = set()
    dead: list[tuple[Target, Finding]] = []

    async def look(target: Target) -> list[Finding]:
        sample = await make(target, tools).sample()
        found = judged(target, sample, scene.clock.now())
        if target.family == "ip4" and found.state != "bad":
            alive.add(target.probe)
        if target.family == "ip6" and found.state == "bad":
            dead.append((target, found))
            return []
        return [found]

    async for found in each(targets(scene.config.services), look, _late):
        yield found
    for target, found in dead:
        if target.probe in alive:
            words = f"IPv6 is dead while IPv4 answers: {found.words}"
            yield finding(THEME, target.name, "warn", words, "mend its IPv6, or take its AAAA record out")
        else:
            yield found


def judged(target: Target, sample: Sample, now: int) -> Finding:
    """What a sample says about the night to come. Pure; `now` in microseconds."""
    state, words, mend = _state(sample), str(sample.words), ""
    certificate = sample.certificate
    if certificate is not None and target.config.type == "http":
        days = certificate.days_left(now)
        words += f"; certificate good for {int(days)} days"
        if days < FEW_DAYS and state == "ok":
            state, mend = "warn", "renew the certificate"
    broken = [str(told) for label, told in sample.facts if label == "address bad"]
    if broken and state == "ok":
        state, mend = "warn", "mend the address, or take it out of the name"
        words += f"; does not answer: {', '.join(broken)}"
    if state in {"bad", "warn"} and not mend:
        mend = _MENDS.get(sample.failure, "") if sample.failure else ""
        mend = mend or f"`cockpit probe {target.name}` tells it phase by phase"
    return finding(THEME, target.name, state, words, mend)


def _state(sample: Sample) -> State:
    match sample.outcome:
        case "good":
            return "ok"
        case "slow":
            return "warn"
        case "bad":
            return "bad"
        case "indeterminate" if sample.gap and sample.failure is None:
            return "ok" if sample.gap == "warming" else "warn"
    return "bad"


def _late(target: Target) -> Finding:
    words = f"gave no verdict within {EACH:.0f} s"
    return finding(THEME, target.name, "bad", words, f"`cockpit probe {target.name}` waits for it")
