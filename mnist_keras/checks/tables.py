"""A table, however a learner made it: as a list of rows, each a dictionary by its columns."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mnist_keras.checks.plain import Data, is_dictionary, kind_of

# What learners shorten in the names of columns.
SHORT = {"val": "validation", "acc": "accuracy"}


def rows_in(value: Data, columns: Sequence[str] = ()) -> list[dict[str, Data]] | None:
    """Return the rows of a table; ``None`` for what is none.

    A table is a list of dictionaries or of rows without names, a dictionary of columns or of rows,
    or one of pandas. The ``columns`` that it should have say what is in rows without names, and
    which column the rows' labels stand for.
    """
    items = value["items"] if is_dictionary(value) else None
    labels: list[Data] = []
    rows: list[dict[Any, Data]] | None
    if kind_of(value) == "table":
        labels, rows = _labelled(value)
    elif items and all(is_dictionary(each) for _, each in items):
        labels = [label for label, _ in items]
        rows = [_row(each["items"]) for _, each in items]
    elif items and _has([_row(items)], columns):
        rows = _from_columns(_row(items))
    elif isinstance(value, list) and all(is_dictionary(each) for each in value):
        rows = [_row(each["items"]) for each in value]
    else:
        rows = _positional(value if items is None else items, columns)
    if not rows:
        return rows
    if labels and all(isinstance(each, str) for each in labels) and not _has(rows, columns):
        # A table of pandas that lies on its side, or what its to_dict() gives.
        cells = [[row.get(name) for row in rows] for name in rows[0]]
        turned = [dict(zip(labels, column, strict=True)) for column in cells]
        if _has(turned, columns):
            labels, rows = list(rows[0]), turned
    pairs = zip(rows, labels or [None] * len(rows), strict=True)
    return [_with_label(named(row), columns, label) for row, label in pairs]


def named(row: Mapping[Any, Data]) -> dict[str, Data]:
    """Write the names of a row's columns in one way, whatever the learner's."""

    def name(key: Any) -> str:
        parts = re.split(r"[\s_-]+", str(key).strip().lower())
        return " ".join(SHORT.get(each, each) for each in parts)

    return {name(key): each for key, each in row.items()}


def as_key(key: Data) -> Any:
    """Turn the key of a dictionary, as plain data have it, into one again."""
    if isinstance(key, list):
        return tuple(as_key(each) for each in key)
    return str(key) if isinstance(key, dict) else key


def _row(pairs: Sequence[Any]) -> dict[Any, Data]:
    return {as_key(key): each for key, each in pairs}


def _has(rows: Sequence[Mapping[Any, Data]], columns: Sequence[str]) -> bool:
    """Whether one of these columns at least is among the names in some rows."""
    return any(name in columns for row in rows for name in named(row))


def _from_columns(columns: Mapping[Any, Data]) -> list[dict[Any, Data]] | None:
    """Return the rows of a dictionary of columns; ``None`` if these are not equally long lists."""
    lists = all(isinstance(each, list) for each in columns.values())
    if not lists or len({len(each) for each in columns.values()}) != 1:
        return None
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _labelled(table: Mapping[str, Any]) -> tuple[list[Data], list[dict[Any, Data]]]:
    """Return the labels of a table's rows and the rows; labels with a name are in the rows."""
    keys = [as_key(name) for name in table["columns"]]
    rows = [dict(zip(keys, row, strict=True)) for row in table["rows"]]
    levels, labels = table["index_names"], list(table["index"])
    if not levels or None in levels:
        return labels, rows
    for row, label in zip(rows, labels, strict=True):
        parts = label if isinstance(label, list) else [label]
        row |= {name: each for name, each in zip(levels, parts, strict=True) if name not in row}
    return [], rows


def _with_label(row: dict[str, Data], columns: Sequence[str], label: Data) -> dict[str, Data]:
    """Put a row's label where it belongs: into the columns that the row lacks."""
    missing = [name for name in columns if name not in row]
    parts = label if isinstance(label, list) else [label]
    if label is None or len(parts) != len(missing):
        return row
    return {**dict(zip(missing, parts, strict=True)), **row}


def _positional(value: Data, columns: Sequence[str]) -> list[dict[Any, Data]] | None:
    """Read rows without names, each with a cell for each column; ``None`` for anything else.

    The first row may hold the names. A row may be nested, as the items of a dictionary are.
    """
    if not isinstance(value, list) or not all(isinstance(each, list) for each in value):
        return None
    rows = [_cells(each) for each in value]
    names: Sequence[Any] = columns
    if len(rows) > 1 and all(isinstance(each, str) for each in rows[0]):
        names, *rows = rows
    if rows and (not names or any(len(row) != len(names) for row in rows)):
        return None
    return [dict(zip(names, row, strict=True)) for row in rows]


def _cells(value: Data) -> list[Data]:
    return [cell for each in value for cell in (_cells(each) if isinstance(each, list) else [each])]
