"""What the drawings share: an empty sheet with a title, arrows, boxes and grids of numbers."""

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from mnist_keras.figures.picture import GREY, new_figure, styled, write

WIDTH = 5.2  # inches; with `write`'s letters, still readable on a telephone
PALE = "#e8f1f8"
TITLE = 0.4  # inches of a sheet's height

Place = tuple[float, float]


def sheet(height: float, title: str) -> tuple[Figure, Axes]:
    """Make a sheet of 100 units' width, as many units high as it needs, under a title."""
    figure = titled(height + TITLE, title)
    return figure, blank(figure.subplots(), 100 * height / WIDTH)


def blank(axis: Axes, height: float) -> Axes:
    """Make an axis 100 units wide and this high, of which nothing is seen."""
    axis.set_xlim(0, 100)
    axis.set_ylim(0, height)
    axis.set_aspect("equal")
    axis.axis("off")
    return axis


def chart(height: float, title: str, *, xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    """Make a figure of this height in inches with one labelled axis, under a title."""
    figure = titled(height, title)
    return figure, styled(figure.subplots(), xlabel=xlabel, ylabel=ylabel)


def without_ticks(*axes: Axes) -> None:
    """Leave out the numbers beside axes, and their marks."""
    for axis in axes:
        axis.set_xticks([])
        axis.set_yticks([])


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
    """Draw a grid of numbers from its upper left corner x, y on a `sheet`.

    Values and the cells' colours, pale unless they are given, have the shape (rows, columns).
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
