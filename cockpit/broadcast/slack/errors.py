"""What Slack's answers mean for a letter: whether it certainly did not arrive, and who can mend that. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cockpit.broadcast.sender import Ambiguous, Fault, Refused
from cockpit.broadcast.slack.waiting import wait_of
from cockpit.text import SafeText

SHOWN = 120
"""Characters kept of what an answer says of itself."""

_CODES: dict[Fault, tuple[str, ...]] = {
    "configuration": (
        "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope",
        "not_allowed_token_type", "no_permission", "access_denied", "org_login_required", "ekm_access_denied",
        "team_access_not_granted", "two_factor_setup_required", "enterprise_is_restricted", "accesslimited",
        "unknown_method", "method_deprecated", "deprecated_endpoint",
    ),
    "channel": (
        "not_in_channel", "channel_not_found", "is_archived", "channel_is_archived", "restricted_action",
        "posting_to_general_channel_denied", "messages_tab_disabled", "user_not_found", "user_disabled",
        "cannot_dm_bot", "method_not_supported_for_channel_type", "channel_type_not_supported",
    ),
    "payload": (
        "invalid_blocks", "no_text", "invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset",
        "invalid_form_data", "invalid_post_type", "missing_post_type", "invalid_json", "json_not_object",
        "attachment_payload_limit_exceeded", "too_many_attachments", "markdown_text_conflict", "block_mismatch",
        "cant_broadcast_message", "time_in_past", "time_too_far", "invalid_cursor", "invalid_limit",
    ),
    "wait": (
        "ratelimited", "rate_limited", "message_limit_exceeded", "restricted_too_many", "team_added_to_org",
        "external_channel_migrating",
    ),
    "gone": ("message_not_found", "thread_not_found", "cannot_reply_to_message"),
    "closed": ("edit_window_closed", "cant_update_message"),
}  # fmt: skip
_FAULTS: dict[str, Fault] = {code: fault for fault, codes in _CODES.items() for code in codes}
_AMBIGUOUS = frozenset({
    "fatal_error", "internal_error", "unknown_error", "request_timeout", "service_unavailable", "update_failed", "",
})  # fmt: skip
_MENDS = {
    "not_in_channel": "invite the app into the channel",
    "channel_not_found": "look at its id in the config, and invite the app into it",
    "is_archived": "the channel is archived: take another",
    "invalid_auth": "the token is not valid here: it may be of another workspace",
    "token_revoked": "the token was revoked: install the app again",
    "token_expired": "the token has expired: take a new one",
    "account_inactive": "the app was removed from the workspace: install it again",
}


class Answer(msgspec.Struct, frozen=True):
    """What came back; `body` is None for anything but a JSON object, header names are in lower case.

    `status` is 0 when not even that came.
    """

    status: int
    headers: Mapping[str, str] = {}
    body: Mapping[str, Any] | None = None

    @property
    def error(self) -> str:
        """Slack's own code of what is wrong, empty for none."""
        found = (self.body or {}).get("error")
        return str(SafeText(found, SHOWN).line) if isinstance(found, str) else ""

    @property
    def own(self) -> bool:
        """Whether it says yes or no in Slack's own words, and not only that nothing can be said now."""
        return self.body is not None and self.status < 500 and self.status not in (407, 429)

    @property
    def done(self) -> bool:
        """Whether Slack says that it did as asked."""
        return self.status == 200 and self.body is not None and self.body.get("ok") is True

    def listed(self, name: str) -> list[dict[str, Any]]:
        """The objects in that list of the answer, none when it is no list."""
        found = (self.body or {}).get(name)
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    @property
    def next_cursor(self) -> str:
        """Where the next page begins, empty after the last."""
        metadata = (self.body or {}).get("response_metadata")
        found = metadata.get("next_cursor") if isinstance(metadata, dict) else None
        return found if isinstance(found, str) else ""


def fault_of(code: str) -> Fault | None:
    """The class of an error code of Slack, None when it leaves open whether the message is there."""
    if code in _AMBIGUOUS:
        return None
    if known := _FAULTS.get(code):
        return known
    if code.startswith("restricted_action"):
        return "channel"
    if code.startswith(("invalid_blocks", "metadata_", "invalid_metadata")):
        return "payload"
    if code.startswith("msg_") and code.endswith("too_long"):
        return "payload"
    # Slack says no in a word that is new to us: another place may still take it.
    return "channel"


def for_one_alone(refused: Refused) -> Refused:
    """What a refusal means for a word to one person: that nobody mends it for them says nothing of the destination."""
    if refused.fault not in {"channel", "configuration"}:
        return refused
    return Refused(f"they cannot be written to alone: {refused.why}", final=True, fault="payload")


def refusal(answer: Answer, now: float) -> Refused | Ambiguous:
    """What an answer that is not `done` says of the letter; `now` is in seconds since the epoch."""
    if answer.status == 429 or (answer.body is not None and fault_of(answer.error) == "wait"):
        wait = wait_of(answer.headers.get("retry-after"), now)
        return Refused(f"Slack asks for {wait:.0f} s of patience", fault="wait", wait=wait)
    if answer.status == 407:
        return Refused("the proxy on the way to Slack wants a login")
    if answer.status >= 500:
        return Ambiguous(f"Slack answered {answer.status}{_named(answer.error)}")
    if answer.body is None:
        return Ambiguous(f"the answer is not Slack's own: status {answer.status}, {_kind(answer.headers)}")
    fault = fault_of(answer.error)
    if fault is None:
        return Ambiguous(f"Slack answered {answer.error or 'neither yes nor no'}")
    return Refused(_words(answer), fault=fault)


def _words(answer: Answer) -> str:
    body = answer.body or {}
    if answer.error == "missing_scope":
        needed = body.get("needed")
        scope = SafeText(needed, SHOWN).line if isinstance(needed, str) else "a scope"
        return f"Slack: missing_scope; give the app {scope}, and install it again"
    detail = _MENDS.get(answer.error) or _first_message(body)
    return f"Slack: {answer.error}{f'; {detail}' if detail else ''}"


def _first_message(body: Mapping[str, Any]) -> str:
    """Where Slack says the fault lies."""
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    if isinstance(messages, list) and messages and isinstance(messages[0], str):
        return SafeText(messages[0], SHOWN).line
    return ""


def _named(error: str) -> str:
    return f", {error}" if error else ""


def _kind(headers: Mapping[str, str]) -> str:
    return SafeText(headers.get("content-type", "of no kind"), SHOWN).line
