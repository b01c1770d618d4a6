"""What readers see, in every status and whatever people type."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.compose import card, card_text, draft, post
from cockpit.broadcast.measured import run_words
from cockpit.broadcast.slack.blocks import payload
from cockpit.incident.attendance import PersonNeeded, PersonReleased
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.runs import AttemptFinished, VerifyFinished, VerifyStarted
from cockpit.incident.vocabulary import (
    Figures,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    ProbeChanged,
    ProbeState,
    Status,
    StatusChanged,
)
from cockpit.text import LIMIT, SafeText
from tests.broadcast.slack.whole import check_whole

Events = Callable[..., tuple[Event, ...]]
At = Callable[[float], int]
Story = tuple[tuple[float, Body], ...]
HOSTILE = "<!channel> \x1b[31m&lt; `x`\n\u202egnp \U0001f525 " + "z" * 5000


def test_the_whole_card(state: State, at: At) -> None:
    live = {"login-synthetic": Figures(error_rate=0.794, at=at(10)), "auth-healthz": Figures(error_rate=0, at=at(10))}
    assert card_text(state, at(10) + 8_000_000, live).splitlines() == [
        "SEV1 - Logins failing - Investigating",
        "Do you need to act? Needed: ana, ops-2. Everyone else: no need to join the call, follow here.",
        "Impact: Not described yet, since 10:00 UTC.",
        "Measured: 79.4 % of login-synthetic fail since 10:00 UTC (data 8 s old).",
        "Not affected: up all the while: auth-healthz",
        "Lead: ana. On it: ana (incident commander), ops-2 (database).",
        "Doing: Roll back: running Revert config 4711 since 10:06 UTC.",
        "INC-7, update 0, as of 10:10 UTC",
    ]


def test_what_a_person_said_is_on_the_card(story: Story, events: Events, at: At) -> None:
    said = UpdatePosted(
        update="u", reason="update", headline="h", know="A flag broke it.", doing="Reverting.", unknown="Why.",
        next_due=at(27),
    )  # fmt: skip
    told = fold(events(*story, (7, said), (8, ImpactChanged(impact="80 % of logins.", unaffected=("checkout",)))))
    shown = card_text(told, at(8)).splitlines()
    assert "Impact: 80 % of logins, since 10:00 UTC." in shown
    assert "Not affected: checkout; up all the while: auth-healthz" in shown
    assert shown[6:9] == ["Know: A flag broke it.", "Doing: Reverting.", "Don't know yet: Why."]
    assert "Next update by 10:27 UTC." in shown
    assert "The next update was due at 10:27 UTC." in card_text(told, at(28)).splitlines()


def test_what_a_person_said_stays_on_the_card_when_the_cockpit_tells_of_something(
    story: Story, events: Events, at: At
) -> None:
    said = UpdatePosted(
        update="u", reason="update", headline="h", know="A flag broke it.", doing="Asking the vendor.", next_due=at(27)
    )
    asked = UpdatePosted(
        update="v", reason="needed", headline="bo is needed", know="79.4 % of login-synthetic fail.", automatic=True
    )
    told = fold(events(*story, (7, said), (8, asked)))
    shown = card_text(told, at(9)).splitlines()
    assert "Know: Said at 10:07 UTC: A flag broke it." in shown
    running = "Roll back: running Revert config 4711 since 10:06 UTC."
    assert f"Doing: {running} Said at 10:07 UTC: Asking the vendor." in shown


def test_what_the_cockpit_measured_for_an_update_is_not_on_the_card_twice(story: Story, events: Events, at: At) -> None:
    opened = UpdatePosted(
        update="u", reason="opened", headline="SEV1 declared", know="79.4 % of login-synthetic fail.", automatic=True
    )
    shown = card_text(fold(events(*story, (7, opened))), at(8)).splitlines()
    assert [line for line in shown if line.startswith("Know:")] == []
    assert [line.partition(":")[0] for line in shown if "login-synthetic" in line] == ["Measured"]


@pytest.mark.parametrize("status", ["investigating", "identified", "mitigating", "monitoring"])
def test_each_status_is_in_the_headline(story: Story, events: Events, at: At, status: Status) -> None:
    told = fold(events(*story, (7, StatusChanged(status=status))))
    assert card(told, at(7)).headline == f"SEV1 - Logins failing - {status.capitalize()}"


def test_a_resolved_incident_asks_for_nobody(story: Story, events: Events, at: At) -> None:
    told = card(fold(events(*story, (72, IncidentResolved()))), at(80))
    assert told.headline == "SEV1 - Logins failing - Resolved"
    assert told.act == "No: this is resolved."
    assert told.impact == "Not described yet, from 10:00 to 11:12 UTC (1 h 12 m)."
    assert told.due == "No further updates."


def test_who_was_released_may_read_it(story: Story, events: Events, at: At) -> None:
    told = card(fold(events(*story, (7, PersonReleased(person="ops-2")))), at(7))
    assert told.act == "Needed: ana. Everyone else: no need to join the call, follow here."
    assert told.people == "Lead: ana. On it: ana (incident commander). Released, with thanks: ops-2."


def test_sixty_responders_are_cut(story: Story, events: Events, at: At) -> None:
    crowd = tuple((7, PersonNeeded(person=f"person-{number}")) for number in range(60))
    told = card(fold(events(*story, *crowd)), at(7))
    assert told.act.count("person-") == 6
    assert "and 54 more" in told.act


def test_nobody_and_nothing_is_known(events: Events, at: At) -> None:
    told = fold(events((0, IncidentDeclared(title="Something", severity="SEV3", drill="login-flag"))))
    assert card_text(told, at(0)).splitlines() == [
        "DRILL - SEV3 - Something - Investigating",
        "Do you need to act? This is a drill. Nobody has been asked for yet. No need to join the call, follow here.",
        "Impact: Not described yet, since 10:00 UTC.",
        "Lead: nobody yet.",
        "INC-7, update 0, as of 10:00 UTC",
    ]


def test_old_data_is_called_stale_and_vouches_for_nothing(state: State, at: At) -> None:
    old = {"login-synthetic": Figures(error_rate=0.8, at=at(1)), "auth-healthz": Figures(at=at(1))}
    told = card(state, at(9), old)
    assert "(data 8 m 00 s old, STALE)" in told.measured
    assert told.unaffected == ""


def test_a_probe_that_cannot_be_measured_is_not_green(story: Story, events: Events, at: At) -> None:
    lost = ProbeChanged(
        probe="auth-healthz", service="auth", state="unknown", previous="up", since=at(7), verdict="no network"
    )
    told = card(fold(events(*story, (7, lost))), at(7))
    assert "auth-healthz: not measurable now." in told.measured
    assert told.unaffected == ""


@pytest.mark.parametrize(
    ("state", "known", "words"),
    [
        ("up", 19, "login-synthetic up since 10:20 UTC (data 0 s old)."),
        ("up", 20, "login-synthetic up since 10:20 UTC, 93.6 % fail (data 0 s old)."),
        ("up", 0, "login-synthetic up since 10:20 UTC (data 0 s old)."),
        ("down", 19, "login-synthetic is DOWN since 10:20 UTC (data 0 s old)."),
        ("down", 20, "93.6 % of login-synthetic fail since 10:20 UTC (data 0 s old)."),
        ("degraded", 19, "login-synthetic is DEGRADED since 10:20 UTC (data 0 s old)."),
    ],
)
def test_a_ratio_from_before_the_turn_is_not_said_of_what_is_now(
    story: Story, events: Events, at: At, state: ProbeState, known: int, words: str
) -> None:
    figures = Figures(error_rate=0.936, at=at(24), since=at(known) if known else 0)
    turned = ProbeChanged(
        probe="login-synthetic",
        service="auth",
        state=state,
        previous="unknown",
        since=at(20),
        verdict="",
        figures=figures,
    )
    told = fold(events(*story, (21, turned)))
    assert card(told, at(24), {"login-synthetic": figures}).measured == words
    assert card(told, at(24)).measured == words


def test_a_recovery_is_measured(story: Story, events: Events, at: At) -> None:
    up = ProbeChanged(
        probe="login-synthetic", service="auth", state="up", previous="down", since=at(20), verdict="200",
        figures=Figures(error_rate=0.001, at=at(21), since=at(21)),
    )  # fmt: skip
    told = card(fold(events(*story, (21, up))), at(21))
    assert told.measured == "login-synthetic up since 10:20 UTC, 0.1 % fail (data 0 s old)."
    assert told.unaffected == "up all the while: auth-healthz"


def test_the_draft_says_what_was_measured_and_tried(story: Story, events: Events, at: At) -> None:
    before, after = Figures(error_rate=0.796), Figures(error_rate=0.794)
    told = fold(
        events(
            *story,
            (7, AttemptFinished(run="r1", step="restore.revert", attempt="a1", ok=True)),
            (7, VerifyStarted(run="r1", step="restore.revert", probe="login-synthetic", before=before, until=at(10))),
            (
                10,
                VerifyFinished(
                    run="r1", step="restore.revert", probe="login-synthetic", verdict="no_effect",
                    before=before, after=after, words="NO EFFECT  err 79.6 -> 79.4 % after 3 m",
                ),
            ),
        )
    )  # fmt: skip
    live = {"login-synthetic": Figures(error_rate=0.794, at=at(10))}
    prefilled = draft(told, run_words(told), at(10), live)
    assert prefilled.know == (
        "79.4 % of login-synthetic fail since 10:00 UTC (data 0 s old). "
        "Revert config 4711: NO EFFECT (err 79.6 -> 79.4 % after 3 m)."
    )
    assert prefilled.doing == ""


def test_an_update_for_the_thread(state: State, at: At) -> None:
    update = UpdatePosted(update="u", reason="update", headline="A flag.", know="A flag.", doing="Reverting.",
                          next_due=at(27))  # fmt: skip
    assert list(post(update, state).lines) == [
        "SEV1: A flag.", "Doing: Reverting.", "Next update by 10:27 UTC.",
    ]  # fmt: skip


def test_the_severity_is_said_once(state: State) -> None:
    opened = UpdatePosted(update="u", reason="opened", headline="SEV1 declared: Logins failing")
    assert post(opened, state).headline == "SEV1 declared: Logins failing"


def test_hostile_words_stay_on_their_line(story: Story, events: Events, at: At) -> None:
    declared = IncidentDeclared(title=HOSTILE, severity="SEV1", impact=HOSTILE)
    said = UpdatePosted(update="u", reason="update", headline=HOSTILE, know=HOSTILE, doing=HOSTILE, unknown=HOSTILE)
    told = fold(
        events(*story, (7, declared), (8, said), (8, ImpactChanged(impact=HOSTILE, unaffected=(HOSTILE,) * 20)),
               (9, PersonNeeded(person=HOSTILE)))
    )  # fmt: skip
    assert isinstance(card_text(told, at(9)), SafeText)
    for text, most in ((card_text(told, at(9)), 11), ("\n".join(post(said, told).lines), 5)):
        assert text == SafeText(text, 2 * LIMIT) and len(text) < 2 * LIMIT
        assert "\x1b" not in text and "\u202e" not in text
        assert len(text.splitlines()) <= most
    assert card(told, at(9)).footer.startswith("INC-7")


@given(title=st.text(), impact=st.text(), people=st.lists(st.text(), max_size=80), now=st.integers(0, 2**53))
def test_any_words_make_a_card_that_fits(title: str, impact: str, people: list[str], now: int) -> None:
    bodies: list[Body] = [IncidentDeclared(title=title, severity="SEV2", impact=impact)]
    bodies += [PersonNeeded(person=person) for person in people]
    told = fold(Event("INC-1", seq, 1, 1, "ana", "host", body) for seq, body in enumerate(bodies, start=1))
    check_whole(payload(card(told, now)), {})
    text = card_text(told, now)
    assert text.endswith("UTC") and len(text.splitlines()) == 5
