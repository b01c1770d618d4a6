"""A command that has others below it and does something by itself too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


class Grouped(click.Group):
    """Commands by name, and the one that is meant when none of them is named: `report INC-3` beside `report import`."""

    by_itself: click.Command | None = None

    def alone(self, **attrs: Any) -> Callable[[Callable[..., Any]], click.Command]:
        """Make the decorated function what the group does by itself; its help is the group's."""

        def take(function: Callable[..., Any]) -> click.Command:
            self.by_itself = click.command(self.name, click.Command, **attrs)(function)
            return self.by_itself

        return take

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of the group, or that of what it does by itself."""
        if self.by_itself is None or (args and args[0] in self.commands):
            return super().make_context(info_name, args, parent, **extra)
        return self.by_itself.make_context(info_name, args, parent, **extra)
