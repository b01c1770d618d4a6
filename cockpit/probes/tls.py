"""The TLS probe: how long a certificate is still good, and whether anybody would believe it."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

import msgspec

from cockpit.clock import iso
from cockpit.config.fields import split_endpoint
from cockpit.config.probes import TlsProbeConfig
from cockpit.probes import trust
from cockpit.probes.certificates import from_der
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.journey import Journey, at_fault, endpoint
from cockpit.probes.sample import Certificate, Outcome, Sample
from cockpit.probes.targets import Target
from cockpit.probes.telling import Fact, facts, line, listed
from cockpit.probes.tools import Tools

SECOND_LOOK = 0.2
"""Real seconds that the look at a refused certificate has at least."""
_EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 10, 62, 64
_UNKNOWN = {18, 19, 20, 21}
"""How OpenSSL numbers what is wrong with a certificate."""


class Shown(msgspec.Struct, frozen=True):
    """What a server showed in a handshake."""

    certificate: Certificate
    version: str
    cipher: str


class TlsProbe:
    """Shakes hands as any client would; when the certificate is refused, once more to read it all the same."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, TlsProbeConfig)
        self._config = target.config
        self._target = target
        self._tools = tools

    async def sample(self) -> Sample:
        """One look; whatever happens becomes a sample."""
        at = self._tools.clock.now()
        config = self._config
        try:
            host, port = endpoint(self._target, config.address)
            name = config.tls.server_name or split_endpoint(config.address)[0]
            try:
                context = self._context()
            except OSError as error:
                why = f"not asked: the authorities in {config.tls.ca_file} cannot be used: {trust.why_not(error)}"
                return Sample(at, "indeterminate", line(why))
            start = time.monotonic()
            journey = Journey(host, port, self._target.family, config.timeouts)
            try:
                shown = await journey.within(config.timeout, self._look(journey, context, name))
                return self._judged(at, journey, name, shown, None)
            except ProbeFailure as failure:
                return journey.failed(at, failure)
            except ssl.SSLCertVerificationError as refusal:
                left = max(config.timeout - (time.monotonic() - start), SECOND_LOOK)
                return await self._refused(at, journey, name, refusal, left)
        except Exception as error:
            return at_fault(at, error)

    def _context(self) -> ssl.SSLContext:
        file = self._config.tls.ca_file
        return trust.system() if file is None else trust.only(self._tools.base / Path(file))

    async def _look(self, journey: Journey, context: ssl.SSLContext, name: str) -> Shown:
        sock = await journey.connect(self._tools.transport.resolver)
        try:
            session = await journey.handshake(sock, context, name)
            return _shown(session)
        finally:
            sock.close()

    async def _refused(
        self, at: int, journey: Journey, name: str, refusal: ssl.SSLCertVerificationError, left: float
    ) -> Sample:
        """The certificate that was refused, from the address that showed it."""
        host, port = endpoint(self._target, self._config.address)
        again = Journey(journey.dialled.address or host, port, "auto", self._config.timeouts)
        try:
            shown = await again.within(left, self._look(again, _unbelieving(), name))
        except ProbeFailure as failure:
            reason = f"certificate of {name}: {refusal.verify_message.lower()}; not shown a second time: {failure}"
            return journey.failed(at, ProbeFailure("tls", reason))
        return self._judged(at, journey, name, shown, refusal)

    def _judged(
        self, at: int, journey: Journey, name: str, shown: Shown, refusal: ssl.SSLCertVerificationError | None
    ) -> Sample:
        certificate, config = shown.certificate, self._config
        reasons = _wrong(certificate, refusal, name, at)
        left = certificate.days_left(at)
        outcome: Outcome = "good"
        if reasons or left < config.crit_days:
            outcome = "bad"
        elif left < config.warn_days:
            outcome = "slow"
        phases = journey.watch.phases()
        told = "; ".join((*reasons, f"{_validity(certificate, at)}, issued by {certificate.issuer or 'nobody'}"))
        return Sample(
            at=at,
            outcome=outcome,
            words=line(f"certificate of {name}: {told}{journey.beside()}"),
            latency_ms=sum(filter(None, (phases.dns, phases.connect, phases.tls))),
            failure="tls" if reasons or left <= 0 else None,
            phases=phases,
            address=journey.dialled.address,
            certificate=certificate,
            facts=(*_facts(shown), *journey.facts()),
        )


def _wrong(
    certificate: Certificate, refusal: ssl.SSLCertVerificationError | None, name: str, now: int
) -> tuple[str, ...]:
    """Why nobody should believe it; its last day is told in any case, for OpenSSL tells one reason only."""
    if certificate.not_before > now:
        return (f"not good before {iso(certificate.not_before)}",)
    if refusal is None:
        return ()
    if refusal.verify_code in {_OTHER_NAME, _OTHER_ADDRESS}:
        return (f"not for {name} but for {listed(certificate.names) or certificate.subject or 'nobody'}",)
    if refusal.verify_code in _UNKNOWN:
        return ("from an authority that is not trusted here",)
    if refusal.verify_code == _EXPIRED and certificate.not_after <= now:
        return ()
    if refusal.verify_code == _EXPIRED:
        return ("one above it in the chain has expired",)
    return (refusal.verify_message.lower(),)


def _validity(certificate: Certificate, now: int) -> str:
    left, until = certificate.days_left(now), iso(certificate.not_after)[:10]
    return f"{_days(left)} left (until {until})" if left > 0 else f"expired {_days(-left)} ago ({until})"


def _days(days: float) -> str:
    """Whole days, or hours when it is a matter of hours."""
    if days < 2:
        hours = int(days * 24)
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{int(days)} days"


def _facts(shown: Shown) -> tuple[Fact, ...]:
    certificate = shown.certificate
    return facts(
        ("subject", certificate.subject),
        ("names", listed(certificate.names)),
        ("issuer", certificate.issuer),
        ("chain", " < ".join(certificate.chain)),
        ("from", iso(certificate.not_before)),
        ("until", iso(certificate.not_after)),
        ("TLS", f"{shown.version} {shown.cipher}".strip()),
    )


def _unbelieving() -> ssl.SSLContext:
    """Takes any certificate: to read it, never to trust it. Made without authorities, it costs next to nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _shown(session: ssl.SSLObject) -> Shown:
    """Raises ProbeFailure when what was shown cannot be read."""
    cipher = session.cipher()
    try:
        certificate = from_der(session.getpeercert(binary_form=True) or b"", _above(session))
    except ValueError:
        raise ProbeFailure("tls", "what it shows is no certificate") from None
    return Shown(certificate, session.version() or "", cipher[0] if cipher else "")


def _above(session: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates sent beside the server's own. Before Python 3.13 there is no public way to them."""
    if (public := getattr(session, "get_unverified_chain", None)) is not None:
        return tuple(public())[1:]
    inner = getattr(getattr(session, "_sslobj", None), "get_unverified_chain", None)
    sent = inner() if inner is not None else None
    return tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in (sent or ())[1:])
