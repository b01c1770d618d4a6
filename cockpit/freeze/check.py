"""May this change go ahead? Asked by pipelines, which need neither an engine nor a config. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Literal

from cockpit.freeze.document import Document, NotADocument, parse, read
from cockpit.freeze.signing import signed_by
from cockpit.incident.scopes import covers
from cockpit.moments import SECOND, hhmm, iso, span
from cockpit.text import SafeText

AHEAD = 5 * 60 * SECOND
"""Microseconds by which the publisher's clock may be ahead of ours."""
WORDS = 300


class Verdict(IntEnum):
    """The answer, and the exit code that tells it."""

    OPEN = 0
    FROZEN = 2
    UNKNOWN = 3


@dataclass(frozen=True)
class Question:
    """What is asked: scopes of the change, none for any; `what` is the change itself, if it is to be let through.

    `keys` are those that may have signed; `unsigned` believes a document without a signature.
    """

    scopes: tuple[str, ...] = ()
    what: str = ""
    keys: tuple[str, ...] = ()
    unsigned: bool = False


@dataclass(frozen=True)
class Finding:
    """The answer with its reason in words, and the document when there is one to be believed."""

    verdict: Verdict
    why: str
    document: Document | None = None
    assumed: bool = False


def judge(data: bytes, question: Question, now: int) -> Finding:
    """What these bytes say to the question at that moment, in microseconds."""
    try:
        raw = parse(data)
        doubt = _doubt(data, raw, question)
        document = read(raw)
    except NotADocument as error:
        return Finding(Verdict.UNKNOWN, f"the document cannot be used: {error}")
    if doubt:
        return Finding(Verdict.UNKNOWN, doubt)
    if document.published_at > now + AHEAD:
        ahead = span((document.published_at - now) / SECOND)
        return Finding(Verdict.UNKNOWN, f"the document is from the future, by {ahead}: one of the clocks is wrong")
    if now >= document.valid_until:
        ago = span((now - document.valid_until) / SECOND)
        return Finding(Verdict.UNKNOWN, f"the document is out of date since {ago}: nobody publishes it any more")
    return _answer(document, question, now)


def _doubt(data: bytes, raw: dict[str, Any], question: Question) -> str:
    """Why the document is not to be believed, empty when it is."""
    if "signature" not in raw:
        return "" if question.unsigned else "the document is not signed (--unsigned believes it all the same)"
    if question.keys:
        return "" if signed_by(data, raw, question.keys) else "the signature is not of a key we know"
    return "" if question.unsigned else "there is no key to check the signature with"


def _answer(document: Document, question: Question, now: int) -> Finding:
    if document.state == "open":
        return Finding(Verdict.OPEN, "nothing is frozen", document)
    if document.until and now >= document.until:
        return Finding(Verdict.OPEN, f"the freeze ended at {hhmm(document.until)}Z", document)
    asked = question.scopes or document.scope
    hit = [scope for scope in asked if covers(document.scope, scope)]
    if not hit:
        return Finding(
            Verdict.OPEN, f"{', '.join(asked)} is not frozen; what is: {', '.join(document.scope)}", document
        )
    let_through = next((each for each in document.overrides if question.what and each.what == question.what), None)
    if let_through is not None:
        why = f"let through by an override: {let_through.what}: {let_through.reason}"
        return Finding(Verdict.OPEN, why, document)
    until = f"until {iso(document.until)}" if document.until else "until lifted"
    return Finding(Verdict.FROZEN, f"{', '.join(hit)} {until}: {document.reason}", document)


def assume(finding: Finding, unknown: Literal["open", "frozen"] | None) -> Finding:
    """The same, with what the asker wants an unknown taken for."""
    if finding.verdict is not Verdict.UNKNOWN or unknown is None:
        return finding
    return replace(finding, verdict=Verdict.OPEN if unknown == "open" else Verdict.FROZEN, assumed=True)


def keys_of(names: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The keys in these variables of the environment; one that is unset or blank is none."""
    return tuple(value for name in names if (value := environ.get(name, "").strip()))


def words(finding: Finding) -> str:
    """The answer for the log of a pipeline: every line begins with a word of ours, whatever others wrote."""
    head = finding.verdict.name.lower()
    said = f"{head}, because --unknown says so; it is unknown: {finding.why}" if finding.assumed else (
        f"{head}: {finding.why}"
    )  # fmt: skip
    lines = [said]
    if finding.document is not None and finding.document.state == "frozen":
        lines.append(f"frozen by {finding.document.by} in profile {finding.document.profile}")
        lines += [f"let through: {each.what}: {each.reason}" for each in finding.document.overrides]
    return "\n".join(SafeText(line, WORDS).line for line in lines)


def as_json(finding: Finding) -> dict[str, Any]:
    """The answer for a program: `document` is null when there is none to be believed."""
    document = finding.document
    return {
        "state": finding.verdict.name.lower(),
        "exit": int(finding.verdict),
        "why": finding.why,
        "assumed": finding.assumed,
        "document": None if document is None else {
            "profile": document.profile,
            "state": document.state,
            "scope": list(document.scope),
            "reason": document.reason,
            "by": document.by,
            "until": iso(document.until) if document.until else None,
            "published_at": iso(document.published_at),
            "valid_until": iso(document.valid_until),
            "overrides": [{"what": each.what, "reason": each.reason} for each in document.overrides],
        },
    }  # fmt: skip
