"""Drawings about data: arrays, sets, batches."""

from collections.abc import Mapping

import numpy as np

from mnist_keras.drawings.canvas import arrow, box, grid, sheet, signed, titled, without_ticks
from mnist_keras.figures.picture import BLUE, GREEN, GREY, ORANGE, SKY, Picture, write

PALE_BLUE = "#cfe3f3"


def axes_of_images(images: np.ndarray) -> Picture:
    """Show what the axes of an array of images, shape (n, rows, columns), are."""
    n, rows, columns = images.shape
    figure, axis = sheet(2.7, f"An array of shape ({n}, {rows}, {columns}): images, rows, columns")
    for k in (2, 1, 0):
        x, y = 25 + 9 * k, 5 + 6 * k
        axis.imshow(images[k], cmap="gray_r", extent=(x, x + 30, y, y + 30), zorder=3 - k)
        box(axis, x, y, 30, 30, facecolor="none", zorder=3.1 - k)
    axis.set_xlim(0, 100)
    axis.set_ylim(0, 52)
    arrow(axis, (22, 35), (22, 5), color=BLUE)
    write(axis, 11, 20, f"axis 1:\n{rows} rows", color=BLUE)
    arrow(axis, (25, 2.5), (55, 2.5), color=ORANGE)
    write(axis, 80, 3, f"axis 2: {columns} columns", color=ORANGE)
    arrow(axis, (58, 8), (76, 20), color=GREEN)
    write(axis, 84, 14, f"axis 0:\n{n:,} images", color=GREEN)
    return Picture(
        figure,
        f"Images lie behind each other like cards. Axis 0 counts the {n:,} images, axis 1 the "
        f"{rows} rows of an image from top to bottom, axis 2 its {columns} columns from left to "
        "right.",
    )


def broadcasting(column: np.ndarray, row: np.ndarray) -> Picture:
    """Show how NumPy subtracts a row, shape (1, m), from a column, shape (n, 1)."""
    result = column - row
    figure, axis = sheet(2.1, "Broadcasting: each number of the column meets each of the row")
    cell, top = 8.0, 30.0
    grid(axis, column, 4, top, cell)
    write(axis, 17, top - cell * len(column) / 2, "−", fontsize=16)
    grid(axis, row, 22, top - cell * (len(column) - 1) / 2, cell)
    middle = 22 + row.shape[1] * cell
    write(axis, middle + 6, top - cell * len(column) / 2, "=", fontsize=16)
    grid(axis, result, middle + 12, top, cell)
    for x, array in ((8, column), (22 + row.shape[1] * cell / 2, row)):
        write(axis, x, 2, str(array.shape))
    write(axis, middle + 12 + row.shape[1] * cell / 2, 2, str(result.shape))
    return Picture(
        figure,
        f"A column of shape {column.shape} minus a row of shape {row.shape} gives a table of shape "
        f"{result.shape}: {column[0, 0]:g} − {row[0, 0]:g} = {signed(result[0, 0])} in its first "
        f"corner, {column[-1, 0]:g} − {row[0, -1]:g} = {signed(result[-1, -1])} in its last.",
    )


def nearest_average(image: np.ndarray, averages: Mapping[int, np.ndarray]) -> Picture:
    """Show how an image is compared with the averages of some digits, all of shape (28, 28)."""
    differences = {d: (image.astype(float) - each) ** 2 for d, each in averages.items()}
    sums = {d: float(each.sum()) for d, each in differences.items()}
    nearest = min(sums, key=lambda d: sums[d])
    figure = titled(4.0, "The smallest sum of squared differences decides")
    axes = figure.subplots(3, len(averages), squeeze=False)
    limit = max(each.max() for each in differences.values())
    for place, (digit, average) in enumerate(averages.items()):
        shown = (image, average, differences[digit])
        for axis, picture, top in zip(axes[:, place], shown, (255, 255, limit), strict=True):
            axis.imshow(picture, cmap="gray_r", vmin=0, vmax=top)
        millions = f"{sums[digit] / 1e6:.1f} million"
        label = f"{millions}\nsmallest: it is a {digit}" if digit == nearest else millions
        axes[2, place].set_xlabel(label, color=GREEN if digit == nearest else GREY)
    without_ticks(*axes.flat)
    names = ("the image", "an average", "squared\ndifference")
    for axis, name in zip(axes[:, 0], names, strict=True):
        axis.set_ylabel(name)
    told = ", ".join(f"{d}: {s / 1e6:.1f} million" for d, s in sums.items())
    return Picture(
        figure,
        "One image, compared with average digits. Below each, the squared differences of all "
        f"pixels, and their sum ({told}). The smallest sum is that of the {nearest}, so the answer "
        f"is {nearest}.",
    )


def sets(sizes: Mapping[str, int], purposes: Mapping[str, str]) -> Picture:
    """Show into which sets of such sizes the images are divided, and what each set is for."""
    figure, axis = sheet(1.4, "Each set of images has one purpose")
    total, left = sum(sizes.values()), 0.0
    colours = (BLUE, SKY, ORANGE)
    for k, ((name, size), colour) in enumerate(zip(sizes.items(), colours, strict=False)):
        width = 100 * size / total
        box(axis, left, 11, width, 8, facecolor=colour, edgecolor="white", alpha=0.85)
        text = f"{name}: {size:,}\n{purposes[name]}"
        if 0 < k < len(sizes) - 1:  # a narrow one between two others
            write(axis, left + width, 24, text.replace("\n", ", "), ha="right")
        else:
            end = k == len(sizes) - 1
            write(axis, 100 if end else left, 9, text, va="top", ha="right" if end else "left")
        left += width
    told = "; ".join(f"{name}, {size:,} images: {purposes[name]}" for name, size in sizes.items())
    return Picture(figure, f"A bar is divided into the sets of images. {told}.")


def batches(images: int, batch_size: int, shown: int = 4) -> Picture:
    """Show how an epoch is made of batches, each one step; some are shown before the last."""
    steps = -(-images // batch_size)
    last = images - (steps - 1) * batch_size
    figure, axis = sheet(1.9, f"One epoch: {images:,} images, {steps:,} batches, {steps:,} steps")
    width = 84 / (shown + 1.6)
    for k in range(shown + 1):
        end = k == shown
        x = k * width + (8 if end else 0)
        middle, own = x + (width - 3) / 2, last if end else batch_size
        box(axis, x, 20, (width - 3) * (own / batch_size), 9, facecolor=SKY if end else PALE_BLUE)
        write(axis, middle, 15.5, f"{own}\nimages", va="top")
        arrow(axis, (middle, 6.5), (middle, 3.5))
        write(axis, middle, 1, f"step {steps if end else k + 1}", color=BLUE)
    write(axis, shown * width + 2, 24, "…", fontsize=14)
    write(axis, 93, 24, "then all\nagain:\nnext epoch", fontsize=9, color=GREY)
    return Picture(
        figure,
        f"{images:,} images in {steps:,} batches of {batch_size}; the last has "
        f"{last}. After each batch the weights take one step, so an epoch has {steps:,} steps.",
    )
