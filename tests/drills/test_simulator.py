from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cockpit.drills import tools
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.profile import prepare

REVERT = ("configctl", "revert", "4711")
REMOVE = ("svcctl", "redeploy", "auth", "--without", "USER_ONBOARDING_BETA")
SHORTCUT = ("svcctl", "setenv", "prod", "USER_ONBOARDING_BETA=true")


async def tool(url: str, *argv: str) -> tuple[int, str, str]:
    """A command of the drill as a real process: exit code, output, error output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", tools.__file__, *argv, env={"COCKPIT_DRILL_URL": url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_logins_fail_from_the_third_minute_while_health_stays_green(simulating: Any) -> None:
    # Days before T0, so that a slow start cannot reach the third minute.
    async with simulating(-10_000) as world:
        status, body = await world.get("/login/synthetic")
        assert (status, body) == (200, {"attempts": 500, "failed": 1, "error_rate": 0.002})
    async with simulating(1) as world:
        body = await world.until("/login/synthetic", 500)
        assert 0.78 < body["error_rate"] < 0.81
        assert body["failed"] / body["attempts"] == body["error_rate"]
        assert (await world.get("/sim/state"))[1]["minute"] >= 3
        assert (await world.get("/auth/healthz")) == (200, {"status": "ok"})


async def test_the_change_feed_tells_of_the_deploy_at_t0(simulating: Any) -> None:
    async with simulating(1) as world:
        _, body = await world.get("/changes")
        (change,) = body["changes"]
        assert set(change) == {"id", "at", "kind", "what", "service", "who", "reviewed", "link", "undo"}
        assert (change["id"], change["who"], change["reviewed"]) == ("4711", "dev-3", False)
        at = datetime.fromisoformat(change["at"])
        assert (at.hour, at.minute, at.utcoffset() is not None) == (10, 47, True)


async def test_the_revert_exits_0_and_changes_nothing(simulating: Any) -> None:
    async with simulating(4) as world:
        code, out, _ = await tool(world.url, *REVERT)
        assert code == 0 and "4710" in out
        state = (await world.get("/sim/state"))[1]
        assert state["variables"]["auth.config"] == "4710" and state["harm"]
        assert (await world.get("/login/synthetic"))[0] == 500


async def test_the_look_shows_what_production_lacks(simulating: Any) -> None:
    async with simulating(4) as world:
        code, out, _ = await tool(world.url, "configctl", "envdiff", "staging", "prod")
        assert (code, out) == (0, "USER_ONBOARDING_BETA  staging=true  prod=<unset>\n")


async def test_removing_the_override_takes_seven_minutes_and_recovers(simulating: Any) -> None:
    async with simulating(4) as world:
        before = (await world.get("/sim/state"))[1]["minute"]
        code, out, _ = await tool(world.url, *REMOVE)
        state = (await world.get("/sim/state"))[1]
        assert code == 0 and len(out.splitlines()) == 4
        assert state["minute"] - before >= 7
        assert (await world.get("/login/synthetic"))[0] == 200
        assert not state["harm"] and state["side_effects"] == []


async def test_putting_the_override_back_brings_the_failure_back(simulating: Any) -> None:
    async with simulating(4) as world:
        await tool(world.url, *REMOVE)
        code, _, _ = await tool(world.url, "svcctl", "redeploy", "auth", "--with", "USER_ONBOARDING_BETA")
        assert code == 0 and (await world.get("/login/synthetic"))[0] == 500


async def test_the_shortcut_recovers_and_does_harm_of_its_own(simulating: Any) -> None:
    async with simulating(4) as world:
        assert (await tool(world.url, *SHORTCUT))[0] == 0
        state = (await world.get("/sim/state"))[1]
        assert not state["harm"]
        assert [effect["text"] for effect in state["side_effects"]] == ["an unlaunched feature shown to everyone"]


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("configctl",), 2, "usage: configctl revert CHANGE"),
        (("configctl", "--help"), 2, "usage: configctl"),
        (("configctl", "revert", "9999"), 1, "configctl: nothing known about: revert 9999"),
        (("rm", "-rf"), 127, "not a tool of this drill"),
    ],
)
async def test_a_tool_complains_as_tools_do(simulating: Any, argv: tuple[str, ...], code: int, words: str) -> None:
    async with simulating(1) as world:
        exit_code, out, err = await tool(world.url, *argv)
        assert (exit_code, out) == (code, "") and words in err


async def test_a_killed_command_goes_on_at_the_server(simulating: Any) -> None:
    async with simulating(4) as world:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", tools.__file__, *REMOVE, env={"COCKPIT_DRILL_URL": world.url},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert b"override" in await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
        assert process.returncode == 128 + signal.SIGTERM and b"goes on at the server" in err
        await world.until("/login/synthetic", 200)


async def test_a_command_outside_a_drill_says_so() -> None:
    assert (await tool("", *REVERT))[0] == tools.UNCONFIGURED
    code, _, err = await tool("http://127.0.0.1:1", *REVERT)
    assert code == tools.UNAVAILABLE and "does not answer" in err


async def test_a_simulator_that_dies_leaves_the_command_without_an_answer(simulating: Any) -> None:
    async with simulating(4) as world:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", tools.__file__, *REMOVE, env={"COCKPIT_DRILL_URL": world.url},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        await process.stdout.readline()
        world.process.kill()
        _, err = await process.communicate()
        assert process.returncode == tools.UNAVAILABLE and b"nobody can know" in err


async def test_the_simulator_ends_with_its_parent_and_with_sigterm(simulating: Any) -> None:
    async with simulating(0) as world:
        world.process.send_signal(signal.SIGTERM)
        assert await world.process.wait() == 0
    async with simulating(0) as world:
        pass
    assert world.process.returncode == 0


async def test_a_request_that_is_no_action_is_refused(simulating: Any) -> None:
    async with simulating(0) as world:
        host = world.url.removeprefix("http://")

        def post(body: str) -> int:
            connection = http.client.HTTPConnection(host, timeout=10)
            try:
                connection.request("POST", "/sim/action", body)
                return connection.getresponse().status
            finally:
                connection.close()

        for body in ("", "{}", '{"argv": []}', '{"argv": [1]}', "[]", '{"argv": "ls"}'):
            assert await asyncio.to_thread(post, body) == 400


def test_the_prepared_commands_are_found_in_the_path(scenario: Scenario, tmp_path: Path) -> None:
    config, commands = prepare(scenario, "http://127.0.0.1:9", tmp_path / "with space")
    assert (tmp_path / "with space").stat().st_mode & 0o077 == 0
    done = subprocess.run(
        ["configctl", "revert", "4711"], env={"PATH": f"{commands}{os.pathsep}/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    # It was found, and asked a simulator that is not there.
    assert done.returncode == tools.UNAVAILABLE and "configctl: the simulator does not answer" in done.stderr
    assert config.is_file()


def test_a_command_without_a_drill_says_so() -> None:
    argv = [sys.executable, "-I", "-S", tools.__file__, "configctl", "revert", "4711"]
    done = subprocess.run(argv, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == tools.UNCONFIGURED and "COCKPIT_DRILL_URL" in done.stderr


def test_the_commands_need_the_standard_library_only(tmp_path: Path) -> None:
    code = f"import sys; sys.argv = ['t', 'configctl']; sys.path.insert(0, {str(Path(tools.__file__).parent)!r})\n"
    code += "import tools, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    out = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(json.loads(out)) - {"tools"} <= set(sys.stdlib_module_names) | {"__main__"}


def test_an_unknown_scenario_is_refused_in_words() -> None:
    argv = ["--scenario", "no-such-drill", "--clock", "no-such-clock", "--t0", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "cockpit.drills.simulator", *argv], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3 and "login-flag" in done.stderr
