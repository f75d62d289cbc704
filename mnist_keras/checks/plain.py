"""Python values, arrays, tables and figures as plain data, which JSON can hold.

Numbers, texts and lists stay what they are. Everything else is a dictionary with a ``kind``:
``missing``, ``dict`` (its ``items`` are pairs), ``table`` (of pandas), ``array`` (a summary of a
large one), ``axes``, ``figure``, ``function`` and ``other``; `mnist_keras.checks.facts` adds those
of Keras, and `mnist_keras.checks.plots` knows those of Matplotlib.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from numbers import Integral, Real
from typing import Any

import numpy as np

from mnist_keras.checks.plots import axes_data

Data = Any  # None, bool, int, float, str, list of Data, or a dict with a "kind"

MISSING: Mapping[str, str] = {"kind": "missing"}
LARGEST_LIST = 60_000  # a number for each training image
DEEPEST = 8


def plain(value: Any, special: Callable[[Any], Data | None] | None = None, depth: int = 0) -> Data:
    """Turn any value of a notebook, ``depth`` deep in lists and dictionaries, into plain data.

    ``None`` and ``...`` are ``missing``: that is how an exercise's starting point marks what the
    learner fills in. ``special`` is asked first about each value that is no number or text; it
    returns ``None`` for what it does not know.
    """
    if value is None or value is ...:
        return dict(MISSING)
    if isinstance(value, bool | int | str):
        return value if not isinstance(value, str) else str(value)
    if isinstance(value, Real):  # NumPy's numbers and fractions too
        return int(value) if isinstance(value, Integral) else float(value)
    if depth > DEEPEST:
        return {"kind": "other", "type": "something nested too deep"}
    known = special(value) if special else None
    if known is not None:
        return known

    def within(each: Any) -> Data:
        return plain(each, special, depth + 1)

    if hasattr(value, "to_dicts"):  # a table of Polars
        return [within(row) for row in value.to_dicts()]
    if hasattr(value, "to_dict") and hasattr(value, "index"):
        return pandas_data(value, within)
    if hasattr(value, "_asdict"):  # a named tuple
        return within(value._asdict())
    if is_dataclass(value) and not isinstance(value, type):
        return within({each.name: getattr(value, each.name) for each in fields(value)})
    if isinstance(value, Mapping):
        pairs = [[within(key), within(each)] for key, each in islice(value.items(), LARGEST_LIST)]
        return {"kind": "dict", "items": pairs}
    if hasattr(value, "savefig"):  # a figure, or a grid of seaborn's that has one
        figure: Any = value if hasattr(value, "get_axes") else getattr(value, "figure", None)
        if hasattr(figure, "get_axes"):
            return {"kind": "figure", "axes": [axes_data(axes) for axes in figure.get_axes()]}
    if hasattr(value, "get_xscale") and hasattr(value, "lines"):
        return axes_data(value)
    if hasattr(value, "shape"):
        return array_data(value, within)
    if isinstance(value, Collection) and not isinstance(value, bytes):
        found = [within(each) for each in islice(value, LARGEST_LIST)]
        return sorted(found, key=repr) if isinstance(value, set | frozenset) else found
    if hasattr(value, "tolist"):
        return within(value.tolist())
    if hasattr(value, "total_seconds"):  # a time that was measured
        return float(value.total_seconds())
    if callable(value):
        return {"kind": "function", "name": getattr(value, "__name__", type(value).__name__)}
    return {"kind": "other", "type": type(value).__name__}


def pandas_data(value: Any, within: Callable[[Any], Data]) -> Data:
    """Turn a table or a column of pandas into plain data.

    A column is a list, or a dictionary if its rows have labels. Of a table, ``index`` holds the
    rows' labels and ``index_names`` what they are called; both are empty where the rows are only
    numbered.
    """
    index = value.index
    names = [None if name is None else str(name) for name in index.names]
    # Only an index that was made by counting the rows has a step.
    numbered = (
        names == [None] and getattr(index, "step", None) == 1 and index[:1].tolist() in ([], [0])
    )
    labels = [] if numbered else [within(each) for each in index[:LARGEST_LIST]]
    if not hasattr(value, "columns"):
        cells = [within(each) for each in value[:LARGEST_LIST]]
        if numbered:
            return cells
        return {"kind": "dict", "items": [list(pair) for pair in zip(labels, cells, strict=True)]}
    rows = islice(value.itertuples(index=False, name=None), LARGEST_LIST)
    return {
        "kind": "table",
        "columns": [within(each) for each in value.columns],
        "rows": [[within(each) for each in row] for row in rows],
        "index": labels,
        "index_names": [] if numbered else names,
    }


def array_data(value: Any, within: Callable[[Any], Data]) -> Data:
    """Turn an array or a tensor into nested lists, or into a summary where it is large."""
    try:
        array = np.asarray(value)
    except Exception:  # an object may claim a shape and be no array
        return {"kind": "other", "type": type(value).__name__}
    if array.dtype.names and array.size <= LARGEST_LIST:  # named columns
        rows = [dict(zip(array.dtype.names, row, strict=True)) for row in array.ravel().tolist()]
        return [within(row) for row in rows]
    if array.dtype.kind not in "biufUSO":
        return {"kind": "other", "type": f"an array of {array.dtype}"}
    if array.size <= LARGEST_LIST:
        return within(array.tolist())
    data: Data = {"kind": "array", "shape": list(array.shape)}
    if array.dtype.kind in "biuf":
        data |= {"min": float(array.min()), "max": float(array.max()), "mean": float(array.mean())}
    return data


def kind_of(data: Data) -> str:
    """Return the ``kind`` of plain data; an empty text for numbers, texts and lists."""
    return str(data.get("kind", "")) if isinstance(data, dict) else ""


def is_missing(data: Data) -> bool:
    """Whether something was not filled in."""
    return kind_of(data) == "missing"


def is_number(data: Data) -> bool:
    """Whether the data are one number; True and False are none."""
    return isinstance(data, int | float) and not isinstance(data, bool)


def is_dictionary(data: Data) -> bool:
    """Whether the data are a dictionary of the learner's."""
    return kind_of(data) == "dict"


def words(data: Data) -> str:
    """Say what some data are, as briefly as a message needs it."""
    if isinstance(data, float):
        return f"{data:.4g}" if math.isfinite(data) else str(data)
    if isinstance(data, str):
        return repr(data if len(data) <= 40 else data[:39] + "…")
    if isinstance(data, bool | int):
        return str(data)
    if isinstance(data, list | tuple):  # a tuple is the key of a dictionary
        short = len(data) <= 8 and all(is_number(each) or isinstance(each, str) for each in data)
        return f"[{', '.join(map(words, data))}]" if short else f"a list of {len(data)}"
    return {
        "missing": "nothing",
        "dict": "a dictionary",
        "table": "a table",
        "array": f"an array of shape {tuple(data.get('shape', ()))}",
        "axes": "the axes of a plot",
        "figure": "a figure",
        "function": f"the function {data.get('name')}",
        "model": "a Keras model",
        "history": "the history of a training run",
        "callback": f"the callback {data.get('class')}",
        "layer": f"the layer {data.get('class')}",
        "optimizer": f"the optimizer {data.get('class')}",
        "tuner": f"the tuner {data.get('class')}",
        "trial": "a trial of Keras Tuner's",
        "error": f"{data.get('type')}: {data.get('message')}",
    }.get(kind_of(data), f"an object of type {data.get('type')}")
