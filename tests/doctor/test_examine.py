"""Everything broken is told by its name, nothing hangs, and no secret is said."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from cockpit.doctor import aside, examine, versions
from cockpit.doctor.finding import Finding
from cockpit.platform.places import Places
from cockpit.runbooks import trust
from cockpit.runbooks.library import read_entry
from tests.doctor.conftest import Examine

TOKEN = "s3cr3t-t0k3n-value"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that is well at /ok, forty-five minutes late in its dates, and quotes our token at /echo."""

    async def ok(_: web.Request) -> web.Response:
        return web.Response(text="fine", headers={"Date": "Thu, 20 Nov 2025 12:00:00 GMT"})

    async def echo(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"/{request.headers['x-token']}"})

    app = web.Application()
    app.router.add_get("/ok", ok)
    app.router.add_get("/echo", echo)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def _of(found: list[Finding], subject: str) -> Finding:
    (one,) = [each for each in found if each.subject == subject]
    return one


async def test_no_config_is_bad_and_what_needs_one_is_skipped(examined: Examine) -> None:
    found = await examined(None)
    assert set(found) == {theme for theme, _ in examine.CHECKS}
    assert found["config"][0].state == "bad" and "no config file" in found["config"][0].words
    assert {each.state for each in found["endpoints"]} == {"skipped"}


async def test_every_problem_of_a_config_is_told_with_its_line(examined: Examine) -> None:
    found = await examined("servces: []\nrunbooks: 3\n")
    places = [each.subject.rpartition("config.yaml")[2] for each in found["config"]]
    assert places == [":2:1", ":3:11"]
    assert "services" in found["config"][0].mend


async def test_a_mistake_in_the_templates_is_told_with_its_line(examined: Examine, tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text('card:\n  - lines: ["{lad}"]\n')
    found = await examined("broadcast: {templates: words.yaml}\n")
    wrong = _of(found["config"], f"{tmp_path}/words.yaml:2:13")
    assert wrong.state == "warn" and "there is no field {lad}; did you mean {lead}?" in wrong.words


async def test_endpoints_and_clock_are_told_by_name(examined: Examine, url: str) -> None:
    text = f"""services:
  - name: shop
    probes:
      - {{name: well, url: "{url}/ok"}}
      - {{name: missing, url: "{url}/nowhere"}}
      - {{name: dead, url: "http://127.0.0.1:9/"}}
      - {{name: script, type: command, argv: [no-such-command-here], env: [NEEDED_HERE]}}
"""
    found = await examined(text)
    states = {each.subject: each.state for each in found["endpoints"]}
    assert states == {"well": "ok", "missing": "bad", "dead": "bad", "script": "bad"}
    assert "start it" in _of(found["endpoints"], "dead").mend
    assert found["clock"][0].state == "bad" and "ahead of 1 server" in found["clock"][0].words
    needs = " ".join(each.words for each in found["environment"] if each.state == "bad")
    assert "NEEDED_HERE is not set" in needs and "no-such-command-here is not in PATH" in needs


async def test_no_secret_is_said(examined: Examine, url: str) -> None:
    probe = f'{{name: api, url: "{url}/echo", headers: {{x-token: {{env: API_TOKEN}}}}}}'
    found = await examined(f"services: [{{name: shop, probes: [{probe}]}}]\n", {"API_TOKEN": TOKEN})
    (api,) = found["endpoints"]
    assert "a redirect to /[redacted]" in api.words
    assert TOKEN not in str(found) and "API_TOKEN" in str(found["environment"])


async def test_a_server_that_never_answers_holds_up_nothing(
    examined: Examine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "EACH", 0.3)
    released = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    text = f"""services:
  - name: shop
    probes:
      - {{name: hangs, url: "http://127.0.0.1:{port}/", timeout: 60s, interval: 90s}}
      - {{name: well, url: "{url}/ok"}}
changes: [{{name: feed, url: "http://127.0.0.1:{port}/", timeout: 60s}}]
"""
    start = time.monotonic()
    found = await examined(text)
    assert time.monotonic() - start < 5
    assert {each.subject: each.state for each in found["endpoints"]} == {"hangs": "bad", "well": "ok"}
    assert _of(found["changes"], "feed").state == "bad"
    released.set()
    server.close()
    await server.wait_closed()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository of its own, on its branch `main`, without a remote."""
    path = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    return path


async def test_places_to_publish_are_looked_at_and_left_alone(examined: Examine, repo: Path) -> None:
    text = """freeze:
  key: {env: FREEZE_KEY}
  publish:
    - {type: file, path: nowhere/freeze.json}
    - {type: file, path: freeze.json}
    - {type: git, path: repo, branch: main}
    - {type: git, path: repo, branch: freeze}
    - {type: git, path: nothing}
broadcast: {destinations: [{kind: file, name: updates, path: gone/updates.jsonl}]}
"""
    found = await examined(text, {"FREEZE_KEY": "short"})
    assert _of(found["freeze"], "key").state == "warn"
    assert "there is no directory" in _of(found["freeze"], "file nowhere/freeze.json").words
    assert _of(found["freeze"], "file freeze.json").state == "ok"
    assert "there is no remote origin" in _of(found["freeze"], "git repo freeze").words
    assert "checked out" in _of(found["freeze"], "git repo main").words
    assert _of(found["freeze"], "git nothing freeze").state == "bad"
    assert _of(found["broadcast"], "updates").state == "bad"
    assert sorted(os.listdir(repo.parent)) == ["config.yaml", "repo"]


async def test_a_webhook_port_that_is_taken_is_told(examined: Examine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        hook = f'{{name: hook, type: webhook, listen: "127.0.0.1:{port}", bearer: {{env: HOOK}}}}'
        found = await examined(f"intake: [{hook}]\n", {"HOOK": TOKEN})
    assert _of(found["intake"], "hook").state == "bad" and "cannot listen" in _of(found["intake"], "hook").words


async def test_own_runbooks_are_read_and_trust_is_told(examined: Examine, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "good.yaml").write_text(
        "version: 1\nid: good\ntitle: Good\nrequires: {env: [BOOK_TOKEN], commands: [no-such-tool]}\n"
        "steps: [{id: one, title: One, manual: Look}]\n"
    )
    (tmp_path / "books" / "broken.yaml").write_text("version: 1\nid: broken\n")
    found = await examined("runbooks: [books]\n")
    assert _of(found["runbooks"], "good").state == "warn" and "not trusted" in _of(found["runbooks"], "good").words
    assert any(each.state == "bad" and each.subject.endswith("broken.yaml") for each in found["runbooks"])
    told = " ".join(f"{each.subject}: {each.words}" for each in found["environment"])
    assert "runbook good: the environment variable BOOK_TOKEN is not set" in told
    assert "runbook good: no-such-tool is not in PATH" in told


async def test_a_damaged_journal_and_an_open_directory_are_told(examined: Examine, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    (tmp_path / "state" / "journal.sqlite").write_bytes(b"not a database at all, but long enough to be read as one")
    found = await examined(None)
    assert _of(found["places"], "journal").state == "bad"
    assert _of(found["places"], str(tmp_path / "state")).mend == f"chmod 700 {tmp_path / 'state'}"


async def test_the_versions_that_runbooks_need_are_asked_for(examined: Examine, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    wanted = {"bash": "3.0", "sh": "0"}
    asked = "".join(
        f"    {name}: {{argv: [{name}, -c, 'echo version {has}'], at_least: '{wanted[name]}'}}\n"
        for name, has in (("bash", "2.9.1"), ("sh", "none"))
    )
    text = f"version: 1\nid: b\ntitle: B\nrequires:\n  versions:\n{asked}steps: [{{id: a, title: A, manual: do}}]\n"
    book = tmp_path / "books" / "b.yaml"
    book.write_text(text)
    found = await examined("runbooks: [books]\n")
    assert [each.state for each in found["versions"]] == ["skipped"]
    trust.trust(Places(tmp_path / "state").trust, read_entry(book))
    found = await examined("runbooks: [books]\n")
    words = {each.state: each.words for each in found["versions"]}
    assert words["bad"] == "bash is 2.9.1, needs 3.0 or later"
    assert "sh does not say its version" in words["warn"]


@pytest.mark.parametrize(
    "has, wanted, enough",
    [("3.10", "3.9", True), ("3.9", "3.10", False), ("v1.2.0", "1.2", True), ("1", "1.0.1", False)],
)
def test_versions_are_compared_number_by_number(has: str, wanted: str, enough: bool) -> None:
    assert versions.at_least(has, wanted) is enough
