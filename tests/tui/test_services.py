"""The services pane: what a row says, which one is chosen, and that a thousand of them cost no more than a few."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.protocol.commands import ProbeNow
from cockpit.protocol.views import ServicesView, ServiceView
from cockpit.text import SafeText
from cockpit.tui.widgets.services import Services, lane

S = SafeText
changed = msgspec.structs.replace
SIZES = [(80, 24), (160, 45)]


@pytest.fixture
def views(mid_incident: Any) -> Any:
    """The mid-incident views with these services in the place of theirs."""

    def views(*services: ServiceView) -> tuple[Any, ...]:
        header, _, *others = mid_incident()
        return (header, ServicesView(services), *others)

    return views


@pytest.fixture
def down(mid_incident: Any) -> ServiceView:
    service: ServiceView = mid_incident()[1].services[0]
    return service


@pytest.fixture
def up(mid_incident: Any) -> ServiceView:
    service: ServiceView = mid_incident()[1].services[-1]
    return service


def row(stage: Any, name: str) -> str:
    line: str = next(line for line in stage.text.splitlines() if name in line and "TIMELINE" not in line)
    return line.split("│")[0].rstrip()


@pytest.mark.parametrize("size", SIZES)
async def test_every_overlay_is_said_in_full(play: Any, views: Any, up: ServiceView, size: tuple[int, int]) -> None:
    overlays = (
        "flapping", "unreachable", "maintenance", "paused", "no traffic", "no data", "warming", "pending 2/3",
        "recovering 1/2",
    )  # fmt: skip
    lanes = [changed(up, probe=S(f"lane-{place}"), overlay=S(said)) for place, said in enumerate(overlays)]
    async with play(*views(*lanes), size=size) as stage:
        for place, said in enumerate(overlays):
            await stage.press(*("j" * bool(place)))
            await stage.until(lambda said=said, place=place: f"lane-{place}" in stage.text and said in stage.text)


@pytest.mark.parametrize("size", SIZES)
async def test_the_age_is_that_of_the_measurement_and_ticks(
    play: Any, views: Any, up: ServiceView, size: tuple[int, int]
) -> None:
    old = changed(up, measured=up.checked - 40 * SECOND)
    async with play(*views(old), size=size) as stage:
        await stage.until(lambda: row(stage, "payments").endswith("40 s ago"))
        stage.world.clock.seconds += 30
        await stage.until(lambda: row(stage, "payments").endswith("1 m ago"))


@pytest.mark.parametrize("size", SIZES)
async def test_errors_are_told_with_the_requests_they_are_of(
    play: Any, views: Any, down: ServiceView, up: ServiceView, size: tuple[int, int]
) -> None:
    rated = changed(down, error_rate=0.12, requests=4112.0)
    async with play(*views(rated, up), size=size) as stage:
        await stage.sees("12.0 % of 4.1k")


@pytest.mark.parametrize("size", SIZES)
async def test_the_verdict_comes_first_and_the_diagnosis_before_the_suspect(
    play: Any, views: Any, down: ServiceView, size: tuple[int, int]
) -> None:
    told = changed(down, diagnosis=S("every lane is bad: not one host"), suspect=S("flag beta"), verdict=S("HTTP 500"))
    async with play(*views(told), size=size) as stage:
        await stage.sees("every lane is bad: not one host")
        assert stage.text.index("HTTP 500") < stage.text.index("every lane") < stage.text.index("flag beta")
        crowd = [changed(told, probe=S(f"lane-{number}")) for number in range(20)]
        stage.world.client.tell(ServicesView(tuple(crowd)))
        await stage.sees("lane-1")
        assert "every lane is bad" in stage.text and "flag beta" not in stage.text


async def test_when_a_lane_is_asked_less_often_the_next_time_is_told(play: Any, views: Any, down: ServiceView) -> None:
    waits = changed(down, backoff_until=down.checked + 40 * SECOND)
    async with play(*views(waits), size=(80, 24)) as stage:
        await stage.sees("asks again in 40 s")
        stage.world.clock.seconds += 41
        await stage.until(lambda: "asks again" not in stage.text)


async def test_a_stale_lane_is_never_green(play: Any, views: Any, up: ServiceView) -> None:
    async with play(*views(changed(up, stale=True)), size=(80, 24)) as stage:
        await stage.sees("? STALE payments")
        assert "o UP" not in stage.text


async def test_nothing_stays_green_once_the_engine_is_gone(play: Any, views: Any, up: ServiceView) -> None:
    async with play(*views(up), size=(80, 24)) as stage:
        await stage.sees("o UP    payments")
        stage.world.refuse = True
        stage.world.client.tell(None)
        stage.world.clock.seconds += 14
        await stage.sees("reconnecting")
        stage.app.board.paint()
        assert "o UP" in stage.text
        stage.world.clock.seconds += 2
        await stage.sees("? STALE payments")
        stage.world.refuse = False
        await stage.sees("o UP    payments")


@pytest.mark.parametrize(
    ("name", "width", "said"),
    [("api@10.0.3.7", 16, "api@10.0.3.7    "), ("checkout-frontend@10.0.3.117", 24, "checkout-@…0.3.117"),
     ("payments", 6, "payme…"), ("api@2001:db8:85a3::8a2e:370:7334", 20, "api@…8a2e:370:7334")],
)  # fmt: skip
def test_an_instance_is_told_from_its_sisters_however_narrow(up: ServiceView, name: str, width: int, said: str) -> None:
    drawn = lane(changed(up, probe=S(name)), width, "plain", bold=False).plain
    assert len(drawn) == width
    if "@" in name:
        assert drawn.rstrip().endswith(name[-3:]) and "@" in drawn
    else:
        assert drawn == said


async def test_the_choice_stays_with_its_lane_when_the_order_changes(play: Any, mid_incident: Any) -> None:
    services = mid_incident()[1].services
    async with play(size=(80, 24)) as stage:
        await stage.until(lambda: ">v DOWN  login-synthetic" in stage.text)
        await stage.press("j")
        await stage.until(lambda: ">~ DEGR  auth-api" in stage.text)
        stage.world.client.tell(ServicesView(tuple(reversed(services))))
        await stage.until(lambda: ">~ DEGR  auth-api" in stage.text and "UP    payments" in stage.text)
        stage.world.client.tell(ServicesView(services[:1]))
        await stage.until(lambda: ">v DOWN  login-synthetic" in stage.text)


async def test_until_somebody_chooses_it_is_the_worst(play: Any, mid_incident: Any) -> None:
    services = mid_incident()[1].services
    async with play(size=(80, 24)) as stage:
        stage.world.client.tell(ServicesView((services[1], services[0], *services[2:])))
        await stage.until(lambda: ">~ DEGR  auth-api" in stage.text)
        await stage.press("t")
        await stage.sent(ProbeNow(probe="auth-api"))


async def test_all_that_is_not_well_is_probed_at_once(play: Any, views: Any, up: ServiceView) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.press("T")
        await stage.sent(ProbeNow())
    async with play(*views(up), size=(80, 24)) as stage:
        await stage.press("T")
        await stage.sees("Everything is up.")
        assert not stage.commands


async def test_the_choice_is_shown_only_where_the_keys_are(play: Any) -> None:
    async with play(size=(160, 45)) as stage:
        await stage.until(lambda: ">v DOWN" in stage.text)
        await stage.press("tab")
        await stage.until(lambda: ">v DOWN" not in stage.text)


@pytest.mark.parametrize("size", SIZES)
async def test_of_a_thousand_lanes_only_those_in_sight_are_drawn(
    play: Any, views: Any, up: ServiceView, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [changed(up, probe=S(f"lane-{number:04}")) for number in range(1000)]
    async with play(*views(*many), size=size) as stage:
        await stage.sees("more below")
        drawn: list[int] = []
        entry = Services.entry

        def counted(self: Services, place: int, width: int, room: int) -> Any:
            drawn.append(place)
            return entry(self, place, width, room)

        monkeypatch.setattr(Services, "entry", counted)
        await stage.press("G")
        await stage.sees("lane-0999")
        assert ">o UP    lane-0999" in stage.text and "more below" not in stage.text
        assert len(set(drawn)) < 4 * size[1]
        await stage.press("g")
        await stage.sees("lane-0000")


async def test_a_click_chooses(play: Any) -> None:
    async with play(size=(80, 24)) as stage:
        await stage.until(lambda: ">v DOWN" in stage.text)
        at = next(y for y, line in enumerate(stage.text.splitlines()) if "auth-api" in line)
        await stage.pilot.click(offset=(10, at))
        await stage.until(lambda: ">~ DEGR  auth-api" in stage.text)


async def test_what_the_verdict_begins_with_is_not_said_twice(play: Any, views: Any, down: ServiceView) -> None:
    why = S("unreachable: gateway is down; refused: nothing listens on 10.0.3.7:443")
    name = S("recommendations-of-europe")
    lost = changed(
        down,
        probe=name,
        requests=100,
        state="unknown",
        overlay=S("unreachable"),
        verdict=why,
        diagnosis=S(""),
        suspect=S(""),
    )
    async with play(*views(lost), size=(80, 24)) as stage:
        await stage.sees("unreachable: gateway")
        assert "unreachable  unreachable" not in stage.text
