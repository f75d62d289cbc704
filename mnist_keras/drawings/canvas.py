"""What the drawings share: an empty sheet with a title, arrows, boxes and grids of numbers."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from mnist_keras.figures import GREY, new_figure

WIDTH = 5.2  # inches; with letters of 10 points, still readable on a telephone
LETTERS = 10  # points
PALE = "#e8f1f8"
TITLE = 0.4  # inches of a sheet's height

Place = tuple[float, float]


def sheet(height: float, title: str) -> tuple[Figure, Axes]:
    """Make a sheet of 100 units' width, as many units high as it needs, under a title."""
    figure = titled(height + TITLE, title)
    axis = figure.subplots()
    axis.set_xlim(0, 100)
    axis.set_ylim(0, 100 * height / WIDTH)
    axis.set_aspect("equal")
    axis.axis("off")
    return figure, axis


def titled(height: float, title: str) -> Figure:
    """Make a figure of this height in inches under a title."""
    figure = new_figure(WIDTH, height)
    figure.suptitle(textwrap.fill(title, 50), fontsize=11, fontweight="bold")
    return figure


def arrow(axis: Axes, start: Place, end: Place, **style: Any) -> None:
    """Draw an arrow."""
    looks = {"arrowstyle": "-|>", "mutation_scale": 10, "color": GREY, "linewidth": 1.2}
    axis.add_patch(FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, **{**looks, **style}))


def box(axis: Axes, x: float, y: float, width: float, height: float, **style: Any) -> None:
    """Draw a box from its lower left corner."""
    looks = {"facecolor": PALE, "edgecolor": GREY, "linewidth": 1}
    axis.add_patch(Rectangle((x, y), width, height, **{**looks, **style}))


def write(axis: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write a text in the middle of a place."""
    looks = {"ha": "center", "va": "center", "fontsize": LETTERS}
    axis.text(x, y, text, **{**looks, **style})


def grid(
    axis: Axes,
    values: np.ndarray,
    x: float,
    y: float,
    cell: float,
    *,
    form: str = "{:g}",
    colours: np.ndarray | None = None,
) -> None:
    """Draw a grid of numbers from its upper left corner.

    Parameters
    ----------
    axis
        A `sheet`.
    values
        Shape (rows, columns).
    x, y
        The upper left corner.
    cell
        Width of a cell.
    form
        How a number is written.
    colours
        Colours of the cells, shape (rows, columns); pale unless they are given.
    """
    for (row, column), value in np.ndenumerate(values):
        left, low = x + column * cell, y - (row + 1) * cell
        colour = PALE if colours is None else colours[row, column]
        box(axis, left, low, cell, cell, facecolor=colour)
        # Adding 0 makes a negative zero positive.
        text = form.format(value + 0).replace("-", "−")
        write(axis, left + cell / 2, low + cell / 2, text)


def signed(value: float) -> str:
    """Write a number with a proper minus."""
    return f"{value:g}".replace("-", "−")
