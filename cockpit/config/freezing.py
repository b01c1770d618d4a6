"""Where a freeze is published, so that pipelines which cannot reach this host obey it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from cockpit.config.fields import Deadline, EnvReference, Strict, Url


class PublishFile(Strict):
    """A file, replaced as a whole."""

    type: Literal["file"]
    path: str


class PublishPut(Strict):
    """An HTTP PUT of the document."""

    type: Literal["put"]
    url: Url
    headers: dict[str, str | EnvReference] = {}
    timeout: Deadline = 10.0


class PublishGit(Strict):
    """A branch of a repository that holds nothing but the document; `remote` is pushed to when given."""

    type: Literal["git"]
    path: str
    branch: str = "freeze"
    file: str = "freeze.json"
    remote: str | None = "origin"
    timeout: Deadline = 30.0


def _type(raw: Any) -> str:
    found = raw.get("type", "") if isinstance(raw, dict) else getattr(raw, "type", "")
    return f"to a {found}"


Publish = Annotated[
    Annotated[PublishFile, Tag("to a file")]
    | Annotated[PublishPut, Tag("to a put")]
    | Annotated[PublishGit, Tag("to a git")],
    Discriminator(_type, custom_error_type="publish_type", custom_error_message="type must be one of file, put, git"),
]


class FreezeConfig(Strict):
    """`key` signs the document. It is published anew every `every`, and is not believed for longer than `valid_for`."""

    key: EnvReference | None = None
    publish: tuple[Publish, ...] = ()
    every: Deadline = 300.0
    valid_for: Deadline = 1800.0
    scopes: tuple[str, ...] = Field(default=("ci", "terraform", "flags", "config"), min_length=1)
