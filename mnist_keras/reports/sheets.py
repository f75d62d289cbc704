"""CSV files that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Iterable, Sequence

from mnist_keras.reports.text import clean

# A spreadsheet takes a cell that begins with one of these for a formula; the wide ones in Japan.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LONGEST = 30_000  # characters; a cell of Excel's holds 32,767


def text_cell(text: str) -> str:
    """Make a cell of text: one line, and an apostrophe before what looks like a formula."""
    text = clean(text, LONGEST)
    return f"'{text}" if text.startswith(FORMULA) else text


def sheet(rows: Iterable[Sequence[str]]) -> str:
    """Write rows of cells as CSV, a line feed after each."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
