"""Every message comes back from the wire as it went, and clean."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.protocol.commands import AnyCommand, Note
from cockpit.protocol.messages import (
    Answer,
    Do,
    FromClient,
    FromEngine,
    Hello,
    Rows,
    pack,
    unpack_from_client,
    unpack_from_engine,
)
from cockpit.protocol.views import Row
from cockpit.text import SafeText

HOSTILE = "\x1b[2Jred\x07\u202e\n\x9b31m"


@cache
def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that travels, its optional fields filled too."""
    if kind is SafeText:
        return st.builds(SafeText, st.text(max_size=20))
    if kind is msgspec.Raw:
        return st.sampled_from((b"null", b'{"kind":"note.added"}')).map(msgspec.Raw)
    if kind is str:
        return st.text(max_size=20)
    if kind is int:
        return st.integers(-(2**53), 2**53)
    if kind is float:
        return st.floats(-1e9, 1e9)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return st.builds(kind, **{field.name: anything(field.type) for field in msgspec.structs.fields(kind)})
    arguments = get_args(kind)
    if kind == dict[str, str]:
        return st.dictionaries(anything(str), anything(str), max_size=2)
    if arguments and arguments[-1] is Ellipsis:
        return st.lists(anything(arguments[0]), max_size=2).map(tuple)
    if arguments and not isinstance(arguments[0], str):
        return st.one_of(*(anything(argument) for argument in arguments))
    return st.from_type(kind)


@pytest.mark.parametrize("kind", [kind for kind in get_args(FromClient) if kind is not Do])
@settings(max_examples=30)
@given(data=st.data())
def test_what_a_client_says_comes_back(kind: Any, data: st.DataObject) -> None:
    message = data.draw(anything(kind))
    frame = pack(message)
    assert frame.count(b"\n") == 1 and frame.endswith(b"\n")
    assert unpack_from_client(frame) == message


@pytest.mark.parametrize("kind", get_args(AnyCommand))
@settings(max_examples=30)
@given(data=st.data())
def test_every_command_comes_back(kind: Any, data: st.DataObject) -> None:
    message = Do("id", "INC-1", 7, data.draw(anything(kind)))
    assert unpack_from_client(pack(message)) == message


@pytest.mark.parametrize("kind", get_args(FromEngine))
@settings(max_examples=30)
@given(data=st.data())
def test_what_the_engine_says_comes_back(kind: Any, data: st.DataObject) -> None:
    message = data.draw(anything(kind))
    frame = pack(message)
    assert frame.count(b"\n") == 1
    assert pack(unpack_from_engine(frame)) == frame


def test_fields_of_a_later_version_are_passed_over() -> None:
    frame = {**json.loads(pack(Hello((1,), "ana"))), "mood": {"a": [1]}}
    assert unpack_from_client(json.dumps(frame).encode()) == Hello((1,), "ana")
    command = json.loads(pack(Do("i", "INC-1", 1, Note(text="x"))))
    command["command"]["colour"] = "red"
    assert unpack_from_client(json.dumps(command).encode()) == Do("i", "INC-1", 1, Note(text="x"))


def test_hostile_text_is_clean_once_decoded() -> None:
    frame = json.dumps({"type": "answer", "id": "i", "ok": False, "text": HOSTILE}).encode()
    answer = unpack_from_engine(frame)
    assert isinstance(answer, Answer) and isinstance(answer.text, SafeText)
    assert answer.text == SafeText(HOSTILE)
    assert not set(answer.text) & set("\x1b\x07\x9b\u202e")


def test_hostile_text_deep_within_rows_is_clean_too() -> None:
    row = {"seq": 1, "at": 1, "kind": HOSTILE, "text": HOSTILE, "tone": "plain", "actor": HOSTILE}
    rows = unpack_from_engine(json.dumps({"type": "rows", "stream": "INC-1", "rows": [row]}).encode())
    assert isinstance(rows, Rows)
    (decoded,) = rows.rows
    assert isinstance(decoded, Row)
    for text in (decoded.kind, decoded.text, decoded.actor):
        assert isinstance(text, SafeText) and "\x1b" not in text


@pytest.mark.parametrize(
    "frame", [b"", b"{}", b"[]", b"nonsense", b'{"type":"moon"}', b'{"type":"hello"}', b"\xff", b'{"type":"welcome"}']
)
def test_what_is_no_message_is_said_to_be_none(frame: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        unpack_from_client(frame)


@given(st.binary(max_size=100))
def test_no_bytes_do_worse_than_be_refused(frame: bytes) -> None:
    for unpack in (unpack_from_client, unpack_from_engine):
        try:
            unpack(frame)
        except msgspec.MsgspecError:
            continue
