"""Messages as Slack's blocks, within every limit, and as plain text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cockpit.broadcast.cutting import cut as cut_plain
from cockpit.broadcast.cutting import utf16
from cockpit.broadcast.message import Card, Direct, Link, Message, Post, Section, Switch
from cockpit.broadcast.slack.mrkdwn import NOBODY, clock, cut, escape, labelled, linked, strong

Block = dict[str, Any]
People = Mapping[str, str]

HEADER, SUMMARY, BODY, FIELD, FOOTER, VALUE = 150, 300, 2400, 250, 150, 2000
"""Characters of a header, of what notifications show, of all sections, of a field, of a footnote, of a button's value.

Together a message stays below the 4,000 beyond which Slack refuses to edit it.
"""
WHOLE = 3900
"""Characters of a message without blocks."""
MOST = 30
"""Sections, links or merged updates shown of one message."""
BUTTONS = {"cockpit.help": "I can help", "cockpit.away": "Not needed", "cockpit.follow": "Follow"}
"""What readers can press, by what the press is called when it comes back."""
_GROUPS = {"measured": "impact", "unaffected": "impact", "doing": "know", "unknown": "know", "due": "estimate"}
"""Sections that stand together; each of the others stands alone."""


def payload(message: Message, people: People = NOBODY, *, listening: bool = False) -> Block:
    """The `text` and the `blocks` of a message; `people` are ids by name.

    While somebody is `listening`, readers of the card can answer with a button.
    """
    match message:
        case Card():
            blocks = [_header(message.headline), *_card(message, people)]
            if listening and message.incident and not message.resolved:
                blocks.append(_buttons(message.incident))
            said = {section.name: section.text for section in message.sections}
            return {"text": _summary(message.headline, said.get("act", ""), said.get("due", "")), "blocks": blocks}
        case Post():
            text = _summary(_placed(message), message.notice[:1].upper() + message.notice[1:], message.due)
            return {"text": text, "blocks": [*_post(message, people)]}
        case Switch(text=text, ask=ask):
            return {"text": _summary(text), "blocks": [_section(cut(linked(text, names=(ask,), people=people), BODY))]}
        case Direct(text=text):
            return {"text": _summary(text), "blocks": [_section(cut(linked(text), BODY))]}


def minimal(message: Message) -> Block:
    """The message as text alone, for when Slack refuses the blocks."""
    return {"text": cut("\n".join(linked(line) for line in message.lines), WHOLE).strip() or "-"}


def _card(card: Card, people: People) -> Iterator[Block]:
    sections = card.sections[:MOST]
    told = [_told(section, card.moments, card.needed if section.name == "act" else (), people) for section in sections]
    *shown, links = _fitted([*told, _links(card.links)])
    for members, markup in _grouped(sections, shown):
        if members[0] == Section("people", "", card.people):
            # The same, side by side.
            yield {"type": "section", "fields": [_mrkdwn(cut(field, FIELD)) for field in _fields(card)]}
        else:
            yield _section(markup)
    if links:
        yield _section(links)
    yield from _context(linked(card.footer, card.moments))


def _post(post: Post, people: People) -> Iterator[Block]:
    sections = post.sections[:MOST]
    moments = (*post.moments, post.next_due) if post.next_due else post.moments
    told = [f"- {linked(headline, moments)}" for headline in post.told[:MOST]]
    if len(post.told) > MOST:
        told.append(f"and {len(post.told) - MOST} more")
    head = linked(post.headline, moments, post.needed, people) if post.needed else strong(post.headline)
    bodies = [_told(section, moments, (), people) for section in sections]
    headed, *shown = _fitted(["\n".join((head, *told)), *bodies])
    yield _section(headed)
    for _, markup in _grouped(sections, shown):
        yield _section(markup)
    yield from _context(linked(", ".join(part for part in (post.incident, post.title) if part)), linked(_notice(post)))


def _grouped(sections: Sequence[Section], shown: Sequence[str]) -> Iterator[tuple[list[Section], str]]:
    """The sections that stand together, with their markup."""
    pairs = zip(sections, shown, strict=True)
    for _, group in groupby(pairs, key=lambda pair: _GROUPS.get(pair[0].name, pair[0].name)):
        members = list(group)
        yield [section for section, _ in members], "\n".join(markup for _, markup in members)


def _told(section: Section, moments: Sequence[int], names: Sequence[str], people: People) -> str:
    heading = f"{strong(section.heading)} " if section.heading else ""
    return heading + linked(section.text, moments, names, people)


def _fields(card: Card) -> Iterator[str]:
    """At most five, each under its heading."""
    yield f"*Status*\n{escape(card.status.capitalize() or 'unknown')}"
    yield f"*Lead*\n{escape(card.lead or 'nobody yet')}"
    yield f"*On it*\n{linked(card.on_it, card.moments) or 'nobody yet'}"
    if card.started:
        yield f"*Started*\n{clock(card.started, day=True)}"
    if card.released:
        yield f"*Released, with thanks*\n{escape(card.released)}"


def _placed(post: Post) -> str:
    """The headline with the incident it is about, for where nothing else says so."""
    title = "" if post.title in post.headline else post.title
    what = ", ".join(part for part in (title, post.incident) if part)
    return f"{post.headline.rstrip('. ')} ({what})" if what else post.headline


def _notice(post: Post) -> str:
    return f"({post.notice})" if post.notice else ""


def _links(links: Sequence[Link]) -> str:
    return "\n".join(labelled(link.label, link.url) for link in links[:MOST])


def _fitted(markups: Sequence[str]) -> list[str]:
    """The markups in at most `BODY` characters together: the longest are cut first, and all to the same length."""
    room, longest = BODY - len(markups), 0
    for left, size in zip(range(len(markups), 0, -1), sorted(map(utf16, markups)), strict=True):
        longest = room // left
        if size > longest:
            break
        longest, room = size, room - size
    return [cut(markup, longest) for markup in markups]


def _summary(*sentences: str) -> str:
    """Whole sentences for notifications and screen readers, as many as there is room for."""
    first, *others = [_sentence(sentence) for sentence in sentences if sentence.strip()] or ["-"]
    said = cut(escape(first), SUMMARY)
    for other in others:
        longer = f"{said} {escape(other)}"
        said = longer if utf16(longer) <= SUMMARY else said
    return said


def _sentence(text: str) -> str:
    text = text.strip()
    # A point after an address would be taken for a part of it.
    whole = text.endswith((".", "!", "?", "…")) or "://" in text.rpartition(" ")[2]
    return text if whole else f"{text}."


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut_plain(text.strip(), HEADER, utf16) or "-",
                                       "emoji": False}}  # fmt: skip


def _section(markup: str) -> Block:
    return {"type": "section", "text": _mrkdwn(markup if markup.strip() else "-")}


def _context(*notes: str) -> Iterator[Block]:
    elements = [_mrkdwn(cut(note, FOOTER)) for note in notes if note.strip()]
    if elements:
        yield {"type": "context", "elements": elements}


def _mrkdwn(markup: str) -> Block:
    # Else Slack looks for channels and people in what was only ever text.
    return {"type": "mrkdwn", "text": markup, "verbatim": True}


def _buttons(incident: str) -> Block:
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": action,
                "text": {"type": "plain_text", "text": words},
                "value": incident[:VALUE],
            }
            for action, words in BUTTONS.items()
        ],
    }
