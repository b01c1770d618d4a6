"""What a certificate says of itself, whether or not anybody should believe it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import NameOID

from cockpit.moments import SECOND
from cockpit.probes.sample import Certificate
from cockpit.text import SafeText

KEPT = 256
"""Certificates remembered: a probe shows the same one for weeks."""
NAMES = 50
"""Names kept of one certificate: some carry hundreds."""
LONGEST = 200
"""Characters kept of one name: whoever made the certificate chose them."""


@lru_cache(KEPT)
def from_der(der: bytes, chain: Sequence[bytes] = ()) -> Certificate:
    """A server's certificate from its DER bytes; `chain` holds those above it, the nearest first, in a tuple.

    Raises ValueError when the bytes are no certificate.
    """
    try:
        shown = x509.load_der_x509_certificate(der)
        above = (x509.load_der_x509_certificate(each) for each in chain)
        subjects = (_called(shown.subject), *(_called(each.subject) for each in above))
        return Certificate(
            subject=subjects[0],
            issuer=_issuer(shown.issuer),
            names=_names(shown)[:NAMES],
            not_before=int(shown.not_valid_before_utc.timestamp()) * SECOND,
            not_after=int(shown.not_valid_after_utc.timestamp()) * SECOND,
            chain=subjects,
        )
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise ValueError(str(error)) from error


def _called(name: x509.Name) -> str:
    """The common name, as people know it; else all there is, else nothing."""
    return _first(name, NameOID.COMMON_NAME) or _clean(name.rfc4514_string())


def _issuer(name: x509.Name) -> str:
    """With its organisation: the common names of authorities are often as short as `R11`."""
    common, organisation = _first(name, NameOID.COMMON_NAME), _first(name, NameOID.ORGANIZATION_NAME)
    if not common or not organisation or organisation in common:
        return _called(name)
    return f"{common} ({organisation})"


def _first(name: x509.Name, kind: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(kind)
    return _clean(str(found[0].value)) if found else ""


def _names(shown: x509.Certificate) -> tuple[str, ...]:
    """The names and addresses it is good for; none when it has no such extension."""
    try:
        alternatives = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = alternatives.get_values_for_type(x509.IPAddress)
    return tuple(map(_clean, (*alternatives.get_values_for_type(x509.DNSName), *map(str, addresses))))


def _clean(text: str) -> str:
    return SafeText(text, LONGEST).line
