"""What readers are told, from the command line: looked at before it goes, held, let go, and how it travels."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from cockpit.exits import Exit
from tests.cli.conftest import CONFIG, SECONDS, Shell

TOLD = CONFIG + "broadcast: {destinations: [{kind: file, path: channel.jsonl}], people: {bo: U0BO}}\n"
UPDATE = ("update", "--know", "80 % of logins <fail>", "--doing", "rolling back 4711")


def standing(shell: Shell) -> Any:
    return json.loads(shell.run("broadcast", "--json").stdout)


def delivered(shell: Shell, posted: int) -> Any:
    """How it stands once so many updates were written and nothing waits."""
    return until(shell, lambda view: view["posted"] >= posted and not view["queued"] and view["delivered_at"])


def until(shell: Shell, so: Callable[[Any], object]) -> Any:
    """How it stands once that is so; asked again and again, since a command cannot wait for it."""
    ends = time.monotonic() + SECONDS
    while not so(view := standing(shell)):
        assert time.monotonic() < ends, view
    return view


def posts(shell: Shell) -> list[str]:
    """The headlines in the thread, as the file was told them."""
    told = [json.loads(line)["message"] for line in (shell.cwd / "channel.jsonl").read_text().splitlines()]
    return [message["headline"] for message in told if message["type"] == "post"]


@pytest.fixture
def incident(shell: Shell) -> Shell:
    """A shell in the middle of an incident that a file is told of."""
    shell.write(TOLD)
    assert shell.run("declare", "Logins fail", "-s", "SEV2").returncode == Exit.OK
    delivered(shell, 1)
    return shell


def test_a_preview_prints_what_readers_would_get_and_sends_nothing(incident: Shell) -> None:
    before = (incident.cwd / "channel.jsonl").read_text()
    done = incident.run("--read-only", *UPDATE, "--status", "mitigating", "--eta", "+30m", "--preview")
    assert done.returncode == Exit.OK
    card, thread = done.stdout.split("\n\nTHREAD\n")
    assert card.startswith("CARD\nSEV2 - Logins fail - Mitigating\n")
    assert "Know: 80 % of logins <fail>" in card and "ada estimates" in card
    assert thread.startswith("SEV2: status mitigating: 80 % of logins <fail>\n") and "Next update by" in thread
    assert standing(incident)["posted"] == 1
    assert (incident.cwd / "channel.jsonl").read_text() == before


def test_what_was_previewed_is_what_is_told(incident: Shell) -> None:
    previewed = json.loads(incident.run(*UPDATE, "--preview", "--json").stdout)
    assert incident.run(*UPDATE).returncode == Exit.OK
    delivered(incident, 2)
    told = [json.loads(line)["text"] for line in (incident.cwd / "channel.jsonl").read_text().splitlines()]
    known = [line for line in previewed["post"].splitlines() if not line.startswith("Next update")]
    assert any(text.splitlines()[: len(known)] == known for text in told), told


def test_what_is_previewed_is_in_the_teams_own_words_as_what_is_told(incident: Shell) -> None:
    incident.run("stop")
    incident.write(TOLD.replace("people:", "templates: words.yaml, people:"))
    incident.write("card: [{lines: [Page 7.]}]\npost: [{reason: [update], lines: [In this thread.]}]\n", "words.yaml")
    previewed = json.loads(incident.run(*UPDATE, "--preview", "--json").stdout)
    assert "Page 7." in previewed["card"] and "In this thread." in previewed["post"]
    assert "In this thread." in incident.run(*UPDATE, "--preview", "--dialect", "mattermost").stdout
    assert incident.run(*UPDATE).returncode == Exit.OK
    delivered(incident, 2)
    assert "In this thread." in (incident.cwd / "channel.jsonl").read_text()
    assert "In this thread." in incident.run("update", "--preview").stdout


def test_without_words_the_card_and_the_thread_are_printed_as_they_are(incident: Shell) -> None:
    assert incident.run(*UPDATE).returncode == Exit.OK
    delivered(incident, 2)
    shown = incident.run("update", "--preview").stdout
    assert "CARD\nSEV2 - Logins fail" in shown
    assert "UTC, told\nSEV2: 80 % of logins <fail>" in shown


def test_a_preview_has_the_form_of_each_chat(incident: Shell) -> None:
    incident.run("need", "bo")
    slack = json.loads(incident.run(*UPDATE, "--preview", "--dialect", "slack").stdout)
    assert slack["card"]["blocks"][0]["type"] == "header"
    assert "<@U0BO>" in json.dumps(slack["card"])
    assert "80 % of logins &lt;fail&gt;" in json.dumps(slack["thread"])
    for chat in ("mattermost", "zulip", "discord"):
        assert "80 % of logins" in incident.run(*UPDATE, "--preview", "--dialect", chat).stdout
    assert incident.run(*UPDATE, "--dialect", "slack").returncode == Exit.USAGE


def test_a_preview_of_what_would_be_refused_says_so(incident: Shell) -> None:
    done = incident.run("update", "--know", "x", "--status", "identified", "--eta", "soon", "--preview")
    assert (done.returncode, "16:00" in done.stderr) == (Exit.USAGE, True)
    done = incident.run("update", "--status", "identified", "--preview")
    assert (done.returncode, done.stderr) == (Exit.REFUSED, "an update needs some words\n")
    assert done.stdout.startswith("CARD\n")


def test_without_an_incident_there_is_nothing_to_preview(shell: Shell) -> None:
    shell.write(TOLD)
    done = shell.run(*UPDATE, "--preview")
    assert (done.returncode, done.stdout) == (Exit.REFUSED, "")
    assert "no incident is open" in done.stderr


def test_what_waits_is_held_and_let_go(incident: Shell) -> None:
    assert "1 to 60 minutes" in incident.run("hold", "--minutes", "90").stderr
    assert "held until" in incident.run("hold", "--minutes", "5", "--why", "wording").stdout
    assert standing(incident)["held_until"]
    assert incident.run(*UPDATE).returncode == Exit.OK
    view = until(incident, lambda view: view["waiting"])
    assert view["waiting"][0]["headline"] == "SEV2: 80 % of logins <fail>"
    shown = incident.run("broadcast").stdout
    assert "HELD until" in shown and "waits  SEV2: 80 % of logins <fail>" in shown
    assert posts(incident) == ["SEV2 declared: Logins fail"]
    assert incident.run("send-now").returncode == Exit.OK
    assert not delivered(incident, 2)["held_until"]
    assert posts(incident) == ["SEV2 declared: Logins fail", "SEV2: 80 % of logins <fail>"]
    assert incident.run("send-now").returncode == Exit.REFUSED


def test_another_pace_is_announced_and_a_slower_one_has_a_reason(incident: Shell) -> None:
    assert incident.run("cadence", "often").returncode == Exit.USAGE
    assert "needs a reason" in incident.run("cadence", "1h").stderr
    assert "an update every 1 h" in incident.run("cadence", "1h", "--why", "we wait for the vendor").stdout


def test_how_it_travels_is_told_by_destination(incident: Shell) -> None:
    (there,) = standing(incident)["destinations"]
    assert (there["name"], there["word"], there["tone"]) == ("file", "ok", "good")
    shown = incident.run("--read-only", "broadcast").stdout
    assert shown.startswith("file") and "told " in shown and "next update by" in shown


def test_where_nobody_can_be_told_it_says_so(shell: Shell) -> None:
    shell.write(CONFIG)
    assert shell.run("declare", "Logins fail").returncode == Exit.OK
    assert "nowhere: no destination in the config" in shell.run("broadcast").stdout
    view = standing(shell)
    assert view["copy_text"] == view["preview"] != ""
