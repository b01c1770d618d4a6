"""Takes the picture of what a channel gets.

    make channel        (needs a Chromium)

plays `good` of login-flag through the real engine, makes blocks of its messages as for Slack, and draws those.
"""

from __future__ import annotations

import asyncio
import html
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cockpit.broadcast.message import SHOWN_TO_ALL, Card, Post
from cockpit.broadcast.sender import Outgoing, unpack
from cockpit.broadcast.slack.blocks import payload
from cockpit.clock import hhmm
from cockpit.drills import shelf
from cockpit.drills.performing import perform, type_by_hand
from cockpit.drills.play import RESPONDER
from cockpit.drills.seat import seated
from cockpit.drills.stage import staged
from cockpit.platform.places import Places

HERE = Path(__file__).parent
SPEED = 20.0
SIZE = "1240,1930"
REST = 90.0
"""Seconds of the drill for the last words to be told."""
STYLE = """
body { margin: 0; padding: 24px; background: #fff; color: #1d1c1d; font: 15px/1.46 "Inter", "DejaVu Sans", sans-serif }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 32px }
h1 { font-size: 17px; margin: 0 0 14px; padding-bottom: 10px; border-bottom: 1px solid #ddd }
article { display: grid; grid-template-columns: 40px 1fr; gap: 12px; margin-bottom: 18px }
.who { width: 40px; height: 40px; border-radius: 6px; background: #2f4858; color: #fff; text-align: center;
       line-height: 40px; font-weight: 700 }
.from { font-weight: 700 } .app { background: #e8e8e8; border-radius: 3px; font-size: 10px; padding: 1px 4px }
.at, .context, .also { color: #616061; font-size: 12.5px } .block { margin: 5px 0 }
h2 { font-size: 18px; margin: 4px 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px }
code { background: #f4f4f4; border: 1px solid #ddd; border-radius: 3px; font-size: 12.5px; padding: 0 3px }
"""


async def main() -> None:
    """Play the drill, and draw what it told."""
    chromium = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
    if chromium is None:
        sys.exit("a Chromium is needed to draw the page: install the package `chromium`")
    letters = await played()
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory) / "channel.html"
        page.write_text(drawn(letters), "utf-8")
        await asyncio.to_thread(_photograph, chromium, page)
    print("channel.png")


def _photograph(chromium: str, page: Path) -> None:
    subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            f"--user-data-dir={page.parent / 'profile'}", f"--window-size={SIZE}",
            f"--screenshot={HERE / 'channel.png'}", page.as_uri(),
        ],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip


async def played() -> list[Outgoing]:
    """The letters of the whole play."""
    with tempfile.TemporaryDirectory() as home:
        places = Places(Path(home) / "drill")
        async with staged("login-flag", SPEED, places, "drill") as stage, seated(stage, RESPONDER) as seat:
            await perform(shelf.load("login-flag").plays["good"], stage, {"": seat}, lambda line: None, type_by_hand)
            await stage.clock.sleep(REST)
            return [unpack(line) for line in (places.home / "drill" / "chat.jsonl").read_bytes().splitlines()]


def drawn(letters: list[Outgoing]) -> str:
    """The channel on the left: the card as it stood half way and as it ends, and what was shown to all; the thread."""
    cards = [letter for letter in letters if isinstance(letter.message, Card)]
    posts = [letter for letter in letters if isinstance(letter.message, Post)]
    loud = [each for each in posts if isinstance(each.message, Post) and each.message.reason in SHOWN_TO_ALL]
    half = next(card for card in cards if card.at >= posts[2].at)
    shown = [
        _article(half, cards[0].at, f"the card as it stood at {hhmm(half.at)}"),
        _article(cards[-1], cards[0].at, f"the same message at the end, edited in place {len(cards) - 1} times"),
        *(_article(letter, letter.at, "also in the thread") for letter in loud),
    ]
    thread = [_article(letter, letter.at, "") for letter in posts]
    return (
        f"<!doctype html><meta charset='utf-8'><style>{STYLE}</style><main>"
        f"<section><h1># incidents</h1>{''.join(shown)}</section>"
        f"<section><h1>Thread: {len(posts)} replies</h1>{''.join(thread)}</section></main>"
    )


def _article(letter: Outgoing, at: int, also: str) -> str:
    assert letter.message is not None
    note = f"<div class='also'>{also}</div>" if also else ""
    blocks = "".join(_block(block) for block in payload(letter.message)["blocks"])
    head = f"<span class='from'>cockpit</span> <span class='app'>APP</span> <span class='at'>{hhmm(at)}</span>"
    return f"<article><div class='who'>C</div><div>{note}<div>{head}</div>{blocks}</div></article>"


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f"<h2>{html.escape(block['text']['text'])}</h2>"
        case "context":
            return f"<div class='block context'>{' &middot; '.join(map(_text, block['elements']))}</div>"
        case "section" if "fields" in block:
            return (
                f"<div class='block fields'>{''.join(f'<div>{_text(field)}</div>' for field in block['fields'])}</div>"
            )
        case "section":
            return f"<div class='block'>{_text(block['text'])}</div>"
    return ""


def _text(text: dict[str, Any]) -> str:
    return "<br>".join(_markup(line) for line in text["text"].split("\n"))


def _markup(line: str) -> str:
    """Slack's own markup as HTML: its entities are the same three, so what is left is bold, code, dates and links."""
    return "".join(_parts(line))


def _parts(line: str) -> Iterator[str]:
    for part in re.split(r"(<[^>]*>|\*[^*\n]+\*)", line):
        if part.startswith("<"):
            yield part[1:-1].rpartition("|")[2]
        elif part.startswith("*") and part.endswith("*") and len(part) > 1:
            yield f"<b>{_markup(part[1:-1])}</b>"
        else:
            yield re.sub(r"`([^`]+)`", r"<code>\1</code>", part)


if __name__ == "__main__":
    asyncio.run(main())
