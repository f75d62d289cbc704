"""Figures of images, and of what a network's layers make of them."""

import math
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from mnist_keras.figures.picture import (
    GREY,
    POINTS_PER_INCH,
    WIDTH,
    Picture,
    bare_grid,
    new_figure,
    write,
)


def digits(
    images: np.ndarray,
    captions: Sequence[object] = (),
    *,
    columns: int = 10,
    alt: str = "",
    title: str = "",
) -> Picture:
    """Show images side by side.

    Parameters
    ----------
    images
        Shape (n, 28, 28) or (n, 28, 28, 1), in any range.
    captions
        One a picture, or none at all.
    columns
        Pictures in a row.
    alt
        What they show; by default their captions.
    title
        What stands above them, if anything.
    """
    rows = math.ceil(len(images) / columns)
    fontsize = min(11, 90 / columns)
    lines = max((str(caption).count("\n") + 1 for caption in captions), default=0)
    height = WIDTH / columns + lines * fontsize / POINTS_PER_INCH * 1.5
    figure = new_figure(WIDTH, rows * height, title)
    axes = bare_grid(figure, rows, columns)
    for axis, image in zip(axes, images, strict=False):
        axis.imshow(np.reshape(image, (28, 28)), cmap="gray_r")
    for axis, caption in zip(axes, captions, strict=False):
        axis.set_title(str(caption), fontsize=fontsize, pad=2)
    told = ", ".join(str(caption).replace("\n", " ") for caption in captions)
    return Picture(figure, alt or f"{len(images)} handwritten digits: {told or 'no labels given'}.")


def pictures(shown: Mapping[str, np.ndarray], *, columns: int, alt: str) -> Picture:
    """Show pictures of any size side by side, each under its title.

    Parameters
    ----------
    shown
        Title and picture: colour, shape (height, width, 3), 0 to 255; or ink, shape
        (height, width), which is drawn dark.
    columns
        Pictures in a row.
    alt
        What they show.
    """
    rows = math.ceil(len(shown) / columns)
    figure = new_figure(WIDTH, rows * WIDTH / columns)
    axes = bare_grid(figure, rows, columns)
    for axis, (title, picture) in zip(axes, shown.items(), strict=False):
        step = max(1, max(picture.shape) // 400)  # more pixels than that are not seen
        thinned = picture[::step, ::step]
        if picture.ndim == 3:
            axis.imshow(np.clip(thinned, 0, 255).astype("uint8"))
        else:
            axis.imshow(thinned, cmap="gray_r", vmin=0)
        axis.set_title(textwrap.fill(title, 70 // columns), fontsize=min(11, 30 / columns), pad=3)
    return Picture(figure, alt)


def pixels(image: np.ndarray) -> Picture:
    """Show one image, uint8 of shape (28, 28), with each pixel's number written into it."""
    figure = new_figure(WIDTH, WIDTH)
    axis = figure.subplots()
    axis.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    for (row, column), value in np.ndenumerate(image):
        colour = "white" if value > 140 else "black" if value else GREY
        write(axis, column, row, str(value), color=colour, fontsize=6)
    axis.set_xlabel("column")
    axis.set_ylabel("row")
    inked = int(np.count_nonzero(image))
    return Picture(
        figure,
        f"One digit as a grid of 28 by 28 numbers. {inked} of its {image.size} pixels are above 0; "
        f"the largest is {int(image.max())}. The background is 0.",
    )


def kernels(weights: np.ndarray) -> Picture:
    """Show the kernels of a first convolution, as ``layer.get_weights()[0]`` gives them.

    Their shape is (height, width, 1, filters).
    """
    height, width, _, filters = weights.shape
    columns = min(filters, 16)
    rows = math.ceil(filters / columns)
    figure = new_figure(WIDTH, WIDTH / columns * rows, "the kernels of the first convolution")
    limit = float(np.abs(weights).max())
    axes = bare_grid(figure, rows, columns)
    for k in range(filters):
        axes[k].imshow(weights[:, :, 0, k], cmap="PuOr", vmin=-limit, vmax=limit)
    return Picture(
        figure,
        f"The {filters} kernels of the first convolution, {height} by {width} weights each: "
        "positive weights violet, negative ones orange. Many hold a light and a dark side, "
        "which answers to an edge in one direction.",
    )


def feature_maps(
    maps: np.ndarray, *, title: str, names: Sequence[str] = (), n: int = 16
) -> Picture:
    """Show what a layer makes of one image.

    Parameters
    ----------
    maps
        The layer's output for one image, shape (height, width, filters).
    title
        What the layer is; it stands above the maps and in the alt text.
    names
        One for each map that is shown, or none at all.
    n
        How many feature maps at the most.
    """
    height, width, filters = maps.shape
    shown = min(n, filters)
    columns = min(shown, 8)
    rows = math.ceil(shown / columns)
    figure = new_figure(WIDTH, WIDTH / columns * rows + 0.3 * bool(names), title)
    axes = bare_grid(figure, rows, columns)
    for k in range(shown):
        axes[k].imshow(maps[:, :, k], cmap="viridis")
    for axis, name in zip(axes, names, strict=False):
        axis.set_title(name, fontsize=10)
    return Picture(
        figure,
        f"{shown} of {filters} feature maps of {title}, {height} by {width} pixels each. Each "
        "lights up at other parts of the digit's strokes.",
    )
