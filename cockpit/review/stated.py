"""A time as somebody wrote it down: what it says, and what it leaves open. Pure; nothing is guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from cockpit.review.model import DoubtRule, Precision
from cockpit.review.zones import AMBIGUOUS, zone_of

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = r"""
    (?P<iso>\d{4}[-/]\d{1,2}[-/]\d{1,2})
    | (?P<dots>\d{1,2}\.\d{1,2}\.\d{4})
    | (?P<slashes>\d{1,2}/\d{1,2}/\d{4})
    | (?P<words>\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:_MONTH_)(?:,?\s+\d{4}(?![\d:]))?
        | (?:_MONTH_)\s+\d{1,2}(?:st|nd|rd|th)?(?![\d:])(?:,?\s+\d{4}(?![\d:]))?)
""".replace(
    "_MONTH_",
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?",
)
_HALF = r"[AaPp]\.?[Mm]\b\.?"
_CLOCK = (
    rf"(?P<clock>\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d{{1,6}})?)?)\s*(?P<half>{_HALF})?"
    rf"|(?P<oclock>\d{{1,2}})\s*(?P<ohalf>{_HALF})"
)
_ZONE = (
    # Behind a bare clock, `-11:05` is where a range ends and no offset.
    r"(?P<zone>Z\b|(?:UTC|GMT)\s?[+-]\d{1,2}:?\d{2}\b|[+]\d{2}:?\d{2}\b|(?(iso)-\d{2}:?\d{2}\b|(?!))|[A-Z]{2,5}\b"
    r"|[A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?)"
)
_RELATIVE = r"(?P<relative>T\s?[+-]?\s?\d{1,5}(?:\s?(?:min|m)\b)?|[+]\d{1,5}(?:\s?(?:min|m)\b)?)(?![\w:.])"
_PATTERN = re.compile(
    rf"""
    [\[(]?\s*
    (?P<about>(?:~|≈|about|around|approx\.?|approximately|ca\.?|circa|by|before|after|shortly\s+after)\s*)?
    (?:{_RELATIVE}
      | (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?
        (?:(?:{_DATE})(?:(?:T|,?\s+(?:at\s+)?)(?:{_CLOCK}))?|{_CLOCK.replace("?P<", "?P<c")})
        (?:\s*[(]?(?-i:{_ZONE})[)]?)?
    )
    (?P<to>\s*(?:-|–|—|to)\s*\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s*{_HALF})?(?:\s*(?:UTC|GMT|Z)\b)?)?
    \s*[\])]?
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Context(msgspec.Struct, frozen=True):
    """What the times of a file have in common: the day, the zone, and the moment that `+28` counts from."""

    day: date | None = None
    zone: tzinfo | None = None
    start: datetime | None = None


class Stated(msgspec.Struct, frozen=True):
    """What a written time comes to: `at` is None when it names no moment, and `rule` and `why` say then why.

    `clock` is the hands of the clock as they read, even where the time is impossible. `zone` is the one it names.
    """

    written: str
    at: datetime | None = None
    precision: Precision = "none"
    rule: DoubtRule | None = None
    why: str = ""
    clock: time | None = None
    zone: str = ""
    exact: bool = True
    day: date | None = None
    relative: int | None = None


def leading(text: str) -> tuple[str, str]:
    """A time at the beginning of a line, as written, and the rest; an empty time when there is none."""
    match = _PATTERN.match(text)
    if match is None or not match.group().strip("[]() "):
        return "", text
    end = len(match.group().rstrip())
    if zone := match["zone"]:
        # `10:52 DB is down`: a word in capitals that is no zone belongs to the text.
        if zone_of(zone) is None and zone.upper() not in AMBIGUOUS:
            end = len(text[: match.start("zone")].rstrip(" ("))
    rest = text[end:]
    if rest and not rest[0].isspace() and rest[0] not in ":-–—|,;*_.)]":
        return "", text
    return text[:end].strip(), rest.lstrip(" \t:-–—|,;")


def read(written: str, context: Context) -> Stated:
    """What a written time comes to in its context."""
    text = " ".join(written.split())
    match = _PATTERN.fullmatch(text.strip("*_ "))
    if match is None or not text:
        why = f"`{text[:60]}` is no time this program can read" if text else "nothing says when"
        return Stated(written, rule="unparsable_time", why=why)
    exact = not (match["about"] or match["to"])
    if match["relative"]:
        return _relative(written, match["relative"], context, exact)
    day, why = _day(match)
    if why:
        return Stated(written, rule="unparsable_time", why=why)
    return _clocked(Stated(written, exact=exact, day=day, zone=match["zone"] or ""), match, text, context)


def _clocked(so_far: Stated, match: re.Match[str], text: str, context: Context) -> Stated:
    shown, half = match["clock"] or match["cclock"], match["half"] or match["chalf"]
    if shown is None and (hour := match["oclock"] or match["coclock"]):
        shown, half = f"{hour}:00", match["ohalf"] or match["cohalf"]
    if shown is None:
        return _placed(so_far, time(0), "day", context)
    clock = _hands(shown)
    if clock is None:
        return msgspec.structs.replace(so_far, rule="unparsable_time", why=f"`{text}`: no clock shows {shown}")
    if half and not 1 <= clock.hour <= 12:
        why = f"`{text}`: a clock of 24 hours has no {half.replace('.', '').upper()}"
        return msgspec.structs.replace(so_far, rule="impossible_time", why=why, clock=clock)
    if half:
        clock = clock.replace(hour=clock.hour % 12 + (12 if half[0] in "pP" else 0))
    return _placed(so_far, clock, "second" if shown.count(":") == 2 else "minute", context)


def _placed(so_far: Stated, clock: time, precision: Precision, context: Context) -> Stated:
    """The clock on its day and in its zone."""
    known = msgspec.structs.replace(so_far, clock=clock if precision != "day" else None)
    day = so_far.day or context.day
    if day is None:
        return msgspec.structs.replace(known, rule="missing_date", why="nothing says on which day")
    zone = context.zone
    if so_far.zone:
        zone = zone_of(so_far.zone)
        if zone is None:
            many = AMBIGUOUS.get(so_far.zone.upper())
            why = f"{so_far.zone} is {many}" if many else f"{so_far.zone} is no zone this program knows"
            return msgspec.structs.replace(known, rule="missing_zone", why=why)
    if zone is None:
        return msgspec.structs.replace(known, rule="missing_zone", why="nothing says in which zone")
    at = datetime.combine(day, clock, zone)
    try:
        back = at.astimezone(UTC).astimezone(zone)
        twice = at.replace(fold=1).utcoffset() != at.utcoffset()
    except OverflowError:
        return msgspec.structs.replace(known, rule="unparsable_time", why="that is beyond the calendar")
    if back.replace(tzinfo=None) != at.replace(tzinfo=None):
        why = "the clock skipped that hour on that day"
        return msgspec.structs.replace(known, rule="impossible_time", why=why)
    if twice:
        why = "the clock showed that twice on that day: say it with its offset"
        return msgspec.structs.replace(known, rule="missing_zone", why=why)
    return msgspec.structs.replace(known, at=at, precision=precision)


def _relative(written: str, said: str, context: Context, exact: bool) -> Stated:
    digits = "".join(char for char in said if char.isdigit())
    minutes = -int(digits) if "-" in said else int(digits)
    known = Stated(written, relative=minutes, exact=exact)
    if context.start is None:
        why = f"`{said}` counts from a moment that nothing names"
        return msgspec.structs.replace(known, rule="missing_date", why=why)
    try:
        at = (context.start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(context.start.tzinfo)
    except OverflowError:
        return msgspec.structs.replace(known, rule="unparsable_time", why="that is beyond the calendar")
    return msgspec.structs.replace(known, at=at, precision="minute")


def _hands(shown: str) -> time | None:
    hour, minute, *rest = shown.replace(",", ".").split(":")
    second, _, part = rest[0].partition(".") if rest else ("0", "", "")
    try:
        return time(int(hour), int(minute), int(second), int(part.ljust(6, "0")) if part else 0)
    except ValueError:
        return None


def _day(match: re.Match[str]) -> tuple[date | None, str]:
    """The day that is written, and why it names none."""
    try:
        if match["iso"]:
            year, month, day = (int(part) for part in re.split("[-/]", match["iso"]))
        elif match["dots"]:
            day, month, year = (int(part) for part in match["dots"].split("."))
        elif match["slashes"]:
            first, second, year = (int(part) for part in match["slashes"].split("/"))
            if first <= 12 and second <= 12 and first != second:
                return None, f"`{match['slashes']}` is one day in Europe and another in America"
            month, day = (second, first) if first > 12 else (first, second)
        elif match["words"]:
            return _named(match["words"])
        else:
            return None, ""
        return date(year, month, day), ""
    except ValueError:
        return None, f"`{match.group().strip()}`: there is no such day"


def _named(words: str) -> tuple[date | None, str]:
    month = next(index for index, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name}", words.lower()))
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    days = [number for number in numbers if number < 100]
    years = [number for number in numbers if number >= 1000]
    if len(days) != 1 or len(years) != 1:
        return None, f"`{words.strip()}` leaves out the day or the year"
    return date(years[0], month, days[0]), ""
