"""What a person gives and what steps print reaches later commands whole, and secrets reach nothing else."""

from __future__ import annotations

from cockpit.protocol.commands import Declare, StartRun
from tests.engine.playing.conftest import Stage

SECRET = "hunter2-swordfish"
HEAD = """\
params:
  release: {pattern: "v[0-9]+"}
  token: {secret: true}
"""
STEPS = """\
  - id: find
    title: Find it
    effect: read
    command:
      run: |
        printf 'found: %s b; touch $HOME/evil' "$RELEASE"
      env: {RELEASE: {param: release}}
    outputs: {where: {pattern: "found: (.*)"}}
  - id: tell
    title: Tell it
    effect: read
    command:
      argv: [sh, -c, 'printf "%s|%s|" "$1" "$TOKEN"; echo -n "$TOKEN" | base64', sh, {output: find.where}]
      env: {TOKEN: {param: token}}
"""


async def test_a_value_is_one_word_and_a_secret_is_shown_nowhere(stage: Stage) -> None:
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, STEPS, HEAD, release="v7")
        assert (await ada.confirm("find", HOME=stage.home)).ok
        offer = await ada.offer("run tell")
        assert "'v7 b; touch $HOME/evil'" in offer.command
        assert offer.secrets == ("token",)
        refused = await ada.confirm("tell")
        assert (refused.ok, "needs token" in refused.text) == (False, True)
        assert (await ada.confirm("tell", token=SECRET)).ok
        await ada.until(lambda: ada.run.outcome == "done" and "|" in ada.output)
        assert "v7 b; touch $HOME/evil|[redacted]|[redacted]" in ada.output.replace("\n", "")
        told = "\n".join(ada.told)
    assert not (stage.home / "evil").exists()
    assert SECRET not in told
    for file in (file for file in stage.home.rglob("*") if file.is_file() and file.name not in {"output"}):
        assert SECRET.encode() not in file.read_bytes(), file


async def test_after_a_restart_a_secret_is_asked_for_anew_and_what_may_hold_it_is_not_shown(stage: Stage) -> None:
    steps = f"{STEPS}  - {{id: last, title: Last, manual: look}}\n"
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, steps, HEAD, release="v7")
        assert (await ada.confirm("find")).ok
        assert (await ada.confirm("tell", token=SECRET)).ok
        await ada.offer("done last")
        attempt = next(iter(sorted(stage.places.attempts.iterdir(), key=lambda path: path.stat().st_mtime)[::-1]))
        assert SECRET in (attempt / "output").read_bytes().decode()
    async with stage.engine(), stage.person() as ada:
        await ada.offer("done last")
        assert SECRET not in "\n".join([*ada.told, ada.output])


async def test_a_secret_that_is_not_what_the_runbook_asks_for_is_refused_and_not_repeated(stage: Stage) -> None:
    head = HEAD.replace("token: {secret: true}", 'token: {secret: true, pattern: "hunter.{8,}"}')
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, STEPS, head, release="v7")
        assert (await ada.confirm("find", HOME=stage.home)).ok
        await ada.offer("run tell")
        for token, words in (
            ("swordfish-of-7", "token does not look like"),
            ("hunter2\nswordfish-of-7", "token holds control characters"),
            ("", "token is missing"),
        ):
            answer = await ada.confirm("tell", token=token)
            assert not answer.ok and words in answer.text and "swordfish" not in answer.text
        unasked = await ada.confirm("tell", release=SECRET)
        assert not unasked.ok and "there is no secret release" in unasked.text
        assert (await ada.confirm("tell", token=SECRET)).ok
        await ada.until(lambda: ada.run.outcome == "done")


async def test_a_parameter_is_refused_in_words_before_anything_begins(stage: Stage) -> None:
    async with stage.engine(), stage.person() as ada:
        digest = stage.write(STEPS, HEAD)
        await ada.do(Declare(title="Down", severity="SEV3"))
        for params, words in (
            ({}, "release is missing"),
            ({"release": "x"}, "release does not look like v[0-9]+"),
            ({"release": "v1", "other": "1"}, "there is no parameter other"),
            ({"release": "v1", "token": SECRET}, "token is secret"),
        ):
            answer = await ada.do(StartRun(runbook="b", trust=digest, params=params))
            assert not answer.ok and words in answer.text
