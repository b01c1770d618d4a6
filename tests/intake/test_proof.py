"""What a signature is good for, and how much of them is remembered."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from cockpit.intake import proof
from cockpit.intake.proof import SIGNATURE, TIMESTAMP, Signed, signature

NOW = 1_763_635_620


def signed(body: bytes, at: int = NOW) -> dict[str, str]:
    return {TIMESTAMP: str(at), SIGNATURE: signature(b"swordfish", str(at), body)}


def test_what_is_remembered_is_bounded_and_forgotten_with_its_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "REMEMBERED", 3)
    judge = Signed("swordfish", window=300)
    bodies = [str(number).encode() for number in range(4)]
    for body in bodies:
        assert judge.objection(signed(body), body, NOW) == ""
        judge.spend(signed(body), NOW)
    assert judge.objection(signed(bodies[3]), bodies[3], NOW) == "seen before"
    judge.spend(signed(b"later", NOW + 301), NOW + 301)
    assert "too long ago" in judge.objection(signed(bodies[3]), bodies[3], NOW + 301)


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "٣", "9" * 13, "soon"])
def test_a_timestamp_that_is_none_is_refused_though_it_is_signed(timestamp: str) -> None:
    headers = {TIMESTAMP: timestamp, SIGNATURE: signature(b"swordfish", timestamp, b"x")}
    assert "whole seconds" in Signed("swordfish", 300).objection(headers, b"x", NOW)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_the_recipe_of_the_documentation_signs_as_we_do() -> None:
    command = ["openssl", "dgst", "-sha256", "-hmac", "swordfish", "-r"]
    done = subprocess.run(command, input=f"{NOW}.".encode() + b"{}", capture_output=True, check=True)
    assert done.stdout.split()[0].decode() == signature(b"swordfish", str(NOW), b"{}")
