"""A client of the version before, and an engine of it: both are understood, and nothing is sent that they choke on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.protocol.client import Client
from cockpit.protocol.commands import (
    Accept,
    AnyCommand,
    Approve,
    Confirm,
    DeclarePresence,
    EndTimer,
    Hold,
    Need,
    Note,
    Object,
    SendNow,
    SetCadence,
    SetTimer,
    StandDown,
    StartRun,
    TakeOver,
    TakeRole,
    Update,
)
from cockpit.protocol.messages import Answer, FetchChanges, FetchPreview, FromEngine, Welcome, pack, unpack_from_client
from cockpit.protocol.older import known, told, unaskable
from cockpit.protocol.views import ClockView, Offer, Pane, PreviewView, ReplayView, RunView, SeenBeforeView
from cockpit.text import SafeText
from tests.protocol import version_1
from tests.protocol.test_messages import anything

NEW = ("approve", "object", "accept", "take_over")

ANSWERS_TO_NEW = (PreviewView,)
"""What only who asked for it is sent, and version 1 cannot ask for it."""
NEW_PANES = (ClockView, ReplayView, SeenBeforeView)


@pytest.mark.parametrize("kind", [kind for kind in get_args(FromEngine) if kind not in ANSWERS_TO_NEW + NEW_PANES])
@settings(max_examples=30)
@given(data=st.data())
def test_whatever_is_told_a_client_of_version_1_understands(kind: Any, data: st.DataObject) -> None:
    message = data.draw(anything(kind))
    sent = told(message, 1) if isinstance(message, RunView) else message
    assert type(version_1.unpack_from_engine(pack(sent))).__name__ == kind.__name__


@pytest.mark.parametrize("kind", get_args(Pane))
@settings(max_examples=5)
@given(data=st.data())
def test_a_pane_that_version_1_does_not_know_is_kept_from_it(kind: Any, data: st.DataObject) -> None:
    pane = data.draw(anything(kind))
    assert known(pane, 1) is (kind not in NEW_PANES)
    assert known(pane, 2)
    if not known(pane, 1):
        with pytest.raises(msgspec.ValidationError):
            version_1.unpack_from_engine(pack(pane))


@pytest.mark.parametrize("action", NEW)
def test_an_offer_that_version_1_does_not_know_is_left_out_and_the_others_stay(action: Any) -> None:
    run = RunView(run="r", offers=(Offer(action), Offer("run", step="s"), Offer("end")))
    with pytest.raises(msgspec.ValidationError):
        version_1.unpack_from_engine(pack(run))
    read = version_1.unpack_from_engine(pack(told(run, 1)))
    assert isinstance(read, version_1.RunView)
    assert [offer.action for offer in read.offers] == ["run", "end"]
    assert told(run, 2) is run


class Elder:
    """An engine of an earlier version, which answers everything with a yes; `asked` is what reached it."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.asked: list[str] = []
        self.left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil()
        writer.write(pack(Welcome(self.version, "0.1", 1, "test", "", "INC-1", 0, 0, 1.0)))
        while frame := await reader.readline():
            do = unpack_from_client(frame)
            self.asked.append(type(getattr(do, "command", do)).__name__)
            writer.write(pack(Answer(getattr(do, "id", ""), True, SafeText("done"))))
        writer.close()
        await writer.wait_closed()
        self.left.set()


async def _refusals(path: Path, version: int, *said: AnyCommand, read_only: bool = False) -> tuple[list[str], Elder]:
    elder = Elder(version)
    server = await asyncio.start_unix_server(elder.serve, path)
    client = await Client.connect(path, actor="ada", read_only=read_only)
    async with asyncio.timeout(20), server:
        answers = [await client.do(command) for command in said]
        await client.close()
        await elder.left.wait()
    return [answer.refusal and answer.text for answer in answers], elder


@pytest.mark.parametrize(
    "command",
    [
        Approve(run="r", step="s", digest="d"),
        Object(run="r", step="s", reason="no"),
        Accept(run="r", step="s", reason="yes"),
        TakeOver(run="r", reason="mine"),
        StartRun(runbook="b", params={"release": "41"}),
        Confirm(run="r", step="s", digest="d", secrets={"PASSWORD": "x"}),
        TakeRole(person="bo", note="the flag is back"),
        Need(person="bo", until=1),
        StandDown(stay=("ada",)),
        DeclarePresence(presence="here"),
        SetTimer(what="latency", minutes=10),
        EndTimer(timer="t"),
        Hold(),
        SendNow(),
        SetCadence(minutes=30),
        Update(know="x", replaces="u"),
        Update(know="x", eta=1),
    ],
)
async def test_an_older_engine_is_not_asked_what_it_does_not_know(tmp_path: Path, command: AnyCommand) -> None:
    (refused, done), elder = await _refusals(tmp_path / "s", 1, command, Note(text="x"))
    assert "of an older version" in refused and "`cockpit restart`" in refused
    assert (done, elder.asked) == ("", ["Note"])
    (done,), elder = await _refusals(tmp_path / "s2", 2, command)
    assert (done, len(elder.asked)) == ("", 1)


async def test_who_only_looks_asks_nothing_of_an_engine_that_would_do_it(tmp_path: Path) -> None:
    (refused,), elder = await _refusals(tmp_path / "s", 1, Note(text="x"), read_only=True)
    assert refused == "this terminal only looks: it was started with --read-only"
    assert elder.asked == []


def test_an_older_engine_is_not_asked_for_a_preview_that_would_end_its_session() -> None:
    assert "`cockpit restart`" in unaskable(FetchPreview(), 1)
    assert unaskable(FetchPreview(), 2) == unaskable(FetchChanges(), 1) == ""
