"""Python values, arrays, tables and figures as plain data, which JSON can hold.

Numbers, texts and lists stay what they are. Everything else is a dictionary with a ``kind``:
``missing``, ``dict`` (its ``items`` are pairs), ``array`` (a summary of a large one), ``axes``,
``figure``, ``function`` and ``other``; `mnist_keras.checks.facts` adds those of Keras.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

Data = Any  # None, bool, int, float, str, list of Data, or a dict with a "kind"

MISSING: Mapping[str, str] = {"kind": "missing"}
LARGEST_LIST = 20_000
DEEPEST = 8


def plain(value: Any, special: Callable[[Any], Data | None] | None = None, depth: int = 0) -> Data:
    """Turn a value of a notebook into plain data.

    Parameters
    ----------
    value
        Anything.
    special
        Asked first about each value that is no number or text; ``None`` means that it does not
        know the value.
    depth
        How deep in lists and dictionaries the value lies.

    Returns
    -------
    Data
        The plain data. ``None`` and ``...`` are ``missing``: that is how an exercise's starting
        point marks what is to be filled in.
    """
    if value is None or value is ...:
        return dict(MISSING)
    if isinstance(value, bool | int | str):
        return value if not isinstance(value, str) else str(value)
    if isinstance(value, float):
        return float(value)
    if depth > DEEPEST:
        return {"kind": "other", "type": "something nested too deep"}
    known = special(value) if special else None
    if known is not None:
        return known

    def within(each: Any) -> Data:
        return plain(each, special, depth + 1)

    if hasattr(value, "columns") and hasattr(value, "to_dict"):  # a table of pandas
        return [within(row) for row in value.to_dict("records")]
    if isinstance(value, Mapping):
        pairs = [[within(key), within(each)] for key, each in list(value.items())[:LARGEST_LIST]]
        return {"kind": "dict", "items": pairs}
    if isinstance(value, list | tuple | range):
        return [within(each) for each in value[:LARGEST_LIST]]
    if isinstance(value, set | frozenset):
        return sorted((within(each) for each in value), key=repr)
    if hasattr(value, "get_xscale") and hasattr(value, "lines"):
        return axes_data(value)
    if hasattr(value, "get_axes") and hasattr(value, "savefig"):
        return {"kind": "figure", "axes": [axes_data(axes) for axes in value.get_axes()]}
    if hasattr(value, "shape"):
        return array_data(value, within)
    if hasattr(value, "tolist"):
        return within(value.tolist())
    if callable(value):
        return {"kind": "function", "name": getattr(value, "__name__", type(value).__name__)}
    return {"kind": "other", "type": type(value).__name__}


def array_data(value: Any, within: Callable[[Any], Data]) -> Data:
    """Turn an array or a tensor into nested lists, or into a summary where it is large."""
    numpy = sys.modules["numpy"]
    try:
        array = numpy.asarray(value)
    except Exception:  # an object may claim a shape and be no array
        return {"kind": "other", "type": type(value).__name__}
    if array.dtype.kind not in "biufUS":
        return {"kind": "other", "type": f"an array of {array.dtype}"}
    if array.size <= LARGEST_LIST:
        return within(array.tolist())
    data: dict[str, Data] = {
        "kind": "array",
        "shape": list(array.shape),
        "dtype": str(array.dtype),
    }
    if array.dtype.kind in "biuf":
        data |= {"min": float(array.min()), "max": float(array.max()), "mean": float(array.mean())}
    return data


def axes_data(axes: Any) -> Data:
    """Turn the axes of a plot into its scales, its labels, its title and what is drawn.

    A legend beside the axes, which belongs to the figure, is theirs too; ``texts`` are those that
    were written into the plot, ``bar_places`` the bars' middles, ``x_ticks`` pairs of a place and
    its text; ``image_colours`` tells each image's scale and its colours, as `image_colours` gives
    them.
    """
    numpy = sys.modules["numpy"]
    lines = []
    for line in axes.lines:
        x, y = line.get_data()
        lines.append({"label": str(line.get_label()), "x": _numbers(x), "y": _numbers(y)})
    for points in axes.collections:  # a scatter plot
        places = numpy.asarray(points.get_offsets())
        if len(places):
            label = str(points.get_label())
            lines.append({"label": label, "x": _numbers(places[:, 0]), "y": _numbers(places[:, 1])})
    legends = [each for each in (axes.get_legend(), *axes.figure.legends) if each is not None]
    bars = [bar for bar in axes.patches if hasattr(bar, "get_height") and hasattr(bar, "get_x")]
    return {
        "kind": "axes",
        "x_scale": axes.get_xscale(),
        "y_scale": axes.get_yscale(),
        "x_label": axes.get_xlabel(),
        "y_label": axes.get_ylabel(),
        "title": axes.get_title(),
        "legend": [text.get_text() for legend in legends for text in legend.get_texts()],
        "texts": [text.get_text() for text in axes.texts],
        "lines": lines,
        "bars": [float(bar.get_height()) for bar in bars],
        "bar_places": [float(bar.get_x() + bar.get_width() / 2) for bar in bars],
        "x_ticks": [
            [float(place), text.get_text()]
            for place, text in zip(axes.get_xticks(), axes.get_xticklabels(), strict=False)
            if text.get_text()
        ],
        "images": [list(image.get_array().shape) for image in axes.images],
        "image_colours": [image_colours(image) for image in axes.images],
    }


def image_colours(image: Any) -> Data:
    """Turn an image's colours into plain data.

    ``low`` and ``high`` are the numbers at the ends of its scale; ``colours`` stand for the low
    end, the middle and the high end, as red, green and blue from 0 to 1.
    """
    low, high = image.get_clim()
    colours = image.get_cmap()
    return {
        "low": None if low is None else float(low),
        "high": None if high is None else float(high),
        "colours": [[float(part) for part in colours(x)[:3]] for x in (0.0, 0.5, 1.0)],
    }


def _numbers(values: Any) -> list[float]:
    numpy = sys.modules["numpy"]
    try:
        array = numpy.asarray(values, dtype=float)
    except (TypeError, ValueError):  # categories
        array = numpy.arange(len(values), dtype=float)
    return [float(each) for each in array.ravel()[:LARGEST_LIST]]


def is_missing(data: Data) -> bool:
    """Whether something was not filled in."""
    return isinstance(data, dict) and data.get("kind") == "missing"


def is_number(data: Data) -> bool:
    """Whether the data are one number; True and False are none."""
    return isinstance(data, int | float) and not isinstance(data, bool)


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
    kind = data.get("kind") if isinstance(data, dict) else None
    return {
        "missing": "nothing",
        "dict": "a dictionary",
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
    }.get(str(kind), f"an object of type {data.get('type')}")
