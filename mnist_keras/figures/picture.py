"""What all figures share: the picture with its alt text, colours, sizes and axes."""

import base64
import html
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from mnist_keras.files import write_all

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, SKY, GREY = "#CC79A7", "#56B4E9", "#666666"
SERIES = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "D"), (SKY, "v"), (GREY, "x"))
POINTS_PER_INCH = 72
TITLE = 0.35  # inches that a title takes
WIDTH = 6.6  # inches; small, so that the letters stay readable on a phone
PIXELS_PER_INCH = 100  # on the page; the file holds twice as many


@dataclass(frozen=True)
class Picture:
    """A figure and what it shows in words.

    Notebooks and the site display it as an image with that alt text.
    """

    figure: Figure  # the Matplotlib figure
    alt: str  # one or two sentences that state the finding

    def png(self) -> bytes:
        """Return the figure as a PNG file, with the alt text in its ``Description``."""
        buffer = io.BytesIO()
        self.figure.savefig(
            buffer,
            format="png",
            dpi=2 * PIXELS_PER_INCH,
            facecolor="white",
            metadata={"Description": self.alt},
        )
        return buffer.getvalue()

    def save(self, path: Path | str) -> None:
        """Write the PNG file, whole or not at all."""
        write_all([(Path(path), self.png())])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        width = round(self.figure.get_figwidth() * PIXELS_PER_INCH)
        data = base64.b64encode(self.png()).decode("ascii")
        return {
            "text/html": (
                f'<figure class="picture"><img alt="{html.escape(self.alt)}" width="{width}" '
                f'style="max-width: 100%; height: auto" src="data:image/png;base64,{data}">'
                "</figure>"
            ),
            "text/plain": self.alt,
        }


def save_pictures(folder: Path, pictures: Mapping[str, Picture]) -> None:
    """Write pictures of one thing as PNG files: all of them, or none if one cannot be written."""
    write_all((folder / f"{name}.png", each.png()) for name, each in pictures.items())


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """Make a figure of this size in inches, a title on top, apart from pyplot's global state."""
    figure = Figure(figsize=(width, height + TITLE * bool(title)), layout="constrained")
    if title:
        figure.suptitle(title[:1].upper() + title[1:], fontsize=11, fontweight="bold")
    return figure


def styled(axis: Axes, *, xlabel: str, ylabel: str) -> Axes:
    """Label an axis and leave out the frame's upper and right side."""
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="y", color="#dddddd", linewidth=0.8)
    axis.set_axisbelow(True)
    return axis


def new_axis(height: float, title: str, *, xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    """Make a figure of the usual width with one such axis."""
    figure = new_figure(WIDTH, height, title)
    return figure, styled(figure.subplots(), xlabel=xlabel, ylabel=ylabel)


def write(axis: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write a text in the middle of a place, in letters of 10 points."""
    looks = {"ha": "center", "va": "center", "fontsize": 10}
    axis.text(x, y, text, **{**looks, **style})


def beside(axis: Axes, text: str, place: Any, points: Any, **style: Any) -> None:
    """Write a text so many points beside a place."""
    axis.annotate(text, place, xytext=points, textcoords="offset points", **style)


def bare_grid(figure: Figure, rows: int, columns: int) -> np.ndarray:
    """Return axes for pictures, without ticks and frames, row by row."""
    axes: np.ndarray = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    return axes


def logarithmic(axis: Axes, direction: str, form: str = "g") -> None:
    """Make an axis logarithmic, with plain numbers in this format."""
    each = axis.xaxis if direction == "x" else axis.yaxis
    (axis.set_xscale if direction == "x" else axis.set_yscale)("log")
    each.set_major_locator(LogLocator(subs=(1, 2, 5)))
    each.set_major_formatter(FuncFormatter(lambda value, _: f"{value:{form}}"))
    each.set_minor_formatter(NullFormatter())


def whole_epochs(axis: Axes, n: int) -> None:
    """Put ticks at whole epochs only."""
    axis.set_xticks(range(1, n + 1, max(1, math.ceil(n / 10))))


def course_of(values: np.ndarray, digits_shown: int) -> str:
    """Say in words where a curve starts and ends."""
    first, last = (f"{value:.{digits_shown}f}" for value in (values[0], values[-1]))
    return f"goes from {first} to {last}" if len(values) > 1 else f"is {last}"


def counted(n: int, thing: str) -> str:
    """Say how many, in the singular or the plural."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
