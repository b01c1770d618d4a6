"""Real commands, and what kubectl and argocd print."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from cockpit.changes.command import Printed
from cockpit.changes.source import Looked, Tools
from cockpit.clock import SECOND
from cockpit.config.sources import CommandSource
from tests.changes.conftest import NOON
from tests.processes import until_dead


async def look(tools: Tools, script: str, within: float = 10.0, **more: Any) -> Looked:
    env = {"PATH": os.environ["PATH"], "HOME": "/", "SECRET": "hunter2222", "OTHER": "not given"}
    argv = (sys.executable, "-S", "-c", script)
    config = CommandSource(name="cmd", type="command", argv=argv, env=("SECRET",), timeout=within, **more)
    return await Printed(config, Tools(tools.ask, tools.clock, env, tools.base)).look()


async def printed(tools: Tools, document: Any, **more: Any) -> Looked:
    return await look(tools, f"print({json.dumps(document)!r})", **more)


async def test_a_command_prints_a_feed(tools: Tools) -> None:
    looked = await printed(tools, {"changes": [{"id": "1", "at": "2025-11-20T11:00:00Z", "what": "x"}]})
    assert [seen.what for _, seen in looked.changes] == ["#1 x"] and not looked.problems


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import sys; sys.exit('no cluster for hunter2222')", "ended with 1: no cluster for [redacted]"),
        ("print('nonsense')", "not a list of changes"),
        ("import os; assert 'OTHER' not in os.environ; raise SystemExit(7)", "ended with 7"),
        ("import sys; sys.stdin.read(); raise SystemExit(8)", "ended with 8"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended with -9"),
        ("while True: print('x' * 1000000)", "printed more than 32768 KiB"),
    ],
)
async def test_a_command_that_fails_is_told(tools: Tools, script: str, words: str) -> None:
    looked = await look(tools, script)
    assert not looked.answered and words in looked.problems[0]


async def test_a_command_that_hangs_is_stopped_with_all_it_started(tools: Tools, tmp_path: Path) -> None:
    left = tmp_path / "pid"
    script = (
        "import subprocess, time; p = subprocess.Popen(['sleep', '600']);"
        f"open({str(left)!r}, 'w').write(str(p.pid)); time.sleep(600)"
    )
    looked = await look(tools, script, within=1.0)
    assert "took longer than 1.0 s and was stopped" in looked.problems[0]
    await until_dead(int(left.read_text()))


async def test_a_command_that_is_not_there_is_told(tools: Tools) -> None:
    config = CommandSource(name="cmd", type="command", argv=("no-such-command-here",))
    looked = await Printed(config, tools).look()
    assert looked.problems == ("cmd: no-such-command-here: not found",)


def rollout(name: str, revision: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name, "namespace": "prod", "uid": "u", "labels": more.get("labels", {}),
            "annotations": {"deployment.kubernetes.io/revision": revision, **more.get("annotations", {})},
        },
        "spec": {"replicas": 2, "template": {"spec": {"containers": [
            {"name": "app", "image": "registry:5000/acme/shop:2.4.1"},
            {"name": "side", "image": "acme/proxy@sha256:0123456789abcdef0123"},
        ]}}},
        "status": {"conditions": [
            {"type": "Available", "status": "True", "lastUpdateTime": "2025-11-20T11:59:00Z"},
            {"type": "Progressing", "status": more.get("status", "True"), "lastUpdateTime": at},
        ]},
    }  # fmt: skip


async def test_rollouts_of_kubernetes(tools: Tools) -> None:
    looked = await printed(
        tools,
        {"kind": "List", "items": [
            rollout("web", "7", "2025-11-20T11:40:00Z", annotations={"kubernetes.io/change-cause": "CVE"}),
            rollout("shop-app", "1", "2025-11-20T11:45:00Z", labels={"app.kubernetes.io/name": "shop"}, status="False"),
            rollout("old", "3", "2025-11-01T11:40:00Z"),
            {"metadata": {"name": "scaled-to-nothing", "annotations": {}}},
            {"metadata": 7},
        ]},
        format="kubernetes",
    )  # fmt: skip
    (at, web), (_, shop) = looked.changes
    assert (at, web.change) == (NOON - 1_200 * SECOND, "cmd:prod/web@7")
    assert web.what == "deploy web 2.4.1, 0123456789ab revision 7: CVE"
    assert (web.service, web.undo) == ("web", "kubectl -n prod rollout undo deployment/web")
    assert (shop.service, shop.undo) == ("shop", "") and "STUCK" in shop.what
    assert len(looked.problems) == 1 and "entry 5" in looked.problems[0]


async def test_syncs_of_argo(tools: Tools) -> None:
    history = [
        {"id": 4, "revision": "a84d88e7554f", "deployedAt": "2025-11-20T11:46:00Z",
         "deployStartedAt": "2025-11-20T11:45:00Z", "initiatedBy": {"username": "jo"}, "source": {}},
        {"id": 3, "revisions": ["b1", "c2"], "deployedAt": "2025-11-20T11:00:00Z", "initiatedBy": {"automated": True}},
        {"id": 2, "revision": "d", "deployedAt": "2025-10-20T11:00:00Z"},
    ]  # fmt: skip
    apps = [{"metadata": {"name": "shop"}, "status": {"history": history}}, {"metadata": {"name": "new"}, "status": {}}]
    for document in (apps, {"items": apps}):
        looked = await printed(tools, document, format="argocd")
        (_, before), (at, latest) = looked.changes
        assert (at, latest.change, latest.who) == (NOON - 900 * SECOND, "cmd:shop@4", "jo")
        assert (latest.what, latest.undo) == ("deploy shop a84d88e", "argocd app rollback shop 3")
        assert (before.what, before.who) == ("deploy shop b1, c2", "argocd, by itself") and not looked.problems
