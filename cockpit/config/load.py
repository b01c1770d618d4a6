"""From the text of a file to a typed model, or to everything that is wrong with it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cockpit.config import yaml
from cockpit.config.problems import ConfigError, Problem
from cockpit.config.words import words
from cockpit.config.yaml import Document, Steps

AnyModel = TypeVar("AnyModel", bound=BaseModel)

MAX_MENDS = 200
"""Unknown keys for which the nearest known one is looked for: it takes a while, and nobody reads more."""

_RULES = {"extra_forbidden": "unknown-key", "missing": "missing-key"}


def read(path: Path, model: type[AnyModel]) -> AnyModel:
    """The model in a file; `ConfigError` with every problem otherwise."""
    return parse(decode(content(path), str(path)), str(path), model)


def parse(text: str, path: str, model: type[AnyModel]) -> AnyModel:
    """The model in a text, which came from `path`; `ConfigError` with every problem otherwise."""
    return build(yaml.load(text, path), model)


def build(document: Document, model: type[AnyModel]) -> AnyModel:
    """The model in a document; `ConfigError` with every problem of text and model otherwise."""
    problems = list(document.problems)
    if document.whole and document.data is None and not problems:
        problems.append(Problem(document.path, 0, 0, "", "the file is empty"))
    if not document.whole or document.data is None:
        raise ConfigError(problems)
    try:
        # Through JSON, so that a list is taken for a tuple while nothing else is coerced.
        built = model.model_validate_json(json.dumps(document.data))
    except ValidationError as error:
        blamed = {problem.place for problem in problems}
        found = _problems(document, error.errors(include_url=False), schema(model))
        problems.extend(problem for problem in found if problem.place not in blamed)
    if problems:
        raise ConfigError(problems)
    return built


@cache
def schema(model: type[BaseModel]) -> Mapping[str, Any]:
    """The JSON Schema of a model, for editors. It takes a while to make, and is made once."""
    return model.model_json_schema()


def content(path: Path) -> bytes:
    """The bytes of a regular file; `ConfigError` when there is none to read."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise _unusable(path, "is a directory", "name the file in it")
        if not stat.S_ISREG(mode):
            raise _unusable(path, "is not a regular file")
        with open(path, "rb") as file:
            return file.read(yaml.MAX_BYTES + 1)
    except FileNotFoundError:
        raise _unusable(path, "there is no such file") from None
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from None


def decode(raw: bytes, path: str) -> str:
    """The bytes as UTF-8; `ConfigError` with the line that is not."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if len(raw) > yaml.MAX_BYTES:
            return raw.decode(errors="replace")
        line = raw.count(b"\n", 0, error.start) + 1
        column = len(raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start].decode()) + 1
        raise ConfigError([Problem(path, line, column, "", "is not UTF-8", "save it as UTF-8")]) from None


def _unusable(path: Path, message: str, mend: str = "") -> ConfigError:
    return ConfigError([Problem(str(path), 0, 0, "", message, mend)])


def _problems(document: Document, errors: Sequence[ErrorDetails], rules: Mapping[str, Any]) -> Iterator[Problem]:
    found: dict[Steps, list[ErrorDetails]] = {}
    for error in errors:
        found.setdefault(_steps(document.data, error), []).append(error)
    around = {steps[:length] for steps in found for length in range(len(steps))}
    strange = 0
    for steps, told in found.items():
        # A value that fits one form of several in part: only what is wrong with that form is of use. And a list
        # whose items are wrong counts as too short, for none of them could be taken.
        if steps in around and (_is_choice(steps, told) or all(error["type"] == "too_short" for error in told)):
            continue
        kinds = [words(error["type"], error["msg"], error.get("ctx", {}), error["input"]) for error in told]
        kind = told[0]["type"]
        place = document.at(steps[:-1] if kind == "missing" else steps, key=kind == "extra_forbidden")
        strange += kind == "extra_forbidden"
        mend = _nearest(rules, document.data, steps) if kind == "extra_forbidden" and strange <= MAX_MENDS else ""
        rule = _RULES.get(kind, "value")
        yield Problem(document.path, *place, yaml.dotted(steps), ", or ".join(dict.fromkeys(kinds)), mend, rule=rule)


def _steps(data: Any, error: ErrorDetails) -> Steps:
    """Where in the data an error is: pydantic also names the alternatives of a union, which are nowhere in it."""
    steps: list[str | int] = []
    location = error["loc"]
    for index, step in enumerate(location):
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif not (error["type"] == "missing" and index == len(location) - 1):
            continue
        steps.append(step)
    return tuple(steps)


def _is_choice(steps: Steps, told: Sequence[ErrorDetails]) -> bool:
    return all(len(error["loc"]) > len(steps) and error["type"].endswith("_type") for error in told)


def _nearest(rules: Mapping[str, Any], data: Any, steps: Steps) -> str:
    known = {name for form in _forms(rules, data, steps[:-1]) for name in form.get("properties", {})}
    close = get_close_matches(str(steps[-1]), sorted(known), n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]}?"
    return f"known here: {', '.join(sorted(known))}" if known else ""


def _forms(rules: Mapping[str, Any], data: Any, steps: Steps) -> list[Mapping[str, Any]]:
    """The schemas that may describe the value at the end of these steps."""
    forms = _meant(_plain(rules, rules), data)
    for step in steps:
        data = data[step]
        inner = [each for form in forms for within in _inside(form, step) for each in _plain(within, rules)]
        forms = _meant(inner, data)
    return forms


def _meant(forms: list[Mapping[str, Any]], value: Any) -> list[Mapping[str, Any]]:
    """Of several forms those whose fixed words, such as a `type`, and whose needed keys the value has."""
    if not isinstance(value, dict) or len(forms) < 2:
        return forms
    forms = [form for form in forms if form.get("type") == "object"]
    fixed = [form for form in forms if _has_words_of(form, value)]
    needed = [form for form in fixed if set(form.get("required", ())) <= value.keys()]
    return needed or fixed or forms


def _has_words_of(form: Mapping[str, Any], value: dict[str, Any]) -> bool:
    rules = form.get("properties", {})
    return all(value.get(name, rule.get("default")) == rule["const"] for name, rule in rules.items() if "const" in rule)


def _plain(form: Mapping[str, Any], rules: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "$ref" in form:
        return _plain(rules["$defs"][form["$ref"].rpartition("/")[2]], rules)
    choices = form.get("anyOf", form.get("oneOf"))
    return [form] if choices is None else [each for choice in choices for each in _plain(choice, rules)]


def _inside(form: Mapping[str, Any], step: str | int) -> list[Mapping[str, Any]]:
    inner = form.get("items") if isinstance(step, int) else form.get("properties", {}).get(step)
    if inner is None:
        # A mapping whose keys are names: the schema has one form for all of them.
        inner = next(iter(form.get("patternProperties", {}).values()), form.get("additionalProperties"))
    return [inner] if isinstance(inner, dict) else []
