"""Five hundred files, each a little different from a good one: all are judged rightly, every mistake with a line."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cockpit.config import yaml as ours
from cockpit.runbooks.lint import lint
from tests.runbooks.samples import FULL, PART, RUNGS

LOGIN_FLAG = (Path(__file__).parents[2] / "runbooks" / "login-flag.yaml").read_text("utf-8")
SAMPLES = [ours.load(text, "sample.yaml").data for text in (FULL, PART, RUNGS, LOGIN_FLAG, RUNGS, PART)]
SEEDS = 20
"""Files of each kind of mutation."""

FREE = {"params", "env", "headers", "json", "outputs", "versions"}
"""Mappings whose keys are names that people choose."""
NEEDLESS = (
    "owners",
    "service",
    "lock",
    "broadcast",
    "role",
    "on_failure",
    "approve",
    "kill_grace",
    "timeout",
    "recovery",
)
NEEDED = ("version", "id", "title", "steps")
SURPRISES = ("no", "on", "1.10", "12:30", "0123", "1e3", "0x1f", "2026-11-21", "1_000", ".inf", "True", "~x: y: z")

Way = tuple[str | int, ...]


def _dump(data: Any, **options: Any) -> str:
    # Not the order of the alphabet, no line is folded.
    text: str = yaml.safe_dump(data, **{"sort_keys": False, "width": 100_000, "allow_unicode": True, **options})
    return text


def _ways(data: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    yield way, data
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from _ways(value, (*way, key))


def _set(data: Any, way: Way, value: Any) -> None:
    for key in way[:-1]:
        data = data[key]
    data[way[-1]] = value


def _pick(dice: random.Random, data: Any, fits: Callable[[Way, Any], bool]) -> tuple[Way, Any]:
    return dice.choice([(way, value) for way, value in _ways(data) if way and fits(way, value)])


def _word(way: Way, value: Any) -> bool:
    return isinstance(value, str)


def _line(dice: random.Random, text: str, pattern: str) -> tuple[list[str], int]:
    """The lines, and one of those that look so."""
    lines = text.split("\n")
    return lines, dice.choice([index for index, line in enumerate(lines) if re.search(pattern, line)])


def drop_a_needed_key(dice: random.Random, data: Any) -> str:
    steps = [step for step in data["steps"]]
    holder = dice.choice([data, *steps])
    key = dice.choice([key for key in NEEDED if key in holder])
    del holder[key]
    return _dump(data)


def drop_what_a_step_does(dice: random.Random, data: Any) -> str:
    step = dice.choice(data["steps"])
    for kind in ("manual", "command", "http", "wait", "choose", "ladder", "repeat", "escalate"):
        step.pop(kind, None)
    return _dump(data)


def rename_a_key(dice: random.Random, data: Any) -> str:
    way, holder = _pick(dice, {"": data}, lambda way, value: isinstance(value, dict) and way[-1] not in FREE)
    key = dice.choice(list(holder))
    holder[f"{key}z"] = holder.pop(key)
    return _dump(data)


def put_a_number_for_a_collection(dice: random.Random, data: Any) -> str:
    way, _ = _pick(dice, data, lambda way, value: isinstance(value, list | dict))
    _set(data, way, 7)
    return _dump(data)


def put_a_collection_for_a_word(dice: random.Random, data: Any) -> str:
    way, _ = _pick(dice, data, _word)
    _set(data, way, {"zzz": 1})
    return _dump(data)


def put_a_number_for_a_word(dice: random.Random, data: Any) -> str:
    way, _ = _pick(dice, data, _word)
    _set(data, way, 4711)
    return _dump(data)


def double_a_key(dice: random.Random, data: Any) -> str:
    lines, at = _line(dice, _dump(data), r"^ *(- )?[\w-]+: \S")
    lines.insert(at + 1, lines[at].replace("- ", "  ", 1) if lines[at].lstrip().startswith("- ") else lines[at])
    return "\n".join(lines)


def indent_with_a_tab(dice: random.Random, data: Any) -> str:
    lines, at = _line(dice, _dump(data), r"^ +[\w-]+:")
    lines[at] = "\t" + lines[at].lstrip()
    return "\n".join(lines)


def indent_badly(dice: random.Random, data: Any) -> str:
    whole = _dump(data)
    while True:
        lines, at = _line(dice, whole, r"\S")
        lines[at] = " " * dice.randint(1, 3) + lines[at]
        text = "\n".join(lines)
        try:
            yaml.safe_load(text)
        except yaml.YAMLError:
            return text


def truncate(dice: random.Random, data: Any) -> str:
    """Within the head, so that the steps are missing."""
    whole = _dump(data)
    return whole[: dice.randrange(1, whole.index("steps:") + 6)]


def escape_a_control(dice: random.Random, data: Any) -> str:
    way, value = _pick(dice, data, _word)
    _set(data, way, value + dice.choice(["\x1b[31m", "\x00", "\x07", "\u202e", "\x9b", "\u2028"]))
    return _dump(data)


def point_to_an_anchor(dice: random.Random, data: Any) -> str:
    text = _dump(data)
    lines, at = _line(dice, text, r"^ *(- )?[\w-]+: \S")
    lines[at] = lines[at].replace(": ", dice.choice([": &a ", ": !!str ", ": *a #"]), 1)
    return "\n".join(lines)


def nest_deeply(dice: random.Random, data: Any) -> str:
    lines, at = _line(dice, _dump(data), r"^ *(- )?[\w-]+: \S")
    deep = dice.choice([33, 500, 20_000])
    lines[at] = lines[at].partition(": ")[0] + ": " + "[" * deep + "]" * deep
    return "\n".join(lines)


def repeat_an_id(dice: random.Random, data: Any) -> str:
    steps = data["steps"]
    if len(steps) == 1:
        rungs = steps[0]["ladder"]["rungs"]
        rungs[0]["id"] = rungs[1]["id"]
    else:
        one, other = dice.sample(range(len(steps)), 2)
        steps[one]["id"] = steps[other]["id"]
    return _dump(data)


def swap_what_refers_to_each_other(dice: random.Random, data: Any) -> str:
    by_id = {step["id"]: step for step in data["steps"]}
    pairs = {
        "full": [("find", "scale"), ("find", "tell"), ("way", "scale")],
        "part": [("read", "act"), ("choice", "act")],
    }
    if data["id"] not in pairs:
        return rename_a_key(dice, data)
    one, other = dice.choice(pairs[data["id"]])
    by_id[one]["id"], by_id[other]["id"] = other, one
    return _dump(data)


def name_what_is_not_there(dice: random.Random, data: Any) -> str:
    named = {"param", "output", "chosen", "goto"}
    ways = [way for way, value in _ways(data) if isinstance(value, str) and way[-1] in named]
    if not ways:
        return drop_what_a_step_does(dice, data)
    _set(data, dice.choice(ways), "nothing.there")
    return _dump(data)


def surprise(dice: random.Random, data: Any) -> str:
    lines, at = _line(dice, _dump(data), r"^ *(- )?[\w-]+: \S")
    lines[at] = lines[at].partition(": ")[0] + ": " + dice.choice(SURPRISES)
    return "\n".join(lines)


def put_nothing(dice: random.Random, data: Any) -> str:
    return dice.choice(["", "\n", "# only this\n", "---\n", "--- {}\n--- {}\n", "[]", "7", "null", "\ufeff"])


BAD = (
    drop_a_needed_key, drop_what_a_step_does, rename_a_key, put_a_number_for_a_collection, put_a_collection_for_a_word,
    put_a_number_for_a_word, double_a_key, indent_with_a_tab, indent_badly, truncate, escape_a_control,
    point_to_an_anchor, nest_deeply, repeat_an_id, swap_what_refers_to_each_other, name_what_is_not_there, surprise,
    put_nothing,
)  # fmt: skip


def shuffle_keys(dice: random.Random, data: Any) -> str:
    for _, holder in list(_ways({"": data})):
        if isinstance(holder, dict):
            items = list(holder.items())
            dice.shuffle(items)
            holder.clear()
            holder.update(items)
    return _dump(data)


def add_comments(dice: random.Random, data: Any) -> str:
    lines = _dump(data, default_style='"').replace('"version": !!int "1"', "version: 1").split("\n")
    lines = [re.sub(r'!!(int|bool) "([^"]*)"', r"\2", line) for line in lines]
    for _ in range(10):
        lines.insert(dice.randrange(len(lines)), dice.choice(["", "# a comment: {", "      # another"]))
    return "\n".join(lines)


def write_in_flow(dice: random.Random, data: Any) -> str:
    return _dump(data, default_flow_style=dice.choice([True, None]))


def write_as_json(dice: random.Random, data: Any) -> str:
    return json.dumps(data, indent=dice.choice([None, 1, 4]))


def indent_otherwise(dice: random.Random, data: Any) -> str:
    return _dump(data, indent=dice.randint(2, 8))


def end_lines_otherwise(dice: random.Random, data: Any) -> str:
    return dice.choice(["", "\ufeff"]) + _dump(data).replace("\n", "\r\n")


def drop_a_needless_key(dice: random.Random, data: Any) -> str:
    ways = [way for way, _ in _ways(data) if way and way[-1] in NEEDLESS]
    if ways:
        *holder, key = dice.choice(ways)
        inside = data
        for each in holder:
            inside = inside[each]
        del inside[key]
    return _dump(data)


GOOD = (
    shuffle_keys, add_comments, write_in_flow, write_as_json, indent_otherwise, end_lines_otherwise,
    drop_a_needless_key,
)  # fmt: skip


def test_there_are_five_hundred() -> None:
    assert (len(BAD) + len(GOOD)) * SEEDS == 500


@pytest.mark.parametrize("mutate", BAD, ids=lambda mutate: mutate.__name__)
def test_a_bad_file_is_refused_with_a_line(mutate: Callable[[random.Random, Any], str]) -> None:
    for seed in range(SEEDS):
        text = mutate(random.Random(seed), copy.deepcopy(SAMPLES[seed % len(SAMPLES)]))
        runbook, problems = lint(text, "mutated.yaml")
        errors = [problem for problem in problems if problem.severity == "error"]
        assert runbook is None and errors, f"seed {seed}:\n{text}"
        empty = not text.strip("\ufeff\n-") or text.startswith("#") or text == "null"
        assert all(problem.line >= 1 for problem in errors) or empty, [str(problem) for problem in errors]
        assert all(problem.line <= text.count("\n") + 1 for problem in errors), [str(problem) for problem in errors]
        assert all(problem.rule for problem in errors) or empty


@pytest.mark.parametrize("mutate", GOOD, ids=lambda mutate: mutate.__name__)
def test_a_good_file_is_accepted(mutate: Callable[[random.Random, Any], str]) -> None:
    for seed in range(SEEDS):
        text = mutate(random.Random(seed), copy.deepcopy(SAMPLES[seed % len(SAMPLES)]))
        runbook, problems = lint(text, "mutated.yaml")
        assert runbook is not None, f"seed {seed}: {[str(problem) for problem in problems]}\n{text}"


def test_noise_never_ends_in_a_traceback() -> None:
    texts = (FULL, PART, RUNGS, LOGIN_FLAG)
    for seed in range(100):
        dice = random.Random(seed)
        text = texts[seed % len(texts)]
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(text))
            text = (
                text[:at] + dice.choice("{}[]:-,&*!|>'\"%@`#? \n\t\x00\u2028\ud800é1") + text[at + dice.randint(0, 2) :]
            )
        runbook, problems = lint(text, "noise.yaml")
        assert runbook is not None or any(problem.severity == "error" for problem in problems)
