"""What a model finds wrong, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cockpit.config.fields import ENDPOINT, ENV_NAME, INSTANCE, NAME, STATUS_CLASS, URL

_SHAPES = {
    NAME: "must be lower-case letters, digits, `.`, `_` and `-`, at most 63",
    ENV_NAME: "must be the name of an environment variable",
    URL: "must be an address such as http://host/path",
    ENDPOINT: "must be a host and a port, as in db.internal:5432",
    INSTANCE: "must be a host or an address, with a port where it is not the url's own",
    STATUS_CLASS: "must be a class such as 2xx",
}
_KINDS = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list (lines that begin with `- `)",
    "list_type": "must be a list (lines that begin with `- `)",
    "dict_type": "must be a mapping (lines of `key: value`)",
    "model_type": "must be a mapping (lines of `key: value`)",
    "model_attributes_type": "must be a mapping (lines of `key: value`)",
    "missing": "is missing",
    "extra_forbidden": "unknown key",
}


def words(kind: str, message: str, context: Mapping[str, Any], value: Any) -> str:
    """One of pydantic's errors as a sentence about the field, without repeating a value that may be a secret."""
    if kind in _KINDS:
        said = _KINDS[kind]
        quotes = " (quote it)" if kind == "string_type" and isinstance(value, bool | int | float) else ""
        return f"{said}, not {_shape(value)}{quotes}" if kind.endswith("_type") else said
    match kind:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be {context['expected']}"
        case "string_pattern_mismatch":
            return _SHAPES.get(str(context["pattern"]), f"must look like {context['pattern']}")
        case "string_too_short":
            return "must not be empty"
        case "string_too_long":
            return f"must be at most {context['max_length']} characters"
        case "too_short":
            return f"needs at least {context['min_length']}"
        case "too_long":
            return f"may have at most {context['max_length']}"
        case "greater_than":
            return f"must be more than {context['gt']:g}"
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}"
    return message


def _shape(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case dict():
            return "a mapping"
    return "a list"
