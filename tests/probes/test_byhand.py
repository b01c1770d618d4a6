"""Probes asked by hand: by name, by address, all of them; the exit code is that of the worst."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from cockpit.probes.byhand import Unasked, ask
from tests.probes.kinds import listening, says_nothing


@pytest.fixture
def refusing() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
    return port


def config(place: Path, live: int, dead: int) -> Path:
    probes = [
        {"name": "open", "type": "tcp", "address": f"127.0.0.1:{live}"},
        {"name": "shut", "type": "tcp", "address": f"127.0.0.1:{dead}"},
        {"name": "pair", "type": "tcp", "address": f"db.test:{live}", "instances": ["127.0.0.1", f"127.0.0.1:{dead}"]},
        {"name": "mine", "type": "command", "argv": ["no-such-check"]},
    ]
    path = place / "config.yaml"
    path.write_text(json.dumps({"version": 1, "services": [{"name": "shop", "probes": probes}]}), "utf-8")
    return path


async def test_all_are_asked_for_a_table_the_worst_first(tmp_path: Path, refusing: int) -> None:
    async with listening(says_nothing) as port:
        text, code = await ask(config(tmp_path, port, refusing), None, as_data=False)
    assert code == 1
    assert [line.split()[0] for line in text.splitlines()] == ["BAD", "BAD", "UNKNOWN", "GOOD", "GOOD"]


async def test_a_name_is_a_lane_a_probe_or_a_service(tmp_path: Path, refusing: int) -> None:
    async with listening(says_nothing) as port:
        path = config(tmp_path, port, refusing)
        lane, good = await ask(path, "pair@127.0.0.1", as_data=False)
        pair, bad = await ask(path, "pair", as_data=True)
        _, unknown = await ask(path, "mine", as_data=False)
        shop, _ = await ask(path, "shop", as_data=True)
    assert (good, bad, unknown) == (0, 1, 3)
    assert lane.startswith("pair@127.0.0.1  (shop): GOOD\n") and "connect" in lane
    assert [each["outcome"] for each in json.loads(pair)] == ["bad", "good"]
    assert len(json.loads(shop)) == 5


async def test_an_address_needs_no_config(refusing: int) -> None:
    async with listening(says_nothing) as port:
        text, code = await ask(None, f"tcp://127.0.0.1:{port}", as_data=False)
    assert code == 0 and text.startswith(f"tcp://127.0.0.1:{port}: GOOD")
    for url in (f"http://127.0.0.1:{refusing}/", f"tls://127.0.0.1:{refusing}"):
        text, code = await ask(None, url, as_data=False)
        assert code == 1 and "process dead" in text


async def test_a_wrong_name_gets_those_near_it(tmp_path: Path) -> None:
    for name, said in (("opne", "did you mean open"), ("zzzzzz", "there are mine, open, pair")):
        with pytest.raises(Unasked, match=said):
            await ask(config(tmp_path, 1, 2), name, as_data=False)


@pytest.mark.parametrize("url", ["ftp://x", "tcp://no-port", "dns://", "http:///x"])
async def test_what_is_no_address_says_what_is(url: str) -> None:
    with pytest.raises(Unasked, match="tcp://host:port"):
        await ask(None, url, as_data=False)


async def test_without_a_config_both_ways_out_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unasked, match="(?s)cockpit demo.*dns://name"):
        await ask(None, "open", as_data=False)
    (tmp_path / "bad.yaml").write_text("version: 2\n", "utf-8")
    with pytest.raises(Unasked, match="bad.yaml"):
        await ask(tmp_path / "bad.yaml", None, as_data=False)


@pytest.mark.parametrize("as_data", [True, False])
async def test_what_logs_in_is_not_shown(refusing: int, as_data: bool) -> None:
    text, _ = await ask(None, f"http://me:hunter22@127.0.0.1:{refusing}/", as_data=as_data)
    assert "hunter22" not in text and "[redacted]" in text
    with pytest.raises(Unasked) as unasked:
        await ask(None, "ftp://me:hunter22@shop.test", as_data=as_data)
    assert "hunter22" not in str(unasked.value)
