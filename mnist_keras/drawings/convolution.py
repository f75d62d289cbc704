"""Drawings about convolutions: the sliding kernel, pooling, feature maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_keras.drawings.canvas import arrow, blank, box, grid, sheet, titled, without_ticks
from mnist_keras.figures.picture import GREEN, GREY, ORANGE, SKY, Picture, write

if TYPE_CHECKING:
    import keras

KINDS = {
    "Conv2D": ("convolution", SKY),
    "MaxPooling2D": ("pooling", GREEN),
    "Flatten": ("flatten", GREY),
    "Dense": ("dense", ORANGE),
}


def sliding_kernel(image: np.ndarray, kernel: np.ndarray, row: int, column: int) -> Picture:
    """Show one place of a convolution: the window, its products with the kernel, their sum.

    The image has the shape (height, width), in [0, 1], and the kernel (k, k). Row and column are
    the window's upper left corner.
    """
    k = len(kernel)
    window = image[row : row + k, column : column + k]
    products = window * kernel
    total = products.sum()
    result = feature_map(image, kernel)

    figure = titled(4.5, "A kernel slides over the image: multiply, add up")
    above, below = figure.subfigures(2, 1, height_ratios=(1.25, 1), squeeze=False)[:, 0]
    left, right = above.subplots(1, 2)
    left.imshow(image, cmap="gray_r")
    left.set_title("image", fontsize=10)
    right.imshow(result, cmap="PuOr", vmin=-abs(result).max(), vmax=abs(result).max())
    right.set_title("feature map", fontsize=10)
    frame = {"facecolor": "none", "edgecolor": ORANGE, "linewidth": 2.5}
    for axis, width in ((left, k), (right, 1)):
        box(axis, column - 0.5, row - 0.5, width, width, **frame)
    without_ticks(left, right)
    axis = blank(below.subplots(), 36)
    cell = 8.0
    for x, name, values, form in (
        (0, "window", window, "{:.1f}"),
        (31, "kernel", kernel, "{:+g}"),
        (62, "products", products.round(1), "{:+.1f}"),
    ):
        grid(axis, values, x, 28, cell, form=form)
        write(axis, x + k * cell / 2, 32, name, color=GREY)
    write(axis, 27.5, 16, "×", fontsize=14)
    write(axis, 58.5, 16, "=", fontsize=14)
    write(axis, 94, 19, "sum", color=GREY)
    write(axis, 94, 13, f"{total:+.1f}", color=ORANGE, fontweight="bold", fontsize=12)
    return Picture(
        figure,
        f"The window of {k} by {k} pixels at row {row}, column {column} of the image is multiplied "
        f"by the kernel, number by number. The products add up to {total:+.1f}, which becomes one "
        f"pixel of the feature map of {result.shape[0]} by {result.shape[1]}.",
    )


def feature_map(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the sum of products at each place of a square kernel."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def max_pooling(values: np.ndarray) -> Picture:
    """Show max pooling of 2 by 2 squares: values of shape (rows, columns), both even."""
    rows, columns = values.shape
    pooled = values.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))
    tints = np.array(["#d6e9f6", "#fbe3d2", "#d5efe6", "#f3e2ee"])
    squares = tints[np.arange(pooled.size) % len(tints)].reshape(pooled.shape)
    colours = np.kron(np.arange(pooled.size).reshape(pooled.shape), np.ones((2, 2), int))
    figure, axis = sheet(2.3, "Max pooling keeps the largest of each 2 × 2 numbers")
    cell, top = 9.0, 40.0
    grid(axis, values, 8, top, cell, colours=squares.ravel()[colours])
    right = 8 + columns * cell
    arrow(axis, (right + 5, 22), (right + 15, 22))
    x = right + 21
    grid(axis, pooled, x, top - rows * cell / 4, cell, colours=squares)
    write(axis, 8 + columns * cell / 2, 1, f"{rows} × {columns}", color=GREY)
    write(axis, x + pooled.shape[1] * cell / 2, 1, f"{rows // 2} × {columns // 2}", color=GREY)
    return Picture(
        figure,
        f"A grid of {rows} by {columns} numbers becomes one of {pooled.shape[0]} by "
        f"{pooled.shape[1]}: of each square of four numbers, the largest stays. Of the first "
        f"square, with {', '.join(f'{v:g}' for v in values[:2, :2].ravel())}, that is "
        f"{pooled[0, 0]:g}.",
    )


def shapes_through(model: keras.Model) -> Picture:
    """Show an image's shape after each layer, of a built network, that changes it."""
    steps = [("image", "white", tuple(model.input_shape[1:]))]
    for layer in model.layers:
        shape = tuple(layer.output.shape[1:])
        if shape != steps[-1][-1]:
            steps.append((*KINDS[type(layer).__name__], shape))
    figure, axis = sheet(2.9, "From an image to ten answers: narrower, and deeper")
    xs = np.linspace(8, 93, len(steps))
    for x, (kind, colour, shape) in zip(xs, steps, strict=True):
        if len(shape) == 3:
            height, _, channels = shape
            size, copies = 2 + height * 0.3, min(4, 1 + channels // 16)
            for copy in reversed(range(copies)):
                low = 30 - size / 2 + 1.2 * copy
                box(axis, x - size / 2 + 1.2 * copy, low, size, size, facecolor=colour)
        else:
            size = 30 if shape[0] > 100 else 10
            box(axis, x - 1.5, 31 - size / 2, 3, size, facecolor=colour)
        text = " ×\n".join(map(str, shape))
        write(axis, x, 9, text, fontsize=9)
        write(axis, x, 51, kind.replace("vol", "vo-\nl"), fontsize=9)
    told = ", ".join(f"{kind} {' × '.join(map(str, shape))}" for kind, _, shape in steps)
    return Picture(
        figure,
        f"The shape after each layer: {told}. The pictures get smaller and more numerous, until "
        "they are one row of numbers, and then the ten outputs.",
    )
