"""Which changes are pointed at."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from cockpit.changes.suspects import suspect, suspects
from cockpit.clock import SECOND
from cockpit.config.services import ServiceConfig
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.incident.watching import Change

SINCE = 10_000 * SECOND
AUTH = ServiceConfig(name="auth", reads=("features",), depends_on=("users-db",))


def change(what: str, minutes: float, service: str = "", reviewed: bool | None = None) -> Change:
    seen = ChangeSeen(change=what, source="feed", what=what, service=service, reviewed=reviewed)
    return Change(SINCE - int(minutes * 60 * SECOND), seen)


def test_the_words() -> None:
    flag = change("config #4711", 3, "auth", reviewed=False)
    assert suspect([flag], AUTH, SINCE) == "3 min before the first bad sample: config #4711, unreviewed"
    read = change("config #4711", 3, "features", reviewed=False)
    assert suspect([read], AUTH, SINCE) == "3 min before the first bad sample: config #4711 in features, unreviewed"
    reviewed = change("deploy v12", 0.75, "auth", reviewed=True)
    assert suspect([reviewed], AUTH, SINCE) == "45 s before the first bad sample: deploy v12"
    assert suspect([change("deploy v3", 2)], AUTH, SINCE) == "2 min before the first bad sample: deploy v3"


def test_only_the_hour_before_counts() -> None:
    assert suspects([], AUTH, SINCE) == () and suspect([], AUTH, SINCE) == ""
    assert suspect([change("after", -2, "auth"), change("long ago", 61, "auth")], AUTH, SINCE) == ""
    assert suspect([change("an hour", 60, "auth")], AUTH, SINCE) == "60 min before the first bad sample: an hour"


def test_a_clock_of_another_host_may_be_a_minute_ahead() -> None:
    assert suspect([change("deploy", -1, "auth")], AUTH, SINCE) == "within a minute of the first bad sample: deploy"
    assert suspect([change("deploy", -61 / 60, "auth")], AUTH, SINCE) == ""
    both = [change("ahead", -0.5, "auth"), change("before", 0.5, "auth")]
    assert ["ahead" in words for words in suspects(both, AUTH, SINCE)] == [False, True]


def test_ranked_by_time_and_by_what_the_service_needs() -> None:
    own, read, needed, nobody, other = (
        change("own", 20, "auth"), change("read", 4, "features"), change("needed", 3, "users-db"),
        change("nobody", 2), change("other", 1, "billing"),
    )  # fmt: skip
    for changes in ((own, read, needed, nobody, other), (other, nobody, needed, read, own)):
        ranked = suspects(changes, AUTH, SINCE, limit=9)
        assert [words.partition(": ")[2].split()[0] for words in ranked] == ["needed", "read", "nobody", "other", "own"]
    assert "own" in suspect([own, change("other", 19, "billing")], AUTH, SINCE)


def test_at_the_same_time_the_service_itself_comes_first() -> None:
    assert "own" in suspect([change("read", 5, "features"), change("own", 5, "auth")], AUTH, SINCE)


CHANGES = st.lists(
    st.builds(
        change,
        st.uuids().map(str),
        st.floats(-5, 90),
        st.sampled_from(["", "auth", "features", "users-db", "billing"]),
        st.sampled_from([None, True, False]),
    ),
    max_size=12,
)


@given(CHANGES, st.randoms(use_true_random=False))
def test_the_order_is_that_of_the_changes_however_they_come(changes: list[Change], chance: Random) -> None:
    ranked = suspects(changes, AUTH, SINCE, limit=20)
    shuffled = chance.sample(changes, len(changes))
    assert suspects(shuffled, AUTH, SINCE, limit=20) == ranked
    assert suspects(changes, AUTH, SINCE) == ranked[:3] and suspect(changes, AUTH, SINCE) == (ranked or ("",))[0]
    assert len(ranked) == sum(-60 * SECOND <= SINCE - one.at <= 3600 * SECOND for one in changes)


@given(CHANGES, st.floats(1, 50), st.sampled_from(["auth", "features", "users-db"]))
def test_of_two_changes_alike_but_for_their_moment_the_later_comes_first(
    changes: list[Change], minutes: float, service: str
) -> None:
    earlier, later = change("earlier", minutes + 2, service), change("later", minutes, service)
    ranked = suspects([*changes, earlier, later], AUTH, SINCE, limit=20)
    places = {word: place for place, words in enumerate(ranked) for word in ("earlier", "later") if word in words}
    assert places["later"] < places["earlier"]
