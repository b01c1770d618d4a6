"""Asks at a plain terminal, while whatever goes on is still printed."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from cockpit.protocol.taking import SETTLED, Reply
from cockpit.protocol.views import Offer, ParamView, RunView

VERBS = {
    "run": "run this command", "done": "it is done", "choose": "decide", "skip": "skip this step", "undo": "undo",
    "settle": "say what became of it", "stop": "stop it", "end": "end the run", "approve": "approve it",
    "object": "object to it", "accept": "go on all the same", "take_over": "take the lock back",
}  # fmt: skip
REASONS = {
    "skip": "why it can be left out", "settle": "how you know", "approve": "why (may stay empty)",
    "object": "what stands against it", "accept": "who deployed it, or why it may be restored over",
    "take_over": "why you take it", "choose": "why (may stay empty)", "end": "a note (may stay empty)",
    "done": "a note (may stay empty)",
}  # fmt: skip
SETTLED_WORDS = {
    "took_effect": "it took effect", "no_effect": "it had no effect", "by_hand": "I did it by hand",
    "skipped": "leave it so, and go on",
}  # fmt: skip
LINE = 4_096


def can_ask() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Asking:
    """A person at this terminal."""

    async def param(self, param: ParamView) -> str | None:
        """A value that the runbook asks for."""
        options = f" ({', '.join(param.options)})" if param.options else ""
        return await _line(f"{param.title.line or param.name}{options}: ")

    async def reply(self, run: RunView, secrets: Mapping[str, str]) -> Reply | None:
        """Show what is offered first, and ask; another offer can be chosen instead."""
        offer = run.offers[0]
        while True:
            _print(shown(run, offer))
            reply = await self._to(offer, secrets)
            if reply is not None:
                return reply
            picked = await _pick("What else?", [*(_titled(each) for each in run.offers), "leave the run as it is"])
            if picked is None or picked == len(run.offers):
                return None
            offer = run.offers[picked]

    async def _to(self, offer: Offer, secrets: Mapping[str, str]) -> Reply | None:
        """What is said to this offer; None for no."""
        option = ""
        if offer.action in {"choose", "settle"}:
            ids = [each.id for each in offer.options] or list(SETTLED)
            titles = [str(each.title.line) for each in offer.options] or [SETTLED_WORDS[name] for name in SETTLED]
            picked = await _pick("", [*titles, "something else"])
            if picked is None or picked == len(ids):
                return None
            option = ids[picked]
        elif offer.typed:
            typed = await _line(f"type {offer.typed} to do it, anything else does nothing: ")
            if typed is None or typed.strip() != offer.typed:
                return None
        elif not await self._yes(offer):
            return None
        reason = await _line(f"{REASONS[offer.action]}: ") if _has_reason(offer) else ""
        hidden = await self._hidden(offer, secrets)
        if reason is None or hidden is None:
            return None
        return Reply(offer, typed=str(offer.typed), option=option, reason=reason.strip(), secrets=hidden)

    async def _yes(self, offer: Offer) -> bool:
        said = await _line(f"{_titled(offer)}? y = yes, anything else = no: ")
        return said is not None and said.strip().lower() in {"y", "yes"}

    async def _hidden(self, offer: Offer, secrets: Mapping[str, str]) -> dict[str, str] | None:
        values = {name: secrets[name] for name in offer.secrets if name in secrets}
        for name in offer.secrets:
            if name not in values:
                value = await _line(f"{name} (not shown): ", hidden=True)
                if not value:
                    return None
                values[name] = value
        return values


def shown(run: RunView, offer: Offer) -> str:
    """All there is to know before the offer is taken up."""
    step = next((each for each in run.steps if each.id == offer.step), None)
    lines = [""]
    if step is not None:
        section = f"{step.section.line.upper()}  " if step.section else ""
        lines.append(f"step {step.number} of {len(run.steps)}  {section}{offer.title.line}")
    lines += _facts(offer)
    if step is not None and offer.action == "done":
        first, *rest = (offer.manual or step.words).split("\n")
        lines += [f"  to do      {first}"] * bool(first)
        lines += [f"             {line}" for line in rest]
    return "\n".join(lines)


def _facts(offer: Offer) -> Iterator[str]:
    if offer.command:
        first, *rest = offer.command.split("\n")
        yield f"  command    {first}"
        yield from (f"             {line}" for line in rest)
    unset = [name for name in offer.env if name not in os.environ]
    given = [name for name in offer.env if name in os.environ]
    for word, text in (
        ("know", offer.said.line), ("changes", offer.consequence.line), ("undone by", offer.undo.line),
        ("for ever", offer.irreversible.line), ("for", offer.role.line), ("held by", offer.holder.line),
        ("gets", ", ".join(given)), ("not set", ", ".join(unset)),
    ):  # fmt: skip
        if text:
            yield f"  {word:<9}  {text}"


def _has_reason(offer: Offer) -> bool:
    return offer.action in REASONS and not offer.waits


def _titled(offer: Offer) -> str:
    if offer.waits:
        return "start waiting"
    if offer.began:
        return f"go on after: {offer.title.line}"
    if offer.action == "done" and offer.consequence:
        return f"send: {offer.title.line}"
    about = offer.command.line if offer.action in {"run", "undo"} else offer.title.line
    return f"{VERBS[offer.action]}: {about}" if about else VERBS[offer.action]


async def _pick(question: str, titles: Sequence[str]) -> int | None:
    """The place of what was chosen, from 0; None when nothing was."""
    if question:
        _print(question)
    _print("\n".join(f"  {number}  {title}" for number, title in enumerate(titles, 1)))
    while True:
        said = await _line(f"a number from 1 to {len(titles)}: ")
        if said is None:
            return None
        if said.strip().isdigit() and 1 <= int(said) <= len(titles):
            return int(said) - 1


async def _line(prompt: str, *, hidden: bool = False) -> str | None:
    """What is typed after the prompt, without its end; None when the terminal is gone or says no more (ctrl+D)."""
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    source = sys.stdin.fileno()
    # What was typed before the question is no answer to it.
    termios.tcflush(source, termios.TCIFLUSH)
    _print(prompt, end="")
    with _unseen(source, hidden):
        loop.add_reader(source, typed.set)
        try:
            await typed.wait()
        finally:
            loop.remove_reader(source)
        try:
            raw = os.read(source, LINE)
        except OSError:
            # The terminal has gone away.
            return None
    if hidden:
        _print("")
    return raw.decode(errors="replace").rstrip("\r\n") if raw else None


@contextmanager
def _unseen(source: int, hidden: bool) -> Iterator[None]:
    before = termios.tcgetattr(source)
    if hidden:
        quiet = [*before]
        quiet[3] &= ~termios.ECHO
        termios.tcsetattr(source, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)


def _print(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)
