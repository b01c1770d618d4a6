"""From what a config says to something that can be asked: where a new kind of source is plugged in."""

from __future__ import annotations

from cockpit.changes.command import Printed
from cockpit.changes.feed import Feed
from cockpit.changes.git import Clone
from cockpit.changes.github import GitHub
from cockpit.changes.gitlab import GitLab
from cockpit.changes.source import Source, Tools
from cockpit.changes.store import Store
from cockpit.changes.watched import WatchedFile
from cockpit.config.sources import (
    ChangeSource,
    CommandSource,
    FeedSource,
    FileSource,
    GitHubSource,
    GitLabSource,
    GitSource,
    StoreSource,
)


def make(config: ChangeSource, tools: Tools) -> Source:
    """The source that a config describes; what it lacks it says when it is asked."""
    match config:
        case FeedSource():
            return Feed(config, tools)
        case FileSource():
            return WatchedFile(config, tools)
        case GitSource():
            return Clone(config, tools)
        case GitHubSource():
            return GitHub(config, tools)
        case GitLabSource():
            return GitLab(config, tools)
        case CommandSource():
            return Printed(config, tools)
        case StoreSource():
            return Store(config, tools)
