"""Where a freeze is published, so that pipelines which cannot reach this host obey it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from cockpit.config.fields import Deadline, EnvReference, Strict, Url


class PublishFile(Strict):
    """A file, replaced as a whole."""

    type: Literal["file"]
    path: str = Field(min_length=1)


class PublishPut(Strict):
    """An HTTP PUT of the document."""

    type: Literal["put"]
    url: Url
    headers: dict[str, str | EnvReference] = {}
    timeout: Deadline = 10.0


class PublishGit(Strict):
    """A branch of a repository that holds nothing but the document; `remote` is pushed to when given."""

    type: Literal["git"]
    path: str = Field(min_length=1)
    branch: str = Field(default="freeze", pattern=r"^[A-Za-z0-9_][A-Za-z0-9._/-]*$")
    file: str = Field(default="freeze.json", pattern=r"^[A-Za-z0-9_.][A-Za-z0-9._-]*$")
    remote: str | None = Field(default="origin", pattern=r"^[^-\s]\S*$")
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

    @model_validator(mode="after")
    def _believed_until_the_next(self) -> FreezeConfig:
        if self.valid_for < 2 * self.every:
            raise ValueError("valid_for must be at least twice every: else one late publication makes it unknown")
        return self
