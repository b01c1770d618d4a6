from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.config.problems import ConfigError
from cockpit.drills.shelf import SCENARIOS, load, names

SOURCE = (SCENARIOS / "login-flag.yaml").read_text()


def test_the_bundled_scenario_is_found_by_name_and_by_file() -> None:
    assert "login-flag" in names()
    assert load("login-flag") == load(str(SCENARIOS / "login-flag.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sets: {auth.flag: live}}", "sets: {auth.flagg: live}}", "no service has the variable auth.flagg"),
        ("verified: login-synthetic", "verified: login-probe", "no service has the probe login-probe"),
        ("path: /auth/healthz, kind", "path: /auth/health, kind", "no endpoint answers /auth/health"),
        ("  svcctl:\n", "  svc:\n", "svcctl, which is not among the tools"),
        ("      - json: {status: ok}\n", "      - {json: {status: ok}, when: {auth.env: set}}\n", "must hold always"),
        ('t0: "10:47"', 't0: "25:47"', "t0"),
        ("        do: declare\n", "        do: declare\n        by_hand: [ls]\n", "exactly one of"),
        ("lead: 2m", "lead: 2", "lead"),
        ("fact: original}", "fact: rumour}", "fact"),
    ],
)
def test_a_scenario_that_does_not_hold_together_says_where(old: str, new: str, words: str, tmp_path: Path) -> None:
    assert old in SOURCE
    file = tmp_path / "spoilt.yaml"
    file.write_text(SOURCE.replace(old, new, 1))
    with pytest.raises(ConfigError) as refused:
        load(str(file))
    assert words in str(refused.value) and "spoilt.yaml:" in str(refused.value)


def test_a_drill_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ConfigError, match="login-flag"):
        load("login-flog")
