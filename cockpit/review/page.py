"""The report as one page of HTML that needs nothing else: no script, no address. Pure, from the document alone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from markdown_it import MarkdownIt

from cockpit.review import tables
from cockpit.review.blocks import NOTHING, Block, Bullets, Strong, Table, escaped_rows, number
from cockpit.review.charts.canvas import span, words, words_of_each
from cockpit.review.charts.ladder import ladder
from cockpit.review.charts.lanes import lanes
from cockpit.review.charts.rates import rates
from cockpit.review.charts.told import told
from cockpit.review.keeping import GENERATOR
from cockpit.review.model import Report
from cockpit.review.parts import written

_HEAD = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
_SECTION = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
_UNWRITTEN = re.compile(r"<em>Nobody has written this yet: (.*?)</em>", re.DOTALL)
_TILES = (
    ("impact_start", "mitigated", "from impact to mitigated"),
    ("mitigated", "verified", "from mitigated to verified"),
    ("declared", "first_update_by_person", "from declared to the first word"),
    ("declared", "resolved", "from declared to resolved"),
)


def render(report: Report, text: str, token: str) -> str:
    """The page of a report whose Markdown is `text`, in which each computed section is named by the token."""
    body = _markdown().render(text)
    body = re.sub(rf"<p>{token}\.yours-(\w+)</p>", lambda found: _yours(report, found[1]), body)
    body = _UNWRITTEN.sub(r'<span class="unwritten">not written yet: \1</span>', body)
    head, rest = _headed(body)
    # What is computed comes last: it may be long, and has no headings.
    computed = re.sub(rf"<p>{token}\.(\w+)</p>", lambda found: _section(report, found[1]), _numbered(rest))
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">\n"
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{GENERATOR}\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{words(report.header.title or report.header.id)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#report">To the report</a>\n<header>{_top(report, head)}</header>\n'
        f'<main id="report">\n{_glance(report)}{computed}</main>\n'
        f"<footer>Report of {words(report.header.id)}, computed from its record on "
        f"{report.header.generated_at:%Y-%m-%d %H:%M:%S} {words(report.header.zone)}.</footer>\n</body>\n</html>\n"
    )


def _headed(body: str) -> tuple[str, str]:
    found = _HEAD.search(body)
    return (found[1], body[: found.start()] + body[found.end() :]) if found else ("", body)


def _top(report: Report, head: str) -> str:
    header = report.header
    kind = f"drill {header.drill}" if header.kind == "drill" else header.kind
    badges = [header.id, kind, header.severity, header.status]
    shown = "".join(f'<li class="b{number}">{words(badge)}</li>' for number, badge in enumerate(badges) if badge)
    return f'<ul class="badges">{shown}</ul><h1>{head or words(header.id)}</h1>'


def _glance(report: Report) -> str:
    """The figures and the pictures."""
    over = span(report)
    if over is None:
        return ""
    pictures = [
        ("Error rate", rates(report, over)),
        ("Each probe", lanes(report, over)),
        ("What was tried", ladder(report)),
        ("What was told", told(report, over)),
    ]
    figures = "".join(
        f"<figure><figcaption>{title}</figcaption>{picture}</figure>" for title, picture in pictures if picture
    )
    return f'<section class="glance" aria-label="At a glance">{_tiles(report)}{figures}</section>\n'


def _tiles(report: Report) -> str:
    known = {(one.start, one.end): one.minutes for one in report.intervals}
    rows = [(f"{report.impact.peak * 100:.0f} %", "at its peak")] if report.impact.peak is not None else []
    rows.append((number(report.impact.impact_minutes), "impact-minutes"))
    for start, end, name in _TILES:
        minutes = known.get((start, end))
        if minutes is not None:
            rows.append((f"{minutes:g} min", name))
    rows.append((str(len(report.communications.missed)), "updates missed"))
    return f'<dl class="tiles">{"".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for value, name in rows)}</dl>'


def _numbered(body: str) -> str:
    """Headings one can be sent to, and a list of them."""
    names: list[str] = []

    def named(found: re.Match[str]) -> str:
        names.append(found[1])
        return f'<h2 id="s{len(names)}">{found[1]}</h2>'

    told = _SECTION.sub(named, body)
    links = "".join(f'<li><a href="#s{number}">{name}</a></li>' for number, name in enumerate(names, 1))
    return f'<nav aria-label="Sections"><ol>{links}</ol></nav>\n{told}'


def _yours(report: Report, part: str) -> str:
    return str(_markdown().render(written(report.human, part)))


def _section(report: Report, name: str) -> str:
    section = tables.SECTIONS.get(name)
    return "".join(_blocks(section(report))) if section is not None else ""


def _blocks(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        match block:
            case Table(columns=columns):
                heads = "".join(f'<th scope="col">{words(column)}</th>' for column in columns)
                rows = escaped_rows(block, _cells, _ours)
                lines = "".join([f"<tr><td>{'</td><td>'.join(row)}</td></tr>\n" for row in rows])
                yield (
                    f'<div class="scroll" tabindex="0" role="group"><table class="c{len(columns)}">'
                    f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
                )
            case Bullets(items=items):
                yield f"<ul>{''.join(f'<li>{words(item)}</li>' for item in items)}</ul>"
            case _:
                yield f"<p>{words(block)}</p>"


def _ours(cell: str) -> str:
    return f"<strong>{words(cell)}</strong>" if isinstance(cell, Strong) else cell


def _cells(cells: Sequence[str]) -> list[str]:
    said = zip(cells, words_of_each(cells), strict=True)
    return [told if cell and cell != NOTHING else f'<span class="nothing">{NOTHING}</span>' for cell, told in said]


@cache
def _markdown() -> MarkdownIt:
    """People's own Markdown, without HTML of theirs and without pictures from elsewhere."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@cache
def _style() -> str:
    return (resources.files("cockpit.review") / "templates" / "page.css").read_text("utf-8")
