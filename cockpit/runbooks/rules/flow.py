"""The way through the steps: their ids, where a choice leads, and what nobody can come to."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.config.yaml import Steps
from cockpit.runbooks.model.steps import ChooseOption
from cockpit.runbooks.rules.book import Book, Finding, nearest

SECTIONS = ("contain", "verify", "reconcile", "follow_up")


def check(book: Book) -> Iterator[Finding]:
    """Ids, targets of choices, steps that cannot be reached, titles and sections."""
    yield from _ids(book)
    yield from _targets(book)
    yield from _unreachable(book)
    yield from _titles(book)
    yield from _sections(book)


def _ids(book: Book) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for place, (step, part) in enumerate(zip(book.steps, book.parts, strict=True)):
        at: Steps = ("steps", place)
        rungs = {f"{step.id}.{rung.id}": (*at, "ladder", "rungs", number, "id")
                 for number, rung in enumerate(step.ladder.rungs or () if step.ladder else ())}  # fmt: skip
        told: set[str] = set()
        for step_id in (step.id, *(each for inner in part for each in inner.ids if each != step.id)):
            if step_id and step_id in taken and step_id not in told:
                told.add(step_id)
                message = f"{step_id} is the id of {taken[step_id]} already"
                yield Finding("duplicate-id", rungs.get(step_id, (*at, "id")), message, "give it another")
            taken.setdefault(step_id, f"step {place + 1}")


def _targets(book: Book) -> Iterator[Finding]:
    places = book.places
    whole = {step.id for part in book.parts for step in part} | {step.id for step in book.steps}
    for place, number, option in _options(book):
        at = ("steps", place, "choose", "options", number)
        for index, target in enumerate(option.skip):
            if target not in places:
                if book.sure(target):
                    message = f"there is no step {target}"
                    yield Finding("unknown-step", (*at, "skip", index), message, nearest(target, places))
            elif places[target] <= place:
                message = f"{target} does not come after this choice"
                yield Finding("skip-backwards", (*at, "skip", index), message, "move it, or remove it here")
        if option.goto is None:
            continue
        if option.goto not in whole:
            if book.sure(option.goto):
                message = f"there is no step {option.goto}"
                yield Finding("unknown-step", (*at, "goto"), message, nearest(option.goto, whole))
        elif option.goto in option.skip:
            yield Finding("unreachable", (*at, "goto"), f"{option.goto} is skipped by the same option", "remove one")
        elif places[option.goto] == place:
            yield Finding("unreachable", (*at, "goto"), "goes to this very decision", "name another step")


def _unreachable(book: Book) -> Iterator[Finding]:
    """Where a step could not be read, anything may be reached from there."""
    if book.unsure:
        return
    places = book.places
    gotos = {place: [option.goto for option in step.choose.options] if step.choose else [None]
             for place, step in enumerate(book.steps)}  # fmt: skip
    reached: set[int] = set()
    ahead = [0]
    while ahead:
        place = ahead.pop()
        if place not in reached and place < len(book.steps):
            reached.add(place)
            ahead += [places.get(target, place + 1) if target else place + 1 for target in gotos[place]]
            # A choice within an included file may lead anywhere within it, and then goes on.
    for place, step in enumerate(book.steps):
        if place not in reached:
            message = f"{step.id} is never come to: every option before it leads elsewhere"
            yield Finding("unreachable", ("steps", place), message, "let an option lead here, or remove it")
    if any(target for found in gotos.values() for target in found):
        return
    for step in book.steps:
        if step.choose is not None:
            for target in sorted(set.intersection(*(set(option.skip) for option in step.choose.options))):
                if target in places and target == book.steps[places[target]].id:
                    message = f"{target} is never come to: every option of {step.id} skips it"
                    yield Finding("unreachable", ("steps", places[target]), message, "remove it, or let an option be")


def _options(book: Book) -> Iterator[tuple[int, int, ChooseOption]]:
    for place, step in enumerate(book.steps):
        for number, option in enumerate(step.choose.options if step.choose else ()):
            yield place, number, option


def _titles(book: Book) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for place, step in enumerate(book.steps):
        title = step.title.strip().casefold()
        if title in first and title:
            message = f"{first[title]} has the same title: on screen nobody can tell them apart"
            yield Finding("duplicate-title", ("steps", place, "title"), message, "say what is different")
        first.setdefault(title, step.id)


def _sections(book: Book) -> Iterator[Finding]:
    highest = 0
    for place, step in enumerate(book.steps):
        if step.section is None:
            continue
        rank = SECTIONS.index(step.section)
        if rank < highest:
            message = f"{step.section} comes after {SECTIONS[highest]}"
            yield Finding("section-order", ("steps", place, "section"), message, f"the order is {', '.join(SECTIONS)}")
        highest = max(highest, rank)
