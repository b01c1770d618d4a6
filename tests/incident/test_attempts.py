"""The attempts of a run are a mapping in the order of the intents, however many there are."""

from __future__ import annotations

from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident import attempts as paged
from cockpit.incident.attempts import PAGE, Attempts
from cockpit.incident.run import Attempt


def attempt(name: str, pid: int = 0) -> Attempt:
    return Attempt(name, "s", "forward", "true", "d", "dev-1", 0, pid=pid)


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 3))))
def test_it_is_what_a_dict_is(changes: list[tuple[str, int]]) -> None:
    found, plain = Attempts(), dict[str, Attempt]()
    with patch.object(paged, "PAGE", 3):
        for name, pid in changes:
            before = list(found.values())
            after = found.having(attempt(name, pid))
            assert list(found.values()) == before
            found, plain = after, plain | {name: attempt(name, pid)}
    assert list(found) == list(plain)
    assert list(found.values()) == list(plain.values())
    assert list(found.backwards()) == list(reversed(plain.values()))
    assert len(found) == len(plain)
    assert all(found[name] == plain[name] == found.get(name) and name in found for name in plain)
    assert "z" not in found and found.get("z") is None
    with pytest.raises(KeyError):
        found["z"]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Attempts) == found


def test_one_more_copies_one_page_only() -> None:
    found = Attempts()
    for number in range(PAGE * 3 + 1):
        found = found.having(attempt(str(number)))
    latest = found.having(attempt(str(PAGE * 3), pid=1))
    assert all(one is other for one, other in zip(found.pages[:-1], latest.pages[:-1], strict=True))
    assert max(map(len, latest.pages)) == PAGE
