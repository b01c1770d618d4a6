"""The addresses of the self check: while none answers, nothing would ever be called down."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

from cockpit.config.fields import split_endpoint
from cockpit.doctor.aside import each
from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.probes.dialing import Dialled, dial
from cockpit.probes.failures import ProbeFailure

THEME = "self check"
MEND = "name an address in self_check.targets that answers whenever the network works"


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Whether each of them answers; a refusal is an answer too."""

    async def look(target: str) -> list[Finding]:
        try:
            sock: socket.socket = await dial(await scene.transport.resolver.resolve(*split_endpoint(target)), Dialled())
        except ProbeFailure as failure:
            if failure.kind != "refused":
                return [finding(THEME, target, "bad", f"does not answer: {failure}", MEND)]
        else:
            sock.close()
        return [finding(THEME, target, "ok", "answers")]

    if not scene.config.self_check.targets:
        yield finding(THEME, "", "skipped", "none in the config: our own faults are told by several hosts failing")
    async for found in each(
        scene.config.self_check.targets, look, lambda name: finding(THEME, name, "bad", "does not answer", MEND)
    ):
        yield found
