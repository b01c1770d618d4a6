"""Golden texts in each chat's markdown, and hostile words that stay plain in all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.dialects import DISCORD, MATTERMOST, ZULIP, Dialect, rendered
from cockpit.broadcast.message import Post
from cockpit.broadcast.sender import Outgoing

EVERY = pytest.mark.parametrize("dialect", [MATTERMOST, ZULIP, DISCORD], ids=["mattermost", "zulip", "discord"])
NAMES = {"mattermost": MATTERMOST, "zulip": ZULIP, "discord": DISCORD}


def letter(post: Post) -> Outgoing:
    return Outgoing("k:chat:thread", "thread", 1, "INC-7", "\n".join(post.lines), post)


PLAIN = Post(
    "update", "SEV1: 80 % of logins fail", know="Config 4711 broke it.", doing="Reverting.", unknown="Why CI passed.",
    next_due=1_700_043_600_000_000, notice="may be repeated",
)  # fmt: skip
HOSTILE = Post(
    "update",
    "SEV1: <!channel> @here @**all** <@123> &lt;",
    know="*bold* _it_ ~~no~~ `code` [good](https://evil.example) $$x$$ # a\n```\nfence\n> quote",
    told=("see https://wiki.example/a_b*c?x=1&y=2#z now", "back\\slash | pipe"),
)


@EVERY
def test_the_golden_update(dialect: Dialect) -> None:
    assert rendered(letter(PLAIN), dialect).splitlines() == [
        "**SEV1: 80 % of logins fail**",
        "**Know:** Config 4711 broke it.",
        "**Doing:** Reverting.",
        "**Don't know yet:** Why CI passed.",
        "Next update by 10:20 UTC.",
        "\\(may be repeated\\)" if dialect is not ZULIP else "(may be repeated)",
    ]


@pytest.mark.parametrize(
    ("name", "golden"),
    [
        (
            "mattermost",
            [
                r"**SEV1: \<!channel\> ＠here ＠\*\*all\*\* \<＠123\> \&lt;**",
                r"- see https://wiki.example/a_b\*c?x=1\&y=2\#z now",
                r"- back\\slash \| pipe",
                r"**Know:** \*bold\* \_it\_ \~\~no\~\~ \`code\` \[good\]\(https://evil.example\) \$\$x\$\$ \# a \`\`\`"
                r" fence \> quote",
            ],
        ),
        (
            "discord",
            [
                r"**SEV1: \<!channel\> \@here \@\*\*all\*\* \<\@123\> \&lt;**",
                r"- see https://wiki.example/a_b\*c?x=1\&y=2\#z now",
                r"- back\\slash \| pipe",
                r"**Know:** \*bold\* \_it\_ \~\~no\~\~ \`code\` \[good\]\(https://evil.example\) \$\$x\$\$ \# a \`\`\`"
                r" fence \> quote",
            ],
        ),
        (
            "zulip",
            [
                "**SEV1: &#60;!channel&#62; &#64;here &#64;&#42;&#42;all&#42;&#42; &#60;&#64;123&#62; &#38;lt;**",
                "- see https://wiki.example/a_b&#42;c?x=1&#38;y=2#z now",
                "- back\\slash | pipe",
                "**Know:** &#42;bold&#42; _it_ &#126;&#126;no&#126;&#126; &#96;code&#96; &#91;good&#93;"
                "(https://evil.example) &#36;&#36;x&#36;&#36; # a &#96;&#96;&#96; fence &#62; quote",
            ],
        ),
    ],
)
def test_hostile_words_are_plain(name: str, golden: list[str]) -> None:
    assert rendered(letter(HOSTILE), NAMES[name]).splitlines() == golden


@EVERY
def test_nobody_is_mentioned(dialect: Dialect) -> None:
    shown = rendered(letter(HOSTILE), dialect)
    assert not re.search(r"(?<!\\)@", shown)
    assert dialect is not MATTERMOST or "@" not in shown


def test_an_entity_in_mattermost_is_no_way_round_that() -> None:
    for words in ("&#64;here", "&commat;here", "&#x40;here", "https://x.example/?a=1&#64;here"):
        shown = rendered(letter(Post("update", words)), MATTERMOST)
        assert "\\&" in shown and not re.search(r"(?<!\\)&#?\w+;", shown)


@EVERY
def test_too_long_its_longest_parts_are_cut(dialect: Dialect) -> None:
    long = Post("update", "SEV1: x", know="*" * 30_000, unknown="u" * 30_000, doing="short", next_due=1)
    shown = rendered(letter(long), dialect, "ref 1")
    assert dialect.size(shown) <= dialect.limit
    lines = shown.splitlines()
    assert lines[0] == "**SEV1: x**" and lines[2] == "**Doing:** short" and lines[-1] == "ref 1"
    assert lines[1].endswith("…") and lines[3].endswith("…")
    assert dialect.size(shown) > dialect.limit - 20


@EVERY
def test_no_address_is_cut_in_half(dialect: Dialect) -> None:
    for padding in range(dialect.limit - 60, dialect.limit - 30, 5):
        shown = rendered(letter(Post("update", "S", know="x" * padding + " https://wiki.example/page more")), dialect)
        assert not re.search(r"https?://\S*…", shown) or "https://wiki.example/page…" in shown


@EVERY
@given(text=st.text(st.characters(exclude_characters="＠")))
def test_words_are_as_they_were_once_shown(dialect: Dialect, text: str) -> None:
    shown = dialect.escape(text)
    assert READ[dialect.limit](shown) == text


def _backslashed(shown: str) -> str:
    return re.sub(r"\\(.)", r"\1", shown)


READ: dict[int, Callable[[str], str]] = {
    MATTERMOST.limit: lambda shown: _backslashed(shown).replace("＠", "@"),
    DISCORD.limit: _backslashed,
    ZULIP.limit: unescape,
}
