"""What figures mean, and the order in which findings are told."""

from __future__ import annotations

import json

from cockpit.config.probes import HttpProbeConfig
from cockpit.doctor import endpoints, host, telling, times
from cockpit.doctor.finding import finding
from cockpit.probes.sample import Certificate, Sample
from cockpit.probes.targets import Target
from cockpit.text import SafeText

DAY = 86_400_000_000


def test_a_certificate_with_few_days_left_is_a_warning() -> None:
    target = Target("api", "api", "api", HttpProbeConfig(name="api", url="https://a.test/"))
    for days, state in ((20, "warn"), (22, "ok")):
        shown = Certificate("a.test", "ca", ("a.test",), 0, days * DAY)
        found = endpoints.judged(target, Sample(0, "good", SafeText("HTTP 200"), certificate=shown), 0)
        assert found.state == state and f"good for {days} days" in found.words


def test_a_clock_that_is_off_is_told_by_how_much() -> None:
    assert times.judged([]).state == "skipped"
    assert times.judged([0.4, -0.4, 900.0]).state == "ok"
    assert times.judged([-6.0]).state == "warn" and "6 s behind" in times.judged([-6.0]).words
    assert times.judged([61.0]).state == "bad"


def test_too_few_descriptors_are_bad_and_a_logout_that_kills_is_a_warning() -> None:
    assert host.descriptors(10, 1024).state == "ok"
    assert host.descriptors(1000, 1024).state == "bad"
    assert host.survival(scoped=False, systemd=True).state == "warn"
    assert host.survival(scoped=True, systemd=True).state == "ok"


def test_the_worst_is_told_first_by_word_and_shape() -> None:
    found = [finding("a", "", "ok", "fine"), finding("b", "x", "bad", "broken\x1b[2J", "mend it")]
    assert telling.lines(found) == "[x] bad     b x: broken; mend: mend it\n[+] ok      a: fine"
    data = json.loads(telling.document(found))
    assert data["counts"] == {"bad": 1, "warn": 0, "skipped": 0, "ok": 1}
    assert data["findings"][0] == {"theme": "b", "subject": "x", "state": "bad", "words": "broken", "mend": "mend it"}
