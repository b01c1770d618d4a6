"""Every answer of Slack falls into one class, and what is not Slack's own word is never taken for one."""

from __future__ import annotations

import pytest

from cockpit.broadcast.sender import Ambiguous, Fault, Refused
from cockpit.broadcast.slack.errors import Answer, fault_of, refusal
from cockpit.broadcast.slack.waiting import LONGEST, SHORTEST, UNSAID, date_of, wait_of

NOW = 1_763_635_620.0


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("invalid_auth", "configuration"),
        ("token_revoked", "configuration"),
        ("token_expired", "configuration"),
        ("account_inactive", "configuration"),
        ("missing_scope", "configuration"),
        ("not_in_channel", "channel"),
        ("channel_not_found", "channel"),
        ("is_archived", "channel"),
        ("restricted_action", "channel"),
        ("restricted_action_read_only_channel", "channel"),
        ("invalid_blocks", "payload"),
        ("invalid_blocks_format", "payload"),
        ("msg_too_long", "payload"),
        ("msg_blocks_too_long", "payload"),
        ("metadata_too_large", "payload"),
        ("invalid_metadata_schema", "payload"),
        ("no_text", "payload"),
        ("ratelimited", "wait"),
        ("rate_limited", "wait"),
        ("message_not_found", "gone"),
        ("edit_window_closed", "closed"),
        ("cant_update_message", "closed"),
        ("fatal_error", None),
        ("internal_error", None),
        ("", None),
        ("a_word_of_tomorrow", "channel"),
    ],
)
def test_every_code_has_its_class(code: str, fault: Fault | None) -> None:
    assert fault_of(code) == fault


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("0", SHORTEST),
        ("-3", SHORTEST),
        ("3600", LONGEST),
        ("9" * 400, UNSAID),
        ("inf", UNSAID),
        ("nan", UNSAID),
        (None, UNSAID),
        ("", UNSAID),
        ("soon", UNSAID),
        ("Thu, 20 Nov 2025 10:47:20 GMT", 20.0),
        ("Thu, 20 Nov 2025 10:00:00 GMT", SHORTEST),
        ("Thu, 32 Nov 2025 10:00:00 GMT", UNSAID),
    ],
)
def test_a_retry_after_of_any_shape_is_a_bounded_wait(raw: str | None, seconds: float) -> None:
    assert wait_of(raw, NOW) == seconds


@pytest.mark.parametrize(
    "answer",
    [
        Answer(429, {"retry-after": "7"}, {"ok": False, "error": "ratelimited"}),
        Answer(429, {"retry-after": "7"}),
        Answer(200, {"retry-after": "7"}, {"ok": False, "error": "rate_limited"}),
    ],
)
def test_a_wait_is_told_in_seconds_whatever_carries_it(answer: Answer) -> None:
    said = refusal(answer, NOW)
    assert isinstance(said, Refused) and (said.fault, said.wait, said.final) == ("wait", 7.0, False)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500),
        Answer(503, {}, {"ok": False, "error": "not_in_channel"}),
        Answer(200, {"content-type": "text/html"}),
        Answer(404),
        Answer(0),
        Answer(200, {}, {"ok": False}),
        Answer(200, {}, {"ok": False, "error": 7}),
        Answer(200, {}, {"ok": False, "error": "fatal_error"}),
    ],
)
def test_what_is_not_slacks_own_no_leaves_it_open(answer: Answer) -> None:
    assert isinstance(refusal(answer, NOW), Ambiguous)


def test_a_missing_scope_is_named() -> None:
    said = refusal(Answer(200, {}, {"ok": False, "error": "missing_scope", "needed": "chat:write"}), NOW)
    assert said == Refused("Slack: missing_scope; give the app chat:write, and install it again", fault="configuration")


def test_where_blocks_are_wrong_is_told_and_cleaned() -> None:
    body = {
        "ok": False,
        "error": "invalid_blocks",
        "response_metadata": {"messages": ["[ERROR] must be\x1b[31m short"]},
    }
    said = refusal(Answer(200, {}, body), NOW)
    assert said == Refused("Slack: invalid_blocks; [ERROR] must be short", fault="payload")


def test_a_proxy_that_wants_a_login_is_no_doubt() -> None:
    assert isinstance(refusal(Answer(407), NOW), Refused)


def test_only_a_yes_with_status_200_is_done() -> None:
    assert Answer(200, {}, {"ok": True}).done
    assert not any(
        each.done
        for each in (Answer(201, {}, {"ok": True}), Answer(200, {}, {"ok": 1}), Answer(200), Answer(200, {}, {}))
    )


def test_a_date_that_cannot_be_read_is_none() -> None:
    assert date_of("Thu, 20 Nov 2025 10:47:00 GMT") == NOW
    assert (date_of(None), date_of("yesterday"), date_of("")) == (None, None, None)
