"""The places a freeze is published to: real files, real servers, real repositories."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest

from cockpit.freeze.publishers.file import FilePublisher
from cockpit.freeze.publishers.git import GitPublisher
from cockpit.freeze.publishers.publisher import Unpublished
from cockpit.freeze.publishers.put import PutPublisher
from cockpit.probes.fetch import ask
from cockpit.probes.transport import ProbeTransport

ENV = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/nonexistent"}


def git(where: Path, *words: str) -> str:
    author = ("-c", "user.name=ada", "-c", "user.email=ada@localhost")
    done = subprocess.run(
        ["git", *author, "-C", str(where), *words], env=ENV, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--bare", "-q", "-b", "main", "remote.git")
    return tmp_path / "remote.git"


def clone(remote: Path, name: str) -> Path:
    """A repository with one commit of its owner, whose work is half done."""
    where = remote.parent / name
    git(remote.parent, "init", "-q", "-b", "main", name)
    git(where, "remote", "add", "origin", str(remote))
    (where / "code").write_text("1\n")
    git(where, "add", "code")
    git(where, "commit", "-q", "-m", "code")
    (where / "code").write_text("2\n")
    (where / "staged").write_text("x\n")
    git(where, "add", "staged")
    return where


def publisher(where: Path, remote: str | None = "origin", branch: str = "freeze") -> GitPublisher:
    return GitPublisher(where, branch, "freeze.json", remote, 20.0, ENV)


async def test_a_file_is_replaced_whole_and_readable_by_all(tmp_path: Path) -> None:
    path = tmp_path / "freeze.json"
    path.write_bytes(b"old")
    os.chmod(path, 0o600)
    before = path.stat().st_ino
    await FilePublisher(path).publish(b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino != before and path.stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path) == ["freeze.json"]


async def test_a_file_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(Unpublished, match="No such file or directory"):
        await FilePublisher(tmp_path / "nowhere" / "freeze.json").publish(b"new")


@pytest.mark.parametrize(("status", "words"), [(204, ""), (403, "HTTP 403"), (301, "HTTP 301")])
async def test_a_put_carries_the_document_and_its_token(status: int, words: str) -> None:
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(3))
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/freeze.json?sig=secret"
        place = PutPublisher(url, {"Authorization": "Bearer t"}, 5.0, partial(ask, ProbeTransport()))
        assert "secret" not in place.name
        if words:
            with pytest.raises(Unpublished, match=words):
                await place.publish(b"abc")
        else:
            await place.publish(b"abc")
    assert seen[0].startswith(b"PUT /freeze.json?sig=secret ")
    assert b"authorization: Bearer t" in seen[0] and seen[0].endswith(b"abc")


async def test_a_put_that_nobody_takes_is_told_in_words() -> None:
    with pytest.raises(Unpublished, match="."):
        await PutPublisher("http://127.0.0.1:9/", {}, 5.0, partial(ask, ProbeTransport())).publish(b"abc")


async def test_a_branch_holds_the_document_alone_and_work_in_progress_is_left_alone(remote: Path) -> None:
    where = clone(remote, "a")
    before = git(where, "status", "--porcelain"), (where / ".git" / "index").read_bytes()
    await publisher(where).publish(b"one")
    await publisher(where).publish(b"two")
    assert (git(where, "status", "--porcelain"), (where / ".git" / "index").read_bytes()) == before
    assert git(remote, "ls-tree", "--name-only", "freeze") == "freeze.json"
    assert git(remote, "show", "freeze:freeze.json") == "two"
    assert git(remote, "log", "--format=%an %ae", "freeze").splitlines() == ["cockpit cockpit@localhost"] * 2


async def test_without_a_remote_the_branch_is_only_here(remote: Path) -> None:
    where = clone(remote, "a")
    await publisher(where, remote=None).publish(b"one")
    assert git(where, "show", "freeze:freeze.json") == "one"
    assert git(remote, "for-each-ref") == ""


async def test_a_push_that_lost_a_race_is_made_anew_on_what_won(remote: Path) -> None:
    first, second = clone(remote, "a"), clone(remote, "b")
    await publisher(first).publish(b"one")
    await publisher(second).publish(b"two")
    await publisher(first).publish(b"three")
    assert git(remote, "show", "freeze:freeze.json") == "three"
    assert git(remote, "rev-list", "--count", "freeze") == "3"
    assert git(first, "rev-parse", "freeze") == git(remote, "rev-parse", "freeze")


async def test_a_branch_that_holds_anything_else_is_never_emptied(remote: Path) -> None:
    where = clone(remote, "a")
    git(where, "branch", "shared")
    tip = git(where, "rev-parse", "shared")
    with pytest.raises(Unpublished, match="holds other files"):
        await publisher(where, branch="shared").publish(b"one")
    git(where, "push", "-q", "origin", "shared")
    git(where, "branch", "-D", "-q", "shared")
    with pytest.raises(Unpublished, match="holds other files"):
        await publisher(where, branch="shared").publish(b"one")
    assert git(remote, "rev-parse", "shared") == tip


async def test_a_branch_that_somebody_works_on_is_refused(remote: Path) -> None:
    with pytest.raises(Unpublished, match="checked out"):
        await publisher(clone(remote, "a"), branch="main").publish(b"one")


async def test_a_remote_that_refuses_is_told_in_its_words(remote: Path) -> None:
    where = clone(remote, "a")
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Unpublished, match="git push: error: failed to push"):
        await publisher(where).publish(b"one")


async def test_a_password_in_the_address_of_a_remote_is_not_told(remote: Path) -> None:
    where = clone(remote, "a")
    git(where, "remote", "set-url", "origin", "http://ada:hunter2222@127.0.0.1:9/x.git")
    with pytest.raises(Unpublished) as failed:
        await publisher(where).publish(b"one")
    assert "hunter2222" not in str(failed.value)


async def test_a_token_in_the_place_of_a_user_is_not_told(remote: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        writer.write(head)
        await writer.drain()
        writer.close()

    where = clone(remote, "a")
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        git(where, "remote", "set-url", "origin", f"http://hunter2222@127.0.0.1:{port}/x.git")
        with pytest.raises(Unpublished, match="could not read Password") as failed:
            await publisher(where).publish(b"one")
    assert "hunter2222" not in str(failed.value)


async def test_a_connection_that_ssh_keeps_for_later_holds_up_nobody(remote: Path) -> None:
    where, left = clone(remote, "a"), remote.parent / "pid"
    ssh = remote.parent / "ssh"
    ssh.write_text(f"#!/bin/sh\nsetsid sleep 60 &\necho $! > {left}\nexec git-receive-pack {remote}\n")
    ssh.chmod(0o755)
    git(where, "config", "core.sshCommand", str(ssh))
    git(where, "remote", "set-url", "origin", "host.test:x.git")
    try:
        async with asyncio.timeout(10):
            await publisher(where).publish(b"one")
    finally:
        os.kill(int(left.read_text()), signal.SIGKILL)
    assert git(remote, "show", "freeze:freeze.json") == "one"


async def test_git_that_hangs_is_ended_at_its_deadline(remote: Path) -> None:
    where = clone(remote, "a")
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexec sleep 60\n")
    hook.chmod(0o755)
    with pytest.raises(Unpublished, match="did not end within 1 s"):
        await GitPublisher(where, "freeze", "freeze.json", "origin", 1.0, ENV).publish(b"one")
