"""Texts without names, places and secrets: the same word always becomes the same other word. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from cockpit.text import swapped

_ENDINGS = (
    "com|net|org|io|dev|app|cloud|co|eu|de|fr|uk|nl|se|ch|us|internal|intern|local|localdomain|corp|lan|svc|example|"
    "ai|tech|biz|jp|cn|br|au|nz|ca|mx|es|pl|pt|dk|fi|ie|cz|gr|kr|sg|il|gov|edu|consul|arpa"
)
"""What the name of a host ends with; other words with dots are steps, files and keys."""
_HEX = "[0-9A-Fa-f]{1,4}"
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("url", r"\b(?i:[a-z][a-z0-9+.-]*)://[^\s'\"<>\\)\]]+", "https://url-{}.example"),
    (
        "secret",
        r"\b(?:xox[a-z]-|gh[a-z]_|glpat-|A[KS]IA|AIza|sk-|[rs]k_(?:live|test)_|hv[bs]\.|npm_|pypi-|ya29\.|ey[JK])[\w.-]{8,}",
        "secret-{}",
    ),
    ("secret", r"(?:(?<=Bearer )|(?<=Basic ))[^\s'\"]{3,}", "secret-{}"),
    (
        "secret",
        r"(?P<before>(?i:(?:password|passwd|passphrase|pwd|secret|token|(?:api|access|private|signing)[_-]?key|authorization|cookie)['\"]?"
        r"[ \t]*(?::=|[=:])[ \t]*['\"]?"
        r"(?:(?:bearer|basic|token|apikey|digest)[ \t]+)?"
        r"|--[\w-]*(?:password|secret|token|key)[ \t]+|bearer[ \t]+))"
        r"(?:(?<=\")(?![$<{\[])[^\"\n]{3,}(?=\")|(?<=')(?![$<{\[])[^'\n]{3,}(?=')"
        r"|(?!(?:true|false|null)\b)[^\s'\"{}\[\],<>$*]{3,})",
        "secret-{}",
    ),
    ("address", r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\b", "address-{}@mail.example"),
    ("account", r"\barn:[\w:/.*-]+", "account-{}"),
    ("path", r"(?:\b[A-Za-z]:\\|\\\\[\w.-]+\\)[^\s'\"]+", "/path/{}"),
    ("path", r"(?<![\w./-])(?:(?:\.{1,2})?(?:/[\w.@+-]+){2,}|~[\w-]*(?:/[\w.@+-]+)+)/?", "/path/{}"),
    ("secret", r"\b(?=[\w+/]*[0-9])(?=[\w+/]*[A-Za-z])[\w+/]{32,}={0,2}", "secret-{}"),
    ("ip", r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "192.0.2.{}"),
    (
        "ip",
        rf"(?<![\w:])(?:(?:{_HEX}:){{4,7}}{_HEX}|(?:{_HEX}(?::{_HEX})*)?::{_HEX}(?::{_HEX})*)(?![\w:])",
        "192.0.2.{}",
    ),
    ("host", rf"\b(?i:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS}))\b", "host-{}.example"),
    ("host", r"\b(?i:[a-z](?:[a-z0-9._-]*[a-z0-9])?)(?=:\d{2,5}\b)", "host-{}"),
    ("host", r"\b(?:ip|ec2)-\d{1,3}(?:-\d{1,3}){3}\b", "host-{}"),
    ("phone", r"(?<!\w)\+\d[\d ()/-]{7,}\d", "phone-{}"),
)
"""What is replaced and by what; the first that fits a place has it. The number says which of its kind it was."""
_OTHERS = "|".join(f"(?P<k{number}>{pattern})" for number, (_, pattern, _) in enumerate(_KINDS))


class Replacer:
    """Puts other words in the place of these names, in any spelling, and of whatever names a place or is secret.

    The same word always becomes the same other word.
    """

    def __init__(self, names: Sequence[str], kept: Collection[str] = ()) -> None:
        """A part of a name is replaced as the whole is, such as a first name, but for the words that are `kept`."""
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._put: set[str] = set()
        names = [one for one in (unicodedata.normalize("NFC", name) for name in names) if re.search(r"[^\W_]", one)]
        parts = {part: name for name in names for part in re.split("[ ._]", name) if _names(part) and part not in kept}
        self._by_spelling = {spelling(part): name for part, name in parts.items()}
        self._by_spelling |= {spelling(name): name for name in names}
        every_name = sorted({*names, *parts, *(each.casefold() for each in (*names, *parts))}, key=_longest)
        spelled = "|".join(map(_pattern, every_name))
        # All in one pass, so that what was put in its place is not taken for a name once more.
        every = _OTHERS + (rf"|(?P<person>(?i:{spelled}))" if names else "")
        self._every = re.compile(every)
        for name in sorted(names):
            self._other("person", "person-{}", name)

    def __call__(self, text: str) -> str:
        # What the house takes for a token anywhere; the shapes here are wider, and take one that was cut too.
        text = swapped(unicodedata.normalize("NFC", text), self._token)
        return self._every.sub(self._swapped, text)

    def secret(self, word: str) -> str:
        """A word that is known for a secret as a whole, but where it only names one."""
        return word if re.fullmatch(r"\$\w+|<[^<>]+>", word) else self._token(word)

    def _token(self, word: str) -> str:
        return self._other("secret", "secret-{}", word)

    def _swapped(self, found: re.Match[str]) -> str:
        group = str(found.lastgroup)
        if group == "person":
            return self._other("person", "person-{}", self._by_spelling.get(spelling(found[0]), found[0]))
        kind, _, form = _KINDS[int(group[1:])]
        before = found["before"] or ""
        return before + self._other(kind, form, found[0].removeprefix(before))

    def _other(self, kind: str, form: str, text: str) -> str:
        if text in self._put:
            return text
        if (kind, text) not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[kind, text] = form.format(self._counts[kind])
            self._put.add(self._known[kind, text])
        return self._known[kind, text]


def _names(part: str) -> bool:
    """Whether it may be a first or last name, and is no number or initial."""
    return len(part) > 2 and part.isalpha()


def _longest(name: str) -> tuple[int, str]:
    return -len(name), name


def _pattern(name: str) -> str:
    """The name as a word of its own, in any spelling; where words are not parted by spaces it may stand anywhere."""
    spelled = "[ ._-]?".join(map(re.escape, re.split("[ ._-]", name)))
    return rf"{_edge(name[0], '<')}{spelled}{_edge(name[-1], '')}"


def _edge(letter: str, side: str) -> str:
    return "" if letter.isalpha() and letter.upper() == letter.lower() else rf"(?{side}![\w-])"


def spelling(name: str) -> str:
    """The same for every way in which people write a name."""
    # A search without regard to case takes these two for an i, and only these are folded otherwise.
    return re.sub("[ ._-]", "", name).replace("İ", "i").replace("ı", "i").casefold()
