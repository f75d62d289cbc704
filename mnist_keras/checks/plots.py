"""The axes of a plot of Matplotlib's as plain data: what anybody can read from it.

Matplotlib is not imported: a notebook that holds a plot has imported it already.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Data = Any  # as in `mnist_keras.checks.plain`, which imports this module
MOST_POINTS = 20_000
COLOUR_BAR = "<colorbar>"  # how Matplotlib labels the axes of a colour bar


def axes_data(axes: Any) -> Data:
    """Turn the axes of a plot into its horizontal scale, its labels and what is drawn.

    Axes that lie on top of these, as ``twinx()`` makes them, are part of the same plot, and a
    legend or a label of the whole figure is theirs too. ``lines`` are lines and clouds of points,
    ``bars`` groups of upright bars with the places of their middles; each has the ``name`` that the
    legend gives it, and in ``across`` its places as the horizontal scale spaces them. ``texts``
    were written into the plot, ``x_ticks`` are pairs of a place and its text. ``image_colours``
    tells each image's scale and its colours, as `image_colours` gives them.
    """
    group = [axes, *_on_top(axes)]
    legends = [each.get_legend() for each in group] + axes.figure.legends
    legends = [each for each in legends if each is not None]
    lines = [line for each in group for line in _lines(each)]
    bars = [some for each in group for some in _bars(each)]
    _name([*lines, *bars], legends)
    images = [image for each in group for image in _images(each)]
    return {
        "kind": "axes",
        "empty": not any(each.has_data() for each in group),
        "x_scale": axes.get_xscale(),
        "x_label": _first([*(each.get_xlabel() for each in group), axes.figure.get_supxlabel()]),
        "y_label": _first([*(each.get_ylabel() for each in group), axes.figure.get_supylabel()]),
        "legend": [text.get_text() for legend in legends for text in legend.get_texts()],
        "texts": [text.get_text() for each in group for text in each.texts],
        "lines": lines,
        "bars": bars,
        "x_ticks": [
            [float(place), text.get_text()]
            for place, text in zip(axes.get_xticks(), axes.get_xticklabels(), strict=False)
            if text.get_text()
        ],
        "images": [list(shape) for _, shape in images],
        "image_colours": [image_colours(image) for image, _ in images],
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


def _on_top(axes: Any) -> list[Any]:
    """List the axes that share a direction with these and lie in the same place."""
    shared = (axes.get_shared_x_axes(), axes.get_shared_y_axes())
    near = dict.fromkeys(each for group in shared for each in group.get_siblings(axes))
    place = axes.get_position().bounds
    return [each for each in near if each is not axes and each.get_position().bounds == place]


def _lines(axes: Any) -> Iterator[dict[str, Data]]:
    """Return the lines, and the clouds of points that ``scatter()`` makes."""
    # A line with error bars, or on stems, is named by the group that it belongs to.
    named = {id(part): group.get_label() for group in axes.containers for part in group[:1]}
    for line in axes.lines:
        (x, y), shown = line.get_data(orig=True), line.get_xdata(orig=False)
        yield _series(axes, line, named.get(id(line), line.get_label()), x, y, shown)
    for points in axes.collections:
        if isinstance(points, sys.modules["matplotlib.collections"].PathCollection):
            x, y = np.asarray(points.get_offsets()).reshape(-1, 2).T
            yield _series(axes, points, points.get_label(), x, y, x)


def _bars(axes: Any) -> Iterator[dict[str, Data]]:
    """Return the groups of upright bars."""
    for group in axes.containers:
        if getattr(group, "orientation", None) == "vertical" and len(group):
            middles = [bar.get_x() + bar.get_width() / 2 for bar in group]
            heights = [bar.get_height() for bar in group]
            yield _series(axes, group[0], group.get_label(), middles, heights, middles)


def _images(axes: Any) -> Iterator[tuple[Any, tuple[int, ...]]]:
    """Return what ``imshow()``, ``matshow()``, ``pcolormesh()`` or seaborn drew, and its shape."""
    drawn = [each for panel in axes.figure.axes for each in (*panel.images, *panel.collections)]
    bars = [bar.ax for each in drawn if (bar := getattr(each, "colorbar", None))]
    if axes.get_label() == COLOUR_BAR or axes in bars:
        return
    for image in axes.images:
        yield image, image.get_array().shape
    for mesh in axes.collections:
        if hasattr(mesh, "get_coordinates"):
            shape = mesh.get_array().shape
            corners = mesh.get_coordinates().shape
            yield mesh, shape if len(shape) > 1 else (corners[0] - 1, corners[1] - 1)


def _series(axes: Any, artist: Any, label: Any, x: Any, y: Any, shown: Any) -> dict[str, Data]:
    with np.errstate(all="ignore"):
        across = axes.xaxis.get_transform().transform(np.asarray(shown, dtype=float))
    return {
        "name": str(label),
        "look": _look(artist),
        "x": _numbers(x),
        "y": _numbers(y),
        "across": _numbers(across),
    }


def _name(drawn: Sequence[dict[str, Data]], legends: Sequence[Any]) -> None:
    """Put the legend's name into each line or group of bars, in the place of its label.

    A label that the legend shows is the name. Otherwise it is the entry of the same colour and
    style, if there is one, or else the entries in their order, as ``legend(["a", "b"])`` gives
    them.
    """
    entries = [
        (text.get_text(), _look(handle))
        for legend in legends
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=False)
    ]
    texts = [text for text, _ in entries]
    left = iter(texts)
    for each in drawn:
        label, look = each["name"], each.pop("look")
        hidden = label.startswith("_")
        if label in texts or not (hidden or entries):
            continue
        for parts in (1, len(look)):  # colour alone, then the style of the line and its marks too
            alike = [text for text, other in entries if look[:parts] == other[:parts]]
            if len(alike) == 1:
                each["name"] = alike[0]
                break
        else:
            each["name"] = next(left, "") if hidden else label


def _look(artist: Any) -> list[Any]:
    """Return an artist's colour, the style of its line and its mark; ``None`` for what it lacks."""
    colour = getattr(artist, "get_color", None) or getattr(artist, "get_facecolor", None)
    found = sys.modules["matplotlib.colors"].to_rgba_array(colour() if colour else "none")
    style = [getattr(artist, name, str)() or None for name in ("get_linestyle", "get_marker")]
    return [[float(part) for part in found[0][:3]] if len(found) else None, *map(str, style)]


def _first(texts: Sequence[str]) -> str:
    return next((text for text in texts if text.strip()), "")


def _numbers(values: Any) -> list[float]:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):  # categories
        array = np.arange(len(values), dtype=float)
    return list(array.ravel()[:MOST_POINTS].tolist())
