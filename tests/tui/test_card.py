"""The card of a service: everything known about it, and what can be done about the watching of it."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from cockpit.protocol.commands import PauseProbe, ProbeNow, ResumeProbe
from cockpit.protocol.messages import FetchCard
from cockpit.protocol.views import CardView, ServicesView
from cockpit.text import SafeText
from cockpit.tui.screens.card import CardScreen

S = SafeText
changed = msgspec.structs.replace
SIZES = [(80, 24), (160, 45)]


def asked(stage: Any) -> int:
    return sum(isinstance(message, FetchCard) for message in stage.world.client.sent)


@pytest.mark.parametrize("size", SIZES)
async def test_it_tells_everything_and_the_addresses_whole(play: Any, answers: Any, size: tuple[int, int]) -> None:
    view: CardView = answers[0]
    async with play(size=size) as stage:
        await stage.press("i")
        await stage.sees("v DOWN   for 8 m")
        await stage.sees(view.verdict)
        seen = stage.text
        await stage.press("G")
        await stage.until(lambda: "https://logs.test/auth" in stage.text)
        seen += stage.text
        for words in (
            view.diagnosis, "1  config 4711", "2  deploy checkout", "to 10.0.3.7", "40 ms", "ends in 61 d",
            "no effect", "team auth", "1  page auth-oncall", "2  then the head", "measured 1 s ago", "Esc back",
        ):  # fmt: skip
            assert words in seen, words
        together = "".join(line.strip() for line in stage.text.splitlines() if line.strip())
        assert "".join(view.links[0].url.split()) in together.replace("dashboard     ", "")


async def test_what_took_longest_has_the_longest_bar(play: Any) -> None:
    async with play(size=(160, 45)) as stage:
        await stage.press("i")
        await stage.sees("first byte")
        bars = {
            name: next(line for line in stage.text.splitlines() if name in line).count("━")
            for name in ("connect ", "first byte", "certificate")
        }
        assert bars == {"connect ": 2, "first byte": 24, "certificate": 0}


async def test_plain_glyphs_draw_plain_bars(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        stage.app.frame.plain = True
        await stage.press("i")
        await stage.sees("#" * 24)


async def test_it_asks_again_when_the_services_change_and_draws_the_answer(play: Any, answers: Any) -> None:
    async with play() as stage:
        await stage.press("i")
        await stage.sees("1  config 4711")
        before = asked(stage)
        stage.world.client.cards["login-synthetic"] = changed(answers[0], verdict=S("200 in 9 ms again"))
        services = stage.app.frame.services.services
        stage.world.client.tell(ServicesView((changed(services[0], state="up"), *services[1:])))
        await stage.sees("200 in 9 ms again")
        assert asked(stage) > before
        await stage.sees("o UP   for 8 m")


async def test_the_answer_about_another_lane_is_not_drawn(play: Any, answers: Any) -> None:
    async with play() as stage:
        await stage.press("i")
        await stage.sees("1  config 4711")
        stage.world.client.tell(changed(answers[0], probe=S("search"), verdict=S("of another lane")))
        await stage.pilot.pause(0.05)
        assert "of another lane" not in stage.text


async def test_a_lane_that_is_gone_says_so(play: Any) -> None:
    async with play() as stage:
        await stage.press("i")
        stage.world.client.tell(ServicesView(stage.app.frame.services.services[1:]))
        await stage.sees("This lane is no longer watched.")


async def test_probe_now_pause_and_resume(play: Any) -> None:
    async with play() as stage:
        await stage.press("j", "i", "t")
        await stage.sent(ProbeNow(probe="auth-api"))
        await stage.press("p")
        await stage.sees("Pause auth-api")
        await stage.press("enter")
        await stage.sees("Say why")
        await stage.type("rpt")
        await stage.press("tab", "end", "0", "x", "enter")
        await stage.sees("A length such as")
        await stage.press("backspace", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, CardScreen))
        await stage.sees("done")
        await stage.press("r")
        await stage.sent(
            ProbeNow(probe="auth-api"),
            PauseProbe(probe="auth-api", minutes=300, reason="rpt"),
            ResumeProbe(probe="auth-api"),
        )


async def test_a_link_is_copied_through_the_terminal_and_no_browser_started(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with play() as stage:
        written: list[str] = []
        driver = stage.app._driver
        write = driver.write

        def heard(data: str) -> None:
            written.append(data)
            write(data)

        monkeypatch.setattr(driver, "write", heard)
        await stage.press("i")
        await stage.sees("dashboard")
        await stage.press("o")
        await stage.sees("Copy a link")
        await stage.press("j", "enter")
        await stage.sees("Copied, where the terminal allows it: https://logs.test/auth")
        coded = base64.b64encode(b"https://logs.test/auth").decode()
        assert any(f"\x1b]52;c;{coded}" in data for data in written)


async def test_without_an_engine_it_says_that_rather_than_nothing(play: Any) -> None:
    async with play() as stage:
        stage.world.refuse = True
        stage.world.client.tell(None)
        await stage.sees("reconnecting")
        await stage.press("i")
        await stage.sees("no engine answers")
        await stage.press("t")
        await stage.sees("The engine is gone; nothing was done.")
