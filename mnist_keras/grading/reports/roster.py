"""Who the learners are in the learning platform: a roster that an instructor exports or writes."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Mapping
from pathlib import Path

from mnist_keras.errors import CourseError

COLUMNS = ("learner", "id", "sis_user_id", "sis_login_id", "section", "email")
Roster = Mapping[str, Mapping[str, str]]


def read_roster(path: Path) -> dict[str, dict[str, str]]:
    """Read a CSV file with the columns learner, id, sis_user_id, sis_login_id, section, email.

    Parameters
    ----------
    path
        The file (UTF-8). ``learner``, the name as the grades have it, is needed; the other columns
        and their cells may be missing. ``id`` is Canvas's number or Moodle's "Participant 123".

    Returns
    -------
    dict
        For each learner the other columns by name.

    Raises
    ------
    CourseError
        If the file cannot be read, a column is unknown, or a learner is missing or named twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CourseError(f"the roster {path} cannot be read: {reason}") from error
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise CourseError(f"the roster {path} is no CSV file: {error}") from error
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    _check_header(path, header)
    roster: dict[str, dict[str, str]] = {}
    for line, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            raise CourseError(
                f"the roster {path} has {len(cells)} cells in row {line}, but {len(header)} columns"
            )
        entry = dict.fromkeys(COLUMNS, "")
        entry.update(zip(header, (cell.strip() for cell in cells), strict=False))
        learner = entry.pop("learner")
        if not learner:
            raise CourseError(f"the roster {path} names no learner in row {line}")
        if learner in roster:
            raise CourseError(f"the roster {path} names {learner!r} twice, again in row {line}")
        roster[learner] = entry
    return roster


def _check_header(path: Path, header: list[str]) -> None:
    for column in header:
        if column not in COLUMNS:
            near = difflib.get_close_matches(column, COLUMNS, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(COLUMNS)}"
            raise CourseError(f"the roster {path} has an unknown column {column!r}{hint}")
        if header.count(column) > 1:
            raise CourseError(f"the roster {path} has the column {column} twice")
    if "learner" not in header:
        raise CourseError(f"the roster {path} lacks the column learner")
