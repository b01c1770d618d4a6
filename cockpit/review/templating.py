"""Templates of reports: ours by name, and those of people, in a sandbox that gives them data and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.compiler import CodeGenerator
from jinja2.nodes import Concat
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from pydantic import BaseModel

from cockpit.config.problems import ConfigError, Problem
from cockpit.review import tables
from cockpit.review.acts import acts
from cockpit.review.blocks import rate
from cockpit.review.marking import escape, marked
from cockpit.review.model import Report
from cockpit.review.parts import BY_NAME, GUIDE, block

DEFAULT = "cockpit"
SUFFIX = ".md.j2"
_ABOUT = re.compile(r"\{#-?\s*(.*?)\s*-?#\}", re.DOTALL)


class _Codes(CodeGenerator):
    """Of two texts put together with `~` each is escaped as Markdown, not as HTML."""

    def visit_Concat(self, node: Concat, frame: Any) -> None:  # noqa: N802
        self.write("environment.tied((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class _Markdown(ImmutableSandboxedEnvironment):
    """Whatever a template puts out is escaped as Markdown, unless it is a section or a part of ours."""

    code_generator_class = _Codes
    intercepted_binops = frozenset({"+", "%", "*"})

    def __init__(self, folder: str | None) -> None:
        own = [FileSystemLoader(folder)] if folder is not None else []
        super().__init__(
            loader=ChoiceLoader([DictLoader(_bundled()), *own]),
            autoescape=True,
            finalize=_marked,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.filters["join"] = _join
        self.filters["stamp"] = _stamp
        self.filters["rate"] = rate

    def tied(self, parts: Iterable[Any]) -> Markup:
        """The parts in a row, escaped."""
        return Markup("".join(_marked(part) for part in parts))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Of a part of the document its fields only: its methods could read files."""
        if isinstance(obj, BaseModel):
            return attr in type(obj).model_fields
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, Markup) or isinstance(right, Markup):
            if operator == "+":
                return self.tied((left, right))
            raise TypeError(f"`{operator}` does not work on a section; put it out as it is")
        return super().call_binop(context, operator, left, right)


def names() -> Mapping[str, str]:
    """Our templates by name, each with what it is for."""
    return {name: _about(text) for name, text in _bundled().items() if not name.startswith("_")}


def render(report: Report, template: str = DEFAULT, token: str = "") -> str:
    """The report by one of our templates, as Markdown.

    With a `token` a computed section is only a paragraph that names it, `token.name`, and a part of people's own
    `token.yours-name`: so a page puts them in itself, and what somebody left open in one part ends with it.
    """
    env = _Markdown(None)
    return _tidy(env.get_template(template).render(_offered(report, token)))


def render_by(report: Report, text: str, path: str, folder: str, token: str = "") -> str:
    """The same by a template of somebody's own; ConfigError names the file and the line that is wrong.

    It may extend or include ours by their names, and files beside it.
    """
    env = _Markdown(folder)
    try:
        code = env.compile(text, None, path)
        return _tidy(env.template_class.from_code(env, code, env.make_globals(None)).render(_offered(report, token)))
    except TemplateSyntaxError as error:
        raise ConfigError([Problem(error.filename or path, error.lineno, 1, "", error.message or "")]) from None
    except RecursionError:
        raise ConfigError([Problem(path, 0, 0, "", "it includes or calls itself without end")]) from None
    except MemoryError:
        raise ConfigError([Problem(path, 0, 0, "", "it needs more memory than a template gets")]) from None
    except Exception as error:
        # Whatever a template of somebody's own may raise: it is a mistake in the template.
        line = _line_of(error, path)
        raise ConfigError([Problem(path, line, 1 if line else 0, "", _words(error))]) from None


def _words(error: Exception) -> str:
    said = " ".join(str(error).split())
    return f"there is no template {said}" if isinstance(error, TemplateNotFound) else said or type(error).__name__


class _Sections(Mapping[str, Markup]):
    """The computed sections by name, each made when it is asked for."""

    def __init__(self, report: Report, token: str) -> None:
        self._report = report
        self._token = token

    def __getitem__(self, name: str) -> Markup:
        section = tables.SECTIONS[name]
        return Markup(f"\n\n{self._token}.{name}\n\n" if self._token else marked(section(self._report)))

    def __iter__(self) -> Iterator[str]:
        return iter(tables.SECTIONS)

    def __len__(self) -> int:
        return len(tables.SECTIONS)


def _offered(report: Report, token: str) -> dict[str, Any]:
    """What a template can use: the document, its computed sections, and the parts that people write."""
    return {
        "report": report,
        "acts": acts(report),
        "section": _Sections(report, token),
        "yours": {
            name: Markup(f"\n\n{token}.yours-{name}\n\n" if token else block(report.human, name)) for name in BY_NAME
        },
        "guide": Markup("" if token else GUIDE),
    }


def _marked(value: Any) -> Markup:
    return value if isinstance(value, Markup) else Markup("" if value is None else escape(str(value)))


def _join(values: Iterable[Any], between: str = "") -> Markup:
    return _marked(between).join([_marked(value) for value in values])


def _stamp(at: Any, form: str = "%Y-%m-%d %H:%M") -> str:
    return at.strftime(form) if isinstance(at, datetime) else "n/a"


def _tidy(text: str) -> str:
    """One empty line between two blocks, and one line end at the end."""
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip("\n") + "\n"


def _line_of(error: BaseException, path: str) -> int:
    """The line of the template in which it happened, 0 where that cannot be told."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


@cache
def _bundled() -> Mapping[str, str]:
    folder = resources.files("cockpit.review") / "templates"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(SUFFIX)), key=lambda file: file.name)
    return {file.name.removesuffix(SUFFIX): file.read_text("utf-8") for file in files}


def _about(text: str) -> str:
    found = _ABOUT.match(text)
    return found[1] if found else ""
