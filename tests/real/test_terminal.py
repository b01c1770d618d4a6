"""The cockpit in a real terminal: a drill by hand, a terminal that is taken away, and a shell left in order."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.real.conftest import Screen, Tmux

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

SIZES = [(80, 24), (160, 45)]


def whole(screen: Screen, *wanted: str) -> None:
    """Everything wanted is there, the keys stand at the foot, and nothing leaves the window."""
    screen.sees(*wanted)
    lines = screen.lines
    assert len(lines) == screen.height
    assert all(len(line) <= screen.width for line in lines)
    assert lines[-1].rstrip().endswith("? help   q detach")
    assert "Traceback" not in screen.text and "reconnecting" not in screen.text


def drill(tmux: Tmux, size: tuple[int, int]) -> Screen:
    """The login-flag drill by hand, at the moment when it is red."""
    screen = tmux.open(*size, "drill", "login-flag", "--speed", "60", "--hints")
    whole(screen, "No incident is open", "DRILL", "SERVICES", "1 DOWN", "login-synthetic", "app error, not load")
    return screen


def declare(screen: Screen) -> None:
    screen.press("d")
    screen.sees("Declare an incident", "Enter sends")
    screen.type("Logins fail")
    screen.press("Enter")
    whole(screen, "SEV1   Logins fail", "investigating", "nobody leads")


@pytest.mark.parametrize("size", SIZES)
def test_an_outage_by_hand_until_the_rollback_has_no_effect(tmux: Tmux, size: tuple[int, int]) -> None:
    screen = drill(tmux, size)
    declare(screen)
    screen.press("l")
    whole(screen, "lead ada")
    screen.press("r")
    screen.sees("Start a runbook", "Roll back the login flag")
    screen.press("Enter")
    screen.sees("started: Roll back the login flag")
    screen.press("3")
    whole(screen, "RUN   Roll back the login flag", "Say in the channel", "nothing to undo")
    screen.press("Enter")
    screen.sees("Mark done?", "y  yes, do it")
    screen.press("y")
    whole(screen, "Fix or revert")
    screen.press("Enter")
    screen.sees("Revert, and look for the cause afterwards", "Enter chooses")
    screen.press("Enter")
    screen.sees("Turned down    Fix forward", "y  yes, do it")
    screen.press("y")
    whole(screen, "Enter  run  configctl revert 4711")
    screen.press("Enter")
    screen.sees("Run this command?", "configctl revert 4711", "configctl apply 4711", "COCKPIT_DRILL_URL")
    screen.press("y")
    whole(screen, "auth.yaml is at 4710 again", "undo stack 1")
    whole(screen, "NO EFFECT", "configctl apply 4711")
    screen.press("q")
    screen.sees("What this drill is about", "Report: ", "left with 0")


@pytest.mark.parametrize("size", SIZES)
def test_a_terminal_that_is_taken_away_misses_nothing(tmux: Tmux, size: tuple[int, int]) -> None:
    drill(tmux, size)
    (profile,) = [path.name for path in tmux.home.iterdir()]
    screen = tmux.open(*size, "--profile", profile)
    declare(screen)
    screen.press("n")
    screen.sees("Enter sends")
    screen.type("the last words before the line broke")
    screen.press("Enter")
    screen.sees("noted")
    screen.press("2")
    whole(screen, "SEV1 Logins fail", "the last words before the line broke")
    before = _timeline(screen)
    assert len(before) == 2
    screen.close()

    again = tmux.open(*size, "--profile", profile)
    whole(again, "SEV1   Logins fail", "investigating")
    again.press("2")
    whole(again, "SEV1 Logins fail", "the last words before the line broke")
    again.sees(*before)
    again.press("q")
    again.sees("Detached. A drill ends with the terminal that began it", "left with 0")


def _timeline(screen: Screen) -> list[str]:
    """The words of what happened, without what stands beside them and goes on changing."""
    words = ("SEV1 Logins fail", "the last words")
    # The mark of the chosen line moves on with the newest one.
    lines = [line.rpartition("│")[2].strip().removeprefix(">") for line in screen.lines[3:-3]]
    return [line for line in lines if any(each in line for each in words) and "TIMELINE" not in line]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_in_order(tmux: Tmux, tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "config.yaml").write_text(
        "version: 1\nservices: [{name: web, probes: [{name: front, url: 'http://127.0.0.1:9/', interval: 200ms}]}]\n"
    )
    screen = tmux.open(80, 24)
    whole(screen, "DOWN", "front", "nothing listens on 127.0.0.1:9")
    assert screen.told("alternate_on") == "1"
    shell = int(screen.told("pane_pid"))
    (child,) = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
    os.kill(int(child), number)
    screen.sees("left with")
    assert (screen.told("alternate_on"), screen.told("mouse_any_flag")) == ("0", "0")
    screen.type("stty -a; echo in ord''er")
    screen.press("Enter")
    told = screen.sees("in order")
    assert {"icanon", "echo", "isig"} <= set(told.split())
