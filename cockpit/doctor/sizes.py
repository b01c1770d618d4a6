"""How much fits into a message of Slack: each limit from just inside, and from just outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from cockpit.broadcast.sender import Ambiguous, Refused
from cockpit.broadcast.slack.errors import Answer
from cockpit.doctor.trying import TEXT, Bench, Row, code, row, told

Block = dict[str, Any]
TAKEN = ("ok",)
REFUSED = ("invalid_blocks", "invalid_message")
"""What a message is called whose blocks are not taken: when it is posted, and when it is only looked at."""


async def sizes(bench: Bench) -> AsyncIterator[Row]:
    """Each limit twice. Nothing is posted for it where Slack looks at a message without posting it."""
    posting = code(await _looked_at(bench, [_DIVIDER])) != "ok"
    for assumption, (expected, *others), blocks in _cases():
        said = await (bench.post(TEXT, blocks=blocks) if posting else _looked_at(bench, blocks))
        yield row(assumption, expected, told(said), *others)


async def _looked_at(bench: Bench, blocks: list[Block]) -> Answer | Refused | Ambiguous:
    # As a message: other surfaces of Slack have other limits.
    return await bench.call("blocks.validate", message={"text": TEXT, "blocks": blocks})


def _cases() -> Iterator[tuple[str, tuple[str, ...], list[Block]]]:
    for what, most, made in _LIMITS:
        yield f"{what} {most:,}", TAKEN, made(most)
        yield f"{what} {most + 1:,}", REFUSED, made(most + 1)
    yield "a header takes no markup", REFUSED, [{"type": "header", "text": _markup("a")}]


def _markup(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _button(number: int = 0, words: str = "a", value: str = "a") -> Block:
    return {"type": "button", "action_id": f"doctor.{number}", "text": _plain(words), "value": value}


def _actions(*buttons: Block) -> list[Block]:
    return [{"type": "actions", "elements": list(buttons)}]


_DIVIDER: Block = {"type": "divider"}
_LIMITS: tuple[tuple[str, int, Callable[[int], list[Block]]], ...] = (
    ("blocks of a message:", 50, lambda size: [_DIVIDER] * size),
    ("characters of a section:", 3000, lambda size: [{"type": "section", "text": _markup("x" * size)}]),
    ("characters of a header:", 150, lambda size: [{"type": "header", "text": _plain("x" * size)}]),
    ("fields of a section:", 10, lambda size: [{"type": "section", "fields": [_markup("x")] * size}]),
    ("characters of a field:", 2000, lambda size: [{"type": "section", "fields": [_markup("x" * size)]}]),
    ("elements of a context:", 10, lambda size: [{"type": "context", "elements": [_markup("x")] * size}]),
    ("buttons side by side:", 25, lambda size: _actions(*(_button(number) for number in range(size)))),
    ("characters of a button:", 75, lambda size: _actions(_button(words="x" * size))),
    ("characters of a button's value:", 2000, lambda size: _actions(_button(value="x" * size))),
)
"""What there may be most of, and a message with so much of it."""
