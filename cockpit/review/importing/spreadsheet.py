"""A timeline as CSV, with commas, semicolons, tabs or bars between its columns."""

from __future__ import annotations

import csv
import io

from cockpit.review.importing import columns
from cockpit.review.importing.columns import Columns
from cockpit.review.importing.files import MAX_BYTES, unusable
from cockpit.review.importing.sheet import Sheet

_BETWEEN = ",;\t|"


def sheet_of(text: str, path: str) -> Sheet:
    """The file as entries; ConfigError with the line that is no CSV."""
    sheet = Sheet(path)
    first = next((line for line in text.split("\n") if line.strip()), "")
    between = max(_BETWEEN, key=first.count)
    # Cells are as long as the file may be: the module's own limit would end in the middle.
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    records: list[tuple[list[str], int]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((cells, line))
            line = reader.line_num + 1
    except csv.Error as error:
        raise unusable(path, f"is not CSV: {error}", line=line) from None
    heads = Columns(records[0][0]) if records and not columns.begins_with_time(records[0][0]) else None
    if heads is not None and heads.known:
        sheet.rows += [heads.row(cells, at) for cells, at in records[1:]]
    else:
        sheet.rows += [columns.headless(cells, at) for cells, at in records]
    return sheet
