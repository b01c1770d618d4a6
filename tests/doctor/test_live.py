"""What is assumed of Slack is tried against the fake, which was made from the same assumptions, and cleared away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.doctor import assumptions, live
from cockpit.doctor.trying import Row, line, row, summary
from cockpit.doctor.untriable import UNTRIABLE
from tests.slack import blocks, faults
from tests.slack.server import FakeSlack
from tests.slack.times import HandClock
from tests.slack.workspace import CHANNEL, FULL, OUTSIDE, WRITE_ONLY


@pytest.fixture
def clock() -> HandClock:
    """Time that is slept through at once."""
    return HandClock()


@pytest.fixture
async def slack(clock: HandClock) -> AsyncIterator[FakeSlack]:
    """A workspace with nothing in it yet."""
    async with FakeSlack(clock=clock) as server:
        yield server


@pytest.fixture
def path(tmp_path: Path, slack: FakeSlack) -> Path:
    """A config with one channel of Slack."""
    text = f"""version: 1
broadcast:
  destinations:
    - {{kind: slack, channel: C0ANOTHER, token: {{env: SLACK_TOKEN}}, api: "{slack.api}"}}
"""
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A config that tells nobody."""
    path = tmp_path / "bare.yaml"
    path.write_text("version: 1\n")
    return path


async def tried(path: Path | None, clock: HandClock, token: str = FULL, channel: str = CHANNEL) -> list[Row]:
    return [each async for each in live.slack_live(path, {"SLACK_TOKEN": token}, channel, clock=clock)]


async def test_the_fake_does_all_that_is_assumed_and_nothing_is_left(
    path: Path, slack: FakeSlack, clock: HandClock
) -> None:
    rows = await tried(path, clock)
    impolite = {each for each, _, _ in UNTRIABLE}
    assert [line(each) for each in rows if each.verdict != "as expected" and each.assumption not in impolite] == []
    assert len(rows) >= 60 and len({each.assumption for each in rows}) == len(rows)
    assert not slack.books.everything() and not slack.books.waiting() and not slack.books.pins()
    assert slack.books.space.messages and {each.channel for each in slack.books.space.messages} == {CHANNEL}


LIMITS = {
    "blocks of a message": 50, "characters of a section": 3000, "characters of a header": 150,
    "fields of a section": 10, "characters of a field": 2000, "elements of a context": 10,
    "buttons side by side": 25, "characters of a button": 75, "characters of a button's value": 2000,
}  # fmt: skip


@pytest.mark.parametrize("validates", [True, False], ids=["looked at", "posted"])
async def test_each_limit_is_tried_from_inside_and_from_outside(
    path: Path, slack: FakeSlack, clock: HandClock, validates: bool
) -> None:
    if not validates:
        slack.weather.add(faults.error("unknown_method"), "blocks.validate", times=None)
    rows = {each.assumption: each for each in await tried(path, clock)}
    for what, most in LIMITS.items():
        inside, outside = rows[f"{what}: {most:,}"], rows[f"{what}: {most + 1:,}"]
        assert (inside.verdict, inside.seen, outside.verdict) == ("as expected", "ok", "as expected")
        assert outside.seen == "invalid_blocks"
    assert rows["a header takes no markup"].seen == "invalid_blocks"
    posted = len(slack.books.called("chat.postMessage"))
    assert (posted > 2 * len(LIMITS)) is not validates and not slack.books.everything()


@pytest.mark.parametrize(("name", "most"), [("SECTION", 2500), ("SECTION", 4000), ("CONTEXT", 9), ("VALUE", 3000)])
async def test_a_limit_that_is_another_one_is_told(
    path: Path, slack: FakeSlack, clock: HandClock, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    monkeypatch.setattr(blocks, name, most)
    found = [each for each in await tried(path, clock) if each.verdict == "otherwise"]
    what = {"SECTION": "of a section", "CONTEXT": "of a context", "VALUE": "button's value"}[name]
    assert [what in each.assumption for each in found] == [True]
    assert found[0].seen == ("invalid_blocks" if most in (2500, 9) else "ok")


async def test_what_cannot_be_tried_politely_is_named_with_the_reason(
    path: Path, slack: FakeSlack, clock: HandClock
) -> None:
    rows = [each for each in await tried(path, clock) if each.verdict == "not tried"]
    told = "\n".join(line(each) for each in rows)
    assert all(word in told for word in ("429", "Retry-After", "edit_window_closed", "fatal_error"))
    assert all(each.seen and each.expected for each in rows) and len(rows) == len(UNTRIABLE)
    assert told.count("[-] not tried") == len(rows)


async def test_without_scopes_what_cannot_be_tried_is_not_called_wrong(
    path: Path, slack: FakeSlack, clock: HandClock
) -> None:
    rows = await tried(path, clock, WRITE_ONLY)
    assert [line(each) for each in rows if each.verdict == "otherwise"] == []
    assert "missing_scope" in {each.seen for each in rows if each.verdict == "not tried"}
    assert not slack.books.everything() and not slack.books.waiting()


async def test_what_slack_does_otherwise_is_told(path: Path, slack: FakeSlack, clock: HandClock) -> None:
    slack.weather.add(faults.error("internal_error", commit=True), "pins.add")
    slack.weather.add(faults.error("unknown_method"), "blocks.validate", times=None)
    rows = {each.assumption: each for each in await tried(path, clock)}
    assert rows["blocks.validate takes our card"].verdict == "otherwise"
    assert rows["a message can be pinned"].seen == "internal_error"
    assert "otherwise" in summary(list(rows.values())) and not slack.books.everything()


async def test_a_wish_for_patience_is_granted(path: Path, slack: FakeSlack, clock: HandClock) -> None:
    slack.space.rules.post_every = 1.0
    slack.weather.add(faults.too_many("3"), "chat.postMessage", times=2)
    rows = await tried(path, clock)
    assert "otherwise" not in {each.verdict for each in rows}


async def test_what_may_be_left_is_said(path: Path, slack: FakeSlack, clock: HandClock) -> None:
    slack.weather.add(faults.reset(), "chat.postMessage")
    slack.weather.add(faults.error("cant_delete_message"), "chat.delete", skip=1)
    last = (await tried(path, clock))[-1]
    assert last.verdict == "otherwise" and "nobody knows" in last.seen and "cant_delete_message" in last.seen


@pytest.mark.parametrize("code", ["fatal_error", "is_archived", "invalid_auth"])
async def test_a_slack_that_refuses_all_ends_soon_and_breaks_nothing(
    path: Path, slack: FakeSlack, clock: HandClock, code: str
) -> None:
    slack.weather.add(faults.error(code), times=None)
    rows = await tried(path, clock)
    assert rows[0].verdict == "otherwise" and rows[0].seen == code


async def test_interrupted_it_clears_away_all_the_same(path: Path, slack: FakeSlack, clock: HandClock) -> None:
    trying = live.slack_live(path, {"SLACK_TOKEN": FULL}, CHANNEL, clock=clock)
    async for each in trying:
        if each.assumption == "a message can be pinned":
            assert slack.books.everything()
            break
    await trying.aclose()
    assert not slack.books.everything()


async def test_a_channel_that_is_not_ours_is_told(path: Path, slack: FakeSlack, clock: HandClock) -> None:
    rows = {each.assumption: each for each in await tried(path, clock, channel=OUTSIDE)}
    assert rows["chat.postMessage answers with the message's ts"].seen == "not_in_channel"


@pytest.mark.parametrize("channel", ["#incident", "incident", "c0incident", ""])
async def test_a_channel_is_named_by_its_id(path: Path, clock: HandClock, channel: str) -> None:
    with pytest.raises(live.Unready, match="by its id"):
        await tried(path, clock, channel=channel)


async def test_without_a_config_or_a_token_nothing_is_tried(path: Path, slack: FakeSlack, clock: HandClock) -> None:
    with pytest.raises(live.Unready, match="--config"):
        await tried(None, clock)
    with pytest.raises(live.Unready, match="SLACK_TOKEN gives no token"):
        await tried(path, clock, "")
    assert not slack.books.calls


async def test_without_a_destination_of_slack_nothing_is_tried(bare: Path, clock: HandClock) -> None:
    with pytest.raises(live.Unready, match="no destination of kind slack"):
        await tried(bare, clock)


def test_it_can_be_read_by_programs() -> None:
    found = json.loads(live.document([row("a", "ok", "no")]))
    assert found == {"assumptions": [{"assumption": "a", "expected": "ok", "seen": "no", "verdict": "otherwise"}]}


async def test_our_messages_are_those_that_are_validated(path: Path, slack: FakeSlack, clock: HandClock) -> None:
    await tried(path, clock)
    first = slack.books.called("blocks.validate")[0].args["blocks"]
    assert {"header", "section", "context", "actions"} <= {each["type"] for each in first}
    assert assumptions.CARD.headline in str(first)
