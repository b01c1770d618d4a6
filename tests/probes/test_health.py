"""Health documents as a table: what came, what it means, who is to blame."""

from __future__ import annotations

import json

import pytest

from cockpit.config.probes import HealthFormat
from cockpit.probes.health import read

JSON = "application/json; charset=utf-8"
SPRING = {
    "status": "DOWN",
    "components": {
        "db": {"status": "DOWN", "details": {"error": "refused"}},
        "ping": {"status": "UP"},
        "caches": {"status": "DOWN", "components": {"sessions": {"status": "OUT_OF_SERVICE"}}},
    },
}
PROFILE = {"status": "DOWN", "checks": [{"name": "queue", "status": "DOWN"}, {"name": "disk", "status": "UP"}]}
DRAFT = {
    "status": "warn", "version": "1", "output": "",
    "checks": {"db:latency": [{"status": "warn", "time": "2026-01-01T00:00:00Z"}], "uptime": [{"status": "pass"}]},
}  # fmt: skip
LIVEZ = b"[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\nlivez check failed\n"


@pytest.mark.parametrize(
    ("document", "outcome", "words"),
    [
        ({"status": "UP"}, "good", ""),
        ({"status": "DOWN"}, "bad", "its status is DOWN"),
        ({"status": "OUT_OF_SERVICE", "groups": ["liveness"]}, "bad", "its status is OUT_OF_SERVICE"),
        ({"status": "UNKNOWN"}, "slow", "its status is UNKNOWN"),
        ({"status": "DEGRADED", "timestamp": 1}, "slow", "its status is DEGRADED"),
        (SPRING, "bad", "DOWN: db DOWN, caches DOWN, caches/sessions OUT_OF_SERVICE"),
        (PROFILE, "bad", "DOWN: queue DOWN"),
        (DRAFT, "slow", "warn: db:latency warn"),
        ({"status": "pass", "checks": {"spare": [{"status": "fail"}]}}, "good", "spare fail"),
    ],
)
def test_health_documents(document: object, outcome: str, words: str) -> None:
    found = read("auto", JSON, json.dumps(document).encode())
    assert found is not None and (found.outcome, found.words) == (outcome, words)


@pytest.mark.parametrize(
    "document",
    [
        {"status": "fail", "data": {"title": "required"}},
        {"status": "error", "message": "no such user"},
        {"status": "DOWN", "id": 7, "name": "eth0"},
        {"status": "closed"},
        {"status": 0},
        {"status": None, "checks": []},
        {"state": "DOWN"},
        [{"status": "DOWN"}],
        "DOWN",
        {"status": "down", "checks": "none"},
    ],
)
def test_ordinary_answers_are_left_alone(document: object) -> None:
    assert read("auto", JSON, json.dumps(document).encode()) is None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", b'{"status": "DOWN"}'),
        ("text/plain", b"DOWN"),
        ("text/plain", b"[+-] is a list"),
        (JSON, b'{"status": "DOWN"'),
        (JSON, b'\xff"status"'),
        (JSON, b'{"status":' * 20_000),
    ],
)
def test_what_cannot_be_read_is_left_alone_too(content_type: str, body: bytes) -> None:
    assert read("auto", content_type, body) is None


def test_a_content_type_of_health_alone_is_believed() -> None:
    for kind in ("application/health+json", "application/vnd.spring-boot.actuator.v3+json"):
        found = read("auto", kind, b'{"status": "down", "region": "eu"}')
        assert found is not None and found.outcome == "bad"


def test_kubernetes_names_the_checks_that_fail() -> None:
    for wanted in ("auto", "kubernetes"):
        found = read(wanted, "text/plain; charset=utf-8", LIVEZ)
        assert found is not None and (found.outcome, found.words) == ("bad", "a check failed: etcd failed")
        assert [component.name for component in found.components] == ["ping", "etcd", "log"]
    fine = read("auto", "text/plain", b"[+]ping ok\nreadyz check passed\n")
    assert fine is not None and fine.outcome == "good"


@pytest.mark.parametrize("wanted", ["spring", "microprofile", "health+json", "kubernetes"])
def test_a_format_that_is_named_is_held_to(wanted: HealthFormat) -> None:
    found = read(wanted, "text/html", b"<html>log in</html>")
    assert found is not None and found.outcome == "bad" and found.words.endswith("health document")
    assert read("none", JSON, b'{"status": "DOWN"}') is None


def test_a_named_format_allows_other_keys() -> None:
    found = read("spring", "text/plain", b'{"status": "DOWN", "message": "db"}')
    assert found is not None and found.outcome == "bad"


def test_many_and_deep_components_are_bounded() -> None:
    many = {"status": "DOWN", "components": {f"c{n}": {"status": "DOWN"} for n in range(5_000)}}
    found = read("auto", JSON, json.dumps(many).encode())
    assert found is not None and len(found.components) == 50 and found.words.endswith("and 42 more")
    deep: dict[str, object] = {"status": "DOWN"}
    for _ in range(200):
        deep = {"status": "DOWN", "components": {"x" * 500: deep}}
    found = read("auto", JSON, json.dumps(deep).encode())
    assert found is not None and len(found.components) <= 8 and len(found.words) < 600
