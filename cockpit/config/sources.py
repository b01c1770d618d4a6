"""Where changes are learnt from, as a config describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from cockpit.config.fields import Deadline, EnvName, EnvReference, Name, Strict, Url


class BaseSource(Strict):
    """How often to ask; `service` is named for changes that name none themselves."""

    name: Name
    interval: Deadline = 30.0
    timeout: Deadline = 5.0
    service: Name | None = None


class FeedSource(BaseSource):
    """An HTTP address that answers with a JSON list of recent changes."""

    type: Literal["feed"] = "feed"
    url: Url
    headers: dict[str, str | EnvReference] = {}
    interval: Deadline = 15.0
    timeout: Deadline = 3.0


class FileSource(BaseSource):
    """A file in which pipelines leave marks: one JSON object a line, or the feed's document."""

    type: Literal["file"]
    path: str
    interval: Deadline = 5.0


class GitPath(Strict):
    """A part of a repository: what changes below `path` belongs to `service`; `tags` is a pattern such as `shop-*`."""

    service: Name
    path: str | None = None
    tags: str | None = None

    @model_validator(mode="after")
    def _something(self) -> GitPath:
        if self.path is None and self.tags is None:
            raise ValueError("needs a path, tags, or both")
        return self


class GitSource(BaseSource):
    """A local clone. It is read as it is; with `fetch` the remote is asked first."""

    type: Literal["git"]
    path: str
    branch: str = "HEAD"
    fetch: bool = False
    services: tuple[GitPath, ...] = ()
    interval: Deadline = 60.0
    timeout: Deadline = 20.0


class GitHubSource(BaseSource):
    """Deployments and the queue of workflow runs of a GitHub repository."""

    type: Literal["github"]
    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")]
    environment: str | None = None
    token: EnvReference
    url: Url = "https://api.github.com"
    interval: Deadline = 60.0
    timeout: Deadline = 10.0


class GitLabSource(BaseSource):
    """Deployments and the queue of pipelines of a GitLab project, by its path or number."""

    type: Literal["gitlab"]
    project: str = Field(min_length=1)
    environment: str | None = None
    token: EnvReference
    url: Url = "https://gitlab.com/api/v4"
    interval: Deadline = 60.0
    timeout: Deadline = 10.0


class CommandSource(BaseSource):
    """A command whose output is a feed document, `kubectl get deployments -o json` or `argocd app list -o json`."""

    type: Literal["command"]
    argv: tuple[str, ...] = Field(min_length=1)
    format: Literal["feed", "kubernetes", "argocd"] = "feed"
    env: tuple[EnvName, ...] = ()
    interval: Deadline = 60.0
    timeout: Deadline = 20.0


class StoreSource(BaseSource):
    """A config store over HTTP: a JSON document, or Consul's `/v1/kv/...?recurse`.

    Each key that differs from one look to the next is a change.
    """

    type: Literal["store"]
    url: Url
    format: Literal["json", "consul"] = "json"
    headers: dict[str, str | EnvReference] = {}
    show_values: bool = False
    interval: Deadline = 15.0
    timeout: Deadline = 3.0


def _type(raw: Any) -> str:
    found = raw.get("type", "feed") if isinstance(raw, dict) else getattr(raw, "type", "feed")
    return f"a {found} source"


ChangeSource = Annotated[
    Annotated[FeedSource, Tag("a feed source")]
    | Annotated[FileSource, Tag("a file source")]
    | Annotated[GitSource, Tag("a git source")]
    | Annotated[GitHubSource, Tag("a github source")]
    | Annotated[GitLabSource, Tag("a gitlab source")]
    | Annotated[CommandSource, Tag("a command source")]
    | Annotated[StoreSource, Tag("a store source")],
    Discriminator(
        _type,
        custom_error_type="source_type",
        custom_error_message="type must be one of feed, file, git, github, gitlab, command, store",
    ),
]
"""Any source of changes; without a `type` it is an HTTP feed."""
