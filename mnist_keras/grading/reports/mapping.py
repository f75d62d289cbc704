"""Who handed in what, before anything runs: the mapping of files to learners and exercises."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import Any

from mnist_keras.grading.submissions import Handins, Submission
from mnist_keras.reports.text import clean, columns, fitted, name_of, plural

LONGEST = 32  # columns of a name
MOST_OTHERS = 5  # files of a learner that are not graded
GAP, BELOW = "  ", "      "


def mapping_json(handins: Handins) -> str:
    """Write the mapping as JSON.

    An object with sorted keys, ASCII only: ``graded`` and ``not_graded``, each an array of objects
    with ``learner``, ``platform_id``, ``file``, ``problem`` (strings; a hand-in with a problem has
    a row in the grades, but no points), ``exercise`` (string, or null where it could not be told),
    ``modified`` (string by the local clock, or null) and ``notes`` (array of strings); ``missing``,
    an array of the learners on the roster of whom nothing was found; and ``problems``, an array of
    lines about files that are no hand-ins.
    """
    data = {
        "graded": [_data(each) for each in handins.chosen],
        "missing": [clean(each) for each in handins.missing],
        "not_graded": [_data(each) for each in handins.others],
        "problems": [clean(each) for each in handins.problems],
    }
    return json.dumps(data, indent=1, sort_keys=True)


def _data(submission: Submission) -> dict[str, Any]:
    return {
        "exercise": submission.exercise,
        "file": clean(submission.file),
        "learner": name_of(submission.learner),
        "modified": _when(submission.modified, "T") or None,
        "notes": [clean(note) for note in submission.notes],
        "platform_id": clean(submission.platform_id),
        "problem": clean(submission.problem),
    }


def mapping_table(handins: Handins) -> str:
    """Show the mapping on a terminal: learner, exercise, time and file, with notes below."""
    rows = [(each, True) for each in handins.chosen] + [(each, False) for each in handins.others]
    rows.sort(key=lambda row: row[0].learner)
    names = [name_of(each.learner) for each, _ in rows]
    place = min(max(map(columns, (*names, "learner"))), LONGEST)
    wide = max(len(each) for each in ("exercise", *(each.exercise or "?" for each, _ in rows)))
    heads = (fitted("learner", place), "exercise".ljust(wide), "handed in".ljust(16), "file")
    lines = [GAP.join(heads)]
    for _, mine in groupby(rows, key=lambda row: row[0].learner):
        lines += _lines(list(mine), place, wide)
    foot = [
        f"{plural(len(set(names)), 'learner')}, {plural(len(handins.chosen), 'hand-in')}, of which "
        f"{sum(bool(each.problem) for each in handins.chosen)} cannot be graded"
    ]
    if handins.missing:
        foot.append(f"nothing from: {'; '.join(map(name_of, handins.missing))}")
    foot += [f"passed over: {clean(each)}" for each in handins.problems]
    return "\n".join([*lines, "", *foot])


def _lines(rows: Sequence[tuple[Submission, bool]], place: int, wide: int) -> list[str]:
    lines = []
    others = [each for each, counts in rows if not counts]
    for each in [each for each, counts in rows if counts] + others[:MOST_OTHERS]:
        exercise = (each.exercise or "?").ljust(wide)
        when = _when(each.modified, " ")[:16].ljust(16)
        name = fitted(name_of(each.learner), place)
        lines.append(GAP.join((name, exercise, when, clean(each.file))))
        if each.problem:
            lines.append(f"{BELOW}not graded: {clean(each.problem)}")
        if each not in others:
            lines += [f"{BELOW}{clean(note)}" for note in each.notes]
    if len(others) > MOST_OTHERS:
        lines.append(f"{BELOW}and {plural(len(others) - MOST_OTHERS, 'file')} more, not graded")
    return lines


def _when(modified: float, between: str) -> str:
    """Write a time by the local clock; nothing where it is none."""
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(modified).isoformat(between, "seconds") if modified else ""
    return ""
