"""A certificate is read as it is, believed or not."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cockpit.moments import SECOND
from cockpit.probes.certificates import from_der

UNTIL = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def test_names_dates_issuer_and_chain_are_read() -> None:
    root = trustme.CA(organization_name="root of tests")
    between = root.create_child_ca()
    leaf = between.issue_cert("shop.test", "10.0.0.1", common_name="shop.test", not_after=UNTIL)
    der, above = (_der(pem.bytes()) for pem in leaf.cert_chain_pems)
    found = from_der(der, (above,))
    assert found.subject == "shop.test"
    assert found.names == ("shop.test", "10.0.0.1")
    assert found.not_before < found.not_after == int(UNTIL.timestamp()) * SECOND
    assert found.chain == ("shop.test", found.issuer) and "Testing CA" in found.issuer
    assert from_der(above).issuer.endswith("O=root of tests")
    assert found.days_left(found.not_after - 86_400 * SECOND) == 1


def test_a_certificate_that_expired_is_read_all_the_same() -> None:
    leaf = trustme.CA().issue_cert(
        "old.test", not_before=datetime(2019, 1, 1, tzinfo=UTC), not_after=datetime(2020, 1, 1, tzinfo=UTC)
    )
    found = from_der(_der(leaf.cert_chain_pems[0].bytes()))
    assert found.names == ("old.test",)
    assert found.not_after == int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) * SECOND


def test_it_says_the_same_as_the_standard_library() -> None:
    leaf = trustme.CA().issue_cert("a.test", "b.test")
    pem = leaf.cert_chain_pems[0].bytes()
    found = from_der(ssl.PEM_cert_to_DER_cert(pem.decode()))
    assert found.names == ("a.test", "b.test")
    assert from_der(_der(pem)) is found


def test_what_is_no_certificate_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        from_der(b"nothing of the kind")


def test_names_made_to_confuse_a_terminal_are_cleaned() -> None:
    leaf = trustme.CA().issue_cert("evil.test", common_name="\x1b[2Jevil\u202etest")
    assert from_der(_der(leaf.cert_chain_pems[0].bytes())).subject == "evil<U+202E>test"
