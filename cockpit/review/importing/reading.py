"""A file from outside, whatever kind it is, as a sheet."""

from __future__ import annotations

from pathlib import Path

from cockpit.review.importing import archive, files, markdown, slack, spreadsheet
from cockpit.review.importing.files import unusable
from cockpit.review.importing.sheet import MAX_ROWS, Sheet
from cockpit.review.sealing import SEALED


def read(path: Path) -> Sheet:
    """The file's entries, sections and facts; ConfigError with everything that makes it unusable."""
    sheet = _read(path)
    if len(sheet.rows) > MAX_ROWS:
        raise unusable(str(path), f"holds more than {MAX_ROWS:,} entries", "split it")
    if not sheet.rows and not sheet.sections and not sheet.actions:
        raise unusable(str(path), "holds nothing to import")
    return sheet


def _read(path: Path) -> Sheet:
    name = str(path)
    if path.is_dir():
        return slack.sheet_of(archive.directory(path), name)
    match path.suffix.lower():
        case ".zip":
            return slack.sheet_of(archive.packed(path), name)
        case ".json":
            beside = path.with_name(slack.USERS)
            days = {name: files.text(files.raw(path), name)}
            for users in (beside, path.parent.parent / slack.USERS):
                if users.is_file() and users != path:
                    days.setdefault(str(users), files.text(files.raw(users), str(users)))
                    break
            return slack.sheet_of(days, name)
        case ".csv" | ".tsv":
            return spreadsheet.sheet_of(files.text(files.raw(path), name), name)
        case _:
            text = files.text(files.raw(path), name)
            if SEALED in text:
                raise unusable(name, "is a report of the cockpit already", "import what it was made of")
            return markdown.sheet_of(text, name)
