"""A public page told from the command line: seen first, agreed to by a person, and on record."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from cockpit.exits import Exit
from tests.broadcast.chats import SECRET, Chat, Page
from tests.cli.conftest import CONFIG, Shell
from tests.cli.test_running import Terminal

Served = TypeVar("Served", bound=Chat)


@contextmanager
def served(page: Served) -> Iterator[Served]:
    """The chat or page in a thread of its own, while the program runs in a process of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(page.start(), loop).result()
        yield page
    finally:
        asyncio.run_coroutine_threadsafe(page.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def page(shell: Shell) -> Iterator[Page]:
    with served(Page()) as page:
        shell.env["PAGE_KEY"] = SECRET
        api = f"{{api: '{page.url}', page: page1, key: {{env: PAGE_KEY}}}}"
        shell.write(f"{CONFIG}broadcast:\n  statuspage: {api}\n")
        yield page


def test_a_person_sees_it_agrees_and_it_is_on_record(shell: Shell, page: Page) -> None:
    shell.run("declare", "Logins failing", "-s", "SEV1", "--impact", "All logins fail.")
    seen = shell.run("statuspage", "--preview")
    assert seen.returncode == Exit.OK and seen.stdout.startswith("Logins failing\nInvestigating\n\nImpact: All logins")
    assert json.loads(shell.run("statuspage", "--preview", "--json").stdout)["status"] == "investigating"
    assert not page.edited

    person = Terminal(shell, "statuspage", "--post")
    person.type("on the page page1?", "y\n")
    assert person.end() == Exit.OK and "Published, as inc1." in person.text
    assert [each["name"] for each in page.edited] == ["Logins failing"]
    report = shell.run("report").stdout
    assert "published on the status page, as inc1: Logins failing" in report
    assert SECRET not in person.text + report + seen.stdout


def test_a_no_publishes_nothing(shell: Shell, page: Page) -> None:
    shell.run("declare", "Logins failing")
    person = Terminal(shell, "statuspage", "--post")
    person.type("on the page page1?", "n\n")
    assert person.end() == Exit.REFUSED and "Nothing was published." in person.text
    assert not page.edited


def test_a_program_cannot_publish(shell: Shell, page: Page) -> None:
    shell.run("declare", "Logins failing")
    done = shell.run("statuspage", "--post")
    assert done.returncode == Exit.PERSON_NEEDED and "a person at a terminal" in done.stderr
    assert shell.run("--read-only", "statuspage", "--post").returncode == Exit.REFUSED
    assert shell.run("statuspage").returncode == Exit.USAGE
    assert not page.edited


def test_a_refusal_is_told_and_on_record(shell: Shell, page: Page) -> None:
    shell.run("declare", "Logins failing")
    shell.env["PAGE_KEY"] = "revoked-key"
    person = Terminal(shell, "statuspage", "--post")
    person.type("on the page page1?", "y\n")
    assert person.end() == Exit.REFUSED and "Nothing was published: HTTP 401" in person.text
    assert "not published on the status page" in shell.run("report").stdout


def test_what_is_missing_is_named(shell: Shell, page: Page) -> None:
    assert "There is no journal" in shell.run("statuspage", "--preview").stderr
    shell.run("note", "quiet so far")
    assert "there is no incident" in shell.run("statuspage", "--preview").stderr
    del shell.env["PAGE_KEY"]
    assert "PAGE_KEY" in shell.run("statuspage", "--preview").stderr
    shell.write(CONFIG)
    assert "add broadcast.statuspage" in shell.run("statuspage", "--preview").stderr
