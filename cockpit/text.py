"""The border for text from outside: what may reach a terminal, and what must never leave it."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import quote

LIMIT = 4_000
"""Characters kept of one piece of text unless the caller says otherwise."""

_ESCAPE = re.compile(
    r"""
    \x1b\[[0-?]*[ -/]*[@-~]                         # CSI ... final byte
    | \x9b[0-?]*[ -/]*[@-~]                         # the same with a one-byte introducer
    | (?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])       # OSC, DCS, SOS, PM, APC ...
      [^\x07\x1b\x90\x98\x9c-\x9f]*               # ... never over another introducer: that would take
      (?:\x07|\x1b\\|\x9c|$)                       # quadratic time; up to their terminator
    | \x1b[ -/]*[0-~]                               # a two-character escape
    """,
    re.VERBOSE,
)
_CRLF = re.compile(r"\r\n?")
# Characters that change how others are shown, or hide: bidi controls, zero-width, tags, soft hyphen, line separators.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Which of two looks the character before takes: nothing is hidden by dropping it.
_VARIATION = re.compile("[\ufe0e\ufe0f]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PLAIN = re.compile("[\x20-\x7e\n]*")


class SafeText(str):
    """Text that can be shown: escape sequences gone, controls and invisible characters made visible, length capped.

    Widgets and sinks take nothing else. The only constructor cleans, and cleaning twice changes nothing.
    """

    __slots__ = ()

    def __new__(cls, raw: str = "", limit: int = LIMIT) -> SafeText:
        if len(raw) <= limit:
            if isinstance(raw, cls):
                return raw
            # Most of it is plain: printable ASCII is all left as it is.
            if raw.isascii() and raw.isprintable():
                return super().__new__(cls, raw)
        return super().__new__(cls, _clean(raw, limit))

    @property
    def line(self) -> SafeText:
        """The same text on one line."""
        return SafeText(" ".join(self.split())) if "\n" in self or "\t" in self else self


def _clean(raw: str, limit: int) -> str:
    cut = raw[: limit * 4] if len(raw) > limit * 4 else raw
    if not _PLAIN.fullmatch(cut):
        cut = _CRLF.sub("\n", _ESCAPE.sub("", _VARIATION.sub("", cut))).expandtabs(4)
        cut = _CONTROL.sub(_caret, cut)
        cut = _INVISIBLE.sub(_visible, cut)
        cut = "".join(_visible_char(char) if ord(char) >= 0xD800 else char for char in cut)
    if len(cut) <= limit:
        return cut
    return cut[: limit - 1].rstrip() + "…" if limit > 0 else ""


def _caret(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return "^" + chr(code + 0x40)
    return "^?" if code == 0x7F else f"<{code:02X}>"


def _visible(match: re.Match[str]) -> str:
    return f"<U+{ord(match.group()):04X}>"


def _visible_char(char: str) -> str:
    """Surrogates and private-use characters as their code points."""
    return f"<U+{ord(char):04X}>" if unicodedata.category(char) in {"Cs", "Co", "Cn"} else char


_PATTERNS = re.compile(
    r"""
    (?P<slack>xox[abeoprs]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,})
    | (?P<hook>https://hooks\.slack\.com/[^\s"'<>]+)
    | (?P<aws>\b(?:AKIA|ASIA)[A-Z0-9]{16}\b)
    | (?P<github>\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,})
    | (?P<gitlab>\bglpat-[A-Za-z0-9_-]{16,})
    | (?P<jwt>\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+)
    | (?P<userinfo>(?<=://)[^/\s:@]+:[^/\s@]+(?=@))
    | (?P<login>(?i:(?<=http://)|(?<=https://))[^/\s:@]+(?=:?@))  # a token is a user without a password
    | (?P<bearer>(?i:(?<=bearer\s)|(?<=basic\s))[A-Za-z0-9._~+/=-]{12,})
    | (?P<named>(?i:(?<=password=)|(?<=passwd=)|(?<=token=)|(?<=secret=)|(?<=api_key=)|(?<=apikey=))[^\s&;,'"]{4,})
    """,
    re.VERBOSE,
)
MASK = "[redacted]"
SHORTEST_SECRET = 4
"""A shorter value is not looked for: it would blank out ordinary words."""


def swapped(text: str, other: Callable[[str], str]) -> str:
    """The text with another word in the place of whatever has the shape of a well-known token."""
    return _PATTERNS.sub(lambda found: other(found[0]), text)


class Redactor:
    """Takes known secret values, in the forms they travel in, and well-known token shapes out of text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: list[str] = []
        self._known: re.Pattern[str] | None = None
        self._overlapping = re.compile("(?=())")
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Take these out too, from now on."""
        forms = set(self._forms)
        for secret in secrets:
            forms.update(_forms(secret))
        if not forms:
            return
        self._forms = sorted(forms, key=len, reverse=True)
        either = "|".join(re.escape(form) for form in self._forms)
        self._known = re.compile(either)
        self._overlapping = re.compile(f"(?=({either}))")

    def __call__(self, text: str) -> str:
        """The text with each secret replaced by a mask."""
        if self._known is not None and self._known.search(text):
            text = self._masked(text)
        return _PATTERNS.sub(MASK, text)

    def after_cut(self, text: str) -> str:
        """The same for text that begins somewhere in the middle: the rest of a secret cut in two is masked too."""
        ends = (form[-size:] for form in self._forms for size in range(SHORTEST_SECRET, len(form)))
        rest = max((len(end) for end in ends if text.startswith(end)), default=0)
        return self(MASK + text[rest:] if rest else text)

    def _masked(self, text: str) -> str:
        """Secrets that share characters are masked as one: else the rest of the second would stay."""
        kept, end = [], 0
        for match in self._overlapping.finditer(text):
            if match.start() >= end:
                kept += [text[end : match.start()], MASK]
            end = max(end, match.end(1))
        return "".join((*kept, text[end:]))


def _forms(secret: str) -> set[str]:
    value = secret.strip()
    if len(value) < SHORTEST_SECRET:
        return set()
    # What the environment holds need not be UTF-8.
    raw = value.encode("utf-8", "surrogateescape")
    forms = {value, quote(raw, safe=""), quote(raw), value.encode("unicode_escape").decode(), *value.splitlines()}
    return {form for form in forms | _base64(raw) if len(form) >= SHORTEST_SECRET}


def _base64(raw: bytes) -> set[str]:
    """The characters that the secret alone decides, at each place it can have within what was encoded."""
    forms = set()
    for shift in range(3):
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.add(encode(bytes(shift) + raw).decode()[first:last])
    return forms | {base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
