"""The alerts command: what it prints, and which alert is meant."""

from __future__ import annotations

import json

import pytest

from cockpit.cli.alerts import as_lines, meant
from cockpit.clock import SECOND
from cockpit.exits import Exit
from cockpit.protocol.views import AlertsView, AlertView
from cockpit.text import SafeText
from tests.cli.conftest import CONFIG, Shell

AT = 1_763_635_620 * SECOND


def view(name: str, state: str = "firing") -> AlertView:
    return AlertView(
        alert=name, source=SafeText("pager"), title=SafeText("Logins fail"),
        state="over" if state == "over" else "firing", severity=SafeText("page"), service=SafeText("auth"),
        started=AT, learnt=AT + 120 * SECOND, who=SafeText("bob"), link=SafeText("http://x.test/1"),
    )  # fmt: skip


def test_an_alert_is_told_with_its_own_start_and_when_we_heard_of_it() -> None:
    first, second = as_lines(AlertsView((view("pager:PT1"),))).splitlines()
    assert first == "FIRING        page  Logins fail  auth  since 10:47Z (heard of it 10:49Z)"
    assert second.split("  ")[-3:] == ["pager:PT1", "acknowledged by bob", "http://x.test/1"]
    assert as_lines(AlertsView()) == "no alerts"


def test_the_beginning_of_an_id_is_enough_while_only_one_begins_so(capsys: pytest.CaptureFixture[str]) -> None:
    found = AlertsView((view("pager:PT1"), view("pager:PT10"), view("prom:4f2a"), view("pager:PX", "over")))
    assert meant(found, "prom") == meant(found, "4f") == "prom:4f2a"
    assert meant(found, "pager:PT1") == "pager:PT1"
    for beginning, words in (("pager:", "may be pager:PT1, pager:PT10"), ("PX", "no alert that lasts begins with PX")):
        with pytest.raises(SystemExit) as ended:
            meant(found, beginning)
        assert ended.value.code == Exit.REFUSED
        assert words in capsys.readouterr().err


def test_without_any_alert_the_engine_says_so(shell: Shell) -> None:
    shell.write(CONFIG)
    assert shell.run("alerts").stdout == "no alerts\n"
    assert json.loads(shell.run("alerts", "--json").stdout) == {"alerts": []}
    refused = shell.run("alerts", "ack", "pager")
    assert refused.returncode == Exit.REFUSED and "no alert that lasts begins with pager" in refused.stderr
