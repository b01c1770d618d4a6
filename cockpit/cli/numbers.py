"""Numbers as options take them."""

from __future__ import annotations

import math
from typing import Any

import click


class Between(click.FloatRange):
    """A number within bounds. "nan" is none: it is neither above nor below any."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number
