"""Earlier incidents: summed up, kept, searched, and held against one that runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from cockpit.clock import SystemClock
from cockpit.incident.event import Body, Draft, Event
from cockpit.incident.fold import fold
from cockpit.incident.vocabulary import ChangeSeen, IncidentDeclared, NoteAdded, ProbeChanged
from cockpit.journal.reader import open_reader
from cockpit.journal.store import Journal
from cockpit.platform.places import Places
from cockpit.review import history, summary
from cockpit.review.alike import alike
from cockpit.review.history import search, summaries
from cockpit.review.recollection import Wanted, told
from cockpit.review.summary import Changed, Summary, Turned, changed, summarise, tokens, turned

Story = list[tuple[float, str, Body]]
Record = Callable[[Story], tuple[Event, ...]]


def real(story: Story) -> Story:
    """The same as no drill."""
    return [
        (at, actor, msgspec.structs.replace(body, drill="") if isinstance(body, IncidentDeclared) else body)
        for at, actor, body in story
    ]


@pytest.fixture
def past(told: Story, record: Record) -> Summary:
    return summarise(record(real(told)))


def test_a_summary_says_what_was_red_what_changed_and_what_helped(past: Summary) -> None:
    assert (past.incident, past.title, past.severity, past.lead) == ("INC-1", "Logins fail", "SEV1", "ana")
    assert [(each.probe, each.service, each.state) for each in past.turned] == [("login-synthetic", "auth", "down")]
    assert [(each.service, "beta" in each.words) for each in past.changed] == [("auth", True)]
    assert [(deed.command.split()[0], deed.helped) for deed in past.deeds] == [
        ("configctl", "no_effect"), ("svcctl", "pass"),
    ]  # fmt: skip


def test_the_numbers_of_one_time_are_not_the_words_of_another() -> None:
    assert tokens("5/5 HTTP 503 in 12 ms, pid 4711, try 3") == ("http", "503", "in", "ms", "pid", "try")


def test_the_same_probe_and_a_change_of_the_same_place_are_said(past: Summary) -> None:
    now = (Turned("login-synthetic", "auth", "down", tokens("2/3 HTTP 500")),)
    (found,) = alike(now, (Changed("config", "auth", tokens("raise the limit")),), [past])
    assert found.why == ("login-synthetic DOWN with the same verdict", "a change of auth")
    assert [deed.command for deed in found.helped] == ["svcctl redeploy auth --without USER_ONBOARDING_BETA"]
    assert [deed.command for deed in found.harmed] == ["configctl revert 4711"]


def test_what_is_not_alike_is_not_told(past: Summary) -> None:
    other = (Turned("cart", "shop", "down", tokens("timeout")),)
    assert alike(other, (), [past]) == ()
    assert alike((), (Changed("config", "auth", tokens("enable user onboarding beta")),), [past]) == ()
    red = (Turned("login-synthetic", "auth", "down", ()),)
    assert alike(red, (), [past], besides="INC-1") == ()
    assert alike(red, (), [msgspec.structs.replace(past, resolved=0)]) == ()
    assert alike(red, (), [msgspec.structs.replace(past, drill="login-flag")]) == ()


def test_the_most_alike_comes_first_and_of_equals_the_latest(past: Summary) -> None:
    red = (Turned("login-synthetic", "auth", "down", tokens("HTTP 500")),)
    older = msgspec.structs.replace(past, incident="INC-0", declared=past.declared - 1)
    weaker = msgspec.structs.replace(
        past, incident="INC-9", turned=(Turned("login-synthetic", "auth", "down", ("refused",)),)
    )
    assert [each.past.incident for each in alike(red, (), [weaker, older, past])] == ["INC-1", "INC-0", "INC-9"]


def test_what_is_red_now_is_read_as_it_will_be_summed_up(told: Story, record: Record) -> None:
    events = record(real(told)[:4])
    state = fold(events)
    watched = [each for each in state.watching.probes.values() if each.state == "down"]
    assert [(each.probe, tokens(each.verdict)) for each in watched] == [
        (each.probe, each.words) for each in turned(events)
    ]
    assert len(changed(state)) == 1


async def _kept(store: Journal, story: Story, record: Record) -> str:
    name = await store.reserve("INC")
    drafts = [
        Draft(body=event.body, actor=event.actor, occurred_at=event.occurred_at)
        for event in record(story)
        if isinstance(event.body, Body)
    ]
    await store.append(name, drafts)
    return name


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(Places(tmp_path).journal, clock=SystemClock(), host="host")
    yield opened
    await opened.close()


async def _read(home: Path) -> tuple[Summary, ...]:
    reader = await open_reader(Places(home).journal)
    try:
        return await summaries(reader, home)
    finally:
        await reader.close()


async def test_only_what_has_new_events_is_read_again(
    store: Journal, tmp_path: Path, told: Story, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _kept(store, real(told), record)
    second = await _kept(store, real(told)[:8], record)
    assert [each.incident for each in await _read(tmp_path)] == ["INC-1", "INC-2"]
    read: list[str] = []

    def counted(events: tuple[Event, ...]) -> Summary:
        read.append(events[0].stream)
        return summarise(events)

    monkeypatch.setattr(history, "summarise", counted)
    await _read(tmp_path)
    assert read == []
    await store.append(second, [Draft(NoteAdded(text="the cat sat on the router"), "ana")])
    assert len(search(await _read(tmp_path), "router cat")) == 1
    assert read == [second]


async def test_a_cache_of_another_version_or_a_broken_one_is_made_anew(
    store: Journal, tmp_path: Path, told: Story, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _kept(store, real(told), record)
    first = await _read(tmp_path)
    (tmp_path / history.FILE).write_bytes(b"not this")
    assert await _read(tmp_path) == first
    monkeypatch.setattr(history, "VERSION", summary.VERSION + 1)
    monkeypatch.setattr(history, "summarise", lambda events: msgspec.structs.replace(summarise(events), title="anew"))
    assert [each.title for each in await _read(tmp_path)] == ["anew"]


async def test_where_nothing_can_be_kept_it_is_read_all_the_same(
    store: Journal, tmp_path: Path, told: Story, record: Record
) -> None:
    await _kept(store, real(told), record)
    reader = await open_reader(Places(tmp_path).journal)
    try:
        assert len(await summaries(reader, tmp_path / "none")) == 1
    finally:
        await reader.close()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("login", 1),
        ("LOGINS fail", 1),
        ("redeploy svcctl", 1),
        ("4711", 1),
        ("dev-3", 1),
        ("sev1 inc-1", 1),
        ("(4711)", 1),
        ("ana, fail", 1),
        ("cart", 0),
    ],
)
def test_every_word_must_be_said_somewhere(words: str, found: int, past: Summary) -> None:
    assert len(search([past], words)) == found


async def test_the_list_and_what_is_alike_as_text_and_as_data(
    store: Journal, tmp_path: Path, told_story: Story, record: Record
) -> None:
    await _kept(store, real(told_story), record)
    await _kept(store, real(told_story)[:8], record)
    places = Places(tmp_path)
    text, good = await told(places, Wanted(), as_json=False)
    assert good and "INC-1" in text and "helped: svcctl redeploy auth" in text and "open" in text
    text, good = await told(places, Wanted(like=""), as_json=False)
    assert good and text.startswith("INC-1") and "no effect then: Revert (configctl revert 4711)" in text
    raw, good = await told(places, Wanted(like="INC-2"), as_json=True)
    assert good and json.loads(raw)[0]["incident"]["incident"] == "INC-1"
    assert [each["incident"] for each in json.loads((await told(places, Wanted("fail"), as_json=True))[0])] == [
        "INC-1", "INC-2",
    ]  # fmt: skip
    assert await told(places, Wanted(like="INC-7"), as_json=False) == ("there is no incident INC-7", False)
    words, good = await told(places, Wanted(since="yesterday"), as_json=False)
    assert not good and "2026-11-20" in words
    assert await told(places, Wanted(since="2999-01-01"), as_json=False) == ("there is no incident yet", True)


@pytest.fixture
def told_story(told: Story) -> Story:
    return told


async def test_no_journal_is_said_in_words(tmp_path: Path) -> None:
    text, good = await told(Places(tmp_path), Wanted(), as_json=False)
    assert not good and "journal" in text


def test_a_long_incident_keeps_so_many_words(record: Record) -> None:
    story: Story = [(0, "ana", NoteAdded(text=f"word{number}")) for number in range(summary.KEPT_WORDS * 2)]
    assert len(summarise(record(story)).words) == summary.KEPT_WORDS


def test_a_probe_that_got_worse_is_told_at_its_worst(record: Record) -> None:
    def turn(state: str, verdict: str) -> ProbeChanged:
        return ProbeChanged(probe="p", service="s", state=state, previous="up", since=0, verdict=verdict)  # type: ignore[arg-type]

    events = record([(0, "c", turn("down", "refused")), (1, "c", turn("degraded", "slow")), (2, "c", turn("up", "ok"))])
    assert turned(events) == (Turned("p", "s", "down", ("refused", "slow")),)


def test_changes_are_told_with_their_feed_and_their_service(record: Record) -> None:
    body = ChangeSeen(change="c", source="git", what="Raise limit to 40", service="shop")
    assert changed(fold(record([(0, "x", body)]))) == (Changed("git", "shop", ("raise", "limit", "to")),)
