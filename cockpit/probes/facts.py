"""What else is worth knowing of one look, each with its label: for whoever asks for all of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from cockpit.probes.asking import Ask, place
from cockpit.probes.exchange import Received
from cockpit.probes.health import Health
from cockpit.probes.resolver import Address
from cockpit.probes.telling import Fact, line
from cockpit.probes.transport import Trace
from cockpit.text import Redactor, SafeText

MOST = 40
"""Facts kept of one look."""


@lru_cache(4096)
def _fact(label: str, text: str) -> Fact:
    """Remembered: most probes tell the same ones."""
    return SafeText(label), line(text)


def of_way(trace: Trace) -> list[tuple[str, str]]:
    """The way there: addresses, which of them are bad, TLS."""
    dialled, told = trace.dialled, list[tuple[str, str]]()
    if trace.kept:
        told.append(("connection", f"kept from an earlier request, to {dialled.address}"))
    elif dialled.addresses:
        told.append(("addresses", _listed(dialled.addresses)))
    told += [("address bad", f"{host}: {reason}") for host, reason in dialled.bad]
    if trace.tls:
        told.append(("tls", trace.tls))
    return told


def of_answer(received: Received, health: Health | None) -> list[tuple[str, str]]:
    """The answer: protocol, size, components of a health document."""
    more = " and more" if received.cut else ""
    told = [("protocol", received.http), ("body", f"{len(received.body)} bytes{more}")]
    if encoding := received.headers.get("content-encoding"):
        told.append(("encoding", encoding))
    if health is not None:
        told += [(f"component {component.name}", component.status) for component in health.components]
    return told


def of_hop(ask: Ask, received: Received, address: str) -> tuple[str, str]:
    """One redirect that was followed."""
    return "redirect", f"{received.status} from {place(ask.url)} at {address} to {received.headers.get('location', '')}"


def facts(told: Iterable[tuple[str, str]], redact: Redactor) -> tuple[Fact, ...]:
    """Safe to show, without secrets, and not too many."""
    return tuple(_fact(redact(label), redact(text)) for label, text in list(told)[:MOST])


@lru_cache(1024)
def _listed(addresses: Sequence[Address]) -> str:
    return ", ".join(host for _, host, _ in addresses)
